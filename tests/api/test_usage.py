"""Plans, usage and costs over HTTP: what is shown is what is counted, to its own workspace only."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa

from domain.money import Purpose
from store.database import Database
from store.ids import new_id
from tests.api.conftest import Caller, assert_problem
from tests.conftest import Member

HOUR = timedelta(hours=1)


def meter_of(caller: Caller, name: str) -> dict[str, object]:
    return next(each for each in caller.get("/me/usage").json()["items"] if each["meter"] == name)


def test_the_plans_are_public_and_in_order(nobody: Caller) -> None:
    items = nobody.get("/billing/plans").json()["items"]

    assert [each["plan"] for each in items] == ["free", "starter", "growth", "scale"]
    assert items[0]["limits"]["imports_per_day"] == {"limit": 50, "period": "day", "per_user": None, "per_platform": None}
    assert items[1]["prices"][0] == {"lookup_key": "starter_monthly", "cents": 3900, "currency": "usd", "interval": "month"}


def test_usage_shows_who_took_and_which_plan_has_more(database: Database, member: Member, mine: Caller, theirs: Caller) -> None:
    with database.begin(member.tenant_id) as uow:
        uow.usage._user_id = member.user_id
        uow.usage.take("urls_per_day", 7, operation="a", now=datetime.now(UTC), platform="tiktok")

    found = meter_of(mine, "urls_per_day")

    assert (found["used"], found["limit"], found["remaining"], found["upgrade"]) == (7, 500, 493, "starter")
    assert found["parts"] == [{"part": "platform:tiktok", "used": 7}, {"part": f"user:{member.user_id}", "used": 7}]
    assert meter_of(theirs, "urls_per_day")["used"] == 0
    (day,) = mine.get("/me/usage/history?days=1").json()["items"]
    assert (day["meter"], day["platform"], day["used"], day["operations"]) == ("urls_per_day", "tiktok", 7, 1)
    assert theirs.get("/me/usage/history").json()["items"] == []


def test_a_full_meter_says_when_it_resets_and_which_plan_has_more(database: Database, member: Member, mine: Caller) -> None:
    with database.begin(member.tenant_id) as uow:
        uow.usage.take("requests_per_day", 500, operation="a", now=datetime.now(UTC))

    problem = assert_problem(mine.post("/requests", {"kind": "insights"}), 429, "limit_reached")

    assert (problem["limit"], problem["used"], problem["upgrade"]) == (500, 500, "starter")
    assert problem["resets_at"].endswith("T00:00:00+00:00")


def test_a_meter_that_the_plan_lacks_names_the_plan_that_has_it(database: Database, member: Member, mine: Caller) -> None:
    with database.begin(member.tenant_id) as uow:
        uow.connection.execute(sa.text("insert into plan_overrides (tenant_id, what, most, period, reason, expires_at)"
            " values (:tenant, 'urls_per_day', 0, 'day', 'x', now() + interval '1 day')"), {"tenant": member.tenant_id})  # fmt: skip

    limits = mine.get("/me/usage/limits").json()
    problem = assert_problem(mine.post("/scrape/urls", {"urls": ["https://www.tiktok.com/@a/video/7300000000000000001"]}), 429)

    assert (limits["day_usd"] is not None, limits["plan"]) == (True, "free")
    assert next(each["limit"] for each in limits["items"] if each["meter"] == "urls_per_day") == 0
    assert (problem["limit"], problem["upgrade"]) == (0, "starter")


def test_costs_are_summed_by_provider_for_their_workspace(database: Database, member: Member, mine: Caller, theirs: Caller) -> None:
    now = datetime.now(UTC)
    with database.begin(member.tenant_id) as uow:
        for number, service in enumerate(("brightdata", "brightdata", "twitterapi")):
            purpose = Purpose(service=service)
            uow.ledger.reserve(f"o{number}", service, Decimal("0.20"), now=now, expires_at=now + HOUR, purpose=purpose)
        uow.ledger.commit("o0", Decimal("0.10"))
        uow.ledger.unknown("o1")
        uow.ledger.release("o2")

    summary, rows = mine.get("/costs/summary").json(), mine.get("/costs/breakdown?by=service").json()["items"]

    assert (summary["total_usd"], summary["by_service"]) == ("0.30", {"brightdata": "0.30"})
    assert summary["videos_remaining"] == int(Decimal(summary["remaining_usd"]) / 2)
    assert rows == [{"name": "brightdata", "operations": 2, "total_usd": "0.30", "mean_usd": "0.15", "max_usd": "0.20", "unknown": 1}]
    assert theirs.get("/costs/summary").json()["total_usd"] == "0.00"
    assert theirs.get("/costs/breakdown").json()["items"] == []


def test_each_paid_call_is_listed_with_what_it_was_for_page_by_page(
    database: Database, member: Member, mine: Caller, theirs: Caller
) -> None:  # fmt: skip
    now, asked = datetime.now(UTC), new_id()
    with database.begin(member.tenant_id) as uow:
        for number, service in enumerate(("brightdata", "twitterapi", "brightdata", "brightdata")):
            purpose = Purpose(service=service, production="video-1" if number else None, request_id=asked if number == 1 else None)
            uow.ledger.reserve(f"o{number}", service, Decimal("0.20"), now=now, expires_at=now + HOUR, purpose=purpose)
        uow.ledger.commit("o0", Decimal("0.0000000003"))
        uow.ledger.unknown("o1")
        uow.ledger.release("o2")

    first = mine.get("/costs?limit=2").json()
    rest = mine.get(f"/costs?limit=2&cursor={first['next_cursor']}").json()

    rows = [(each["operation"], each["state"], each["cost_usd"]) for each in first["items"] + rest["items"]]
    assert rows == [("o3", "reserved", "0.20"), ("o1", "unknown", "0.20"), ("o0", "committed", "0.0000000003")]
    assert (first["has_more"], rest["has_more"]) == (True, False)
    for query, names in (
        ("production=video-1", ["o3", "o1"]), ("service=twitterapi", ["o1"]), (f"request_id={asked}", ["o1"]), ("subject=none", []),
    ):  # fmt: skip
        assert [each["operation"] for each in mine.get(f"/costs?{query}").json()["items"]] == names
    assert theirs.get("/costs").json() == {"items": [], "next_cursor": None, "has_more": False}
    assert_problem(mine.get(f"/costs?limit=2&service=x&cursor={first['next_cursor']}"), 422)


def test_a_year_of_days_is_told_whole(database: Database, member: Member, mine: Caller) -> None:
    now = datetime.now(UTC)
    with database.begin(member.tenant_id) as uow:
        for back in range(101):
            day = now - timedelta(days=back)
            uow.ledger.reserve(f"d{back}", "x", Decimal("0.01"), now=day, expires_at=now + HOUR, purpose=Purpose(service="x"))

    assert len(mine.get("/costs/breakdown?by=day&days=366").json()["items"]) == 101


def test_usage_and_costs_are_for_callers_and_their_shape_is_checked(nobody: Caller, mine: Caller) -> None:
    for path in ("/me/usage", "/me/usage/limits", "/me/usage/history", "/costs", "/costs/summary", "/costs/breakdown"):
        assert_problem(nobody.get(path), 401)
    assert_problem(mine.get("/me/usage/history?days=0"), 400)
    assert_problem(mine.get("/costs/breakdown?by=mood"), 400)
