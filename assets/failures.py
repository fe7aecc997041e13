"""How our errors look to Dagster, and to the request that the run works for."""

import dagster as dg

from domain.errors import SourceUnavailable, WhyralError, told


def is_retryable(error: BaseException) -> bool:
    """Only the outside world gets better by waiting."""
    return isinstance(error, SourceUnavailable)


def as_failure(error: WhyralError) -> dg.Failure:
    return dg.Failure(description=str(error), metadata={"code": error.code}, allow_retries=is_retryable(error))


def described(error: BaseException, *, step: str) -> dict[str, object]:
    """What a request keeps of its error: what happened, where, and whether another attempt may help."""
    code = error.code if isinstance(error, WhyralError) else "bug"
    detail = told(error) if isinstance(error, WhyralError | dg.Failure) else f"{type(error).__name__}: {error}"
    return {"code": code, "detail": detail[:2000], "step": step, "is_retryable": is_retryable(error)}
