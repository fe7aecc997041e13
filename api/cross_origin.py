"""Which other origins' pages may call, and the headers that keep browsers from doing more with an answer than it is for.

CORS as the Fetch standard has it (fetch.spec.whatwg.org, 3.2). Credentials are allowed, so an origin is on the list or is not: never `*`.
"""

import re
from collections.abc import Sequence

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
TAKEN = "Authorization, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID, X-API-Key, X-CSRF-Token, X-Request-ID"
SHOWN = "Content-Disposition, ETag, Idempotency-Replayed, Location, RateLimit, RateLimit-Policy, Retry-After, X-Request-ID"
PREFLIGHT_SECONDS = 600
_ORIGIN = re.compile(r"https?://(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::\d{1,5})?")

# OWASP REST security cheat sheet; our own pages bring a policy of their own (api.docs.POLICY).
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
# A year. Not for names below ours: those are not ours to promise for.
HSTS = (b"strict-transport-security", b"max-age=31536000")


def checked(origins: Sequence[str]) -> tuple[str, ...]:
    """The origins as they were given. Raises ValueError where one is `*`, or no origin as browsers spell it."""
    for origin in origins:
        if "*" in origin:
            raise ValueError(f"WHYRAL_CORS_ORIGINS: {origin} would let every page call with its visitor's credentials: name each origin")
        if not _ORIGIN.fullmatch(origin):
            raise ValueError(f"WHYRAL_CORS_ORIGINS: {origin} is no origin: use https://name or https://name:port, in small letters")
    return tuple(origins)


class CrossOrigin:
    """ASGI wrapper: answers preflights, and adds what browsers need to every answer, refusals among them."""

    def __init__(self, app: ASGIApp, origins: Sequence[str] = (), *, is_https: bool = False) -> None:
        self._app, self._origins = app, frozenset(origin.encode() for origin in checked(origins))
        self._always = [*HEADERS, *((HSTS,) if is_https else ())]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        given = dict(scope["headers"])
        origin = given.get(b"origin", b"")
        added = [*self._always, *self._allowed(origin)]
        if scope["method"] == "OPTIONS" and b"access-control-request-method" in given and origin in self._origins:
            await send({"type": "http.response.start", "status": 204, "headers": [*added, *_PREFLIGHT]})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return

        async def adding(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _with(list(message["headers"]), added)
            await send(message)

        await self._app(scope, receive, adding)

    def _allowed(self, origin: bytes) -> list[tuple[bytes, bytes]]:
        if not self._origins:
            return []
        if origin not in self._origins:
            return [(b"vary", b"origin")]
        return [
            (b"vary", b"origin"),
            (b"access-control-allow-origin", origin),
            (b"access-control-allow-credentials", b"true"),
            (b"access-control-expose-headers", SHOWN.encode()),
        ]


_PREFLIGHT = (
    (b"access-control-allow-methods", METHODS.encode()),
    (b"access-control-allow-headers", TAKEN.encode()),
    (b"access-control-max-age", str(PREFLIGHT_SECONDS).encode()),
)


def _with(headers: list[tuple[bytes, bytes]], added: Sequence[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """What a route said of itself stays; `Vary` is joined."""
    said = {name.lower() for name, _ in headers}
    more = [each for each in added if each[0] not in said or each[0] == b"vary"]
    if b"content-security-policy" not in said:
        more.append((b"content-security-policy", POLICY.encode()))
    return [*headers, *more]
