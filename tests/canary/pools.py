"""Many workspaces through a pool of few connections, with callers that break off: whose rows the next one on the connection sees."""

import math
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from uuid import UUID

import psycopg
import sqlalchemy as sa

from domain.errors import SourceUnavailable
from store.database import Database
from store.work import UnitOfWork
from tests.conftest import TestUrls, make_member

TENANTS = 50
CONNECTIONS = 5
_MINE = "select tenant_id from tenants"
_AGAIN_SECONDS = 0.02
_SETTING = "select current_setting('app.tenant', true)"


class _BrokenOff(Exception):
    """A caller that went away in the middle."""


@dataclass(slots=True)
class Carried:
    """What came of it."""

    seed: int
    ends: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def summary(self) -> str:
        return f"pool: seed {self.seed}: {self.ends.total()} transactions, {dict(sorted(self.ends.items()))}, {len(self.faults)} faults"


def pooled(urls: TestUrls, *, transactions: int, seed: int, threads: int = 8, until: float = math.inf) -> Carried:
    """Every transaction looks whose rows it sees before it ends as chance has it. `until`: by the monotonic clock."""
    database = Database(urls.app, pool_size=CONNECTIONS)
    tenants = [make_member(database).tenant_id for _ in range(TENANTS)]
    carried = Carried(seed)
    try:
        with ThreadPoolExecutor(threads) as pool:
            shares = [pool.submit(_share, database, tenants, transactions // threads, seed * 100 + each, until) for each in range(threads)]
            for share in shares:
                ends, faults = share.result()
                carried.ends += ends
                carried.faults += faults
    finally:
        database.close()
    return carried


def _share(database: Database, tenants: Sequence[UUID], transactions: int, seed: int, until: float) -> tuple[Counter[str], list[str]]:
    chance, ends, faults = random.Random(seed), Counter[str](), list[str]()
    names = ("plain", "nobody", *_ENDS)
    for name in chance.choices(names, weights=(60, 20, *(weight for weight, _ in _ENDS.values())), k=transactions):
        if time.monotonic() >= until:
            break
        faults += _nobody(database) if name == "nobody" else _one(database, chance.choice(tenants), name)
        ends[name] += 1
    return ends, faults


def _one(database: Database, tenant_id: UUID, name: str) -> list[str]:
    found: list[str] = []
    try:
        with database.begin(tenant_id) as uow:
            seen = uow.connection.exec_driver_sql(_MINE).scalars().all()
            if seen != [tenant_id]:
                found.append(f"{tenant_id} saw the rows of {seen}, {name}")
            if name in _ENDS:
                _ENDS[name][1](uow)
                found.append(f"{tenant_id} went on where it was to end: {name}")
    except (_BrokenOff, sa.exc.DBAPIError, psycopg.Error, SourceUnavailable):
        pass
    return found


def _nobody(database: Database) -> list[str]:
    with database.begin_anonymous() as uow:
        setting = uow.connection.exec_driver_sql(_SETTING).scalar_one()
        seen = uow.connection.exec_driver_sql(_MINE).scalars().all()
    return [f"nobody saw {setting!r} and the rows of {seen}"] if setting or seen else []


def _leave(_: UnitOfWork) -> None:
    raise _BrokenOff


def _fail(uow: UnitOfWork) -> None:
    uow.connection.exec_driver_sql("select 1 / 0")


def _time_out(uow: UnitOfWork) -> None:
    uow.connection.exec_driver_sql("set local statement_timeout = 1")
    uow.connection.exec_driver_sql("select pg_sleep(10)")


def _hang_up(uow: UnitOfWork) -> None:
    """A query is called off from another thread while it runs, as when the client of a call has gone."""
    driver: psycopg.Connection[object] = uow.connection.connection.driver_connection  # type: ignore[assignment]
    over = threading.Event()
    other = threading.Thread(target=_call_off, args=(driver, over))
    other.start()
    try:
        uow.connection.exec_driver_sql("select pg_sleep(10)")
    finally:
        over.set()
        other.join()


def _call_off(driver: psycopg.Connection[object], over: threading.Event) -> None:
    """Again until it is heard: what comes before the query does is lost."""
    driver.cancel_safe()
    while not over.wait(_AGAIN_SECONDS):
        driver.cancel_safe()


def _lose(uow: UnitOfWork) -> None:
    """The server ends the connection in the middle of a transaction."""
    uow.connection.exec_driver_sql("select pg_terminate_backend(pg_backend_pid())")


_ENDS: dict[str, tuple[float, Callable[[UnitOfWork], None]]] = {
    "broke off": (10, _leave), "failed": (7, _fail), "timed out": (1, _time_out), "hung up": (1, _hang_up), "lost": (1, _lose),
}  # fmt: skip
