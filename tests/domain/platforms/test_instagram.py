"""Instagram's records as Bright Data documents them, read into facts; what is hidden or odd stays missing, with its reason."""

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.errors import FailureCategory
from domain.imports.values import Unreadable
from domain.observations import Observed, VideoFacts, VideoFormat
from domain.platforms.instagram import (
    NothingThere,
    complete_since,
    failure_of,
    read_comment,
    read_post,
    read_profile,
    seen_at,
)
from domain.platforms.records import read_each

NOW = datetime(2026, 11, 25, tzinfo=UTC)
REEL: dict[str, Any] = {
    "url": "https://www.instagram.com/reel/DVNLU52gCAP/",
    "user_posted": "somebody",
    "description": "Rain again 😂 #Rain #müde with @another.one",
    "hashtags": ["#Rain", "#m"],
    "num_comments": 6,
    "date_posted": "2026-02-26T03:23:20.000Z",
    "likes": 3,
    "views": 388,
    "video_play_count": 1890,
    "shortcode": "DVNLU52gCAP",
    "product_type": "clips",
    "length": "15.533",
    "audio_url": "https://www.instagram.com/reels/audio/613780965138542",
    "is_verified": True,
    "followers": 94671,
    "following": None,
    "posts_count": 2319,
    "thumbnail": "https://scontent.example/x.jpg",
}
CAROUSEL: dict[str, Any] = {
    "url": "https://www.instagram.com/p/DIWPWGpsUQX",
    "user_posted": "somebody",
    "user_posted_id": "312860191",
    "description": "Four pictures",
    "num_comments": 0,
    "date_posted": "2025-04-12T13:03:14.000Z",
    "likes": 51,
    "photos_number": 4,
    "content_type": "Carousel",
    "video_play_count": None,
    "video_view_count": None,
    "audio": {"audio_asset_id": None, "original_audio_title": None},
}
PROFILE: dict[str, Any] = {
    "account": "somebody",
    "id": "5087052934",
    "followers": 7938,
    "posts_count": 835,
    "is_verified": False,
    "biography": "Writes things down.",
    "following": 2520,
    "profile_name": "Some Body",
    "posts": [
        {"url": "https://www.instagram.com/p/DVyIGAbDdWc", "is_pinned": False, "datetime": "2026-03-12T11:52:08.000Z"},
        {"url": "https://www.instagram.com/p/DDabG5HthHL", "is_pinned": True, "datetime": "2024-12-10T21:36:11.000Z"},
    ],
}


def video(record: dict[str, Any]) -> VideoFacts:
    found = read_post(record, observed_at=NOW).video
    assert found is not None
    return found


def test_a_reel_is_a_short_video_with_its_plays_as_views():
    found = read_post(REEL, observed_at=NOW)

    assert (found.counters.views, found.counters.likes, found.counters.comments) == (1890, 3, 6)
    assert video(REEL).format is VideoFormat.SHORT
    assert video(REEL).duration_seconds == 16
    assert video(REEL).sound_id == "613780965138542"
    assert video(REEL).posted_at == datetime(2026, 2, 26, 3, 23, 20, tzinfo=UTC)
    assert (found.account.username, found.account.followers) == ("somebody", 94671)


def test_words_are_read_from_the_text_because_the_sources_list_breaks_them():
    assert video(REEL).hashtags == ("rain", "müde")
    assert video(REEL).mentions == ("another.one",)


def test_a_carousel_has_no_views_and_no_format_and_says_why():
    found = read_post(CAROUSEL, observed_at=NOW)

    assert found.counters.views is None
    assert video(CAROUSEL).format is None
    assert found.missing["format"] == "the post is no video but carousel"
    assert "views" in found.missing
    assert (found.counters.comments, found.account.external_id) == (0, "312860191")


@pytest.mark.parametrize(("likes", "reason"), [(-1, "the owner hides"), (None, "empty")])
def test_hidden_likes_are_missing(likes, reason):
    found = read_post({**REEL, "likes": likes}, observed_at=NOW)

    assert found.counters.likes is None
    assert reason in found.missing["likes"]


@pytest.mark.parametrize(
    ("field", "value"), [("likes", "many"), ("likes", -2), ("num_comments", 1.5), ("date_posted", "soon"), ("length", "x")]
)
def test_what_is_worded_otherwise_is_unreadable(field, value):
    with pytest.raises(Unreadable):
        read_post({**REEL, field: value}, observed_at=NOW)


def test_the_code_is_taken_from_the_address_and_demanded():
    assert video({**REEL, "shortcode": None}).external_id == "DVNLU52gCAP"
    with pytest.raises(Unreadable, match="names no post"):
        read_post({**REEL, "shortcode": None, "url": "https://www.instagram.com/somebody"}, observed_at=NOW)


