"""The sandbox words its answers as the recorded ones are worded: the same keys, with values of the same kind."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from sandbox.google.project import has_comments_off
from tests.sandbox.google.place import Place

pytestmark = pytest.mark.real_data

# What the recordings, mostly of 2019, do not have yet. Source: the discovery document.
LATER = {
    "search": {"items.snippet.publishTime"},
    "playlistItems": {"items.snippet.videoOwnerChannelTitle", "items.snippet.videoOwnerChannelId"},
    "commentThreads": {"items.snippet.channelId"},
}
RECORDED = [
    ("channels", "channels/info_multiple.json", "snippet,contentDetails,statistics"),
    ("channels", "channel_info_single.json", "snippet,statistics"),
    ("videos", "videos/videos_info_multi.json", "snippet,player"),
    ("videos", "videos/videos_chart_paged_1.json", "snippet,player"),
    ("playlistItems", "playlist_items/playlist_items_paged_1.json", "snippet"),
    ("search", "search/search_videos_by_channel.json", "snippet"),
    ("search", "search/search_by_keywords_p1.json", "snippet"),
    ("commentThreads", "comment_threads/comment_threads_by_video_paged_1.json", "snippet"),
    ("comments", "comments/comments_by_parent_paged_1.json", "snippet"),
    ("captions", "captions/captions_by_video.json", "snippet"),
]
# Parts that were recorded on their own. There the views are written as a number, which neither the whole answers nor the document do.
PARTS = [
    ("channels", "contentDetails", "channels/channel_content_details.json", set()),
    ("channels", "status", "channels/channel_status.json", {"madeForKids"}),
    ("channels", "statistics", "channels/channel_statistics.json", set()),
    ("videos", "contentDetails", "videos/video_content_details.json", set()),
    ("videos", "statistics", "videos/video_statistics.json", set()),
    ("videos", "status", "videos/video_status.json", set()),
    ("videos", "topicDetails", "videos/video_topic_details.json", set()),
    ("playlistItems", "contentDetails", "playlist_items/playlist_item_content_details.json", set()),
    ("playlistItems", "status", "playlist_items/playlist_item_status.json", set()),
    ("commentThreads", "replies", "comments/comment_thread_replies.json", set()),
]


def kinds(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every path of an answer with the kind of what stands there; an item of a list stands for all of them."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from kinds(inner, f"{path}.{name}".lstrip("."))
    elif isinstance(value, list):
        for inner in value:
            yield from kinds(inner, path)
    else:
        yield path, "number" if isinstance(value, int) and not isinstance(value, bool) else type(value).__name__


def ours(place: Place, what: str, part: str) -> Any:
    creator = place.channels[0]
    open_to_all = [post for post in place.public(creator) if not has_comments_off(post)]
    post = max(open_to_all, key=lambda each: place.world.seen(each, at=place.clock.now()).comments)
    threads = place.get("/youtube/v3/commentThreads", key="sandbox-api-key", part="snippet", videoId=post.native_id, maxResults=100).json()
    answered = next(item["id"] for item in threads["items"] if item["snippet"]["totalReplyCount"])
    words: dict[str, dict[str, object]] = {
        "channels": {"id": ",".join(each.native_id for each in place.channels)},
        "videos": {"chart": "mostPopular", "regionCode": "US", "maxResults": 2},
        "playlistItems": {"playlistId": creator.second_id, "maxResults": 2},
        "search": {"channelId": creator.native_id, "type": "video", "maxResults": 2},
        "commentThreads": {"videoId": post.native_id, "maxResults": 100},
        "comments": {"parentId": answered, "maxResults": 100},
        "captions": {"videoId": post.native_id},
    }
    return place.get(f"/youtube/v3/{what}", key="sandbox-api-key", part=part, **words[what]).json()


@pytest.mark.parametrize(("what", "recording", "part"), RECORDED)
def test_answers_have_the_keys_and_kinds_of_the_recorded_ones(place: Place, real_data: Path, what, recording, part):
    recorded = dict(kinds(json.loads((real_data / "youtube_data_api_v3/apidata" / recording).read_text(encoding="utf-8"))))

    made = dict(kinds(ours(place, what, part)))

    shared = recorded.keys() & made.keys()
    assert {path: (made[path], recorded[path]) for path in shared if made[path] != recorded[path]} == {}
    assert {path for path in made.keys() - recorded.keys() if not path.endswith("Token")} - LATER.get(what, set()) == set()
    assert {"kind", "etag"} <= shared
    assert len(shared) >= 10


@pytest.mark.parametrize(("what", "part", "recording", "later"), PARTS)
def test_a_part_has_the_keys_and_kinds_of_the_recorded_one(place: Place, real_data: Path, what, part, recording, later):
    recorded = dict(kinds(json.loads((real_data / "youtube_data_api_v3/modeldata" / recording).read_text(encoding="utf-8"))))
    recorded.pop("viewCount", None)

    made = dict(kinds([item.get(part, {}) for item in ours(place, what, part)["items"]]))

    shared = recorded.keys() & made.keys()
    assert {path: (made[path], recorded[path]) for path in shared if made[path] != recorded[path]} == {}
    assert made.keys() - recorded.keys() - {"viewCount", "relatedPlaylists.likes"} == later
    assert shared


def test_refusals_are_worded_as_the_recorded_ones(place: Place, real_data: Path):
    folder = real_data / "youtube_data_api_v3"
    recorded = json.loads((folder / "error_response.json").read_text(encoding="utf-8"))["error"]
    permission = json.loads((folder / "apidata/error_permission_resp.json").read_text(encoding="utf-8"))["error"]

    made = place.get("/youtube/v3/videos", key="wrong", part="id", id="x").json()["error"]

    assert dict(kinds(recorded)).items() <= (dict(kinds(made)) | {"errors.locationType": "str"}).items()
    assert made.keys() - {"details"} == permission.keys()
    assert made["code"] == recorded["code"] == 400
