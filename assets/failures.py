"""How our errors look to Dagster, and to the request that the run works for."""

import dagster as dg

from domain.errors import SourceUnavailable, WhyralError, told


def is_retryable(error: BaseException) -> bool:
    """Only the outside world gets better by waiting."""
    return isinstance(error, SourceUnavailable)


def as_failure(error: WhyralError) -> dg.Failure:
    return dg.Failure(description=str(error), metadata={"code": error.code}, allow_retries=is_retryable(error))


def described(error: BaseException, *, step: str) -> dict[str, object]:
    """What a request keeps of its error: what happened, where, and whether another attempt may help.

    Of a fault of ours only its kind: the words may name paths, hosts and statements. The run's own log has them.
    """
    code = error.code if isinstance(error, WhyralError) else "bug"
    is_ours = not isinstance(error, WhyralError | dg.Failure)
    detail = f"something broke on our side ({type(error).__name__}); the log of the run tells more" if is_ours else told(error)
    return {"code": code, "detail": detail[:2000], "step": step, "is_retryable": is_retryable(error)}
