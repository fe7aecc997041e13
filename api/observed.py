"""Around every call: request id, where it came from, time taken, metrics, access log, ETag.

Wraps the whole app, so that errors are counted as what they became.
"""

import hashlib
import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, cast
from uuid import uuid4

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send
from prometheus_client import Counter, Histogram

from api.access_log import AccessLog
from api.addresses import TrustedProxies, client_address
from api.docs import POLICY
from domain.impersonation import HEADER
from store.calls import Call, serve
from store.logs import Served

SLOW_SECONDS = 1.0
_SANE_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
log = structlog.get_logger(name=__name__, category="API")

REQUESTS = Counter("http_requests", "Calls by method, route template and status", ["method", "endpoint", "status"])
SECONDS = Histogram("http_request_duration_seconds", "Seconds by method and route template", ["method", "endpoint"])

Message = MutableMapping[str, Any]


@dataclass(frozen=True, slots=True)
class Observing:
    """How calls are looked at. `access` is where they are written down."""

    proxies: TrustedProxies = field(default_factory=TrustedProxies)
    access: AccessLog | None = None

    def __call__(self, app: ASGIApp) -> "Observed":
        return Observed(app, proxies=self.proxies, access=self.access)


class Observed:
    """ASGI wrapper. Streams pass through untouched; a JSON answer of a GET that comes in one piece gets an ETag and may become 304."""

    def __init__(self, app: ASGIApp, *, proxies: TrustedProxies | None = None, access: AccessLog | None = None) -> None:
        self._app, self._proxies, self._access = app, proxies or TrustedProxies(), access

    async def __call__(self, scope: Scope, receive: Receive, send: Callable[[Any], Awaitable[None]]) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        call = _Call(scope, send, client_address(scope, self._proxies))
        try:
            await self._app(scope, receive, cast(Send, call.send))
        finally:
            served = call.count()
            if self._access is not None:
                self._access.note(served)


class _Call:
    """One call on its way out."""

    def __init__(self, scope: Any, send: Callable[[Any], Awaitable[None]], address: str) -> None:
        self._scope, self._send, self._began = scope, send, time.perf_counter()
        self._headers = dict(scope["headers"])
        given = self._headers.get(b"x-request-id", b"")
        self.request_id = given.decode() if _SANE_ID.fullmatch(given) else str(uuid4())
        scope.setdefault("state", {}).update(request_id=self.request_id, client_address=address)
        agent = self._headers.get(b"user-agent")
        # The one character that PostgreSQL keeps nowhere: a call by it must not cost the log of others.
        self._call = Call(self.request_id, address, agent.decode("latin-1").replace("\0", " ")[:300] if agent else None)
        serve(self._call)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=self.request_id)
        self._status = 500
        self._held: Message | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            message["headers"] = [
                *message["headers"],
                (b"x-request-id", self.request_id.encode()),
                (b"x-process-time", self._elapsed().encode()),
            ]
            if (actor := self._scope["state"].get("impersonated_by")) is not None:
                message["headers"].append((HEADER.lower().encode(), str(actor).encode()))
            if self._kind(message).startswith(b"text/html"):
                message["headers"].append((b"content-security-policy", POLICY.encode()))
            if self._may_have_etag(message):
                self._held = message
                return
        elif self._held is not None:
            start, self._held = self._held, None
            if not message.get("more_body"):
                message = self._with_etag(start, message)
            await self._send(start)
        await self._send(message)

    def count(self) -> Served:
        endpoint, method = self._scope.get("path_template") or "unknown", self._scope["method"]
        calls, seconds = _counted(method, endpoint, self._status)
        calls.inc()
        took = time.perf_counter() - self._began
        seconds.observe(took)
        if took > SLOW_SECONDS and not endpoint.endswith("/events"):
            log.warning("slow call", method=method, endpoint=endpoint, seconds=self._elapsed(), request_id=self.request_id)
        return Served(self._call, datetime.now(UTC), method, endpoint, self._status, round(took * 1000, 2))

    def _elapsed(self) -> str:
        return f"{time.perf_counter() - self._began:.4f}"

    def _may_have_etag(self, start: Message) -> bool:
        is_json = self._kind(start).startswith(b"application/json")
        return self._scope["method"] == "GET" and start["status"] == 200 and is_json and not _is_never_stored(start)

    def _kind(self, start: Message) -> bytes:
        return next((value for name, value in start["headers"] if name.lower() == b"content-type"), b"")

    def _with_etag(self, start: Message, body: Message) -> Message:
        """A handler that knows what its answer hangs on may have given the tag. Cached answers stay private to their caller:
        `Vary` and `private` keep shared caches out.
        """
        given = next((value for name, value in start["headers"] if name.lower() == b"etag"), None)
        etag = given or b'"' + hashlib.blake2b(body.get("body", b""), digest_size=16).hexdigest().encode() + b'"'
        start["headers"] = [
            *(each for each in start["headers"] if each[0].lower() != b"etag"),
            (b"etag", etag),
            (b"cache-control", b"private, no-cache"),
            (b"vary", b"authorization, x-api-key, cookie"),
        ]
        known = [each.strip() for each in self._headers.get(b"if-none-match", b"").split(b",")]
        if not {etag, b"W/" + etag, b"*"} & set(known):
            return body
        self._status = start["status"] = 304
        start["headers"] = [(name, value) for name, value in start["headers"] if name.lower() not in (b"content-length", b"content-type")]
        return {**body, "body": b""}


@lru_cache(maxsize=4096)
def _counted(method: str, endpoint: str, status: int) -> tuple[Counter, Histogram]:
    """Looking up the series of a route anew would cost more than counting."""
    return REQUESTS.labels(method, endpoint, str(status)), SECONDS.labels(method, endpoint)


def _is_never_stored(start: Message) -> bool:
    return any(name.lower() == b"cache-control" and b"no-store" in value for name, value in start["headers"])
