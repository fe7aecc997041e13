"""Owner data over HTTP: whose it is, what cannot be had and why, and figures as they were known."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from domain.channels import Channel
from domain.observations import Visibility
from domain.owner_reports import ANALYTICS, READONLY
from domain.owner_sync import newest_day
from services.owner_posts import list_posts
from services.owner_reports import read_reports
from store.database import Database
from store.ids import new_id
from tests.api.conftest import Caller, assert_problem, pointers
from tests.conftest import Member
from tests.owner import EVERYTHING, FakeOwnData, add_channel, ask_sync, own_post, read_the_past, reading_of
from tests.services.alone import Alone

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
KNOWN_DAY = newest_day(NOW) - 2 * DAY
DAYS = (
    "/audience/devices", "/traffic/sources", "/traffic/subscribers", "/traffic/playback-locations", "/revenue", "/revenue/cpm", "/cpm",
)  # fmt: skip
WHOLE = ("/audience/demographics", "/audience/geography")
FIGURES = (*DAYS, *WHOLE, "/analytics/overview")
ROUTES = (*FIGURES, "/revenue/availability", "/stats", "/videos/recent", "/videos/{video}", "/retention?video_id={video}")


@pytest.fixture
def channel(database: Database, member: Member) -> Channel:
    return add_channel(database, member)


Sync = Callable[..., dict[str, UUID]]


@pytest.fixture
def sync(database: Database, tenant_id: UUID, channel: Channel) -> Sync:
    """Syncs the channel; returns its videos by YouTube's id."""

    def run(own: FakeOwnData, *, scopes: frozenset[str] = EVERYTHING, now: datetime = NOW) -> dict[str, UUID]:
        work, reading = Alone(database, ask_sync(database, channel, tenant_id)), reading_of(channel, own, scopes=scopes)
        own.now = now
        read_the_past(database, channel, tenant_id, now=now)
        list_posts(work, reading, now=now)
        read_reports(work, reading, now=now)
        with database.begin(tenant_id) as uow:
            uow.channels.set(channel.channel_id, {"account_id": uow.channels.account_of(channel.external_id or "")})
            return {
                each.external_id: each.video_id for each in uow.own_channels.videos(channel.channel_id, since=now - 999 * DAY, limit=99)
            }

    return run


@pytest.fixture
def synced(sync: Sync) -> dict[str, UUID]:
    return sync(own())


def own(**words: Any) -> FakeOwnData:
    made = [own_post(number, posted=NOW - (number + 1) * DAY, at=NOW) for number in range(5)]
    private = replace(made[1], video=replace(made[1].video, visibility=Visibility.PRIVATE)) if made[1].video else made[1]
    return FakeOwnData([made[0], private, *made[2:]], **words)


def answer(found: httpx.Response) -> dict[str, Any]:
    assert found.status_code == 200, found.text
    told: dict[str, Any] = found.json()
    return told


def at(channel: Channel, route: str, videos: dict[str, UUID] | None = None) -> str:
    return f"/channels/{channel.channel_id}{route.format(video=(videos or {}).get('own00000004', new_id()))}"


@pytest.mark.parametrize("route", ROUTES)
def test_nobody_sees_nothing(nobody: Caller, channel: Channel, route: str) -> None:
    assert_problem(nobody.get(at(channel, route)), 401)


@pytest.mark.parametrize("route", ROUTES)
def test_another_workspace_does_not_have_the_channel(theirs: Caller, channel: Channel, route: str) -> None:
    assert_problem(theirs.get(at(channel, route)), 404)


def test_another_channels_video_is_not_there(mine: Caller, database: Database, member: Member, synced: dict[str, UUID]) -> None:
    other = add_channel(database, member, external_id="UCother")

    for route in ("/videos/{video}", "/retention?video_id={video}"):
        assert_problem(mine.get(at(other, route, synced)), 404)


@pytest.mark.parametrize(
    ("route", "query", "status", "pointer"),
    [
        *((route, "first_day=2026-02-01&last_day=2026-01-01", 422, "first_day") for route in DAYS),
        ("/revenue", "first_day=2024-01-01&last_day=2025-06-01", 422, "first_day"),
        ("/revenue", "last_day=2099-01-01", 422, "last_day"),
        ("/revenue", "first_day=1999-01-01", 422, "first_day"),
        ("/revenue", "first_day=yesterday", 400, "first_day"),
        *((route, "days=7000", 400, "days") for route in (*WHOLE, "/analytics/overview")),
        *((route, "as_of=2026-01-01T00:00:00", 422, "as_of") for route in FIGURES),
        ("/retention", "video_id=none", 400, "video_id"),
        ("/videos/recent", "limit=101", 400, "limit"),
    ],
)
def test_a_malformed_call_names_its_parameter(mine: Caller, channel: Channel, route: str, query: str, status: int, pointer: str) -> None:
    assert pointers(assert_problem(mine.get(f"/channels/{channel.channel_id}{route}?{query}"), status)) == [pointer]


