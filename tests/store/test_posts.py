"""The frame of posts: every column as it was known, missing where a part of it is, read once."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import log
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from domain.analytics import Window
from domain.observations import AccountFacts, Counters, Observed, Platform, VideoFacts
from domain.owner_reports import Figure
from domain.posts import COLUMNS, posts_frame
from domain.sources import ChartedSound, ChartRead, Report, SoundFacts, SourceName
from services.insights.kind import Reading
from services.insights.posts import read_posts
from store.catalogue import Origin
from store.database import Database
from store.owner import Subject
from tests.conftest import Member
from tests.library import NOON, put, seen
from tests.store.channels import put_channel

DAY = timedelta(days=1)


def read(database: Database, tenant_id: UUID, *, as_of: datetime = NOON + 9 * DAY) -> dict[str, dict[str, Any]]:
    """By the posts' own names."""
    with database.begin(tenant_id) as uow:
        names = {str(row.video_id): row.external_id for row in uow.connection.execute(sa.text("select video_id, external_id from videos"))}
        rows, _ = read_posts(uow, Reading(as_of, uow.posts.settled()))
    return {names[row["video_id"]]: row for row in rows}


def run(database: Database, tenant_id: UUID, statement: str, **words: object) -> None:
    with database.begin(tenant_id) as uow:
        assert uow.connection.execute(sa.text(statement), words).rowcount > 0


def test_the_frame_has_every_column_and_takes_the_rows_as_they_come(database: Database, tenant_id: UUID) -> None:
    put(database, tenant_id, [seen("one", 100, 8, comments=1, shares=1, title="One", hashtags=("#Bread", "bread"), seconds=20)])
    run(database, tenant_id, "update accounts set time_zone = 'Europe/Berlin'")
    run(database, tenant_id, "update videos set is_promoted = true")

    row = read(database, tenant_id)["one"]
    frame = posts_frame([row])

    assert set(row) == set(COLUMNS)
    known = {"title": "One", "hashtags": ["bread"], "duration_seconds": 20, "time_zone": "Europe/Berlin", "is_promoted": True,
             "is_own": False, "selection": "manual", "views": 100, "likes": 8, "followers": None,
             "retention": None, "outcome": None}  # fmt: skip
    assert {name: row[name] for name in known} == known
    assert frame["posted_at"][0] == NOON - 3 * DAY


@pytest.mark.parametrize(
    ("platform", "likes", "comments", "shares", "views", "expected"),
    [
        (Platform.TIKTOK, 8, 1, 1, 100, log(0.1)),
        (Platform.TIKTOK, 8, 1, None, 100, None),
        (Platform.X, 8, 1, None, 100, None),
        (Platform.YOUTUBE, 8, 2, None, 100, log(0.1)),
        (Platform.YOUTUBE, 8, None, None, 100, None),
        (Platform.TIKTOK, 0, 0, 0, 100, None),
        (Platform.TIKTOK, 8, 1, 1, 0, None),
    ],
)
def test_engagement_needs_every_part_that_the_platform_has(
    database: Database, tenant_id: UUID, platform: Platform, likes: int, comments: int | None, shares: int | None, views: int,
    expected: float | None,
) -> None:  # fmt: skip
    put(database, tenant_id, [seen("one", views, likes, comments=comments, shares=shares, platform=platform)])

    assert read(database, tenant_id)["one"]["engagement"] == (None if expected is None else pytest.approx(expected, abs=1e-9))


def test_engagement_is_of_the_newest_snapshot_that_has_every_part(database: Database, tenant_id: UUID) -> None:
    whole = seen("one", 100, 8, comments=1, shares=1, at=NOON)
    put(database, tenant_id, [whole, seen("one", 900, 9, at=NOON + DAY)])

    row = read(database, tenant_id)["one"]

    assert (row["views"], row["likes"], row["comments"], row["engagement"]) == (900, 9, 1, pytest.approx(log(0.1)))


def test_what_was_learned_later_is_not_known_before(database: Database, tenant_id: UUID) -> None:
    def told(title: str, views: int, followers: int, at: datetime) -> Observed:
        owner = AccountFacts(Platform.TIKTOK, external_id="ana", followers=followers)
        return Observed(1, owner, at, video=VideoFacts("one", title=title, posted_at=NOON - DAY), counters=Counters(views=views))

    with database.begin(tenant_id) as uow:
        uow.catalogue.put([told("Before", 10, 100, NOON)], Origin("import:own", "census"))
    with database.begin(tenant_id) as uow:
        uow.catalogue.put([told("After", 90, 900, NOON + 2 * DAY)], Origin("import:own", "census"))

    then, now = read(database, tenant_id, as_of=NOON + DAY)["one"], read(database, tenant_id)["one"]

    assert [(row["views"], row["followers"], row["followers_first"]) for row in (then, now)] == [(10, 100, 100), (90, 900, 100)]
    assert read(database, tenant_id, as_of=NOON - DAY) == {}


