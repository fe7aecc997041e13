"""Revenue, payments and unit costs of a whole deployment, on its own database: made, made again, backfilled, and checks that see faults."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import dagster as dg
import psycopg
import pytest

from assets.money import (
    cash_is_whole,
    out_revenue__cash,
    out_revenue__days,
    out_revenue__units,
    revenue_adds_up,
    unit_costs_add_up,
)
from domain.billing.standing import Standing
from domain.billing.states import PaymentState, Provider, RefundState, SubscriptionState
from domain.rights import tombstone
from domain.unit_costs import Unit, unit_costs
from services import figures
from store.database import Database
from store.ids import new_id
from tests.conftest import TestUrls, make_member, make_urls
from tests.figures.paying import payment, refund

NOW = datetime.now(UTC)
TODAY, DAY = NOW.date(), timedelta(days=1)
NOTHING = Standing("free", SubscriptionState.ACTIVE)


@pytest.fixture(scope="module")
def own_urls(superuser_url: str) -> TestUrls:
    return make_urls(superuser_url, f"figures_{new_id().hex}")


@pytest.fixture
def superuser(own_urls: TestUrls) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(own_urls.superuser.replace("postgresql+psycopg://", "postgresql://"), autocommit=True) as connection:
        for name in ("subscription_changes", "revenue_days", "cash_days", "unit_days", "billing_payments", "billing_refunds", "tombstones"):
            connection.execute(f"delete from {name}")
        connection.execute("delete from usage_days; delete from cost_days; delete from usage_takes")
        yield connection


@pytest.fixture
def database(own_urls: TestUrls, superuser: psycopg.Connection[Any]) -> Iterator[Database]:
    made = Database(own_urls.app, system_url=own_urls.system)
    yield made
    made.close()


def stands(database: Database, tenant_id: UUID, plan: str, cents: int, *, days_ago: float, **words: Any) -> None:
    found = Standing(plan, SubscriptionState.ACTIVE, Provider.STRIPE, "sub_1", f"{plan}_monthly", cents, "usd")
    with database.begin(tenant_id) as uow:
        told = {"status": words.pop("status")} if "status" in words else {}
        made = NOTHING if plan == "free" else Standing(**{**{n: getattr(found, n) for n in Standing.__dataclass_fields__}, **told, **words})
        assert uow.billing.stand(made, now=NOW - days_ago * DAY, cause="test")


def checks(database: Database) -> dict[str | None, bool]:
    wanted = [out_revenue__days, out_revenue__cash, out_revenue__units, revenue_adds_up, cash_is_whole, unit_costs_add_up]
    done = dg.materialize(wanted, resources={"database": database})
    return {each.check_name: each.passed for each in done.get_asset_check_evaluations()}


def mrr(superuser: psycopg.Connection[Any], days_ago: int) -> dict[str, tuple[int, int]]:
    found = superuser.execute("select plan, mrr_cents, subscribers from revenue_days where day = %s", (TODAY - days_ago * DAY,))
    return {plan: (cents, subscribers) for plan, cents, subscribers in found}


def test_a_year_of_changes_is_told_by_day_and_again_the_same(database: Database, superuser: psycopg.Connection[Any]) -> None:
    one, two = make_member(database).tenant_id, make_member(database).tenant_id
    stands(database, one, "starter", 3900, days_ago=60)
    stands(database, one, "growth", 8250, days_ago=30)
    stands(database, two, "starter", 3900, days_ago=20)
    stands(database, two, "free", 0, days_ago=10)

    first = figures.make_revenue(database, now=NOW)
    again = figures.make_revenue(database, now=NOW, is_full=True)

    assert (first.since, first.until) == (TODAY - 60 * DAY, TODAY - DAY)
    assert (first.changed > 60, again.changed) == (True, 0)
    assert (mrr(superuser, 61), mrr(superuser, 60), mrr(superuser, 25)) == ({}, {"starter": (3900, 1)}, {"growth": (8250, 1)})
    assert (mrr(superuser, 15), mrr(superuser, 1)) == ({"growth": (8250, 1), "starter": (3900, 1)}, {"growth": (8250, 1)})
    assert checks(database)["revenue_adds_up"]


def test_an_old_day_that_was_lost_is_made_as_it_was(database: Database, superuser: psycopg.Connection[Any]) -> None:
    stands(database, make_member(database).tenant_id, "starter", 3900, days_ago=90)
    figures.make_revenue(database, now=NOW - 50 * DAY)
    assert mrr(superuser, 51) == {"starter": (3900, 1)}
    superuser.execute("delete from revenue_days where day < %s", (TODAY - 60 * DAY,))

    windowed = figures.make_revenue(database, now=NOW)
    figures.make_revenue(database, now=NOW, is_full=True)

    assert windowed.since == TODAY - 50 * DAY
    assert superuser.execute("select count(*), min(mrr_cents), max(mrr_cents) from revenue_days").fetchone() == (90, 3900, 3900)


def test_what_is_overdue_counts_until_its_grace_is_over_and_what_is_to_end_until_it_ends(
    database: Database, superuser: psycopg.Connection[Any]
) -> None:
    overdue, ending, trying = (make_member(database).tenant_id for _ in range(3))
    stands(database, overdue, "starter", 3900, days_ago=9, status=SubscriptionState.FAILED, grace_until=NOW - 5 * DAY)
    stands(database, ending, "growth", 9900, days_ago=9, status=SubscriptionState.CANCELING, ends_at=NOW - 3 * DAY)
    stands(database, trying, "scale", 29900, days_ago=9, status=SubscriptionState.TRIAL)

    figures.make_revenue(database, now=NOW)

    assert mrr(superuser, 6) == {"starter": (3900, 1), "growth": (9900, 1)}
    assert mrr(superuser, 5) == {"starter": (0, 0), "growth": (9900, 1)}
    assert mrr(superuser, 3) == {"growth": (0, 0)}


def test_an_erased_workspace_is_churn_on_its_last_day(database: Database, superuser: psycopg.Connection[Any]) -> None:
    tenant_id = make_member(database).tenant_id
    stands(database, tenant_id, "starter", 3900, days_ago=9)
    with database.begin_system() as system:
        system.deletions.bury([tombstone(tenant_id)])
    superuser.execute("update tombstones set erased_at = %s", (NOW - 2 * DAY,))
    for name in ("memberships", "subscriptions", "tenants"):
        superuser.execute(f"delete from {name} where tenant_id = %s", (tenant_id,))

    figures.make_revenue(database, now=NOW)

    assert (mrr(superuser, 3), mrr(superuser, 2), mrr(superuser, 1)) == ({"starter": (3900, 1)}, {"starter": (0, 0)}, {})


def test_payments_and_refunds_are_summed_by_the_day_they_happened(database: Database, superuser: psycopg.Connection[Any]) -> None:
    with database.begin(make_member(database).tenant_id) as uow:
        long_ago = NOW - 3 * DAY
        uow.billing.keep_payment(payment("pi_1", 3900, at=long_ago), at=long_ago)
        uow.billing.keep_payment(payment("pi_2", 100, at=long_ago, state=PaymentState.REFUNDED), at=long_ago)
        uow.billing.keep_payment(payment("pi_3", 700, at=long_ago, state=PaymentState.FAILED), at=long_ago)
        uow.billing.keep_refund(refund("re_1", "pi_2", 100, at=NOW - 2 * DAY), at=NOW - 2 * DAY)
        uow.billing.keep_refund(refund("re_2", "pi_1", 50, at=NOW - 2 * DAY, state=RefundState.FAILED), at=NOW - 2 * DAY)

    figures.make_cash(database, now=NOW)

    found = superuser.execute("select day, payments, paid_cents, refunds, refunded_cents from cash_days order by 1").fetchall()
    assert found == [(TODAY - 3 * DAY, 2, 4000, 0, 0), (TODAY - 2 * DAY, 0, 0, 1, 100)]
    assert figures.make_cash(database, now=NOW).changed == 0


def work_of(database: Database, tenant_id: UUID, *, now: datetime) -> None:
    with database.begin(tenant_id) as uow:
        uow.usage.take("clips_per_day", 1, operation=f"clip {now}", now=now)
        uow.usage.take("trackings", 2, operation=f"tracking {now}", now=now)
        uow.ledger.reserve(f"x {now}", "clip:1", Decimal("0.25"), now=now, expires_at=now + DAY)
        uow.ledger.commit(f"x {now}", Decimal("0.25"))
        uow.figures.put_usage(now=NOW, is_full=True)
        uow.figures.put_costs(now=NOW, is_full=True)


def test_units_are_told_by_the_plan_of_their_day(database: Database, superuser: psycopg.Connection[Any]) -> None:
    tenant_id = make_member(database).tenant_id
    work_of(database, tenant_id, now=NOW - 3 * DAY)
    stands(database, tenant_id, "starter", 3900, days_ago=2)
    work_of(database, tenant_id, now=NOW - DAY)

    made = figures.make_units(database, now=NOW)

    found = superuser.execute("select day, plan, unit, units, outside_usd from unit_days order by 1, 3").fetchall()
    assert made.since == TODAY - 3 * DAY
    assert found == [
        (TODAY - 3 * DAY, "free", "account", 2, Decimal(0)), (TODAY - 3 * DAY, "free", "clip", 1, Decimal("0.25")),
        (TODAY - 2 * DAY, "starter", "account", 2, Decimal(0)),
        (TODAY - DAY, "starter", "account", 4, Decimal(0)), (TODAY - DAY, "starter", "clip", 1, Decimal("0.25")),
    ]  # fmt: skip
    assert figures.make_units(database, now=NOW).changed == 0
    assert checks(database) == {"revenue_adds_up": True, "cash_is_whole": True, "unit_costs_add_up": True}
    clip = next(each for each in unit_costs(_units(database)) if each.unit is Unit.CLIP)
    assert (clip.units, clip.each_usd) == (2, Decimal("0.2507500000"))


def adds_up(database: Database) -> bool:
    check: Any = unit_costs_add_up
    return bool(check(database=database).passed)


def test_a_price_that_became_known_after_months_is_told_on_its_day(database: Database, superuser: psycopg.Connection[Any]) -> None:
    tenant_id, long_ago = make_member(database).tenant_id, NOW - 2 * figures.WINDOW
    with database.begin(tenant_id) as uow:
        uow.ledger.reserve("late", "clip:1", Decimal("0.5"), now=long_ago, expires_at=long_ago + DAY)
        uow.ledger.unknown("late")
        uow.figures.put_costs(now=NOW)
    figures.make_units(database, now=NOW)
    with database.begin(tenant_id) as uow:
        uow.ledger.reconcile("late", Decimal("0.1"))
        uow.figures.put_costs(now=NOW)
    superuser.execute("update cost_days set made_at = made_at - interval '2 days'")

    seen, made = adds_up(database), figures.make_units(database, now=NOW)

    found = superuser.execute("select day, outside_usd from unit_days").fetchall()
    assert (seen, made.changed, found) == (False, 1, [(long_ago.date(), Decimal("0.1"))])
    assert adds_up(database)


def test_days_of_a_workspace_that_was_erased_since_are_those_of_the_others(database: Database, superuser: psycopg.Connection[Any]) -> None:
    erased, staying = make_member(database).tenant_id, make_member(database).tenant_id
    for tenant_id in (erased, staying):
        work_of(database, tenant_id, now=NOW - 2 * figures.WINDOW)
    figures.make_units(database, now=NOW)
    superuser.execute("update cost_days set made_at = made_at - interval '2 days'")
    for table in ("usage_takes", "usage_days", "cost_days"):
        superuser.execute(f"delete from {table} where tenant_id = %s", (erased,))

    figures.make_units(database, now=NOW)

    clips = superuser.execute("select units, outside_usd from unit_days where unit = 'clip'").fetchall()
    assert (clips, adds_up(database)) == ([(1, Decimal("0.25"))], True)


def ask_analysis(database: Database, tenant_id: UUID, superuser: psycopg.Connection[Any], state: str, *, is_taken: bool) -> None:
    """Of yesterday, ended in a state; `is_taken`: somebody asked for it, and had it back where it failed."""
    request_id = new_id()
    with database.begin(tenant_id) as uow:
        uow.requests.ask(request_id=request_id, kind="insights", subject=str(request_id), params={}, user_id=None)
        if is_taken:
            uow.usage.take("requests_per_day", 1, operation=f"request:{request_id}", now=NOW - DAY)
            if state == "failed":
                uow.usage.give_back(f"request:{request_id}")
    superuser.execute("update requests set created_at = %s, state = %s where request_id = %s", (NOW - DAY, state, request_id))


@pytest.mark.parametrize(
    ("ended", "units"),
    [
        ([("failed", True)], {}),
        ([("succeeded", True)], {"analysis": 1}),
        ([("succeeded", False), ("failed", False)], {"analysis": 1}),
        ([("succeeded", True), ("failed", True), ("succeeded", False)], {"analysis": 2}),
    ],
)
def test_an_analysis_is_one_unit_whoever_made_it_and_none_where_it_was_given_back(
    database: Database, superuser: psycopg.Connection[Any], ended: list[tuple[str, bool]], units: dict[str, int]
) -> None:
    tenant_id = make_member(database).tenant_id
    superuser.execute("delete from requests")
    for state, is_taken in ended:
        ask_analysis(database, tenant_id, superuser, state, is_taken=is_taken)
    with database.begin(tenant_id) as uow:
        uow.figures.put_usage(now=NOW, is_full=True)

    figures.make_units(database, now=NOW)

    assert dict(superuser.execute("select unit, units from unit_days").fetchall()) == units


def test_an_analysis_that_was_tried_again_after_months_is_one_of_the_day_that_it_was_taken_on(
    database: Database, superuser: psycopg.Connection[Any]
) -> None:
    tenant_id = make_member(database).tenant_id
    superuser.execute("delete from requests")
    ask_analysis(database, tenant_id, superuser, "succeeded", is_taken=True)
    superuser.execute("update requests set created_at = created_at - interval '90 days'")
    with database.begin(tenant_id) as uow:
        uow.figures.put_usage(now=NOW, is_full=True)

    figures.make_units(database, now=NOW)

    assert dict(superuser.execute("select unit, units from unit_days").fetchall()) == {"analysis": 1}


def _units(database: Database) -> Any:
    from domain.unit_costs import unit_days

    with database.begin_system() as system:
        span = {"since": TODAY - 9 * DAY, "until": TODAY}
        return unit_days(system.figures.used(**span), system.figures.charged(**span), [])


@pytest.mark.parametrize(
    ("check", "fault"),
    [
        (revenue_adds_up, "update revenue_days set mrr_cents = mrr_cents + 1 where day = current_date - 1"),
        (revenue_adds_up, "update revenue_days set new_cents = new_cents + 1 where day = current_date - 1"),
        (revenue_adds_up, "delete from revenue_days where day = current_date - 2"),
        (
            revenue_adds_up,
            "update revenue_days set mrr_cents = mrr_cents + 1, new_cents = new_cents + (case when new_cents > 0 then 1 else 0 end)",
        ),
        (revenue_adds_up, "delete from subscription_changes"),
        (cash_is_whole, "update cash_days set paid_cents = paid_cents - 1"),
        (cash_is_whole, "delete from cash_days"),
        (unit_costs_add_up, "update unit_days set outside_usd = outside_usd + 0.01 where unit = 'clip'"),
        (unit_costs_add_up, "delete from unit_days where unit = 'clip'"),
    ],
)
def test_a_fault_is_seen(database: Database, superuser: psycopg.Connection[Any], check: Any, fault: str) -> None:
    tenant_id, long_ago = make_member(database).tenant_id, NOW - 3 * DAY
    stands(database, tenant_id, "starter", 3900, days_ago=3)
    with database.begin(tenant_id) as uow:
        uow.billing.keep_payment(payment("pi_9", 3900, at=long_ago), at=long_ago)
    work_of(database, tenant_id, now=long_ago)
    superuser.execute("update cost_days set made_at = made_at - interval '2 days'")
    figures.make_revenue(database, now=NOW), figures.make_cash(database, now=NOW), figures.make_units(database, now=NOW)
    before = check(database=database)

    assert superuser.execute(fault).rowcount > 0

    assert (before.passed, check(database=database).passed) == (True, False)
