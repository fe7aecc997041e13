"""A workspace's days of use and costs: what they are made of, only what changed, and the same when they are made again."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa

from domain.money import Purpose
from store.database import Database
from store.ids import new_id
from store.work import UnitOfWork
from tests.conftest import Member

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def take(uow: UnitOfWork, operation: str, meter: str = "clips_per_day", amount: int = 1, *, now: datetime = NOON) -> None:
    uow.usage.take(meter, amount, operation=operation, now=now)


def spend(
    uow: UnitOfWork, operation: str, usd: str, *, purpose: Purpose | None = None, now: datetime = NOON, subject: str = "clip:1"
) -> None:
    amount = Decimal(usd)
    uow.ledger.reserve(operation, subject, amount, now=now, expires_at=now + HOUR, purpose=purpose or Purpose(service="brightdata"))
    uow.ledger.began(operation)
    uow.ledger.commit(operation, amount)


def usd(*amounts: str) -> tuple[str, ...]:
    """As the ledger writes them."""
    return tuple(f"{Decimal(each):.10f}" for each in amounts)


def rows(uow: UnitOfWork, table: str, columns: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in uow.connection.execute(sa.text(f"select {columns} from {table} order by 1, 2, 3"))]


def make(database: Database, tenant_id: UUID, **words: bool) -> tuple[int, int]:
    with database.begin(tenant_id) as uow:
        now = datetime.now(UTC)
        return uow.figures.put_usage(now=now, **words)[0], uow.figures.put_costs(now=now, **words)[0]


def test_what_counts_is_what_was_not_given_back(database: Database, tenant_id: UUID) -> None:
    with database.begin(tenant_id) as uow:
        for operation in "abc":
            take(uow, operation)
        take(uow, "d", now=NOON + DAY)
        uow.usage.give_back("a")
        uow.usage.deliver("b")

    make(database, tenant_id)

    with database.begin(tenant_id) as uow:
        found = rows(uow, "usage_days", "day, meter, used, given_back, delivered, operations")
        assert (uow.figures.usage_off(), uow.figures.counters_off()) == (0, 0)
    assert found == [(NOON.date(), "clips_per_day", 2, 1, 1, 3), ((NOON + DAY).date(), "clips_per_day", 1, 0, 0, 1)]


def test_costs_are_told_by_provider_and_by_what_they_were_for(database: Database, tenant_id: UUID) -> None:
    with database.begin(tenant_id) as uow:
        asked = uow.requests.ask(request_id=new_id(), kind="deep", subject="x", params={}, user_id=None)
        spend(uow, "a", "0.25")
        spend(uow, "b", "0.05", purpose=Purpose(service="twitterapi", request_id=asked.request_id))
        spend(uow, "c", "0.10", purpose=Purpose(production="p1"))
        spend(uow, "d", "0.20", purpose=Purpose(production="p1"))
        spend(uow, "e", "0.10", purpose=Purpose(production="p1"), now=NOON + DAY)
        uow.ledger.reserve("held", "clip:2", Decimal("0.2"), now=NOON, expires_at=NOON + HOUR)
        uow.ledger.reserve("gone", "clip:3", Decimal("0.1"), now=NOON, expires_at=NOON + HOUR)
        uow.ledger.release("gone")

    make(database, tenant_id)

    with database.begin(tenant_id) as uow:
        found = rows(uow, "cost_days", "day, service, subject_kind, operations, productions, reserved_usd, spent_usd")
        assert (uow.figures.costs_off(), uow.figures.books_off()) == (0, {"days": 0, "entries": 0})
    first, second = NOON.date(), (NOON + DAY).date()
    assert [(*row[:5], *(f"{each:.10f}" for each in row[5:])) for row in found] == [
        (first, "brightdata", "clip", 1, 0, *usd("0", "0.25")),
        (first, "twitterapi", "deep", 1, 0, *usd("0", "0.05")),
        (first, "unnamed", "clip", 1, 0, *usd("0.2", "0")),
        (first, "unnamed", "production", 2, 1, *usd("0", "0.3")),
        (second, "unnamed", "production", 1, 0, *usd("0", "0.1")),
    ]


def test_only_days_on_which_something_changed_are_made_again(database: Database, tenant_id: UUID) -> None:
    with database.begin(tenant_id) as uow:
        for number, now in enumerate((NOON, NOON + DAY)):
            take(uow, "ab"[number], now=now)
            spend(uow, "xy"[number], "0.1", now=now)
        uow.ledger.reserve("late", "clip:9", Decimal("0.8"), now=NOON, expires_at=NOON + HOUR)
        uow.ledger.unknown("late")
    assert make(database, tenant_id) == (2, 3)
    with database.begin(tenant_id) as uow:
        long_ago = "set created_at = created_at - interval '9 days'"
        uow.connection.execute(sa.text(f"update usage_takes {long_ago}"))
        uow.connection.execute(sa.text(f"update reservations {long_ago}, began_at = null, ended_at = ended_at - interval '9 days'"))
    untouched = make(database, tenant_id)

    with database.begin(tenant_id) as uow:
        uow.ledger.reconcile("late", Decimal("0.3"))
        uow.usage.give_back("b")

    assert (untouched, make(database, tenant_id)) == ((0, 0), (1, 2))
    assert make(database, tenant_id, is_full=True) == (2, 3)
    with database.begin(tenant_id) as uow:
        assert (uow.figures.costs_off(), uow.figures.usage_off()) == (0, 0)
        total = uow.connection.execute(sa.text("select sum(spent_usd) from cost_days")).scalar_one()
    assert total == Decimal("0.5")


def test_a_production_that_was_released_whole_makes_no_other_one_cheaper(database: Database, tenant_id: UUID) -> None:
    with database.begin(tenant_id) as uow:
        spend(uow, "a", "0.40", purpose=Purpose(production="p1"))
        uow.ledger.reserve("b", "clip:1", Decimal("0.5"), now=NOON, expires_at=NOON + HOUR, purpose=Purpose(production="p2"))
        uow.ledger.release("b")

        assert uow.costs.summary(now=NOON).production_usd == Decimal("0.40")


def test_another_workspace_has_its_own_days(database: Database, tenant_id: UUID, other: Member) -> None:
    with database.begin(tenant_id) as uow:
        take(uow, "a")
    make(database, tenant_id)

    with database.begin(other.tenant_id) as uow:
        assert rows(uow, "usage_days", "day, meter, used") == []
