"""Other names of routes, one line each: a call of one is answered as one of the route that it stands for.

They are not in the OpenAPI document, which shows each operation once; docs/reference/routes.md lists them.
"""

import re

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

BASE = "/api/v1"
# The first that fits counts. A job is a request, by whatever name it was asked for.
ALIASES: tuple[tuple[str, str], ...] = (
    (r"/auth/me", r"/me"),
    (r"/analysis/(?:deep/|causal/|advanced/)?jobs/([^/]+)", r"/requests/\1"),
    (r"/analysis/(deep|causal|advanced)/jobs", r"/insights/\1"),
    (r"/analysis/optimizer/next-videos", r"/insights/suggestions"),
    (r"/analysis/optimizer/(.+)", r"/insights/\1"),
    (r"/analysis/scoring-models/([^/]+)/score", r"/insights/scoring-models/\1/scores"),
    (r"/analysis/(.+)", r"/insights/\1"),
    (r"/billing/subscribe", r"/billing/checkout"),
)
_PATTERNS = tuple((re.compile(f"{BASE}{pattern}"), f"{BASE}{target}") for pattern, target in ALIASES)


def target_of(path: str) -> str | None:
    """The path that this one stands for; None where it stands for itself."""
    if not path.startswith((f"{BASE}/analysis/", f"{BASE}/auth/", f"{BASE}/billing/")):
        return None
    return next((match.expand(target) for pattern, target in _PATTERNS if (match := pattern.fullmatch(path.rstrip("/")))), None)


class Aliased:
    """ASGI wrapper: routes see the path that an alias stands for."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        target = target_of(scope["path"]) if scope["type"] == ScopeType.HTTP else None
        if target is not None:
            # In place: what is told of the call afterwards is told of the route that answered.
            scope["path"], scope["raw_path"] = target, target.encode()
        await self._app(scope, receive, send)
