"""YouTube's answers in our words: what is missing stays missing, what is of another kind is refused."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.imports.values import Unreadable
from domain.observations import AccountFacts, Platform, VideoFormat, Visibility
from domain.platforms.youtube import (
    HIDDEN,
    MAY_BE_EITHER,
    NO_COMMENTS,
    NOT_OVER,
    duration_seconds,
    items,
    next_page,
    read_channel,
    read_found,
    read_listed,
    read_video,
)
from domain.platforms.youtube_comments import read_replies, read_threads

NOW = datetime(2026, 11, 25, tzinfo=UTC)
SNIPPET = {
    "title": "Bread, twice a day #baking",
    "description": "With @somebody_else and #Sourdough",
    "publishedAt": "2026-11-01T10:00:00Z",
    "channelId": "UC" + "a" * 22,
    "channelTitle": "One",
    "categoryId": "26",
    "tags": ["bread", "oven", "bread"],
    "liveBroadcastContent": "none",
    "thumbnails": {"default": {"url": "https://i/small.jpg"}, "high": {"url": "https://i/large.jpg"}},
}
VIDEO = {
    "id": "aaaaaaaaaaa",
    "snippet": SNIPPET,
    "contentDetails": {"duration": "PT4M13S"},
    "statistics": {"viewCount": "1200", "likeCount": "30", "favoriteCount": "0", "commentCount": "4"},
}


def read(**changed: object):
    return read_video(VIDEO | changed, line=1, observed_at=NOW)


def test_a_video_is_read_with_its_texts_counters_and_words():
    found = read()

    assert found.video is not None
    assert (found.video.external_id, found.video.duration_seconds, found.video.format) == ("aaaaaaaaaaa", 253, VideoFormat.LONG)
    assert (found.video.category, found.video.tags, found.video.hashtags) == ("Howto & Style", ("bread", "oven"), ("baking", "sourdough"))
    assert (found.video.mentions, found.video.thumbnail_url) == (("somebody_else",), "https://i/large.jpg")
    assert (found.video.posted_at, found.video.url) == (
        datetime(2026, 11, 1, 10, tzinfo=UTC),
        "https://www.youtube.com/watch?v=aaaaaaaaaaa",
    )
    assert (found.counters.views, found.counters.likes, found.counters.comments, found.counters.shares) == (1200, 30, 4, None)
    assert found.account == AccountFacts(Platform.YOUTUBE, external_id="UC" + "a" * 22, title="One")
    assert dict(found.missing) == {}


def test_counters_that_are_hidden_are_missing_with_their_reason_and_never_zero():
    found = read(statistics={"viewCount": "5"})

    assert (found.counters.views, found.counters.likes, found.counters.comments) == (5, None, None)
    assert (found.missing["likes"], found.missing["comments"]) == (HIDDEN, NO_COMMENTS)
    assert "viewCount" in read(statistics={}).missing["views"]


@pytest.mark.parametrize(
    ("seconds", "posted", "found"),
    [
        ("PT59S", "2026-11-01T10:00:00Z", None),
        ("PT3M", "2026-11-01T10:00:00Z", None),
        ("PT3M1S", "2026-11-01T10:00:00Z", None),
        ("PT3M2S", "2026-11-01T10:00:00Z", VideoFormat.LONG),
        ("PT1M", "2024-10-14T10:00:00Z", None),
        ("PT1M2S", "2024-10-14T10:00:00Z", VideoFormat.LONG),
        ("PT1M2S", "2024-10-15T10:00:00Z", None),
    ],
)
def test_a_format_is_told_only_where_the_length_decides_it(seconds, posted, found):
    video = read(contentDetails={"duration": seconds}, snippet=SNIPPET | {"publishedAt": posted})

    assert video.video is not None
    assert video.video.format is found
    assert video.missing.get("format") == (None if found else MAY_BE_EITHER)


@pytest.mark.parametrize(
    "changed",
    [
        {"snippet": SNIPPET | {"liveBroadcastContent": "live"}, "contentDetails": {"duration": "P0D"}},
        {"snippet": SNIPPET | {"liveBroadcastContent": "upcoming"}, "contentDetails": {"duration": "P0D"}},
        {"liveStreamingDetails": {"actualStartTime": "2026-11-01T10:00:00Z"}},
    ],
)
def test_broadcasts_are_live_before_during_and_after(changed):
    found = read(**changed)

    assert found.video is not None
    assert found.video.format is VideoFormat.LIVE
    assert (found.video.duration_seconds is None) == (found.missing.get("duration_seconds") == NOT_OVER)


@pytest.mark.parametrize(
    ("words", "seconds"),
    [("PT1S", 1), ("PT1H2M3S", 3723), ("P1DT1H", 90_000), ("P1W", 604_800), ("P0D", 0), ("PT21M7S", 1267), (None, None)],
)
def test_a_duration_is_read_in_seconds(words, seconds):
    assert duration_seconds(words) == seconds


@pytest.mark.parametrize("words", ["", "P", "PT", "4:13", "PT4.5S", "253s", 253, ["PT1S"], "PT" + "9" * 30 + "S", "-PT1S"])
def test_what_is_no_duration_is_refused(words):
    with pytest.raises(Unreadable):
        duration_seconds(words)


@pytest.mark.parametrize(
    "changed",
    [
        {"statistics": {"viewCount": "many"}},
        {"statistics": {"viewCount": -1}},
        {"statistics": {"viewCount": 1.5}},
        {"statistics": ["viewCount"]},
        {"snippet": SNIPPET | {"publishedAt": "2026-11-01T10:00:00"}},
        {"snippet": SNIPPET | {"tags": "x" * 3, "title": ["a"]}},
        {"id": None},
        {"id": "https://x"},
    ],
)
def test_a_value_of_another_kind_is_refused(changed):
    with pytest.raises(Unreadable):
        read(**changed)


def test_who_may_see_it_is_known_only_where_the_owner_asked():
    found = [read(**changed).video for changed in ({}, {"status": {"privacyStatus": "unlisted"}})]

    assert [video.visibility for video in found if video] == [None, Visibility.UNLISTED]
    with pytest.raises(Unreadable):
        read(status={"privacyStatus": "secret"})


def test_a_channel_hides_its_subscribers_and_an_old_address_is_no_handle():
    item = {
        "id": "UC" + "a" * 22,
        "snippet": {"title": "One", "customUrl": "oldname", "publishedAt": "2011-01-01T00:00:00Z"},
        "contentDetails": {"relatedPlaylists": {"uploads": "UU" + "a" * 22}},
        "statistics": {"subscriberCount": "0", "hiddenSubscriberCount": True, "videoCount": "3"},
    }

    channel = read_channel(item)

    assert (channel.facts.followers, channel.facts.username, channel.facts.declared_videos) == (None, None, 3)
    assert (channel.uploads, channel.created_at) == ("UU" + "a" * 22, datetime(2011, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    "payload", [{}, [], None, "text", 5, {"kind": "youtube#videoListResponse", "items": [1]}, {"kind": "other", "items": []}]
)
def test_what_is_no_list_of_that_kind_is_refused(payload):
    with pytest.raises(Unreadable):
        items(payload, "youtube#videoListResponse")


# The recorded answers themselves.


@pytest.fixture(scope="module")
def recorded(real_data: Path) -> Path:
    return real_data / "youtube_data_api_v3/apidata"


def load(path: Path):
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["videos_info_multi", "videos_info_single", "videos_chart_paged_1", "videos_chart_paged_2"])
def test_recorded_videos_are_read(recorded: Path, name):
    found = [
        read_video(item, line=1, observed_at=NOW) for item in items(load(recorded / f"videos/{name}.json"), "youtube#videoListResponse")
    ]

    assert found
    assert all(each.video and each.video.title and each.video.posted_at and each.account.external_id for each in found)
    assert all(each.counters.views is None and each.missing["views"] for each in found)  # that part was not recorded


@pytest.mark.real_data
def test_a_recorded_channel_is_read(recorded: Path):
    first = read_channel(items(load(recorded / "channels/info_multiple.json"), "youtube#channelListResponse")[0])

    assert first.uploads.startswith("UU")
    assert first.facts.username
    assert first.facts.followers
    assert first.facts.declared_videos


@pytest.mark.real_data
def test_recorded_searches_and_pages_are_read(recorded: Path):
    found = items(load(recorded / "search/search_videos_by_channel.json"), "youtube#searchListResponse")
    page = load(recorded / "playlist_items/playlist_items_paged_1.json")
    details = load(recorded.parent / "modeldata/playlist_items/playlist_item_content_details.json")

    assert all(len(read_found(item)) == 11 for item in found)
    assert next_page(page) == "CAoQAA"
    assert read_listed({"contentDetails": details}).video_id == "D-lhorsDlUQ"


@pytest.mark.real_data
def test_recorded_comments_are_read(recorded: Path):
    threads = read_threads(load(recorded / "comment_threads/comment_threads_by_video_paged_1.json"))
    replies = read_replies(load(recorded / "comments/comments_by_parent_paged_1.json"), "Ugw5zYU6n9pmIgAZWvN4AaABAg")

    assert all(thread.top.text and thread.top.author_id and thread.top.posted_at and thread.top.likes is not None for thread in threads)
    assert [reply.text for reply in replies] == ["this is the third reply!", replies[1].text]
    assert {reply.parent_id for reply in replies} == {"Ugw5zYU6n9pmIgAZWvN4AaABAg"}
