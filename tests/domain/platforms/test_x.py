"""X's records as TwitterAPI.io documents them, read into facts."""

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.imports.values import Unreadable
from domain.observations import Observed, VideoFacts, VideoFormat
from domain.platforms.x import complete_since, is_own, moment, read_post, read_reply, read_user

NOW = datetime(2026, 11, 25, tzinfo=UTC)
USER: dict[str, Any] = {
    "type": "user",
    "userName": "somebody",
    "id": "44196397",
    "name": "Some Body",
    "isBlueVerified": True,
    "profilePicture": "https://pbs.example/a.jpg",
    "followers": 10,
    "following": 2,
    "statusesCount": 7,
    "profile_bio": {"description": "Writes things down."},
}
POST: dict[str, Any] = {
    "type": "tweet",
    "id": "1866384938472",
    "text": "Rain again #Rain with @another_one",
    "retweetCount": 8,
    "quoteCount": 2,
    "replyCount": 3,
    "likeCount": 21,
    "viewCount": 1200,
    "bookmarkCount": 4,
    "createdAt": "Tue Dec 10 07:00:30 +0000 2024",
    "author": USER,
    "extendedEntities": {
        "media": [{"type": "video", "media_url_https": "https://pbs.example/v.jpg", "video_info": {"duration_millis": 12_600}}]
    },
}


def read(**more: Any) -> Observed:
    return read_post({**POST, **more}, observed_at=NOW)


def video(post: Observed) -> VideoFacts:
    assert post.video is not None
    return post.video


def test_a_post_is_read_with_all_its_counters():
    found = read()

    counters = found.counters
    assert (counters.views, counters.likes, counters.comments, counters.shares, counters.bookmarks) == (1200, 21, 3, 10, 4)
    assert video(found).posted_at == datetime(2024, 12, 10, 7, 0, 30, tzinfo=UTC)
    assert (video(found).format, video(found).duration_seconds) == (VideoFormat.SHORT, 13)
    assert (video(found).hashtags, video(found).mentions) == (("rain",), ("another_one",))
    assert found.account.username == "somebody"


def test_a_post_without_a_video_has_no_format_and_says_why():
    found = read(extendedEntities={"media": [{"type": "photo"}]})

    assert video(found).format is None
    assert found.missing["format"] == "the post has no video"


def test_no_views_beside_likes_is_no_count():
    assert read(viewCount=0).counters.views is None
    assert "did not count" in read(viewCount=0).missing["views"]
    assert read(viewCount=0, likeCount=0, replyCount=0, retweetCount=0, quoteCount=0).counters.views == 0


def test_reposts_without_a_number_of_quotes_are_shares_and_without_reposts_there_are_none():
    assert read(quoteCount=None).counters.shares == 8
    assert read(retweetCount=None).counters.shares is None


@pytest.mark.parametrize(
    ("field", "value"), [("likeCount", "many"), ("createdAt", "lately"), ("createdAt", None), ("id", None), ("viewCount", -1)]
)
def test_what_is_worded_otherwise_is_unreadable(field, value):
    with pytest.raises(Unreadable):
        read(**{field: value})


def test_a_user_is_read_with_the_text_of_the_profile():
    found = read_user(USER)

    assert (found.external_id, found.username, found.title, found.description) == (
        "44196397",
        "somebody",
        "Some Body",
        "Writes things down.",
    )
    assert (found.followers, found.declared_videos, found.is_verified) == (10, 7, True)


def test_a_repost_is_somebody_elses():
    assert is_own(POST)
    assert is_own({**POST, "retweeted_tweet": None})
    assert not is_own({**POST, "retweeted_tweet": {"id": "1"}})


@pytest.mark.parametrize(("above", "parent"), [("100", None), (None, None), ("101", "101")])
def test_a_reply_to_a_reply_names_it(above, parent):
    found = read_reply({**POST, "inReplyToId": above}, root_id="100")

    assert found.parent_id == parent
    assert (found.author_id, found.author_name, found.likes, found.replies) == ("44196397", "somebody", 21, 3)


@pytest.mark.parametrize("written", ["Tue Dec 10 07:00:30 +0000 2024", "2024-12-10T07:00:30Z", "Tue Dec 10 08:00:30 +0100 2024"])
def test_a_moment_is_read_however_it_is_written(written):
    assert moment(written, "createdAt").at == datetime(2024, 12, 10, 7, 0, 30, tzinfo=UTC)


def day(number: int) -> datetime:
    return datetime(2026, 11, number, tzinfo=UTC)


@pytest.mark.parametrize(
    ("is_whole", "since", "found"),
    [
        (False, None, day(14)),
        (True, None, day(14)),
        (True, day(3), day(3)),
        (False, day(3), day(14)),
        (False, day(16), day(16)),
    ],
)
def test_a_list_promises_no_more_than_it_was_followed(is_whole, since, found):
    posts = [read(createdAt=f"2026-11-{number}T00:00:00Z") for number in (20, 18, 14)]

    assert complete_since(posts, is_whole=is_whole, since=since) == found
