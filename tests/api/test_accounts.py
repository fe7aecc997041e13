"""Accounts over HTTP: whose they are, their totals, and asking for new ones."""

from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from domain.observations import Platform
from store.database import Database
from tests.api.conftest import Caller, FakeDagster, assert_problem
from tests.library import NOON, put, seen, total

DAY = timedelta(days=1)
ROUTES = ("/accounts", "/accounts/{account}", "/accounts/{account}/videos")


def names(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [item["username"] for item in answer.json()["items"]]


@pytest.fixture
def library(database: Database, tenant_id: UUID) -> dict[str, UUID]:
    """Two accounts with totals, and one that came in after they were made."""
    rows = [
        seen("one", 100, 10, comments=5, shares=5),
        seen("two", 300, 30, comments=0, shares=0, posted=NOON - 10 * DAY),
        seen("three", 900, 20, account="ben_50%", platform=Platform.YOUTUBE),
    ]
    put(database, tenant_id, rows)
    total(database, tenant_id)
    put(database, tenant_id, [seen("four", 5, account="cleo")])
    with database.begin(tenant_id) as uow:
        return {each.username or "": each.account_id for each in uow.accounts.page(sort="views", is_descending=True, limit=10)}


@pytest.mark.parametrize("route", ROUTES)
def test_nobody_sees_nothing(nobody: Caller, library: dict[str, UUID], route: str) -> None:
    assert_problem(nobody.get(route.format(account=library["ana"])), 401)


def test_another_workspace_does_not_have_the_account(theirs: Caller, library: dict[str, UUID], dagster: FakeDagster) -> None:
    assert names(theirs.get("/accounts")) == []
    assert_problem(theirs.get(f"/accounts/{library['ana']}"), 404)
    assert_problem(theirs.get(f"/accounts/{library['ana']}/videos"), 404)
    assert_problem(theirs.post(f"/accounts/{library['ana']}/refresh"), 404)
    assert dagster.launched == []


@pytest.mark.parametrize(
    ("query", "status"), [("limit=0", 400), ("sort=luck", 400), ("platform=radio", 400), ("cursor=made-up", 422), ("q=%00", 422)]
)
def test_a_malformed_list_call_is_a_problem(mine: Caller, query: str, status: int) -> None:
    assert_problem(mine.get(f"/accounts?{query}"), status)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["ben_50%", "ana", "cleo"]),
        ("order=asc", ["ana", "ben_50%", "cleo"]),
        ("platform=tiktok", ["ana", "cleo"]),
        ("q=AN", ["ana"]),
        ("q=%25", ["ben_50%"]),
        ("q=_", ["ben_50%"]),
        ("q=nobody", []),
    ],
)
def test_filters_and_orders(mine: Caller, library: dict[str, UUID], query: str, found: list[str]) -> None:
    assert names(mine.get(f"/accounts?{query}")) == found


@pytest.mark.parametrize("sort", ["views", "followers", "first_seen_at"])
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_pages_of_one_are_the_whole_list(mine: Caller, library: dict[str, UUID], sort: str, order: str) -> None:
    whole, found, cursor = names(mine.get(f"/accounts?sort={sort}&order={order}")), [], ""
    for _ in whole:
        answer = mine.get(f"/accounts?sort={sort}&order={order}&limit=1{cursor}")
        found += names(answer)
        cursor = f"&cursor={answer.json()['next_cursor']}"

    assert (found, answer.json()["has_more"]) == (whole, False)


def test_an_account_carries_its_totals_with_n_as_of_and_method(mine: Caller, library: dict[str, UUID]) -> None:
    account = mine.get(f"/accounts/{library['ana']}").json()

    assert (account["username"], account["platform"], account["is_provisional"]) == ("ana", "tiktok", False)
    totals = account["totals"]
    assert (totals["n"], totals["videos"], totals["views"], totals["likes"], totals["median_views"]) == (2, 2, 400, 40, 200.0)
    assert totals["median_engagement_rate"] == pytest.approx((0.2 + 0.1) / 2)
    assert totals["posts_per_week"] == pytest.approx(1.0)
    assert (totals["as_of"], totals["method"]["url"]) == ("2026-11-10T12:00:00Z", "/docs/method#account-totals")


