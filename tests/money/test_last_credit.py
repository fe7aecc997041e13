"""The last credit of a meter and the last dollar of a cap: of a hundred who want it, exactly one gets it.

`make fuzz-last-credit` plays 10,000 rounds of each.
"""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Barrier
from uuid import UUID

import pytest
import sqlalchemy as sa

from domain.errors import LimitReached
from store.database import Database
from store.ids import new_id
from tests.conftest import TestUrls as Urls
from tests.conftest import make_member, make_urls
from tests.money.rooms import cap_deployment, make_room
from tests.store.ledger_books import assert_balanced
from tests.trust.campaign import told

TAKERS = 100
FAST_ROUNDS, FULL_ROUNDS = 3, 10_000
NOON, HOUR = datetime(2026, 2, 10, 12, tzinfo=UTC), timedelta(hours=1)


@pytest.fixture(scope="module")
def place(superuser_url: str) -> Iterator[tuple[Urls, Database]]:
    """Connections for all takers at once."""
    urls = make_urls(superuser_url, f"last_credit_{new_id().hex}")
    made = Database(urls.app, system_url=urls.system, pool_size=TAKERS)
    yield urls, made
    made.close()


@pytest.mark.parametrize("rounds", [FAST_ROUNDS, pytest.param(FULL_ROUNDS, marks=pytest.mark.fuzz)])
def test_of_a_hundred_takers_of_the_last_credit_exactly_one_wins(place: tuple[Urls, Database], rounds: int) -> None:
    _, database = place
    tenant_id, found = make_member(database).tenant_id, Counter[tuple[int, int]]()

    with ThreadPoolExecutor(TAKERS) as crowd:
        for number in range(rounds):
            now = NOON + timedelta(days=number)
            with database.begin(tenant_id) as uow:
                uow.usage.take("imports_per_day", 49, operation=f"before {number}", now=now)
            wins = _at_once(crowd, lambda taker, now=now, number=number: _taken(database, tenant_id, f"{number} {taker}", now))
            found[wins, _used(database, tenant_id, now)] += 1

    told("last credit", takers=TAKERS, rounds=rounds, winners_and_used=dict(found))
    assert found == {(1, 50): rounds}


@pytest.mark.parametrize("rounds", [FAST_ROUNDS, pytest.param(FULL_ROUNDS, marks=pytest.mark.fuzz)])
def test_of_a_hundred_workspaces_that_want_the_deployments_last_dollar_exactly_one_gets_it(
    place: tuple[Urls, Database], rounds: int
) -> None:
    urls, database = place
    tenants = [make_member(database).tenant_id for _ in range(TAKERS)]
    found = Counter[int]()
    cap_deployment(urls, Decimal(1), Decimal(10**6))

    with ThreadPoolExecutor(TAKERS) as crowd:
        for number in range(rounds):
            now = NOON + timedelta(days=number)
            wins = _at_once(crowd, lambda taker, now=now, number=number: _reserved(database, tenants[taker], f"d{number}", "1", now))
            found[wins] += 1

    told("last dollar of the deployment", takers=TAKERS, rounds=rounds, winners=dict(found))
    assert found == {1: rounds}
    assert_balanced(urls, database)


def test_a_cap_of_ten_dollars_for_all_is_spent_to_the_last_cent_and_not_beyond(place: tuple[Urls, Database]) -> None:
    urls, database = place
    tenants = [make_member(database).tenant_id for _ in range(TAKERS)]
    cap_deployment(urls, Decimal(10), Decimal(10**6))
    now = NOON - timedelta(days=3)

    with ThreadPoolExecutor(TAKERS) as crowd:
        wins = sum(
            _at_once(crowd, lambda taker, turn=turn: _reserved(database, tenants[taker], f"c{turn}", "0.13", now)) for turn in range(3)
        )

    assert wins == int(Decimal(10) / Decimal("0.13"))
    assert_balanced(urls, database)


def test_what_settles_makes_room_for_others_again(place: tuple[Urls, Database]) -> None:
    urls, database = place
    one, two = make_member(database).tenant_id, make_member(database).tenant_id
    make_room(urls, database, one)
    cap_deployment(urls, Decimal(1), Decimal(10**6))
    now = NOON - timedelta(days=9)

    first, before = _reserved(database, one, "a", "1", now), _reserved(database, two, "b", "0.4", now)
    with database.begin(one) as uow:
        uow.ledger.commit("a", Decimal("0.6"))

    assert (first, before, _reserved(database, two, "c", "0.4", now), _reserved(database, two, "d", "0.01", now)) == (1, 0, 1, 0)


def test_the_deployments_cap_tells_nobody_what_others_spent(place: tuple[Urls, Database]) -> None:
    urls, database = place
    tenant_id = make_member(database).tenant_id
    cap_deployment(urls, Decimal("0.001"), Decimal(10**6))

    with pytest.raises(LimitReached, match="whole deployment") as refusal, database.begin(tenant_id) as uow:
        uow.ledger.reserve("x", "x", Decimal("0.5"), now=NOON - timedelta(days=20), expires_at=NOON)

    assert (refusal.value.limit, refusal.value.used, refusal.value.resets_at) == (100, 100, datetime(2026, 1, 22, tzinfo=UTC))


def _at_once(crowd: ThreadPoolExecutor, take: object) -> int:
    gate = Barrier(TAKERS)

    def run(taker: int) -> int:
        gate.wait()
        return take(taker)  # type: ignore[no-any-return, operator]

    return sum(crowd.map(run, range(TAKERS)))


def _taken(database: Database, tenant_id: UUID, operation: str, now: datetime) -> int:
    try:
        with database.begin(tenant_id) as uow:
            uow.usage.take("imports_per_day", 1, operation=operation, now=now)
    except LimitReached:
        return 0
    return 1


def _reserved(database: Database, tenant_id: UUID, operation: str, usd: str, now: datetime) -> int:
    try:
        with database.begin(tenant_id) as uow:
            uow.ledger.reserve(operation, operation, Decimal(usd), now=now, expires_at=now + HOUR)
    except LimitReached:
        return 0
    return 1


def _used(database: Database, tenant_id: UUID, now: datetime) -> int:
    with database.begin(tenant_id) as uow:
        used = "select used from usage_counters where meter = 'imports_per_day' and period_start = :day"
        return int(uow.connection.execute(sa.text(used), {"day": now.date()}).scalar_one())
