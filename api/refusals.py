"""A problem that is answered before any route is asked: the same shape as those of `api.errors`."""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar.types import Scope, Send

from api.errors import MEDIA_TYPE, problem_of


async def refuse(
    scope: Scope, send: Send, status: int, code: str, detail: str, headers: Mapping[str, str] | None = None, **more: Any
) -> None:
    """Answer with a problem (RFC 9457). The body of the call is not read, so the connection ends with the answer."""
    body = msgspec.json.encode(problem_of(scope, status, code, detail, **more))
    told = {"content-type": MEDIA_TYPE, "content-length": str(len(body)), **(headers or {})}
    raw = [(name.lower().encode(), value.encode()) for name, value in told.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body, "more_body": False})
