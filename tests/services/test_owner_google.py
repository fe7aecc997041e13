"""A sync through Google's own client library against the sandbox: what is kept is what the sandbox's world has."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.channels import Channel
from domain.owner_sync import newest_day
from domain.sources import Grant, Report
from gateways.youtube import YouTubeOwner
from gateways.youtube.asking import Google
from sandbox.google.project import is_monetised
from sandbox.world import Creator
from services.owner_posts import list_posts
from services.owner_reports import read_reports
from services.owner_sync import OwnReading
from store.database import Database
from tests.conftest import Member
from tests.gateways.errand import StraightErrand
from tests.owner import add_channel, ask_sync, read_the_past
from tests.sandbox.google.place import ALL, EPOCH, READ, Place, client, google_server, place, small_world, wire
from tests.services.alone import Alone

__all__ = ["client", "google_server", "place", "small_world", "wire"]
DAY = timedelta(days=1)


def monetised(place: Place) -> Creator:
    return next(each for each in place.channels if is_monetised(each))


@pytest.fixture
def creator(place: Place) -> Creator:
    return monetised(place)


@pytest.fixture
def channel(database: Database, member: Member, creator: Creator) -> Channel:
    return add_channel(database, member, external_id=creator.native_id)


@pytest.fixture
def work(database: Database, channel: Channel, tenant_id: UUID) -> Alone:
    return Alone(database, ask_sync(database, channel, tenant_id))


@pytest.fixture(autouse=True)
def past(work: Alone, channel: Channel) -> None:
    read_the_past(work.database, channel, work.tenant_id, now=EPOCH)


def reading(place: Place, client: Google, channel: Channel, creator: Creator, scopes: tuple[str, ...] = ALL) -> OwnReading:
    grant = Grant("connection", place.connect(creator, scopes)["access_token"], frozenset(scopes))
    return OwnReading(channel, grant, YouTubeOwner(client), StraightErrand())


def ask(work: Alone, statement: str) -> list[tuple[Any, ...]]:
    with work.begin() as uow:
        return [tuple(row) for row in uow.connection.exec_driver_sql(statement)]


def test_posts_come_with_who_may_see_them(place: Place, client: Google, work: Alone, channel: Channel, creator: Creator) -> None:
    listing = list_posts(work, reading(place, client, channel, creator), now=EPOCH)

    everything = {post.native_id for post in place.world.posts(creator, at=EPOCH, everything=True)}
    public = {post.native_id for post in place.public(creator)}
    assert listing.posts == len(everything)
    assert {key for key, _ in ask(work, "select external_id, 1 from videos")} == everything
    assert {key for key, _ in ask(work, "select external_id, 1 from videos where not is_removed")} == public
    assert ask(work, "select username, followers > 0 from accounts") == [(creator.username, True)]


def test_reports_are_kept_and_what_is_restated_is_a_new_row(
    place: Place, client: Google, work: Alone, channel: Channel, creator: Creator
) -> None:
    list_posts(work, reading(place, client, channel, creator), now=EPOCH)
    first = read_reports(work, reading(place, client, channel, creator), now=EPOCH)
    before = ask(work, "select count(*), max(known_at) from owner_reports")
    place.clock.advance(DAY)

    second = read_reports(work, reading(place, client, channel, creator), now=EPOCH + DAY)

    with work.begin() as uow:
        known = uow.owner.availability(channel.channel_id)
    assert {report for report, each in known.items() if each.is_available} == set(Report) - {Report.RETENTION}
    assert (first.unavailable, second.unavailable) == (0, 0)
    assert 0 < second.figures < first.figures / 3
    restated = ask(
        work,
        "select count(*) from (select first_day from owner_reports where report = 'daily' and metric = 'views' and video_id = "
        "'00000000-0000-0000-0000-000000000000' group by first_day having count(*) = 2) r",
    )
    assert restated[0][0] >= 1
    assert ask(work, f"select count(*), max(known_at) from owner_reports where known_at <= '{before[0][1]}'") == before
    assert ask(work, f"select count(*) from owner_reports where day > date '{newest_day(EPOCH + DAY)}'") == [(0,)]
    with work.begin() as uow:
        assert uow.owner.off_demographics(low=95, high=101) == []
        assert uow.owner.negative_revenue() == 0


def test_without_the_scopes_only_the_posts_come(place: Place, client: Google, work: Alone, channel: Channel, creator: Creator) -> None:
    only_posts = reading(place, client, channel, creator, (READ,))
    list_posts(work, only_posts, now=EPOCH)

    tally = read_reports(work, only_posts, now=EPOCH)

    assert (tally.calls, tally.figures) == (0, 0)
    with work.begin() as uow:
        assert {each.reason for each in uow.owner.availability(channel.channel_id).values()} == {"no_scope"}


def test_a_channel_outside_the_partner_program_has_everything_but_revenue(
    place: Place, client: Google, work: Alone, channel: Channel, tenant_id: UUID
) -> None:
    creator = next(each for each in place.channels if not is_monetised(each) and place.public(each))
    with work.begin() as uow:
        channel = uow.channels.set(channel.channel_id, {"external_id": creator.native_id})

    read_reports(work, reading(place, client, channel, creator), now=EPOCH)

    with work.begin() as uow:
        known = uow.owner.availability(channel.channel_id)
    assert {report: each.reason for report, each in known.items() if each.reason} == {Report.REVENUE: "not_monetised"}
