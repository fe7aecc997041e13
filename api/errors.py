"""Errors as problem details (RFC 9457): one table from `domain.errors` to status codes.

404 is "not there, or another tenant's"; 403 the plan or role lacks it; 429 a quota; 402 payment; 409 a conflict;
400 a malformed call (Litestar's own check of shapes); 422 well-formed but unacceptable; 503 try again.
"""

import math
import re
from datetime import UTC, datetime
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.types import Scope

from domain.errors import (
    Conflict,
    Gone,
    LimitReached,
    NotFound,
    NotInPlan,
    PaymentNeeded,
    Refused,
    SourceRefused,
    SourceUnavailable,
    Unacceptable,
    Unauthenticated,
    WhyralError,
    told,
)
from store.calls import current_call

log = structlog.get_logger(name=__name__, category="API")
MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 5

STATUS: dict[type[WhyralError], int] = {
    NotFound: 404,
    Unauthenticated: 401,
    Refused: 403,
    PaymentNeeded: 402,
    LimitReached: 429,
    Conflict: 409,
    Unacceptable: 422,
    Gone: 410,
    SourceUnavailable: 503,
    SourceRefused: 502,
}
TITLES = {
    400: "The call is malformed",
    401: "Nobody we know",
    402: "Payment needed",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    408: "Too slow",
    409: "Conflict",
    410: "Gone",
    413: "Too large",
    414: "Address too long",
    415: "Unsupported media type",
    416: "Nothing in that range",
    421: "Unknown host",
    422: "Unacceptable",
    429: "Too many",
    431: "Headers too large",
    500: "Our fault",
    502: "A source refused",
    503: "Try again later",
}


class FieldError(msgspec.Struct, frozen=True, kw_only=True):
    """One field at fault, by JSON pointer or parameter name."""

    pointer: str
    detail: str


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """RFC 9457. `type` is the page of the docs that explains `code`."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: list[FieldError] = []
    resets_at: str | None = None
    limit: int | None = None
    used: int | None = None
    reason: str | None = None
    upgrade: str | None = None


Any_ = Request[Any, Any, Any]


def answer(request: Any_, status: int, code: str, detail: str, headers: dict[str, str] | None = None, **more: Any) -> Response[Problem]:
    problem = problem_of(request.scope, status, code, detail, **more)
    return Response(problem, status_code=status, media_type=MEDIA_TYPE, headers=headers or {})


def problem_of(scope: Scope, status: int, code: str, detail: str, **more: Any) -> Problem:
    call = current_call()
    if call is not None:
        call.error_code = code
    return Problem(
        type=f"/docs/errors#{code}",
        title=TITLES.get(status, "Error"),
        status=status,
        detail=detail,
        code=code,
        request_id=str(scope.get("state", {}).get("request_id", "")),
        **more,
    )


def of_limit(limit: int, used: int, resets_at: datetime | None) -> dict[str, Any]:
    """What a problem tells of a limit that is used up."""
    return {"resets_at": resets_at.isoformat() if resets_at else None, "limit": limit, "used": used}


def _request_id(request: Any_) -> str:
    return str(request.scope.get("state", {}).get("request_id", ""))


def _endpoint(request: Any_) -> str:
    """The route, not the path: a path may hold a token that is still good."""
    return str(request.scope.get("path_template") or "unknown")


def of_whyral(request: Any_, error: WhyralError) -> Response[Problem]:
    status = next(code for kind, code in STATUS.items() if isinstance(error, kind))
    if isinstance(error, Unacceptable):
        return answer(
            request, status, error.code, error.detail, errors=[FieldError(pointer=p.pointer, detail=p.detail) for p in error.problems]
        )
    if isinstance(error, LimitReached):
        wait = {"Retry-After": str(math.ceil(max(1, (error.resets_at - datetime.now(UTC)).total_seconds())))} if error.resets_at else {}
        told_of = of_limit(error.limit, error.used, error.resets_at)
        return answer(request, status, error.code, str(error), wait, **told_of, upgrade=error.upgrade)
    headers = {"Retry-After": str(RETRY_SECONDS)} if status == 503 else {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return answer(request, status, error.code, _for_callers(request, error), headers, **_of_plan(error))


def _of_plan(error: WhyralError) -> dict[str, Any]:
    """What the plan would allow, and which one has more."""
    if isinstance(error, NotInPlan):
        return {"upgrade": error.upgrade}
    if isinstance(error, PaymentNeeded) and error.used is not None:
        resets = error.resets_at.isoformat() if error.resets_at else None
        return {"limit": error.limit, "used": error.used, "resets_at": resets}
    return {}


def _for_callers(request: Any_, error: WhyralError) -> str:
    """What the outside world said is for operators, not for callers; what it refused is for both, unless it names settings."""
    if isinstance(error, SourceUnavailable):
        log.warning("source unavailable", reason=str(error), request_id=_request_id(request))
        return f"{error.source} is not available at the moment: try again"
    words = told(error)
    if words != str(error):
        log.error("source refused", reason=str(error), request_id=_request_id(request))
    return words


def of_http(request: Any_, error: HTTPException) -> Response[Problem]:
    """Litestar's own refusals: malformed bodies and parameters (400), unknown routes, methods, media types, sizes."""
    if error.status_code >= 500:
        return of_bug(request, error)  # its words are about our insides
    found = []
    if isinstance(error, ValidationException) and isinstance(error.extra, list):
        found = [_field(request, each) for each in error.extra]
    return answer(
        request, error.status_code, CODES_OF.get(error.status_code, "malformed"), error.detail, dict(error.headers or {}), errors=found
    )


# What Litestar, and we through it, refuse by status alone.
CODES_OF = {
    400: "malformed", 401: "unauthenticated", 403: "refused", 404: "not_found", 405: "method_not_allowed", 408: "too_slow", 410: "gone",
    413: "too_large", 415: "unsupported_media_type", 416: "range_not_satisfiable",
}  # fmt: skip


_NAMED = re.compile(r"(?:required|unknown) field `([^`]+)`")


def _field(request: Any_, problem: dict[str, str]) -> FieldError:
    """Litestar's words for one field: a JSON pointer into the body, or the parameter's own name."""
    key, detail = str(problem.get("key", "")), str(problem.get("message", ""))
    if key == "data" and detail == "'data'":
        return FieldError(pointer="", detail="a JSON body is required")
    if key == "data" or problem.get("source") == "body":
        named = _NAMED.search(detail)
        steps = [*(step for step in re.split(r"[.\[\]]+", "" if key == "data" else key) if step), *(named.groups() if named else ())]
        return FieldError(pointer="".join(f"/{step}" for step in steps), detail=detail)
    handler = request.scope.get("route_handler")
    given = handler.parsed_fn_signature.parameters.get(key) if handler else None
    return FieldError(pointer=getattr(given.kwarg_definition, "name", None) or key if given else key, detail=detail)


def of_bug(request: Any_, error: Exception) -> Response[Problem]:
    log.error("bug", endpoint=_endpoint(request), request_id=_request_id(request), exc_info=error)
    return answer(request, 500, "bug", "something broke on our side; the request id helps us find it")


def of_depth(request: Any_, error: RecursionError) -> Response[Problem]:
    """A body of a hundred thousand brackets is the caller's doing, and no bug."""
    log.warning("nested too deeply", endpoint=_endpoint(request), reason=str(error))
    return answer(request, 400, "malformed", "the body is nested too deeply")


HANDLERS: dict[Any, Any] = {WhyralError: of_whyral, HTTPException: of_http, RecursionError: of_depth, Exception: of_bug}
