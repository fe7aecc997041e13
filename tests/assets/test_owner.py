"""Syncs of own channels as Dagster runs them: what a run leaves behind, what a channel that cannot be read does, and checks that fail."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import dagster as dg
import pytest

from domain.analytics import Window
from domain.errors import SourceRefused
from domain.observations import Platform, Visibility
from domain.owner_reports import Figure
from domain.owner_sync import newest_day
from domain.requests import Request, State
from domain.sources import CommentFacts, CommentsRead, Report, SourceName
from jobs.channels import MOST_OPEN, daily_channel_sync
from services import syncs
from store.database import Database
from store.ids import new_id
from store.owner import Subject
from tests.assets.conftest import Graph
from tests.assets.test_checks import evaluated, run_sql
from tests.conftest import Member, make_member, make_urls
from tests.consent import World
from tests.library import put, seen
from tests.owner import FakeOwnData, add_channel, own_post
from tests.searchable import FakeSite
from tests.services.conftest import google, session_world
from tests.services.owners import Owner

__all__ = ["google", "session_world"]
NOW = datetime.now(UTC)
DAY = timedelta(days=1)


@pytest.fixture
def own(google: World) -> FakeOwnData:
    posts = [own_post(number, posted=NOW - (number + 1) * DAY, at=NOW) for number in range(3)]
    return FakeOwnData(posts, now=NOW, external_id=google.channel.facts.external_id or "")


@pytest.fixture
def owner(database: Database, google: World, member: Member) -> Owner:
    return Owner(database, google, member)


@pytest.fixture
def synced(graph: Graph, owner: Owner, own: FakeOwnData) -> Graph:
    """A graph that reads this owner's channels."""
    return replace(graph, platforms=replace(owner.platforms, own_data=own))


@pytest.fixture
def channel_id(synced: Graph, owner: Owner) -> UUID:
    """A channel that was connected through the consent page."""
    return owner.connect(with_revenue=True).channel.channel_id


def asked(graph: Graph, channel_id: UUID) -> Request:
    with graph.database.begin(graph.tenant_id) as uow:
        return syncs.put(uow, new_id(), channel_id, user_id=None)


def after(graph: Graph, request: Request) -> Request:
    with graph.database.begin(graph.tenant_id) as uow:
        return uow.requests.get(request.request_id)


def ask(graph: Graph, statement: str) -> list[tuple[Any, ...]]:
    with graph.database.begin(graph.tenant_id) as uow:
        return [tuple(row) for row in uow.connection.exec_driver_sql(statement)]


def test_a_sync_brings_posts_and_reports_and_its_calls_are_logged(synced: Graph, channel_id: UUID, own: FakeOwnData) -> None:
    request = asked(synced, channel_id)

    run = synced.run("sync_channel", request)

    made = [event.asset_key.to_user_string() for event in run.get_asset_materialization_events()]
    assert made == ["core_channels__videos", "core_channels__comments", "core_owner__reports"]
    assert all(check.passed for check in run.get_asset_check_evaluations())
    assert len(run.get_asset_check_evaluations()) == 5
    assert after(synced, request).state is State.SUCCEEDED
    assert ask(synced, "select count(*) from channel_videos") == [(3,)]
    assert ask(synced, "select count(distinct report) from owner_reports") == [(8,)]
    logged = dict(ask(synced, "select operation, count(*) from external_calls where request_id is not null group by 1"))
    assert logged["reports.query"] == len(own.asked)
    assert run.asset_materializations_for_node("core_owner__reports")[0].metadata["calls"].value == len(own.asked)


def test_a_sync_asks_for_insights_once_an_hour(synced: Graph, channel_id: UUID) -> None:
    for _ in range(2):
        synced.run("sync_channel", asked(synced, channel_id))
        ask_for = ask(synced, "select subject, state, not_before - created_at from requests where kind = 'insights' order by created_at")
        with synced.database.begin(synced.tenant_id) as uow:
            uow.connection.exec_driver_sql("update requests set state = 'succeeded' where kind = 'insights'")

    assert [(subject, state) for subject, state, _ in ask_for] == [("sync", "succeeded"), ("sync", "pending")]
    assert abs(ask_for[0][2]) < timedelta(minutes=1)
    assert timedelta(minutes=50) < ask_for[1][2] <= timedelta(hours=1)


