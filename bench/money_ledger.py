"""Holding money and booking it, on a durable database: each operation is two transactions, one that reserves and one that commits.

All caps are checked each time: the workspace's day and month, and those of the whole deployment. **One writer** is one thread. **One
workspace** has 32 threads that reserve for it at once, so that each waits for the others' commits. **1,000 workspaces** have 16 threads
in four processes, and for comparison 32, none of which ever pauses: with the server's, two cores have 64 to run then. What is timed is
the pair; the client shares the machine.
"""

import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from multiprocessing import get_context
from statistics import median, quantiles
from uuid import UUID

import sqlalchemy as sa

from bench.harness.rows import Row, Scale
from bench.harness.stage import Stage, stage
from store import plans
from store.database import Database
from store.ids import new_id

TITLE = "Holding and booking money"
WRITERS, HALF, TENANTS, PROCESSES = 32, 16, 1_000, 4
MOST, PRICE = Decimal("0.0100000000"), Decimal("0.0062500000")
PLENTY = Decimal(10**6)


def run(scale: Scale) -> list[Row]:
    with stage() as made:
        tenants = _furnished(made, scale.rows(TENANTS))
        alone = [_one(made, tenants[:1], scale.seconds, 1) for _ in range(scale.rounds)]
        crowd = [_one(made, tenants[:1], scale.seconds, WRITERS) for _ in range(scale.rounds)]
        many = [_many(made, tenants, scale.seconds, HALF) for _ in range(scale.rounds)]
        crammed = [_many(made, tenants, scale.seconds, WRITERS) for _ in range(scale.rounds)]
    return [
        _slow("one writer, reserve and commit, p95", alone, 8.0),
        _fast("32 writers of one workspace", crowd, 150),
        _fast("1,000 workspaces, 16 writers", many, 500),
        _slow("1,000 workspaces, 16 writers, p95", many, 60.0),
        _fast("1,000 workspaces, 32 writers", crammed, 500),
        _slow("1,000 workspaces, 32 writers, p95", crammed, 60.0),
    ]


def _furnished(made: Stage, count: int) -> list[UUID]:
    """Workspaces whose caps are never reached."""
    owner = sa.create_engine(made.urls.owner, poolclass=sa.NullPool)
    with owner.begin() as connection:
        plans.set_deployment_caps(connection, PLENTY, PLENTY)
    database, found = Database(made.urls.app), [new_id() for _ in range(count)]
    for tenant_id in found:
        with database.begin_anonymous() as uow:
            words = {"email": f"{tenant_id}@example.org", "password_hash": "x", "names": (None, "Bench")}
            uow.identity.register(user_id=new_id(), tenant_id=tenant_id, **words)  # type: ignore[arg-type]
        with database.begin(tenant_id) as uow:
            put = "insert into ledger_caps (tenant_id, period, cap_usd) values (:tenant, 'day', :cap), (:tenant, 'month', :cap)"
            uow.connection.execute(sa.text(put), {"tenant": tenant_id, "cap": PLENTY})
    database.close()
    return found


Measured = tuple[float, list[float]]  # pairs a second, and how long each took in ms


def _one(made: Stage, tenants: Sequence[UUID], seconds: float, writers: int) -> Measured:
    return _written(made.urls.app, tenants, seconds, writers)


def _many(made: Stage, tenants: Sequence[UUID], seconds: float, writers: int) -> Measured:
    each = writers // PROCESSES
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        parts = [pool.submit(_written, made.urls.app, tenants, seconds, each) for _ in range(PROCESSES)]
        found = [part.result() for part in parts]
    return sum(rate for rate, _ in found), [each for _, took in found for each in took]


def _written(url: str, tenants: Sequence[UUID], seconds: float, writers: int) -> Measured:
    """The first second is left out: connections are opened in it."""
    database = Database(url, pool_size=writers)
    until = time.perf_counter() + 1 + seconds
    with ThreadPoolExecutor(writers) as pool:
        parts = [pool.submit(_writer(database, tenants, until, number)) for number in range(writers)]
        took = [each for part in parts for each in part.result()]
    database.close()
    return len(took) / seconds, took


def _writer(database: Database, tenants: Sequence[UUID], until: float, number: int) -> Callable[[], list[float]]:
    def write() -> list[float]:
        chance, took, begins = random.Random(number), list[float](), time.perf_counter() + 1
        while (began := time.perf_counter()) < until:
            _pair(database, chance.choice(tenants))
            if began >= begins:
                took.append((time.perf_counter() - began) * 1_000)
        return took

    return write


def _pair(database: Database, tenant_id: UUID) -> None:
    operation, now = new_id().hex, datetime.now(UTC)
    with database.begin(tenant_id) as uow:
        uow.ledger.reserve(operation, operation, MOST, now=now, expires_at=now + timedelta(minutes=1))
    with database.begin(tenant_id) as uow:
        uow.ledger.commit(operation, PRICE)


def _slow(name: str, found: Sequence[Measured], bar: float) -> Row:
    tails = [quantiles(took, n=20)[-1] for _, took in found]
    ours, middle = median(tails), median(each for _, took in found for each in took)
    return Row(
        name=name, ours=ours, unit="ms", bar=f"<= {bar:g} ms", passed=ours <= bar,
        note=f"p50 {middle:.2f} ms; {sum(len(took) for _, took in found):,} pairs in {len(found)} rounds",
    )  # fmt: skip


def _fast(name: str, found: Sequence[Measured], bar: float) -> Row:
    ours = median(rate for rate, _ in found)
    return Row(
        name=name, ours=ours, unit="pairs/s", bar=f">= {bar:g} pairs/s", passed=ours >= bar,
        note=f"{min(rate for rate, _ in found):.0f} to {max(rate for rate, _ in found):.0f} in {len(found)} rounds",
    )  # fmt: skip