def test_figures_say_how_fresh_they_are_and_on_what_they_stand(mine: Caller, channel: Channel, synced: dict[str, UUID]) -> None:
    told = {route: answer(mine.get(at(channel, route))) for route in FIGURES}

    for found in told.values():
        assert (found["available"], found["reason"], found["advice"]) == (True, None, None)
        assert found["n"] > 0
        assert found["items"] != []
        assert found["known_at"] == found["newest_observation"] == found["as_of"] == found["read_at"]
        assert datetime.fromisoformat(found["known_at"]) == NOW
        assert found["first_day"] <= found["last_day"]
        assert found["method"]["url"] == "/docs/method#owner-data"


def test_parts_add_up_over_the_days_that_are_asked_for(mine: Caller, channel: Channel, synced: dict[str, UUID]) -> None:
    first = KNOWN_DAY - DAY

    found = answer(mine.get(at(channel, f"/audience/devices?first_day={first}&last_day={KNOWN_DAY + 2 * DAY}")))

    assert found["n"] == 2
    assert [each["name"] for each in found["items"]] == ["MOBILE", "TV"]
    assert sum(each["views"] for each in found["items"]) == 100 * (first.day + KNOWN_DAY.day)
    assert [each["views_share"] for each in found["items"]] == [0.5, 0.5]
    assert {each["average_view_seconds"] for each in found["items"]} == {60}


def test_viewers_shares_come_as_youtube_gave_them(mine: Caller, channel: Channel, synced: dict[str, UUID]) -> None:
    found = answer(mine.get(at(channel, "/audience/demographics?days=90")))

    assert sum(each["viewer_percent"] for each in found["items"]) == pytest.approx(100)
    assert (found["items"][0]["age_group"], found["items"][0]["gender"]) == ("age18-24", "female")
    assert found["last_day"] == KNOWN_DAY.isoformat()


def test_money_is_exact_text_and_means_are_weighed(mine: Caller, channel: Channel, synced: dict[str, UUID]) -> None:
    query = f"?first_day={KNOWN_DAY - DAY}&last_day={KNOWN_DAY}"

    revenue, cpm = answer(mine.get(at(channel, f"/revenue{query}"))), answer(mine.get(at(channel, f"/revenue/cpm{query}")))

    first, last = 100 * (KNOWN_DAY - DAY).day, 100 * KNOWN_DAY.day
    assert revenue["totals"]["estimated_revenue_usd"] == f"{first + last}.00"
    assert [each["gross_revenue_usd"] for each in revenue["items"]] == [f"{first}.00", f"{last}.00"]
    assert float(cpm["cpm_usd"]) == pytest.approx((first * first + last * last) / (first + last), abs=1e-5)
    assert cpm == answer(mine.get(at(channel, f"/cpm{query}")))


def test_a_restated_day_is_shown_as_it_was_known(mine: Caller, channel: Channel, sync: Sync, synced: dict[str, UUID]) -> None:
    sync(own(restated=7), now=NOW + DAY)
    days = {"first_day": KNOWN_DAY.isoformat(), "last_day": KNOWN_DAY.isoformat()}

    now = answer(mine.get(at(channel, "/revenue"), params=days))
    then = answer(mine.get(at(channel, "/revenue"), params={**days, "as_of": (NOW + timedelta(hours=1)).isoformat()}))
    before = answer(mine.get(at(channel, "/revenue"), params={**days, "as_of": (NOW - DAY).isoformat()}))

    assert now["totals"]["estimated_revenue_usd"] == f"{100 * KNOWN_DAY.day + 7}.00"
    assert then["totals"]["estimated_revenue_usd"] == f"{100 * KNOWN_DAY.day}.00"
    assert datetime.fromisoformat(then["known_at"]) == NOW
    assert (before["available"], before["n"], before["items"]) == (False, 0, [])


# What cannot be had


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ({"external_id": None, "status": "pending_oauth"}, "not_connected"),
        ({"status": "needs_reauth"}, "needs_reauth"),
        ({}, "not_synced"),
    ],
)
@pytest.mark.parametrize("route", FIGURES)
def test_what_was_never_read_says_why(
    mine: Caller, database: Database, member: Member, route: str, words: dict[str, Any], reason: str
) -> None:
    found = answer(mine.get(at(add_channel(database, member, **words), route)))

    assert (found["available"], found["reason"], found["n"], found["items"]) == (False, reason, 0, [])
    assert found["advice"]
    assert (found["known_at"], found["read_at"]) == (None, None)