def test_an_account_whose_totals_were_never_made_has_none(mine: Caller, library: dict[str, UUID]) -> None:
    assert mine.get(f"/accounts/{library['cleo']}").json()["totals"] is None


def test_the_videos_of_an_account_are_its_own_newest_first(mine: Caller, library: dict[str, UUID]) -> None:
    answer = mine.get(f"/accounts/{library['ana']}/videos").json()

    assert [each["external_id"] for each in answer["items"]] == ["one", "two"]


def test_a_refresh_is_accepted_launched_and_to_be_followed(mine: Caller, library: dict[str, UUID], dagster: FakeDagster) -> None:
    answer = mine.post(f"/accounts/{library['ana']}/refresh")

    assert answer.status_code == 202
    assert (answer.json()["kind"], answer.json()["params"]) == ("refresh", {"account_ids": [str(library["ana"])]})
    assert mine.get(answer.headers["location"].removeprefix("/api/v1")).json()["state"] == "launched"
    assert [str(each.request_id) for each in dagster.launched] == [answer.json()["request_id"]]


def test_the_same_key_asks_for_one_refresh(mine: Caller, library: dict[str, UUID], dagster: FakeDagster) -> None:
    first, second = (mine.post(f"/accounts/{library['ana']}/refresh", headers={"Idempotency-Key": "once"}) for _ in range(2))

    assert first.content == second.content
    assert second.headers["idempotency-replayed"] == "true"
    assert len(dagster.launched) == 1
    assert_problem(mine.post(f"/accounts/{library['cleo']}/refresh", headers={"Idempotency-Key": "once"}), 422)


def test_a_key_for_reading_may_not_refresh(reader: Caller, library: dict[str, UUID], dagster: FakeDagster) -> None:
    assert_problem(reader.post(f"/accounts/{library['ana']}/refresh"), 403)
    assert dagster.launched == []


def test_nobody_may_refresh(nobody: Caller, library: dict[str, UUID]) -> None:
    assert_problem(nobody.post(f"/accounts/{library['ana']}/refresh"), 401)
    assert_problem(nobody.post("/accounts/nope/refresh"), 404)


def test_stats_count_the_library_and_only_it(nobody: Caller, mine: Caller, theirs: Caller, database: Database, tenant_id: UUID) -> None:
    rows = [
        seen("one", 100, 10, comments=7, hashtags=("Bread", "oven")),
        seen("two", None, 5, hashtags=("bread",), account="ben", platform=Platform.YOUTUBE),
    ]
    put(database, tenant_id, rows)

    stats = mine.get("/stats").json()

    counts = {
        name: stats[name]
        for name in ("n", "videos", "accounts", "snapshots", "hashtags", "sounds", "views", "likes", "comments", "comments_kept")
    }
    assert counts == {
        "n": 2,
        "videos": 2,
        "accounts": 2,
        "snapshots": 2,
        "hashtags": 3,
        "sounds": 0,
        "views": 100,
        "likes": 15,
        "comments": 7,
        "comments_kept": 0,
    }
    assert [part["platform"] for part in stats["platforms"]] == ["tiktok", "youtube"]
    assert stats["platforms"][1] == {"platform": "youtube", "videos": 1, "accounts": 1, "views": 0, "likes": 5}
    assert (stats["as_of"], stats["newest_observation"]) == ("2026-11-10T12:00:00Z", "2026-11-10T12:00:00Z")
    empty = theirs.get("/stats").json()
    assert (empty["n"], empty["views"], empty["as_of"], empty["platforms"]) == (0, 0, None, [])
    assert_problem(nobody.get("/stats"), 401)
