"""What yt-dlp's answers mean, and which part of them is kept."""

from datetime import UTC, datetime

import pytest

from domain.imports.values import Unreadable
from domain.observations import Platform, VideoFormat
from domain.platforms import ytdlp

AT = datetime(2026, 11, 25, 12, tzinfo=UTC)
TIKTOK = {
    "id": "7702470213430206062", "title": "a title that was cut...", "description": "a title that was cut no more #bread",
    "uploader": "ana", "uploader_id": "567", "channel": "Ana", "timestamp": 1_793_000_000, "view_count": 5, "webpage_url": "https://x/",
}  # fmt: skip


def test_a_post_of_tiktok_is_worded_as_by_its_web_client():
    found = ytdlp.post(1, TIKTOK, Platform.TIKTOK, at=AT)

    assert found.video
    assert (found.video.title, found.video.description) == ("a title that was cut no more #bread", None)
    assert found.video.url == "https://www.tiktok.com/@ana/video/7702470213430206062"
    assert (found.account.external_id, found.account.username, found.video.format) == ("567", "ana", VideoFormat.SHORT)
    assert found.observed_at == AT


def test_addresses_of_media_are_not_kept():
    kept = ytdlp.kept(
        {**TIKTOK, "formats": [{"url": "x"}], "http_headers": {}, "like_count": None, "thumbnails": [{"id": "cover", "url": "c"}]}
    )

    assert kept == {**TIKTOK, "thumbnail": "c"}


def test_replies_stand_behind_threads_and_name_them():
    rows = [
        {"id": "a", "parent": "root", "text": "one", "author": "@bo"},
        {"id": "a.1", "parent": "a", "text": "two", "timestamp": 1},
        {"id": "b", "parent": "root", "text": None},
    ]

    found = ytdlp.comments({"comments": rows})

    assert [(each.external_id, each.parent_id, each.text, each.posted_at) for each in found] == [
        ("a", None, "one", None), ("b", None, "", None), ("a.1", "a", "two", None),
    ]  # fmt: skip
    assert found[0].author_name == "bo"


@pytest.mark.parametrize("wrong", [{"comments": "x"}, {"comments": [1]}, {"comments": [{"id": None}]}])
def test_comments_of_the_wrong_kind_are_unreadable(wrong):
    with pytest.raises(Unreadable):
        ytdlp.comments(wrong)


def test_captions_made_by_people_and_by_the_platform_are_told_apart():
    info = {
        "subtitles": {"de": [{"ext": "srv1", "url": "a"}, {"ext": "vtt", "url": "b"}], "fr": []},
        "automatic_captions": {"en": [{"ext": "vtt", "url": "c"}]},
    }

    assert ytdlp.captions(info) == {"de": "b", "en-auto": "c"}


def test_a_heat_map_that_is_not_there_is_empty():
    assert ytdlp.heatmap({"heatmap": None}) == []


@pytest.mark.parametrize(
    "wrong", [{"start_time": "a"}, {"value": float("nan")}, {"value": 1.1}, {"start_time": -1}, {"end_time": 0}, {"value": True}]
)
def test_a_heat_map_that_cannot_be_is_unreadable(wrong):
    row = {"start_time": 0, "end_time": 1, "value": 1}
    assert len(ytdlp.heatmap({"heatmap": [row]})) == 1

    with pytest.raises(Unreadable, match="heatmap"):
        ytdlp.heatmap({"heatmap": [row, row | wrong]})
