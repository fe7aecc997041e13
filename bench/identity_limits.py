"""What counting a call costs, with a durable database and the six counters of a call that comes with an API key, each key a fresh one.

**In the database**: `app.take_calls` on a connection of its own. **A call counted**: all of `Limited` (credential, counters, headers)
around an app that does nothing, on an event loop with its threads as the API has them; once with limits for which the worker asks the
database in every call, and once with limits so large that it asks once in millions.
"""

import asyncio
import time
from statistics import median, quantiles
from typing import Any
from uuid import UUID

from api.browsers import Browsers
from api.limited import Limited
from bench.harness.rows import Row, Scale
from bench.harness.stage import Stage, stage
from domain.limits import Caller, CallLimits, counters_of
from gateways.credentials import Tokens, new_key
from gateways.session_secrets import SessionSecrets
from services.keys import make_key
from store import call_counts
from store.database import Database
from store.ids import new_id

TITLE = "Counting calls"
# Just below what a worker takes two of at once: the database is asked in every call.
EVERY_CALL = CallLimits(1_023, 1_023, 1_023, 1, 1_023, 1_023, 1_023)
SELDOM = CallLimits(10**9, 10**9, 10**9, 1, 10**9, 10**9, 10**9)
BAR_MS = 2.0


def run(scale: Scale) -> list[Row]:
    with stage() as made:
        database = Database(made.urls.app)
        try:
            taken = _takes(database, scale)
            asked = [each for _ in range(scale.rounds) for each in asyncio.run(_wrapped(made, database, EVERY_CALL, 300))]
            held = asyncio.run(_wrapped(made, database, SELDOM, scale.rows(5_000)))
        finally:
            database.close()
    return [
        _row("six counters taken in the database, p50", taken, barred=False),
        _row("a call counted, the database asked each time, p50", asked, barred=True),
        _row("a call counted out of what the worker holds, p50", held, barred=True),
    ]


def _row(name: str, took: list[float], *, barred: bool) -> Row:
    middle = median(took)
    return Row(
        name=name, ours=middle, unit="ms", bar=f"<= {BAR_MS:g} ms" if barred else "", passed=middle <= BAR_MS if barred else None,
        note=f"{len(took):,} calls; p95 {quantiles(took, n=20)[-1]:.2f} ms",
    )  # fmt: skip


def _takes(database: Database, scale: Scale) -> list[float]:
    took = []
    for _ in range(scale.rows(1_000)):
        caller = Caller(f"key:{new_id().hex}", new_id(), UUID(int=0))
        counters = counters_of(EVERY_CALL, caller, "GET", "/api/v1/me")
        began = time.perf_counter()
        database.at_once(lambda connection, counters=counters: call_counts.take(connection, counters))  # type: ignore[misc]
        took.append((time.perf_counter() - began) * 1_000)
    return took


async def _wrapped(made: Stage, database: Database, limits: CallLimits, times: int) -> list[float]:
    async def nothing(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})

    async def send(message: Any) -> None:
        assert message["status"] == 204, message

    browsers = Browsers(SessionSecrets(made.secret_key), "http://127.0.0.1")
    counted = Limited(nothing, database, Tokens(made.secret_key), browsers, limits)
    took, key = list[float](), _key(database)
    for _ in range(times):
        scope: Any = {
            "type": "http",
            "method": "GET",
            "path": "/api/v1/me",
            "headers": [(b"x-api-key", key)],
        }
        began = time.perf_counter()
        await counted(scope, None, send)  # type: ignore[arg-type]
        took.append((time.perf_counter() - began) * 1_000)
    return took


def _key(database: Database) -> bytes:
    user_id, tenant_id = new_id(), new_id()
    with database.begin_anonymous() as uow:
        uow.identity.register(
            user_id=user_id, tenant_id=tenant_id, email=f"{user_id}@example.org", password_hash="x", names=(None, "Bench")
        )
    with database.begin(tenant_id) as uow:
        return make_key(uow, new_key, user_id=user_id, name="bench", scopes=("read",)).plain.encode()