@pytest.fixture
def uncached(synced: Graph, own: FakeOwnData) -> Graph:
    """Nothing is in the cache that all tenants share, and what is listed is newer than its listing's begin."""
    with synced.database.begin_system() as system:
        system.connection.exec_driver_sql("delete from fetch_cache")
    own.now = datetime.now(UTC) + timedelta(minutes=5)
    return synced


def heard(run: dg.ExecuteInProcessResult) -> dict[str, object]:
    metadata = run.asset_materializations_for_node("core_channels__comments")[0].metadata
    return {name: metadata[name].value for name in ("posts", "new", "trouble") if name in metadata}


def test_a_sync_reads_the_comments_of_young_posts_once_a_day(uncached: Graph, channel_id: UUID, own: FakeOwnData) -> None:
    own.posts = [
        *own.posts,
        own_post(9, posted=NOW - DAY, visibility=Visibility.PRIVATE, at=NOW),
        own_post(90, posted=NOW - 90 * DAY, at=NOW),
    ]
    said: dict[str, tuple[CommentFacts, ...]]
    said = {post.video.external_id: (CommentFacts(f"c-{post.video.external_id}", "nice", NOW),) for post in own.posts if post.video}
    site = FakeSite(name=SourceName.YOUTUBE_API, platform=Platform.YOUTUBE, said=said)
    graph = replace(uncached, platforms=replace(uncached.platforms, readers=(site,)))

    first, second = (heard(graph.run("sync_channel", asked(graph, channel_id))) for _ in range(2))
    run_sql(graph, "update comment_reads set comments_read_at = now() - interval '1 day'")
    third = heard(graph.run("sync_channel", asked(graph, channel_id)))

    # The private post is never asked for; the old one, read once, is not young any more.
    assert (first, second, third) == ({"posts": 4, "new": 4}, {"posts": 0, "new": 0}, {"posts": 3, "new": 0})
    assert ask(graph, "select count(*) from video_comments") == [(4,)]


def test_comments_that_cannot_be_read_stop_no_sync(uncached: Graph, channel_id: UUID) -> None:
    site = FakeSite(name=SourceName.YOUTUBE_API, platform=Platform.YOUTUBE, fails=SourceRefused("youtube", "no", category="blocked"))
    graph = replace(uncached, platforms=replace(uncached.platforms, readers=(site,)))
    request = asked(graph, channel_id)

    run = graph.run("sync_channel", request)

    assert (run.success, after(graph, request).state) == (True, State.SUCCEEDED)
    assert (heard(run)["posts"], "no" in str(heard(run)["trouble"])) == (0, True)


def test_a_channel_that_cannot_be_read_says_why_and_is_not_tried_again(synced: Graph, owner: Owner) -> None:
    channel_id = owner.make()
    request = asked(synced, channel_id)

    run = synced.run("sync_channel", request, raise_on_error=False)

    ended = after(synced, request)
    assert not run.success
    assert (ended.state, ended.attempt) == (State.FAILED, 1)
    with synced.database.begin(synced.tenant_id) as uow:
        sync = uow.own_channels.sync(channel_id)
    assert sync is not None
    assert sync.error is not None
    assert sync.error["code"] == "conflict"


def test_one_channel_that_fails_stops_no_other(synced: Graph, owner: Owner, channel_id: UUID, member: Member) -> None:
    add_channel(synced.database, member, external_id="UCnotconnected")

    run = synced.run("sync_channel")

    assert run.success
    assert ask(synced, "select count(*) from channel_syncs where error is not null") == [(1,)]
    assert ask(synced, "select count(*) from channel_syncs where error is null and reports_read_at is not null") == [(1,)]
    assert ask(synced, "select kind, claim_on from requests where kind = 'manual'") == [("manual", "channels")]


def test_where_youtube_is_not_configured_the_run_says_so(graph: Graph, owner: Owner) -> None:
    bare = replace(graph, platforms=replace(owner.platforms, own_data=None))
    request = asked(bare, owner.connect().channel.channel_id)

    bare.run("sync_channel", request, raise_on_error=False)

    assert "not configured" in str((after(bare, request).error or {})["detail"])


# Every channel, once a day


@pytest.fixture
def across(superuser_url: str) -> Iterator[Database]:
    """A database of the test's own: the schedule looks across tenants."""
    urls = make_urls(superuser_url, f"fresh_{new_id().hex}")
    made = Database(urls.app, system_url=urls.system, pool_size=5)
    yield made
    made.close()


def tick(database: Database, at: datetime) -> str:
    context = dg.build_schedule_context(scheduled_execution_time=at, resources={"database": database})
    told = daily_channel_sync(context)
    assert isinstance(told, dg.SkipReason)
    return str(told.skip_message)


