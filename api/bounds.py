"""What a call may be before anybody reads it: its host, its address's length, its headers, the time that its body takes, how deep it nests.

How many calls there may be is in `api.limited`. What the server bounds before us (bytes and time of the head) is in `up.api_command`.
"""

import asyncio
import re
import time
from collections.abc import Sequence
from typing import Any

from litestar.enums import ScopeType
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, Receive, Scope, Send

from api.refusals import refuse
from domain.limits import is_free

URL_BYTES, HEADERS, HEADER_BYTES = 8_000, 80, 16_000
# As Apache's mod_reqtimeout: so long for the first byte, and on from there as long as it goes on at this rate.
BODY_SECONDS, BODY_BYTES_PER_SECOND = 30.0, 1_000
DEPTH = 64
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


class Bounded:
    """ASGI wrapper. `hosts` are names without ports; `*.example.org` stands for all below, `*` for any."""

    def __init__(self, app: ASGIApp, hosts: Sequence[str], *, body_seconds: float = BODY_SECONDS) -> None:
        self._app, self._body_seconds = app, body_seconds
        self._exact = frozenset(host for host in hosts if not host.startswith("*"))
        self._below = tuple(host[1:] for host in hosts if host.startswith("*."))
        self._any = "*" in hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        wrong = self._wrong(scope)
        if wrong is not None:
            await refuse(scope, send, *wrong, headers={"connection": "close"})
            return
        await self._app(scope, self._timed(receive) if _has_body(scope) else receive, send)

    def _wrong(self, scope: Scope) -> tuple[int, str, str] | None:
        length = len(scope["raw_path"].partition(b"?")[0]) + len(scope["query_string"])
        if length > URL_BYTES:
            return 414, "url_too_long", f"the address has {length:,} bytes; {URL_BYTES:,} are read"
        headers = list(scope["headers"])
        size = sum(len(name) + len(value) for name, value in headers)
        if len(headers) > HEADERS or size > HEADER_BYTES:
            return 431, "headers_too_large", f"{len(headers)} headers of {size:,} bytes; {HEADERS} of {HEADER_BYTES:,} are read"
        # Probes ask a machine by its number.
        if not self._any and not is_free(scope["path"]) and not self._is_ours(_host(scope)):
            return 421, "unknown_host", "this host is not served here"
        return None

    def _is_ours(self, host: str) -> bool:
        return host in self._exact or host.endswith(self._below)

    def _timed(self, receive: Receive) -> Receive:
        began, received, is_over = time.monotonic(), 0, False

        async def timed() -> Any:
            nonlocal received, is_over
            if is_over:
                return await receive()
            left = began + self._body_seconds + received / BODY_BYTES_PER_SECOND - time.monotonic()
            try:
                message: Any = await asyncio.wait_for(receive(), max(0.0, left))
            except TimeoutError as error:
                raise HTTPException(status_code=408, detail="the body came too slowly", headers={"Connection": "close"}) from error
            received += len(message.get("body", b""))
            is_over = message["type"] != "http.request" or not message.get("more_body")
            return message

        return timed


def _has_body(scope: Scope) -> bool:
    return any(name in (b"content-length", b"transfer-encoding") and value != b"0" for name, value in scope["headers"])


def _host(scope: Scope) -> str:
    """The host that was asked for, without its port; empty where there is none or where two differ."""
    given = {value for name, value in scope["headers"] if name == b"host"}
    if len(given) != 1:
        return ""
    return re.sub(r":\d{1,5}\Z", "", given.pop().decode("latin-1").lower()).removesuffix(".")


# Always matches at a quote, so no text is read twice.
_STRING = re.compile(rb'(?s)"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)')
_NOT_BRACKETS = bytes(sorted(set(range(256)) - set(b"[]{}")))
_ONE_KIND = bytes.maketrans(b"{}", b"[]")


def is_too_deep(body: bytes, most: int = DEPTH) -> bool:
    """Whether JSON nests deeper than `most` levels; what is no JSON may be called too deep."""
    if body.count(b"[") + body.count(b"{") <= most:
        return False
    brackets = _STRING.sub(b"", body).translate(_ONE_KIND, _NOT_BRACKETS)
    for _ in range(most):
        brackets = brackets.replace(b"[]", b"")
        if not brackets:
            return False
    return True
