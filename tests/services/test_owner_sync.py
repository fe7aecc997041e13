"""A sync of an own channel: watermarks, restated days, what cannot be had, and what a failure leaves behind."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domain.analytics import Window
from domain.channels import Channel
from domain.errors import LimitReached, SourceRefused, SourceUnavailable
from domain.observations import Observed, Visibility
from domain.owner_reports import ANALYTICS, READONLY
from domain.owner_sync import newest_day
from domain.sources import Report
from services.owner_posts import list_posts
from services.owner_reports import by_day, read_reports
from services.owner_sync import each, wanted
from store.database import Database
from store.owner import Subject
from tests.conftest import Member
from tests.owner import DAY, EXTERNAL, NOON, FakeOwnData, add_channel, ask_sync, own_post, read_the_past, reading_of
from tests.services.alone import Alone

NEWEST_KNOWN = newest_day(NOON) - 2 * DAY


@pytest.fixture
def channel(database: Database, member: Member) -> Channel:
    return add_channel(database, member)


@pytest.fixture
def work(database: Database, channel: Channel, tenant_id: UUID) -> Alone:
    return Alone(database, ask_sync(database, channel, tenant_id))


def posts(count: int, **words: Any) -> list[Observed]:
    return [own_post(number, **words) for number in range(count)]


def ask(work: Alone, statement: str) -> list[tuple[Any, ...]]:
    with work.begin() as uow:
        return [tuple(row) for row in uow.connection.exec_driver_sql(statement)]


def daily(work: Alone, channel: Channel, *, days: int = 365, as_of: Any = None) -> dict[date, Decimal]:
    newest = newest_day(NOON + 9 * DAY)
    with work.begin() as uow:
        found = by_day(uow, Subject(channel.channel_id, Report.DAILY), Window(newest - (days + 8) * DAY, newest), as_of=as_of)
    return {each.day: each.figures["views"] for each in found}


# Posts


def test_all_posts_come_in_as_a_census_and_what_the_public_cannot_see_is_marked(work: Alone, channel: Channel) -> None:
    own = FakeOwnData([own_post(0, visibility=Visibility.UNLISTED), own_post(1, visibility=Visibility.PRIVATE), *posts(120)[2:]])

    listing = list_posts(work, reading_of(channel, own), now=NOON)

    assert (listing.posts, listing.pages, listing.is_full, listing.gone) == (120, 3, True, 0)
    assert ask(work, "select count(*), count(*) filter (where is_removed), min(selection), min(source) from videos") == [
        (120, 2, "census", "youtube_api")
    ]
    assert ask(work, "select visibility, count(*) from channel_videos group by 1 order by 1") == [
        ("private", 1),
        ("public", 118),
        ("unlisted", 1),
    ]
    assert ask(work, "select min(expires_at) > max(first_seen_at) from videos") == [(True,)]


def test_a_listing_that_was_stopped_goes_on_at_its_page(work: Alone, channel: Channel) -> None:
    own = FakeOwnData(posts(220))
    reading = reading_of(channel, own)
    stopped = replace_after(own, calls=2)
    with pytest.raises(SourceUnavailable):
        list_posts(work, reading_of(channel, stopped), now=NOON)
    kept = ask(work, "select count(*) from videos")

    listing = list_posts(work, reading, now=NOON + timedelta(minutes=5))

    assert kept == [(100,)]
    assert own.pages == ["100", "150", "200"]
    assert (listing.posts, listing.resumes) == (220, 1)
    assert ask(work, "select count(*) from channel_videos where gone_at is null") == [(220,)]


def replace_after(own: FakeOwnData, *, calls: int) -> FakeOwnData:
    """The same channel, whose pages stop coming after so many."""

    class Stops(FakeOwnData):
        def own_page(self, *args: Any, **words: Any) -> Any:
            if len(self.pages) == calls:
                raise SourceUnavailable("youtube_api", "gone away", category="network")
            return super().own_page(*args, **words)

    return Stops(own.posts)


def test_a_stopped_listing_that_is_a_day_old_begins_anew(work: Alone, channel: Channel) -> None:
    own = FakeOwnData(posts(120))
    with pytest.raises(SourceUnavailable):
        list_posts(work, reading_of(channel, replace_after(own, calls=1)), now=NOON)

    list_posts(work, reading_of(channel, own), now=NOON + DAY)

    assert own.pages == [None, "50", "100"]


def test_between_whole_listings_only_the_young_posts_are_listed(work: Alone, channel: Channel) -> None:
    own = FakeOwnData(posts(220))
    list_posts(work, reading_of(channel, own), now=NOON)
    own.pages.clear()

    young = list_posts(work, reading_of(channel, own), now=NOON + DAY)
    again = list_posts(work, reading_of(channel, own), now=NOON + 7 * DAY)

    assert (young.is_full, young.pages, young.gone) == (False, 1, 0)
    assert (again.is_full, again.pages) == (True, 5)


def test_a_post_that_is_gone_is_marked_and_not_forgotten(work: Alone, channel: Channel) -> None:
    own = FakeOwnData(posts(3))
    list_posts(work, reading_of(channel, own), now=NOON)
    own.posts, own.now = own.posts[:2], NOON + 7 * DAY

    listing = list_posts(work, reading_of(channel, own), now=NOON + 7 * DAY)

    assert listing.gone == 1
    assert ask(work, "select external_id, is_removed, views from videos where is_removed") == [("own00000002", True, 100)]


@pytest.mark.parametrize("listed", [0, 2])
def test_a_listing_shorter_than_youtube_says_takes_no_post_away(work: Alone, channel: Channel, listed: int) -> None:
    own = FakeOwnData(posts(3))
    list_posts(work, reading_of(channel, own), now=NOON)
    own.posts, own.declared = own.posts[:listed], 3

    def again() -> None:
        list_posts(work, reading_of(channel, own), now=NOON + 7 * DAY)

    if listed:
        again()
    else:
        with pytest.raises(SourceUnavailable, match="no post was listed, though the channel has 3"):
            again()
    assert ask(work, "select count(*) from videos where is_removed") == [(0,)]


def test_a_list_that_goes_in_circles_is_a_failure(work: Alone, channel: Channel) -> None:
    class Circles(FakeOwnData):
        def own_page(self, *args: Any, **words: Any) -> Any:
            return replace(super().own_page(*args, **words), next_page="50")

    with pytest.raises(SourceUnavailable, match="circles"):
        list_posts(work, reading_of(channel, Circles(posts(70))), now=NOON)


# Reports


def test_the_first_sync_reads_a_year_of_every_report(work: Alone, channel: Channel) -> None:
    own = FakeOwnData()

    tally = read_reports(work, reading_of(channel, own), now=NOON)

    days = daily(work, channel)
    assert (min(days), max(days), len(days)) == (newest_day(NOON) - 364 * DAY, NEWEST_KNOWN, 363)
    assert days[date(2026, 11, 5)] == 500
    assert {each.report for each in own.asked} == set(Report) - {Report.RETENTION}
    assert {each.channel_id for each in own.asked} == {EXTERNAL}
    assert tally.calls == len(own.asked) == 6 * 5 + 2 * 3
    assert tally.unavailable == 0


def test_restated_days_add_rows_and_the_old_figures_stay_for_their_time(work: Alone, channel: Channel) -> None:
    own = FakeOwnData()
    read_the_past(work.database, channel, work.tenant_id, now=NOON)
    read_reports(work, reading_of(channel, own), now=NOON)
    rows, before = ask(work, "select count(*) from owner_reports where report = 'daily' and metric = 'views'"), daily(work, channel)
    own.now, own.restated = NOON + DAY, 7
    own.asked.clear()

    read_reports(work, reading_of(channel, own), now=NOON + DAY)

    after, then = daily(work, channel), daily(work, channel, as_of=NOON + timedelta(hours=1))
    changed = {day for day in before if after[day] != before[day]}
    assert then == before
    assert changed == {NEWEST_KNOWN - number * DAY for number in range(6)}
    assert {after[day] - before[day] for day in changed} == {7}
    assert ask(work, "select count(*) from owner_reports where report = 'daily' and metric = 'views'") == [(rows[0][0] + 6 + 1,)]
    assert {(each.first, each.last) for each in own.asked if each.report is Report.DAILY} == {
        (newest_day(NOON) - 9 * DAY, newest_day(NOON) + DAY)
    }


def test_the_same_sync_again_adds_no_row(work: Alone, channel: Channel) -> None:
    own = FakeOwnData(posts(3))
    reading = reading_of(channel, own)
    list_posts(work, reading, now=NOON)
    read_reports(work, reading, now=NOON)
    before = ask(work, "select count(*) from owner_reports union all select count(*) from owner_metrics")
    calls = len(own.asked)

    tally = read_reports(work, reading, now=NOON)

    assert tally.figures == 0
    assert ask(work, "select count(*) from owner_reports union all select count(*) from owner_metrics") == before
    assert tally.calls < calls / 2, "whole windows, the past and retention are not read again"


def test_a_back_fill_that_was_stopped_asks_for_nothing_twice(work: Alone, channel: Channel) -> None:
    class Stops(FakeOwnData):
        def report(self, *args: Any, **words: Any) -> Any:
            if len(self.asked) == 2:
                raise SourceUnavailable("youtube_api", "gone away", category="network")
            return super().report(*args, **words)

    stopped, own = Stops(), FakeOwnData()
    with pytest.raises(SourceUnavailable):
        read_reports(work, reading_of(channel, stopped), now=NOON)

    read_reports(work, reading_of(channel, own), now=NOON)

    newest = newest_day(NOON)
    asked = [(each.first, each.last) for each in own.asked if each.report is Report.DAILY]
    assert [each.last for each in stopped.asked] == [newest, newest - 90 * DAY]
    assert asked == [
        (newest - 9 * DAY, newest), (newest - 269 * DAY, newest - 180 * DAY), (newest - 359 * DAY, newest - 270 * DAY),
        (newest - 364 * DAY, newest - 360 * DAY),
    ]  # fmt: skip
    assert len(daily(work, channel)) == 363


def test_what_cannot_be_had_is_noted_with_its_reason_and_stops_nothing(work: Alone, channel: Channel) -> None:
    refused = {"reports.query": SourceRefused("youtube_api", "the query is not supported")}
    read_the_past(work.database, channel, work.tenant_id, now=NOON)

    read_reports(work, reading_of(channel, FakeOwnData(is_monetised=False), scopes=frozenset({READONLY, ANALYTICS})), now=NOON)
    with work.begin() as uow:
        without_scope = uow.owner.availability(channel.channel_id)
    read_reports(work, reading_of(channel, FakeOwnData(is_monetised=False)), now=NOON)
    with work.begin() as uow:
        not_monetised = uow.owner.availability(channel.channel_id)
    read_reports(work, reading_of(channel, FakeOwnData(trouble=dict(refused)), scopes=frozenset({ANALYTICS})), now=NOON + 30 * DAY)
    with work.begin() as uow:
        after = uow.owner.availability(channel.channel_id)

    assert {report: known.reason for report, known in without_scope.items() if known.reason} == {Report.REVENUE: "no_scope"}
    assert not_monetised[Report.REVENUE].reason == "not_monetised"
    assert (after[Report.DAILY].reason, after[Report.DAILY].detail) == ("refused", "youtube_api: the query is not supported")
    assert len(daily(work, channel)) == 28, "history stays"


def test_young_videos_get_days_a_curve_and_what_they_come_to(work: Alone, channel: Channel) -> None:
    own = FakeOwnData(posts(3))
    read_the_past(work.database, channel, work.tenant_id, now=NOON)
    reading = reading_of(channel, own)
    list_posts(work, reading, now=NOON)

    tally = read_reports(work, reading, now=NOON)

    asked = [(each.video_id, each.report) for each in own.asked if each.video_id]
    assert sorted(asked) == [
        ("own00000000", Report.DAILY), ("own00000001", Report.DAILY), ("own00000002", Report.DAILY), ("own00000002", Report.RETENTION),
    ]  # fmt: skip
    assert tally.videos == 3
    metrics = ask(
        work,
        "select metric, value, known_at from owner_metrics m join videos v using (tenant_id, video_id) where external_id = 'own00000002'",
    )
    assert {name: value for name, value, _ in metrics} == {
        "watch_hours": Decimal("28.333333"), "average_view_seconds": 60, "subscribers_gained": 1700, "subscribers_lost": 1700,
        "average_percentage_viewed": 1700,
    }  # fmt: skip
    assert {known_at for _, _, known_at in metrics} == {NOON}
    with work.begin() as uow:
        (video,) = [
            each for each in uow.own_channels.videos(channel.channel_id, since=NOON - 9 * DAY, limit=9) if each.external_id == "own00000002"
        ]
        curve = Subject(channel.channel_id, Report.RETENTION, video.video_id)
        window = uow.owner.last_window(curve)
        assert window is not None
        assert len(uow.owner.whole(curve, window)) == 4 * 2


def test_a_private_video_stays_marked_when_its_figures_come(work: Alone, channel: Channel) -> None:
    reading = reading_of(channel, FakeOwnData([own_post(5, visibility=Visibility.PRIVATE)]))
    read_the_past(work.database, channel, work.tenant_id, now=NOON)
    list_posts(work, reading, now=NOON)

    read_reports(work, reading, now=NOON)

    assert ask(work, "select is_removed from videos") == [(True,)]


# Several channels


def failing(errors: Sequence[Exception | None]) -> Any:
    left = list(errors)

    def do(channel: Channel) -> str:
        error = left.pop(0)
        if error is not None:
            raise error
        return channel.name

    return do


def test_one_channel_that_fails_is_recorded_and_stops_no_other(database: Database, member: Member, work: Alone, channel: Channel) -> None:
    other = add_channel(database, member, external_id="UCother")
    dead = SourceRefused("google", "the grant is dead", category="invalid_grant")

    done = each(work, [channel, other], failing([dead, None]), now=NOON)

    with work.begin() as uow:
        sync = uow.own_channels.sync(channel.channel_id)
    assert done == ["Example Kitchen"]
    assert sync is not None
    assert sync.error == {"code": "source_refused", "detail": "google: the grant is dead", "category": "invalid_grant"}


def test_a_quota_that_is_used_up_says_when_it_comes_back(work: Alone, channel: Channel) -> None:
    with pytest.raises(LimitReached):
        each(work, [channel], failing([LimitReached("youtube_units", 10_000, 10_000, NOON + DAY)]), now=NOON)

    with work.begin() as uow:
        sync = uow.own_channels.sync(channel.channel_id)
    assert sync is not None
    assert sync.error is not None
    assert sync.error["resets_at"] == (NOON + DAY).isoformat()


def test_a_run_works_on_the_channel_it_was_asked_for_else_on_every_live_one(
    database: Database, member: Member, work: Alone, channel: Channel
) -> None:
    live = add_channel(database, member, external_id="UCother")
    add_channel(database, member, external_id="UCpaused", status="paused")
    unasked = Alone(database, replace(work.request, params={}))

    assert [each.channel_id for each in wanted(work)] == [channel.channel_id]
    assert {each.channel_id for each in wanted(unasked)} == {channel.channel_id, live.channel_id}
