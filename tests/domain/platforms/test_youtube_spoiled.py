"""Whatever stands in an answer, it is read or refused by name: nothing else ever comes out."""

import copy
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Unacceptable
from domain.imports.values import Unreadable
from domain.owner_reports import SPECS
from domain.platforms.youtube import items, next_page, read_channel, read_found, read_listed, read_video
from domain.platforms.youtube_comments import read_replies, read_threads
from domain.platforms.youtube_reports import KIND, read_report
from domain.sources import Report
from domain.websub import read_feed

NOW = datetime(2026, 11, 25, tzinfo=UTC)
COMMENT = {
    "id": "Ug1",
    "snippet": {
        "textOriginal": "Fine",
        "textDisplay": "Fine",
        "publishedAt": "2026-11-01T10:00:00Z",
        "likeCount": 3,
        "authorDisplayName": "@one",
        "authorChannelId": {"value": "UC1"},
    },
}
THUMBNAILS = {"high": {"url": "https://i/1.jpg"}}
ITEMS: dict[str, tuple[str, dict[str, Any], Callable[[Any], object]]] = {
    "video": (
        "youtube#videoListResponse",
        {
            "id": "aaaaaaaaaaa",
            "snippet": {
                "title": "One", "description": "#two @three", "publishedAt": "2026-11-01T10:00:00Z", "channelId": "UC1", "channelTitle": "",
                "categoryId": "26", "tags": ["a"], "liveBroadcastContent": "none", "thumbnails": THUMBNAILS,
            },
            "contentDetails": {"duration": "PT4M13S"},
            "statistics": {"viewCount": "5", "likeCount": "1", "commentCount": "0"},
            "status": {"privacyStatus": "public"},
        },
        lambda payload: [read_video(item, line=1, observed_at=NOW) for item in items(payload, "youtube#videoListResponse")],
    ),
    "channel": (
        "youtube#channelListResponse",
        {
            "id": "UC1",
            "snippet": {"title": "One", "description": "", "customUrl": "@one", "publishedAt": "2020-01-01", "thumbnails": THUMBNAILS},
            "contentDetails": {"relatedPlaylists": {"uploads": "UU1"}},
            "statistics": {"subscriberCount": "7", "hiddenSubscriberCount": False, "videoCount": "2"},
        },
        lambda payload: [read_channel(item) for item in items(payload, "youtube#channelListResponse")],
    ),
    "listed": (
        "youtube#playlistItemListResponse",
        {"contentDetails": {"videoId": "aaaaaaaaaaa", "videoPublishedAt": "2026-11-01T10:00:00Z"}},
        lambda payload: ([read_listed(item) for item in items(payload, "youtube#playlistItemListResponse")], next_page(payload)),
    ),
    "found": (
        "youtube#searchListResponse",
        {"id": {"kind": "youtube#video", "videoId": "aaaaaaaaaaa"}},
        lambda payload: [read_found(item) for item in items(payload, "youtube#searchListResponse")],
    ),
    "thread": (
        "youtube#commentThreadListResponse",
        {"snippet": {"topLevelComment": COMMENT, "totalReplyCount": 1}, "replies": {"comments": [COMMENT]}},
        read_threads,
    ),
    "reply": ("youtube#commentListResponse", COMMENT, lambda payload: read_replies(payload, "Ug0")),
}  # fmt: skip
SPEC = SPECS[Report.TRAFFIC]
TABLE = {
    "kind": KIND,
    "columnHeaders": [{"name": name, "columnType": "x", "dataType": "x"} for name in (*SPEC.dimensions, *SPEC.metrics)],
    "rows": [["2026-11-01", "YT_SEARCH", 5, 2.5]],
}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(["", "-1", "1e9", "[1]", "{'a': 1}"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=3,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(inner, (*path, key))


def spoil(payload: Any, path: tuple[Any, ...], by: Any) -> Any:
    spoiled = copy.deepcopy(payload)
    inner = spoiled
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = by
    return spoiled


@pytest.mark.parametrize("name", ITEMS)
@settings(max_examples=60, deadline=None)
@given(by=ANYTHING, chance=st.integers(min_value=0))
def test_an_answer_with_anything_in_any_place_is_read_or_refused(name, by, chance):
    kind, item, read = ITEMS[name]
    payload = {"kind": kind, "nextPageToken": "x", "items": [item]}
    there = list(places(payload))

    with suppress(Unreadable):
        read(spoil(payload, there[chance % len(there)], by))


@settings(max_examples=100, deadline=None)
@given(by=ANYTHING, chance=st.integers(min_value=0))
def test_a_report_with_anything_in_any_place_is_read_or_refused(by, chance):
    there = list(places(TABLE))

    with suppress(Unreadable):
        read_report(spoil(TABLE, there[chance % len(there)], by), SPEC)


@settings(max_examples=100, deadline=None)
@given(
    st.binary(max_size=200) | st.text(max_size=200).map(lambda words: f"<feed xmlns='http://www.w3.org/2005/Atom'>{words}</feed>".encode())
)
def test_any_bytes_are_a_feed_or_refused(body):
    with suppress(Unacceptable):
        read_feed(body)