def test_words_are_those_that_were_seen_first_and_it_is_told_how_many_changed_or_came_late(database: Database, tenant_id: UUID) -> None:
    shown = [
        seen("flop", 10, title="Bread", at=NOON - 2 * DAY), seen("flop", 11, title="You will NOT believe this", at=NOON),
        seen("late", 10, title="Old", description="first", posted=NOON - 30 * DAY, at=NOON - DAY),
        seen("silent", 10, description="Only this", at=NOON - DAY), seen("silent", 11, title="Told later", description="Else", at=NOON),
    ]  # fmt: skip
    put(database, tenant_id, shown)

    rows = read(database, tenant_id)
    with database.begin(tenant_id) as uow:
        now, before = (
            uow.posts.versions(as_of=as_of, recorded_by=uow.posts.settled())["texts"] for as_of in (NOON, NOON - timedelta(hours=1))
        )

    words = {name: (row["title"], row["description"]) for name, row in rows.items()}
    assert words == {"flop": ("Bread", None), "late": ("Old", "first"), "silent": ("Told later", "Only this")}
    assert [(each["count"], each["first_seen_late"], each["changed"]) for each in (now, before)] == [(5, 1, 2), (3, 1, 0)]


@pytest.mark.parametrize(("year", "is_known"), [(2250, False), (2004, False), (1970, False), (2025, True)])
def test_a_moment_that_cannot_be_is_unknown(database: Database, tenant_id: UUID, year: int, is_known: bool) -> None:
    posted = datetime(year, 1, 2, tzinfo=UTC)
    put(database, tenant_id, [seen("one", 10)])
    run(database, tenant_id, "update videos set posted_at = :posted", posted=posted)

    assert read(database, tenant_id)["one"]["posted_at"] == (posted if is_known else None)


def test_what_is_recorded_after_a_reading_does_not_belong_to_it(database: Database, tenant_id: UUID) -> None:
    put(database, tenant_id, [seen("one", 10)])
    with database.begin(tenant_id) as uow:
        read_at = uow.posts.settled()
    put(database, tenant_id, [seen("one", 5, at=NOON - DAY)])
    with database.begin(tenant_id) as uow:
        then = uow.posts.snapshots(as_of=NOON, recorded_by=read_at)
        now = uow.posts.snapshots(as_of=NOON, recorded_by=uow.posts.settled())

    assert ([views for _, _, views in then], [views for _, _, views in now]) == ([10], [5, 10])


def test_what_the_owner_is_told_weighs_days_by_their_views(database: Database, member: Member) -> None:
    ids = put(
        database, member.tenant_id, [seen("one", 10, platform=Platform.YOUTUBE), seen("two", 10, platform=Platform.YOUTUBE, account="b")]
    )
    figures = {date(2026, 11, 1): (90, 40), date(2026, 11, 2): (10, 80), date(2026, 11, 3): (0, 99)}
    with database.begin(member.tenant_id) as uow:
        channel = put_channel(uow, member.user_id)
        uow.channels.set(channel.channel_id, {"external_id": "id-ana"})
        for day, (views, percent) in figures.items():
            of = [
                Figure(day, day, day, (), name, Decimal(value))
                for name, value in (("views", views), ("average_percentage_viewed", percent))
            ]
            subject = Subject(channel.channel_id, Report.DAILY, ids["one"])
            uow.owner.put(subject, Window(day, day), of, known_at=NOON, source="youtube_analytics")

    rows = read(database, member.tenant_id)

    assert rows["one"]["retention"] == pytest.approx(log(0.44))
    assert rows["two"]["retention"] is None
    assert read(database, member.tenant_id, as_of=NOON - timedelta(hours=1)) == {}
    assert {name: row["is_own"] for name, row in rows.items()} == {"one": True, "two": False}


def test_a_sound_has_its_best_place_of_each_day(database: Database, tenant_id: UUID) -> None:
    at = datetime(2026, 11, 3, 5, tzinfo=UTC)
    with database.begin_system() as system:
        for country, rank, day in (("US", 7, 0), ("DE", 3, 0), ("US", 9, 1)):
            sound = SoundFacts(Platform.TIKTOK, f"s-{tenant_id}", "kettle", None, None, None, None, None)
            read_at = at + day * DAY
            chart = ChartRead(SourceName.TIKTOK_WEB, read_at, country, (ChartedSound(rank, sound, ()),))
            system.trending.put(chart, Platform.TIKTOK, read_at.date())
    with database.begin(tenant_id) as uow:
        found = uow.posts.sound_ranks("tiktok", [f"s-{tenant_id}", "unknown"])
        elsewhere = uow.posts.sound_ranks("youtube", [f"s-{tenant_id}"])

    assert (found, elsewhere) == ({f"s-{tenant_id}": [(at, 3), (at + DAY, 9)]}, {})
