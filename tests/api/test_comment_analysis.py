"""Comments of an own channel over HTTP: counted by rules that are stated, and nothing made up."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from domain.channels import Channel
from domain.observations import Visibility
from domain.sources import CommentFacts, CommentsRead, SourceName
from store.database import Database
from store.ids import new_id
from tests.api.conftest import Caller, assert_problem
from tests.api.test_owner import answer
from tests.conftest import Member
from tests.library import put
from tests.owner import EXTERNAL, add_channel, own_post

NOW = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
DAY = timedelta(days=1)
ROUTES = ("/comments/analysis", "/videos/{video}/comments/analysis")


@pytest.fixture
def channel(database: Database, member: Member) -> Channel:
    return add_channel(database, member)


@pytest.fixture
def videos(database: Database, tenant_id: UUID, channel: Channel) -> list[UUID]:
    """Three posts: one with comments, one that nobody may comment on, one that was not read; and a foreign one with a comment."""
    found = put(database, tenant_id, [own_post(number) for number in range(4)])
    ids = [found[f"own{number:08d}"] for number in range(4)]
    with database.begin(tenant_id) as uow:
        own = uow.own_channels
        own.begin(channel.channel_id, new_id(), now=NOW)
        marks = {f"own{number:08d}": Visibility.PUBLIC for number in range(3)}
        own.keep_page(channel.channel_id, marks, next_page=None, listed_at=NOW)
        uow.comments.put(ids[0], CommentsRead(SourceName.YOUTUBE_API, NOW, COMMENTS, is_whole=True), expires_at=None)
        uow.comments.put(ids[1], CommentsRead(SourceName.YOUTUBE_API, NOW - DAY, (), is_disabled=True), expires_at=None)
        uow.comments.put(ids[3], CommentsRead(SourceName.YOUTUBE_API, NOW, COMMENTS[:1]), expires_at=None)
    return ids


def said(key: str, text: str, *, by: str, likes: int | None = 0, days_ago: float = 1, parent: str | None = None) -> CommentFacts:
    return CommentFacts(key, text, NOW - days_ago * DAY, parent_id=parent, author_id=by, author_name=f"@{by}", likes=likes)


COMMENTS = (
    said("1", "Where did you get that", by="ana", likes=3),
    said("2", "Was great, thank you", by="ana", likes=30, days_ago=2),
    said("3", "これは何ですか？", by="ben", likes=0, days_ago=2),
    said("4", "@ana from the market", by=EXTERNAL, likes=1, parent="1"),
    said("5", "Howdy", by="ben", likes=None, days_ago=200),
)


def at(channel: Channel, route: str, video: UUID | None = None) -> str:
    return f"/channels/{channel.channel_id}{route.format(video=video or new_id())}"


@pytest.mark.parametrize("route", ROUTES)
def test_nobody_and_another_workspace_see_nothing(nobody: Caller, theirs: Caller, channel: Channel, videos: list[UUID], route: str) -> None:
    assert_problem(nobody.get(at(channel, route, videos[0])), 401)
    assert_problem(theirs.get(at(channel, route, videos[0])), 404)


def test_what_is_no_id_or_not_the_channels_is_not_there(mine: Caller, channel: Channel, videos: list[UUID]) -> None:
    assert_problem(mine.get(at(channel, "/videos/none/comments/analysis")), 404)
    assert_problem(mine.get(at(channel, ROUTES[1], videos[3])), 404)


def test_comments_are_counted_by_rules_that_are_stated(mine: Caller, channel: Channel, videos: list[UUID]) -> None:
    found = answer(mine.get(at(channel, "/comments/analysis")))

    assert (found["available"], found["n"], found["threads"], found["replies"], found["authors"]) == (True, 5, 4, 1, 3)
    assert (found["questions"], found["questions_share"]) == (2, 0.4)
    assert "question mark" in found["rule"]
    assert (found["likes"], found["mean_likes"], found["median_likes"]) == (34, 8.5, 2.0)
    assert [(each["band"], each["comments"]) for each in found["likes_distribution"]] == [
        ("[0,1)", 1), ("[1,5)", 2), ("[5,20)", 0), ("[20,100)", 1), ("[100,inf)", 0), (None, 1),
    ]  # fmt: skip
    assert [(each["day"], each["comments"]) for each in found["days"]] == [
        ((NOW - 2 * DAY).date().isoformat(), 2), ((NOW - DAY).date().isoformat(), 2),
    ]  # fmt: skip


def test_who_writes_is_shown_as_the_platform_names_them_and_the_owner_is_told_apart(
    mine: Caller, channel: Channel, videos: list[UUID]
) -> None:
    found = answer(mine.get(at(channel, "/comments/analysis")))

    assert [(each["name"], each["comments"], each["is_owner"]) for each in found["top_commenters"]] == [
        ("@ana", 2, False), ("@ben", 2, False), (f"@{EXTERNAL}", 1, True),
    ]  # fmt: skip


def test_how_much_was_read_is_said_and_what_needs_a_model_is_not_made_up(mine: Caller, channel: Channel, videos: list[UUID]) -> None:
    found = answer(mine.get(at(channel, "/comments/analysis")))

    assert (found["videos"], found["videos_read"], found["videos_whole"], found["comments_disabled"]) == (3, 2, 1, 1)
    assert datetime.fromisoformat(found["as_of"]) == NOW
    assert datetime.fromisoformat(found["oldest_read_at"]) == NOW - DAY
    assert (found["sentiment"], found["topics"]) == ("not_available", "not_available")


def test_one_video_is_counted_alone_and_an_unread_one_says_so(mine: Caller, channel: Channel, videos: list[UUID]) -> None:
    read, disabled, unread = (answer(mine.get(at(channel, ROUTES[1], video))) for video in videos[:3])

    assert (read["n"], read["video_id"]) == (5, str(videos[0]))
    assert (disabled["available"], disabled["n"], disabled["comments_disabled"], disabled["questions_share"]) == (True, 0, 1, None)
    assert (unread["available"], unread["reason"], unread["n"], unread["as_of"]) == (False, "not_read", 0, None)
