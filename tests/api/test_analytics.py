"""Analytics over HTTP, against figures that were worked out by hand."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from domain.engagement import engagement_rate, engagement_score
from domain.observations import Platform
from store.database import Database
from tests.api.conftest import Caller, assert_problem
from tests.library import NOON, put, score, seen

DAY = timedelta(days=1)
ROUTES = ("overview", "views-over-time", "most-viral", "virality-analysis", "duration-analysis", "metrics-breakdown", "video-stats")
AS_OF = "as_of=2026-11-10T12:00:00Z"


def figure(caller: Caller, route: str, query: str = AS_OF) -> dict[str, Any]:
    answer = caller.get(f"/analytics/{route}?{query}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture
def library(database: Database, tenant_id: UUID) -> dict[str, UUID]:
    """Three recent videos and two of the week before; `late` was seen only after NOON."""
    rows = [
        seen("a", 100, 10, comments=5, shares=5, at=NOON - DAY, seconds=10),
        seen("a", 160, 16, comments=8, shares=8, at=NOON, seconds=10),
        seen("b", 40, 4, comments=0, shares=0, at=NOON, posted=NOON - 2 * DAY, seconds=15),
        seen("c", 200, 30, account="ben", platform=Platform.YOUTUBE, comments=10, at=NOON, posted=None, seconds=900),
        seen("p", 50, 5, comments=0, shares=0, at=NOON - 7 * DAY, posted=NOON - 10 * DAY, seconds=59),
        seen("p", 500, 50, comments=0, shares=0, at=NOON, posted=NOON - 10 * DAY, seconds=59),
        seen("q", 300, None, comments=1, shares=1, at=NOON, posted=NOON - 9 * DAY),
        seen("late", 9999, 1, comments=1, shares=1, at=NOON + 2 * DAY, posted=NOON - DAY),
    ]
    ids = put(database, tenant_id, rows)
    score(database, tenant_id, {
        ids["a"]: {"multiple": 6.0, "peers": 9, "virality_band": "[5,10)", "naive_multiple": 0.9, "naive_band": "<1"},
        ids["b"]: {"multiple": 0.5, "peers": 9, "virality_band": "<1", "naive_multiple": 0.2, "naive_band": "<1"},
        ids["c"]: {"reason": "too few peers", "naive_multiple": 2.0, "naive_band": "[1,5)"},
        ids["p"]: {"reason": "too few peers"},
    })  # fmt: skip
    return ids


@pytest.mark.parametrize("route", ROUTES)
def test_nobody_sees_nothing(nobody: Caller, route: str) -> None:
    assert_problem(nobody.get(f"/analytics/{route}"), 401)


@pytest.mark.parametrize("route", ROUTES)
def test_another_workspace_has_none_of_it(theirs: Caller, library: dict[str, UUID], route: str) -> None:
    found = figure(theirs, route)

    assert (found["n"], found["newest_observation"]) == (0, None)


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    ("query", "status"),
    [("as_of=soon", 400), ("as_of=2026-11-01T00:00:00", 422), ("platform=radio", 400), ("account_id=x", 400)],
)
def test_a_malformed_call_is_a_problem(mine: Caller, route: str, query: str, status: int) -> None:
    assert_problem(mine.get(f"/analytics/{route}?{query}"), status)


@pytest.mark.parametrize(
    "call",
    [
        "overview?days=8", "views-over-time?days=0", "views-over-time?days=366", "views-over-time?by=luck", "most-viral?by=luck",
        "most-viral?limit=0", "metrics-breakdown?days=x", "video-stats?sort=title", "video-stats?limit=101",
    ],
)  # fmt: skip
def test_parameters_out_of_range_are_a_problem(mine: Caller, call: str) -> None:
    assert_problem(mine.get(f"/analytics/{call}"), 400)


@pytest.mark.parametrize("route", ROUTES)
def test_every_figure_carries_n_as_of_and_method(mine: Caller, library: dict[str, UUID], route: str) -> None:
    then, now = figure(mine, route), figure(mine, route, "platform=tiktok")

    assert then["n"] > 0
    assert (then["as_of"], then["newest_observation"]) == ("2026-11-10T12:00:00Z", "2026-11-10T12:00:00Z")
    assert then["method"]["id"].rpartition("/")[2].isdigit()
    assert then["method"]["url"].startswith("/docs/method#")
    assert now["as_of"] == now["newest_observation"]


@pytest.mark.parametrize("route", ROUTES)
def test_a_workspace_without_videos_gets_zeros_and_nulls(mine: Caller, route: str) -> None:
    found = figure(mine, route, "")

    assert (found["n"], found["as_of"], found["newest_observation"]) == (0, None, None)
    assert found["method"]["id"]


def test_an_empty_overview_is_zero_and_has_no_change(mine: Caller) -> None:
    found = figure(mine, "overview", "")

    assert (found["totals"]["views"], found["totals"]["engagement_rate"]) == (0, None)
    assert set(found["change"].values()) == set(found["naive_change"].values()) == {None}


def test_the_overview_sums_the_window_and_compares_it_like_for_like(mine: Caller, library: dict[str, UUID]) -> None:
    found = figure(mine, "overview", f"days=7&{AS_OF}")

    assert (found["n"], found["first_day"], found["last_day"]) == (3, "2026-11-04", "2026-11-10")
    totals = found["totals"]
    assert (totals["videos"], totals["undated"], totals["views"], totals["likes"], totals["comments"], totals["shares"]) == (
        3,
        1,
        400,
        50,
        18,
        8,
    )
    assert totals["engagement_rate"] == (32 + 4 + 40) / 400
    assert (totals["mean_views"], totals["median_views"]) == (pytest.approx(400 / 3), 160.0)
    # A week earlier `p` had 50 views and `q` had not been seen; since then they have reached 800.
    assert (found["preceding"]["videos"], found["preceding"]["views"], found["preceding_now"]["views"]) == (1, 50, 800)
    assert (found["change"]["views"], found["naive_change"]["views"]) == (7.0, -0.5)
    assert found["change"]["videos"] == 2.0


def test_the_overview_is_of_the_asked_scope(mine: Caller, database: Database, library: dict[str, UUID]) -> None:
    assert figure(mine, "overview", f"{AS_OF}&platform=youtube")["totals"]["views"] == 200
    assert figure(mine, "overview", f"{AS_OF}&account_id={library['a']}")["n"] == 0
    assert figure(mine, "overview", "as_of=2026-11-12T12:00:00Z")["totals"]["views"] == 10399


def test_views_gained_count_for_the_day_they_were_seen_and_gaps_are_zero(mine: Caller, library: dict[str, UUID]) -> None:
    found = figure(mine, "views-over-time", f"days=3&{AS_OF}")

    # On the 10th `a` gained 60 and `p` 450; nothing was seen to be gained before.
    assert found["items"] == [
        {"date": "2026-11-08", "views": 0, "likes": 0, "comments": 0, "shares": 0, "videos": 1},
        {"date": "2026-11-09", "views": 0, "likes": 0, "comments": 0, "shares": 0, "videos": 0},
        {"date": "2026-11-10", "views": 510, "likes": 51, "comments": 3, "shares": 3, "videos": 1},
    ]
    assert (found["by"], found["n"]) == ("gained", 5)


def test_views_posted_count_for_the_day_of_the_post(mine: Caller, library: dict[str, UUID]) -> None:
    found = figure(mine, "views-over-time", f"days=10&by=posted&{AS_OF}")["items"]

    assert {day["date"]: (day["views"], day["videos"]) for day in found if day["videos"]} == {
        "2026-11-01": (300, 1), "2026-11-07": (160, 1), "2026-11-08": (40, 1), "2026-11-10": (200, 1),
    }  # fmt: skip
    assert len(found) == 10


def test_the_gained_series_is_what_the_daily_aggregate_says(
    mine: Caller, database: Database, tenant_id: UUID, library: dict[str, UUID]
) -> None:
    with database.begin(tenant_id) as uow:
        uow.aggregates.put_days(now=NOON)
        kept = uow.connection.execute(sa.text("select day::text, sum(views_gained)::bigint from account_days group by day"))
        expected = {day: views for day, views in kept if views}

    series = figure(mine, "views-over-time", "days=20&as_of=2026-11-15T00:00:00Z")["items"]

    assert {day["date"]: day["views"] for day in series if day["views"]} == expected


def test_a_falling_counter_gains_nothing(mine: Caller, database: Database, tenant_id: UUID) -> None:
    put(database, tenant_id, [seen("x", 100, at=NOON - DAY), seen("x", 70, at=NOON)])

    assert [day["views"] for day in figure(mine, "views-over-time", f"days=2&{AS_OF}")["items"]] == [0, 0]


def test_most_viral_is_by_engagement_and_leaves_out_what_has_none(mine: Caller, library: dict[str, UUID]) -> None:
    found = figure(mine, "most-viral")

    assert [line["video_id"] for line in found["items"]] == [str(library[name]) for name in ("c", "a", "p", "b")]
    assert found["items"][0]["engagement_rate"] == engagement_rate(200, 30, 10, 0) == 0.2
    assert found["items"][0]["engagement_score"] == pytest.approx(engagement_score(200, 30, 10, 0))
    assert found["n"] == 5


def test_most_viral_by_another_figure_and_of_the_last_days(mine: Caller, library: dict[str, UUID]) -> None:
    by_multiple = figure(mine, "most-viral", f"by=multiple&{AS_OF}")["items"]
    recent = figure(mine, "most-viral", f"by=views&days=3&limit=1&{AS_OF}")

    assert [line["multiple"] for line in by_multiple] == [6.0, 0.5]
    assert ([line["views"] for line in recent["items"]], recent["n"]) == ([200], 2)


def test_virality_shows_the_fair_and_the_naive_spread_and_why_some_have_none(mine: Caller, library: dict[str, UUID]) -> None:
    found = figure(mine, "virality-analysis")

    fair = {band["band"]: (band["videos"], band["share"]) for band in found["fair"]["bands"]}
    naive = {band["band"]: band["videos"] for band in found["naive"]["bands"]}
    assert fair == {"<1": (1, 0.5), "[1,5)": (0, 0), "[5,10)": (1, 0.5), "[10,25)": (0, 0), "[25,50)": (0, 0), "[50,inf)": (0, 0)}
    assert naive == {"<1": 2, "[1,5)": 1, "[5,10)": 0, "[10,25)": 0, "[25,50)": 0, "[50,inf)": 0}
    assert (found["n"], found["fair"]["n"], found["naive"]["n"]) == (5, 2, 3)
    assert found["unscored"] == [{"reason": "too few peers", "videos": 2}, {"reason": "not scored yet", "videos": 1}]
    assert (found["fair"]["method"]["id"], found["naive"]["method"]["id"]) == ("fair/1", "mean-of-others/1")


def test_before_the_scores_were_made_there_were_none(mine: Caller, library: dict[str, UUID]) -> None:
    found = figure(mine, "virality-analysis", "as_of=2026-11-10T11:00:00Z")

    assert (found["fair"]["n"], found["unscored"]) == (0, [{"reason": "not scored yet", "videos": 2}])


def test_durations_fall_into_half_open_bands(mine: Caller, library: dict[str, UUID]) -> None:
    bands = {band["band"]: band for band in figure(mine, "duration-analysis")["bands"]}

    counts = {name: band["n"] for name, band in bands.items()}
    assert counts == {"[0,15)": 1, "[15,30)": 1, "[30,60)": 1, "[60,180)": 0, "[180,600)": 0, "[600,inf)": 1, "unknown": 1}
    assert (bands["[0,15)"]["mean_views"], bands["[0,15)"]["median_views"], bands["[0,15)"]["mean_engagement_rate"]) == (160, 160, 0.2)
    assert (bands["[60,180)"]["mean_views"], bands["[60,180)"]["mean_engagement_rate"]) == (None, None)
    assert (bands["unknown"]["mean_views"], bands["unknown"]["rated"], bands["unknown"]["mean_engagement_rate"]) == (300, 0, None)


def test_the_breakdown_is_the_mean_of_the_series(mine: Caller, library: dict[str, UUID]) -> None:
    found = figure(mine, "metrics-breakdown", f"days=15&{AS_OF}")

    assert (found["days"], found["weeks"]) == (15, 2)
    assert found["views"] == {"daily": 510 / 15, "weekly": 255.0}
    assert found["videos"] == {"daily": 5 / 15, "weekly": 2.5}


def test_without_a_whole_week_there_is_no_weekly_mean(mine: Caller, library: dict[str, UUID]) -> None:
    assert figure(mine, "metrics-breakdown", f"days=6&{AS_OF}")["views"] == {"daily": 85.0, "weekly": None}


SORTS = (
    "views", "likes", "comments", "shares", "bookmarks", "engagement_rate", "engagement_score", "multiple", "naive_multiple",
    "duration_seconds", "posted_at",
)  # fmt: skip


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_the_table_is_sorted_and_its_pages_are_the_whole(mine: Caller, library: dict[str, UUID], sort: str, order: str) -> None:
    query = f"sort={sort}&order={order}&{AS_OF}"
    whole = figure(mine, "video-stats", query)
    found, cursor = [], ""
    for _ in range(3):
        answer = figure(mine, "video-stats", f"{query}&limit=2{cursor}")
        found += answer["items"]
        cursor = f"&cursor={answer['next_cursor']}"

    known = [line[sort] for line in whole["items"] if line[sort] is not None]
    assert known == sorted(known, reverse=order == "desc")
    assert [line[sort] for line in whole["items"]] == known + [None] * (5 - len(known))
    assert (found, answer["has_more"], whole["n"]) == (whole["items"], False, 5)


def test_a_line_of_the_table_shows_what_was_known_then(mine: Caller, database: Database, tenant_id: UUID) -> None:
    put(database, tenant_id, [seen("x", 10, 1, title="Old"), seen("x", 90, 9, title="New", at=NOON + DAY)])

    then, now = (figure(mine, "video-stats", query)["items"][0] for query in (AS_OF, ""))

    assert (then["title"], then["views"], now["title"], now["views"]) == ("Old", 10, "New", 90)


def test_a_removed_video_is_in_no_figure(mine: Caller, database: Database, tenant_id: UUID, library: dict[str, UUID]) -> None:
    with database.begin(tenant_id) as uow:
        uow.connection.exec_driver_sql("update videos set is_removed = true where external_id = 'c'")

    assert figure(mine, "overview")["n"] == 2
    assert figure(mine, "video-stats")["n"] == 4
