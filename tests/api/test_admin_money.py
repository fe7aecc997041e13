"""/admin on money: revenue as it was made, MRR as it stands, unit costs, forecasts, and the inbox of payment providers."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from domain.billing.standing import Standing
from domain.billing.states import Provider, SubscriptionState
from services import figures
from store.database import Database
from store.ids import new_id
from tests.api.administering import PLATFORM, noted
from tests.api.conftest import Caller, assert_problem
from tests.conftest import Member

NOW = datetime.now(UTC)
TODAY, DAY = NOW.date(), timedelta(days=1)


def stands(database: Database, member: Member, plan: str, cents: int, currency: str, *, days_ago: int) -> None:
    with database.begin(member.tenant_id) as uow:
        made = Standing(plan, SubscriptionState.ACTIVE, Provider.STRIPE, f"sub_{plan}", f"{plan}_monthly", cents, currency)
        uow.billing.stand(made, now=NOW - days_ago * DAY, cause="test")


@pytest.fixture
def currency() -> str:
    """One of the test's own, so that nobody else's revenue is in it."""
    return f"x{new_id().hex[-6:]}"


def of(items: list[dict[str, Any]], currency: str) -> list[dict[str, Any]]:
    return [each for each in items if each["currency"] == currency]


def test_revenue_is_told_by_day_by_plan_and_as_it_stands(
    database: Database, admin: Caller, member: Member, other: Member, currency: str
) -> None:  # fmt: skip
    stands(database, member, "starter", 3900, currency, days_ago=50)
    stands(database, member, "growth", 9900, currency, days_ago=2)
    stands(database, other, "starter", 3900, currency, days_ago=50)
    figures.make_revenue(database, now=NOW, is_full=True)
    stands(database, other, "scale", 29900, currency, days_ago=0)

    told = admin.get("/admin/revenue", params={"since": str(TODAY - 5 * DAY), "until": str(TODAY)}).json()

    days = of(told["days"], currency)
    assert [each["mrr_cents"] for each in days] == [13800, 13800, 7800, 7800, 7800]
    assert (days[1]["expansion_cents"], days[1]["moved_in_cents"], days[1]["moved_out_cents"]) == (6000, 3900, 3900)
    assert [(each["plan"], each["mrr_cents"]) for each in of(told["plans"], currency)] == [("growth", 9900), ("starter", 3900)]
    assert {each["plan"]: each["mrr_cents"] for each in of(told["now"], currency)} == {"growth": 9900, "scale": 29900}
    (rates,) = of(told["churn"], currency)
    assert (rates["start_mrr_cents"], rates["subscribers_share"], rates["net_share"]) == (7800, 0.0, -0.7692)
    assert told["last_day"] == str(TODAY - DAY)
    assert_problem(admin.get("/admin/revenue", params={"since": str(TODAY), "until": str(TODAY)}), 422)


def spend(database: Database, member: Member, usd: str, now: datetime) -> None:
    with database.begin(member.tenant_id) as uow:
        uow.usage.take("clips_per_day", 4, operation=f"clips {now}", now=now)
        uow.ledger.reserve(f"x {now}", "clip:1", Decimal(usd), now=now, expires_at=now + DAY)
        uow.ledger.commit(f"x {now}", Decimal(usd))
        uow.figures.put_usage(now=datetime.now(UTC))
        uow.figures.put_costs(now=datetime.now(UTC))


def test_unit_costs_and_margins_are_told(database: Database, admin: Caller, member: Member) -> None:
    stands(database, member, "starter", 3900, "usd", days_ago=3)
    spend(database, member, "0.5", NOW - DAY)
    figures.make_units(database, now=NOW)
    figures.make_revenue(database, now=NOW)

    told = admin.get("/admin/unit-economics", params={"since": str(TODAY - DAY), "until": str(TODAY)}).json()

    clip = next(each for each in told["units"] if each["unit"] == "clip")
    assert clip["units"] >= 4
    assert Decimal(clip["outside_usd"]) >= Decimal("0.5")
    assert Decimal(clip["each_usd"]) == ((Decimal(clip["outside_usd"]) + Decimal(clip["own_usd"])) / clip["units"]).quantize(
        Decimal("1e-10")
    )
    starter = next(each for each in told["plans"] if each["plan"] == "starter")
    assert Decimal(starter["revenue_usd"]) > Decimal("1.2")
    assert starter["margin"] < 1


def test_costs_come_with_forecasts_and_the_deployments_caps(database: Database, admin: Caller, member: Member) -> None:
    for back in range(1, 8):
        spend(database, member, "0.25", NOW - back * DAY)

    by_kind = admin.get("/admin/api-costs", params={"by": "kind"}).json()
    by_tenant = admin.get("/admin/api-costs", params={"by": "tenant"}).json()
    by_day = admin.get("/admin/api-costs").json()

    assert "clip" in {each["name"] for each in by_kind["counted"]}
    mine = next(each for each in by_tenant["forecasts"] if each["name"] == str(member.tenant_id))
    assert (mine["n_days"], mine["daily_usd"]) == (7, "0.25")
    assert [each["name"] for each in by_day["forecasts"]] == ["all"]
    assert {each["period"] for each in by_day["caps"]} == {"day", "month"}
    assert admin.get("/admin/api-costs", params={"by": "provider"}).status_code == 200


def put_event(superuser: psycopg.Connection[Any], state: str, tenant_id: object = None, customer: str | None = None) -> str:
    event_id = f"evt_{new_id().hex}"
    superuser.execute(
        "insert into billing_events (provider, event_id, tenant_id, kind, type, customer_id, body, source, state, attempts, next_try_at,"
        " error, happened_at)"
        " values ('stripe', %s, %s, 'invoice', 'invoice.paid', %s, 'secret body', 'webhook', %s, 10, now(), 'no answer', now())",
        (event_id, tenant_id, customer, state),
    )
    return event_id


def test_the_inbox_shows_failed_events_first_and_never_what_they_say(
    admin: Caller, member: Member, superuser: psycopg.Connection[Any]
) -> None:
    failed, done, kept = (put_event(superuser, each, member.tenant_id) for each in ("failed", "done", "kept"))

    wanted = {"workspace_id": str(member.tenant_id), "limit": 2}
    first = admin.get("/admin/billing/events", params=wanted)
    second = admin.get("/admin/billing/events", params={**wanted, "cursor": first.json()["next_cursor"]}).json()
    only = admin.get("/admin/billing/events", params={**wanted, "state": "failed", "provider": "stripe"}).json()

    assert [each["event_id"] for each in first.json()["items"] + second["items"]] == [failed, kept, done]
    assert [each["event_id"] for each in only["items"]] == [failed]
    assert "secret" not in first.text
    assert_problem(admin.get("/admin/billing/events", params={"state": "lost"}), 400)


def test_a_failed_event_waits_again_and_finds_whose_it_is(
    database: Database, admin: Caller, member: Member, superuser: psycopg.Connection[Any]
) -> None:
    customer = f"cus_{new_id().hex}"
    event_id, done = put_event(superuser, "failed", customer=customer), put_event(superuser, "done")
    superuser.execute(
        "insert into billing_customers (tenant_id, provider, customer_id) values (%s, 'stripe', %s)", (member.tenant_id, customer)
    )

    answers = [admin.post(f"/admin/billing/events/stripe/{each}/retry") for each in (event_id, event_id, done, "evt_none")]

    assert [each.status_code for each in answers] == [202, 409, 409, 404]
    with database.begin(member.tenant_id) as uow:
        assert [each.event_id for each in uow.billing_events.waiting()] == [event_id]
    for log in (PLATFORM, member.tenant_id):
        details = noted(superuser, log, "billing_event.retried", f"stripe:{event_id}")
        assert (details["before"], details["after"]) == ({"state": "failed", "error": "no answer"}, {"state": "kept"})