def test_revenue_says_whether_scope_or_monetisation_is_lacking(mine: Caller, channel: Channel, sync: Sync) -> None:
    reasons = []
    for monetised, scopes in ((True, frozenset({READONLY, ANALYTICS})), (False, EVERYTHING), (True, EVERYTHING)):
        sync(own(is_monetised=monetised), scopes=scopes)
        told = [answer(mine.get(at(channel, route))) for route in ("/revenue", "/cpm", "/revenue/availability")]
        reasons.append({each["reason"] for each in told})

    assert reasons == [{"no_scope"}, {"not_monetised"}, {None}]


def test_a_window_of_the_last_two_days_is_not_there_yet(mine: Caller, channel: Channel, synced: dict[str, UUID]) -> None:
    found = answer(mine.get(at(channel, f"/audience/devices?first_day={newest_day(NOW)}")))

    assert (found["available"], found["reason"]) == (False, "no_data_yet")
    assert "48 to 72 hours" in found["advice"]


# The channel at a glance


def test_an_overview_compares_whole_windows_only(mine: Caller, channel: Channel, synced: dict[str, UUID]) -> None:
    week = answer(mine.get(at(channel, "/analytics/overview?days=7")))

    days = [KNOWN_DAY - number * DAY for number in range(14)]
    now, before = (sum(100 * day.day for day in part) for part in (days[:7], days[7:]))
    assert (week["last_day"], week["n"]) == (KNOWN_DAY.isoformat(), 7)
    assert (week["totals"]["views"], week["preceding"]["views"]) == (now, before)
    assert week["change"]["views"] == pytest.approx(now / before - 1)


def test_stats_add_up_the_posts_and_say_what_is_missing(mine: Caller, channel: Channel, synced: dict[str, UUID]) -> None:
    found = answer(mine.get(at(channel, "/stats")))

    assert (found["videos"], found["views"], found["subscribers"]) == (5, 500, 1_000)
    assert (found["productions"], found["total_cost_usd"], found["average_quality_score"]) == (None, None, None)
    assert set(found["missing"]) == {"productions", "total_cost_usd", "average_quality_score"}
    assert answer(mine.get(at(channel, "/stats")))["as_of"] == found["as_of"], "kept for five minutes"


def test_recent_videos_show_their_visibility(mine: Caller, channel: Channel, synced: dict[str, UUID]) -> None:
    found = answer(mine.get(at(channel, "/videos/recent?limit=3")))

    assert [(each["video"]["external_id"], each["visibility"]) for each in found["items"]] == [
        ("own00000000", "public"), ("own00000001", "private"), ("own00000002", "public"),
    ]  # fmt: skip
    assert datetime.fromisoformat(found["listed_at"]) == NOW


def test_one_video_has_its_days_and_private_figures(mine: Caller, channel: Channel, synced: dict[str, UUID]) -> None:
    found = answer(mine.get(at(channel, "/videos/{video}", synced)))

    assert (found["available"], found["visibility"]) == (True, "public")
    assert found["video"]["video_id"] == str(synced["own00000004"])
    assert found["n"] == len(found["items"]) > 0
    assert {each["metric"] for each in found["metrics"]} >= {"watch_hours", "subscribers_gained"}


def test_a_curve_of_retention_falls_to_the_video_it_is_of(mine: Caller, channel: Channel, synced: dict[str, UUID]) -> None:
    found = answer(mine.get(at(channel, "/retention?video_id={video}", synced)))
    young = answer(mine.get(f"/channels/{channel.channel_id}/retention?video_id={synced['own00000000']}"))

    assert [each["elapsed_share"] for each in found["items"]] == [0.01, 0.34, 0.67, 1.0]
    assert (young["available"], young["reason"]) == (False, "no_data_yet")


def test_the_dashboard_shows_channels_videos_and_costs(mine: Caller, theirs: Caller, channel: Channel, synced: dict[str, UUID]) -> None:
    found, other = answer(mine.get("/dashboard?videos=2")), answer(theirs.get("/dashboard"))

    (line,) = found["channels"]
    assert (line["channel_id"], line["videos"], line["subscribers"], line["sync_error"]) == (str(channel.channel_id), 5, 1_000, None)
    assert [each["external_id"] for each in found["videos"]] == ["own00000000", "own00000001"]
    assert found["costs"] == {"today_usd": "0.00", "month_usd": "0.00", "reserved_usd": "0.00"}
    assert (other["channels"], other["videos"]) == ([], [])


def test_the_dashboard_is_for_callers_and_its_shape_is_checked(nobody: Caller, mine: Caller) -> None:
    assert_problem(nobody.get("/dashboard"), 401)
    assert_problem(mine.get("/dashboard?videos=0"), 400)