def test_every_active_channel_is_asked_for_once_a_day_a_few_at_a_time(across: Database) -> None:
    one, two = make_member(across), make_member(across)
    wanted = {add_channel(across, who, external_id=f"UC{number}").channel_id for number in range(MOST_OPEN) for who in (one, two)}
    add_channel(across, one, external_id="UCpaused", status="paused")
    add_channel(across, one, external_id=None, status="pending_oauth")

    told = [tick(across, NOW), tick(across, NOW)]
    end_all(across)
    told += [tick(across, NOW)]
    end_all(across)
    told += [tick(across, NOW)]
    with across.begin_system() as system:
        rows = system.connection.exec_driver_sql("select params ->> 'channel_id', claim_on, subject from requests").all()

    assert [each.split()[0] for each in told] == [str(MOST_OPEN), "0", str(MOST_OPEN), "0"]
    assert {UUID(row[0]) for row in rows} == wanted
    assert len(rows) == len(wanted)
    assert {row[1] for row in rows} == {"channels"}
    assert tick(across, NOW + DAY) == f"{MOST_OPEN} syncs were asked for"


def end_all(database: Database) -> None:
    with database.begin_system() as system:
        system.connection.exec_driver_sql("update requests set state = 'succeeded', finished_at = now() where state = 'pending'")


# Checks that fail


FIGURES: dict[Report, list[tuple[tuple[str, ...], str, Decimal]]] = {
    Report.DAILY: [((), "views", Decimal(5))],
    Report.DEMOGRAPHICS: [(("a", "female"), "viewer_percent", Decimal(60)), (("a", "male"), "viewer_percent", Decimal(40))],
    Report.REVENUE: [((), "estimated_revenue_usd", Decimal(1))],
}


@pytest.fixture
def well(synced: Graph, channel_id: UUID) -> Graph:
    """A channel that was listed, with figures as they should be."""
    day = newest_day(NOW) - 2 * DAY
    with synced.database.begin(synced.tenant_id) as uow:
        own = uow.own_channels
        own.begin(channel_id, new_id(), now=NOW)
        own.begin_listing(channel_id, now=NOW, is_full=True)
        own.end_listing(channel_id, now=NOW)
        for report, found in FIGURES.items():
            subject = Subject(channel_id, report)
            figures = [Figure(day, day, day if report is not Report.DEMOGRAPHICS else None, *each) for each in found]
            uow.owner.put(subject, Window(day, day), figures, known_at=NOW, source="test")
            uow.owner.put_availability(subject, reason=None, covered=Window(day, day), read_at=NOW)
    video_id = put(synced.database, synced.tenant_id, [seen("v1", 1)])["v1"]
    with synced.database.begin(synced.tenant_id) as uow:
        uow.comments.put(video_id, CommentsRead(SourceName.YOUTUBE_API, NOW, (CommentFacts("c1", "nice", NOW),)), expires_at=None)
    return synced


_AGAIN = (
    "insert into owner_reports"
    " (tenant_id, channel_id, report, video_id, first_day, last_day, dimensions, metric, known_at, day, value, source)"
    " select tenant_id, channel_id, report, video_id, first_day, last_day, dimensions, metric,"
    " known_at + interval '1 hour', day, {value}, 'test' from owner_reports where report = '{report}'"
)
OWNER_BREAKS = {
    "comments_are_of_the_past": "update video_comments set posted_at = seen_at + interval '2 hours'",
    "own_posts_are_listed": "update channel_syncs set listed_at = now() - interval '10 days'",
    "owner_days_are_fresh": "delete from owner_reports where report = 'daily'",
    "demographics_add_up": _AGAIN.format(value="value / 2", report="demographics"),
    "revenue_is_not_negative": _AGAIN.format(value="-1", report="revenue"),
}


@pytest.mark.parametrize("name", OWNER_BREAKS)
def test_a_check_passes_what_is_well_and_fails_what_is_broken(well: Graph, name: str) -> None:
    before = evaluated(well, name)
    run_sql(well, OWNER_BREAKS[name])

    assert (before, evaluated(well, name)) == (True, False)


def test_a_restated_figure_heals_a_check(well: Graph) -> None:
    run_sql(well, OWNER_BREAKS["revenue_is_not_negative"])
    run_sql(well, _AGAIN.format(value="2", report="revenue").replace("interval '1 hour'", "interval '2 hours'"))

    assert evaluated(well, "revenue_is_not_negative")
