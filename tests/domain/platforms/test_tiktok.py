"""What TikTok's web JSON means: fields that are missing, of the wrong kind, or written in another way."""

from datetime import UTC, datetime

import pytest

from domain.imports.values import Unreadable
from domain.observations import VideoFormat
from domain.platforms import tiktok

AT = datetime(2026, 11, 25, 12, tzinfo=UTC)
ITEM = {
    "id": "7702470213430206062",
    "desc": "look @ada #Kitchen #bread",
    "createTime": 1_793_000_000,
    "author": {"id": "567", "uniqueId": "ana", "nickname": "Ana", "verified": True},
    "video": {"duration": 31, "cover": "https://p16.example/c.jpeg"},
    "music": {"id": "62", "title": "quiet kettle"},
    "challenges": [{"title": "Kitchen"}],
    "stats": {"playCount": 5, "diggCount": 4, "commentCount": 3, "shareCount": 2, "collectCount": 1},
}


def test_an_item_becomes_a_post_with_its_account_and_counters():
    found = tiktok.post(3, ITEM, at=AT)

    assert (found.line, found.observed_at, found.account.username, found.account.is_verified) == (3, AT, "ana", True)
    assert found.video
    assert found.video.url == "https://www.tiktok.com/@ana/video/7702470213430206062"
    assert (found.video.hashtags, found.video.mentions, found.video.format) == (("kitchen", "bread"), ("ada",), VideoFormat.SHORT)
    assert (found.counters.views, found.counters.bookmarks, found.video.sound_id) == (5, 1, "62")


def test_counters_that_are_written_as_text_are_taken_first():
    found = tiktok.post(1, {**ITEM, "statsV2": {"playCount": "3000000000", "diggCount": ""}}, at=AT)

    assert (found.counters.views, found.counters.likes) == (3_000_000_000, 4)


def test_what_is_missing_stays_missing_and_says_so():
    found = tiktok.post(1, {"id": "12345", "author": "ana", "createTime": 0}, at=AT)

    assert found.video
    assert (found.account.username, found.account.external_id, found.video.posted_at, found.counters.views) == ("ana", None, None, None)
    assert found.missing.keys() == {"posted_at", "views", "likes", "comments", "shares", "bookmarks"}


@pytest.mark.parametrize(
    "wrong",
    [{"id": "x1"}, {"id": None}, {"stats": []}, {"author": 7}, {"createTime": "soon"}, {"challenges": "a"}, {"video": {"duration": -1}}],
)
def test_a_field_of_the_wrong_kind_makes_the_post_unreadable(wrong):
    with pytest.raises(Unreadable):
        tiktok.post(1, {**ITEM, **wrong}, at=AT)


def test_marks_name_whom_a_text_mentions():
    marks = [{"hashtagName": "kitchen", "userUniqueId": ""}, {"userUniqueId": "grace", "hashtagName": ""}]

    found = tiktok.post(1, {**ITEM, "textExtra": marks}, at=AT).video

    assert found
    assert found.mentions == ("grace",)


def test_a_profile_without_its_second_id_cannot_be_asked_for_posts():
    with pytest.raises(Unreadable, match="secUid"):
        tiktok.user({"user": {"id": "1", "uniqueId": "ana"}, "stats": {}})


def test_a_list_that_is_null_is_empty_and_one_of_something_else_is_unreadable():
    assert tiktok.rows({"comments": None}, "comments") == []
    wrongs: tuple[object, ...] = ("x", {}, [1])
    for wrong in wrongs:
        with pytest.raises(Unreadable):
            tiktok.rows({"comments": wrong}, "comments")


def test_a_reply_names_its_parent_and_a_comment_without_text_is_empty():
    found = tiktok.comment({"cid": "9", "text": "", "create_time": 1_793_000_000, "user": {"uid": "1", "unique_id": "bo"}}, parent_id="8")

    assert (found.parent_id, found.text, found.author_name, found.likes) == ("8", "", "bo", None)


def test_a_chart_of_our_own_counts_posts_first_and_views_second():
    def item(number: int, sound: str | None, views: int) -> dict[str, object]:
        return {"id": str(number), "music": {"id": sound, "title": sound} if sound else {}, "stats": {"playCount": views}}

    places = tiktok.counted([item(1, "7", 10), item(2, "8", 99), item(3, "9", 5), item(4, "9", 1), item(5, None, 1000)], limit=2)

    assert [(place.rank, place.sound.external_id, place.sample_videos) for place in places] == [(1, "9", ("3", "4")), (2, "8", ("2",))]