def test_views_stand_in_for_plays_only_where_there_are_none():
    assert read_post({**REEL, "video_play_count": None}, observed_at=NOW).counters.views == 388
    assert read_post({**REEL, "video_play_count": 0}, observed_at=NOW).counters.views == 0


def test_a_profile_tells_its_pinned_posts_and_its_newest():
    found = read_profile(PROFILE)

    assert (found.facts.external_id, found.facts.username, found.facts.title) == ("5087052934", "somebody", "Some Body")
    assert (found.facts.declared_videos, found.is_private) == (835, False)
    assert found.pinned == frozenset({"DDabG5HthHL"})
    assert found.newest_at == datetime(2026, 3, 12, 11, 52, 8, tzinfo=UTC)


@pytest.mark.parametrize("posts", [None, "gone", 7])
def test_a_profile_without_its_posts_tells_nothing_of_them(posts):
    found = read_profile({**PROFILE, "posts": posts, "is_private": True})

    assert (found.pinned, found.newest_at, found.is_private) == (None, None, True)


@pytest.mark.parametrize(
    ("said", "category"),
    [
        ("The navigation resulted in a dead page (404 status code)", FailureCategory.NOT_FOUND),
        ("Page not found", FailureCategory.NOT_FOUND),
        ("This account is private", FailureCategory.PRIVATE),
        ("Rate limited", FailureCategory.API_ERROR),
        ("Wrong posted date.", FailureCategory.API_ERROR),
    ],
)
def test_a_failed_input_is_told_by_its_words(said, category):
    assert failure_of({"error": said, "error_code": "dead_page"}) == (category, said)


def test_no_posts_in_a_period_is_no_failure_and_a_record_neither():
    with pytest.raises(NothingThere):
        failure_of({"error": "No public posts were found in the profile for the specified period.", "error_code": "dead_page"})
    assert failure_of(REEL) is None


@pytest.mark.parametrize(
    "written", ["2026-03-14T01:13:08.000Z", "Sat Mar 14 2026 01:13:08 GMT+0000", "Sat Mar 14 2026 02:13:08 GMT+0100 (CET)"]
)
def test_a_comment_has_its_moment_however_it_is_written(written):
    (found,) = read_comment({"comment_id": "1", "comment": "Ha", "comment_user": "a", "comment_date": written, "likes_number": 5})

    assert found.posted_at == datetime(2026, 3, 14, 1, 13, 8, tzinfo=UTC)
    assert (found.author_name, found.likes, found.replies) == ("a", 5, None)


def test_replies_that_name_themselves_stand_behind_their_comment():
    replies = [{"comment_id": "2", "comment": "yes"}, {"comment": "nameless"}, "odd"]

    found = read_comment({"comment_id": "1", "comment": "Ha", "replies": replies})

    assert [(comment.external_id, comment.parent_id) for comment in found] == [("1", None), ("2", "1")]


def test_the_moment_of_a_record_is_when_it_was_collected():
    assert seen_at({"timestamp": "2026-11-20T10:00:00.000Z"}, NOW) == datetime(2026, 11, 20, 10, tzinfo=UTC)
    assert seen_at({}, NOW) == NOW


def on(day: int, code: str) -> Observed:
    return read_post({**REEL, "shortcode": code * 6, "date_posted": f"2026-11-{day:02d}T00:00:00Z"}, observed_at=NOW)


LISTED = [on(20, "a"), on(18, "b"), on(16, "c"), on(14, "d"), on(1, "p")]


def day(number: int) -> datetime:
    return datetime(2026, 11, number, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wanted", "pinned", "since", "found"),
    [
        (5, frozenset({"p" * 6}), None, day(14)),
        (5, frozenset(), None, day(1)),
        (5, None, None, day(18)),
        (9, None, None, day(1)),
        (9, None, day(10), day(10)),
        (5, frozenset({"p" * 6}), day(10), day(14)),
    ],
)
def test_a_pinned_post_promises_nothing_about_the_days_after_it(wanted, pinned, since, found):
    assert complete_since(LISTED, wanted=wanted, pinned=pinned, since=since) == found


def test_one_odd_record_is_noted_and_many_are_no_answer():
    def read(record: object) -> Observed:
        return read_post({**REEL, **(record if isinstance(record, dict) else {})}, observed_at=NOW)

    found = read_each([{}, {}, {"likes": "many"}], read, subject="posts")

    assert len(found.things) == 2
    assert found.notes == ("one of the posts was left out: likes is 'many', not a whole number",)
    with pytest.raises(Unreadable, match="2 of 3 posts cannot be read"):
        read_each([{}, {"likes": "many"}, "odd"], read, subject="posts")
