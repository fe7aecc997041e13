"""Every call is counted before a route is asked: on its caller, on the workspace, on the route's class; nobody's on the network address.

The counters are in the database (`store.call_counts`), so all workers count together; what this worker holds of them is in `api.leases`.
"""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from litestar.concurrency import sync_to_thread
from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from api.addresses import client_of
from api.browsers import Browsers
from api.errors import of_limit
from api.leases import Leases, Standing
from api.refusals import refuse
from api.security import entry_of
from domain.errors import Forged, SourceUnavailable, Unauthenticated
from domain.limits import Caller, CallLimits, Counter, counters_of, counters_of_nobody, headers, is_free
from gateways.credentials import Tokens
from store import call_counts
from store.database import Database, Entry, MemberEntry

# How long it is believed whose a credential is; whether it is still good is asked in every call's own transaction.
OWNER_SECONDS, OWNERS = 60.0, 5_000


class Limited:
    """ASGI wrapper. It leaves the entry in the call's state, so that the guard need not read the credential again."""

    def __init__(
        self, app: ASGIApp, database: Database, tokens: Tokens, browsers: Browsers, limits: CallLimits, leases: Leases | None = None
    ) -> None:
        self._app, self._database, self._limits = app, database, limits
        self._tokens, self._browsers = tokens, browsers
        self._leases, self._owners = leases or Leases(), dict[Entry, tuple[float, Caller]]()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or is_free(scope["path"]):
            await self._app(scope, receive, send)
            return
        try:
            counters = await self._counters(scope)
            full = await self._taken(counters)
        except SourceUnavailable as error:
            await refuse(scope, send, 503, error.code, "the count of calls is not available at the moment: try again", {"Retry-After": "5"})
            return
        if full is not None:
            await self._refuse(scope, send, counters, full)
            return
        await self._app(scope, receive, self._telling(send, counters))

    async def _counters(self, scope: Scope) -> tuple[Counter, ...]:
        caller = await self._caller(scope)
        if caller is None:
            return counters_of_nobody(self._limits, client_of(scope), scope["path"])
        return counters_of(self._limits, caller, str(scope.get("method", "")), scope["path"])

    async def _caller(self, scope: Scope) -> Caller | None:
        """None where there is no good credential: then the route says so, or needs none."""
        try:
            entry = entry_of(ASGIConnection(scope), self._tokens, self._browsers)
        except (Unauthenticated, Forged):
            return None
        state: dict[str, Any] = scope.setdefault("state", {})
        state["entry"] = entry
        return await self._owner(entry)

    async def _owner(self, entry: Entry) -> Caller | None:
        if isinstance(entry, MemberEntry):
            return Caller(f"user:{entry.user_id}", entry.tenant_id, entry.user_id)
        until, caller = self._owners.get(entry, (0.0, None))
        if caller is not None and until > self._leases.now():
            return caller
        found = await sync_to_thread(self._database.at_once, lambda connection: call_counts.caller_of(connection, entry))
        if found is not None:
            if len(self._owners) >= OWNERS:
                self._owners.clear()
            self._owners[entry] = (self._leases.now() + OWNER_SECONDS, found)
        return found

    async def _taken(self, counters: Sequence[Counter]) -> Standing | None:
        """Take the call; returns the counter that has no room for it."""
        full = self._leases.full(counters)
        if full is not None:
            return full
        lacking = self._leases.spend(counters)
        if not lacking:
            return None
        asked_at, taken = self._leases.now(), list[call_counts.Taken]()
        try:
            taken = await sync_to_thread(self._database.at_once, lambda connection: call_counts.take(connection, lacking))
        finally:
            if not taken or any(each.is_full for each in taken):
                self._leases.give_back([each for each in counters if each not in lacking])
        self._leases.learn(taken, asked_at)
        if not any(each.is_full for each in taken):
            return None
        # Another call may have given one back meanwhile.
        return self._leases.full(counters) or await self._taken(counters)

    async def _refuse(self, scope: Scope, send: Send, counters: Sequence[Counter], full: Standing) -> None:
        resets = datetime.now(UTC) + timedelta(seconds=full.seconds)
        told = {**self._headers(counters, full), "Retry-After": str(max(1, math.ceil(full.seconds)))}
        detail = f"{full.counter.limit} calls per {_span(full.counter.seconds)} are allowed here ({full.counter.name}): wait"
        more = of_limit(full.counter.limit, full.counter.limit, resets)
        await refuse(scope, send, 429, "rate_limited", detail, told, reason=full.counter.name, **more)

    def _telling(self, send: Send, counters: Sequence[Counter]) -> Send:
        async def telling(message: Message) -> None:
            if message["type"] == "http.response.start":
                told = self._headers(counters, self._leases.standing(counters))
                message["headers"] = [*message["headers"], *((name.encode(), value.encode()) for name, value in told.items())]
            await send(message)

        return telling

    def _headers(self, counters: Sequence[Counter], standing: Standing | None) -> dict[str, str]:
        found = {"ratelimit-policy": headers(counters)}
        if standing is not None:
            found["ratelimit"] = f'"{standing.counter.name}";r={max(0, standing.remaining)};t={math.ceil(standing.seconds)}'
        return found


def _span(seconds: int) -> str:
    return {60: "minute", 3_600: "hour", 86_400: "day"}.get(seconds, f"{seconds} seconds")
