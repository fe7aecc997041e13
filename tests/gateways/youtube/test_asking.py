"""A question to Google that is answered badly: the failure has a name, and nothing bad reaches the cache."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from domain.errors import SourceRefused, SourceUnavailable
from domain.observations import Platform
from domain.sources import Target
from gateways.youtube import YouTubeReader
from gateways.youtube.asking import Google
from sandbox.serving import Answered
from tests.gateways.errand import StraightErrand
from tests.gateways.scripted import error, page, saying
from tests.sandbox.google.place import EPOCH, Place

CHANNEL: dict[str, Any] = {
    "id": "UC" + "a" * 22,
    "snippet": {"title": "One", "customUrl": "@one_more", "publishedAt": "2020-01-01T00:00:00Z"},
    "contentDetails": {"relatedPlaylists": {"uploads": "UU" + "a" * 22}},
    "statistics": {"viewCount": "5", "subscriberCount": "7", "hiddenSubscriberCount": False, "videoCount": "2"},
}
VIDEO: dict[str, Any] = {
    "id": "aaaaaaaaaaa",
    "snippet": {"title": "A video", "publishedAt": "2026-11-01T00:00:00Z", "channelId": "UC" + "a" * 22, "liveBroadcastContent": "none"},
    "contentDetails": {"duration": "PT4M13S"},
    "statistics": {"viewCount": "5", "likeCount": "1", "commentCount": "0"},
}
WHO = Target(Platform.YOUTUBE, external_id=CHANNEL["id"])


@dataclass
class CachingErrand(StraightErrand):
    """Keeps what came through, as the fetch cache does."""

    kept: dict[str, object] = field(default_factory=dict)

    def fetch(self, ask, call):
        answer = super().fetch(ask, call)
        self.kept[ask.key] = answer.payload
        return answer


def listed(token: str | None = None) -> dict[str, Any]:
    item = {"contentDetails": {"videoId": "aaaaaaaaaaa", "videoPublishedAt": "2026-11-01T00:00:00Z"}}
    return page("playlistItemListResponse", [item], token)


@pytest.mark.parametrize(
    "spoiled",
    [
        Answered(200, b""),
        Answered(200, b"{}", {"Content-Type": "application/json"}),
        Answered(200, b"[]", {"Content-Type": "application/json"}),
        Answered(200, b"null", {"Content-Type": "application/json"}),
        Answered.of_html("<html><body>Before you continue</body></html>"),
        Answered(200, json.dumps(page("channelListResponse", [CHANNEL])).encode()[:-30], {"Content-Type": "application/json"}),
        Answered(200, b"[" * 200_000, {"Content-Type": "application/json"}),
        Answered.of_json(page("videoListResponse", [VIDEO])),
        Answered.of_json(page("channelListResponse", [CHANNEL | {"statistics": {"subscriberCount": ["7"]}}])),
        Answered.of_json(page("channelListResponse", [CHANNEL | {"snippet": 5}])),
        Answered.of_json({"kind": "youtube#channelListResponse", "items": "none"}),
        Answered.of_json({"kind": "youtube#channelListResponse", "items": ["UC"]}),
    ],
    ids=["nothing", "empty", "list", "null", "html", "cut", "deep", "other kind", "count", "snippet", "items", "item"],
)
def test_an_answer_that_is_none_is_never_no_channel(place: Place, client: Google, spoiled):
    place.desk.services, errand = (saying(spoiled),), CachingErrand()

    with pytest.raises(SourceUnavailable) as failed:
        YouTubeReader(client).account(WHO, errand, posts=5)

    assert failed.value.category == "parse_error"
    assert errand.kept == {}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"statistics": {"viewCount": "-5"}}, "viewCount"),
        ({"statistics": {"viewCount": {"n": 5}}}, "viewCount"),
        ({"contentDetails": {"duration": 253}}, "duration"),
        ({"snippet": VIDEO["snippet"] | {"publishedAt": "yesterday"}}, "publishedAt"),
        ({"id": "short"}, "id"),
    ],
)
def test_a_video_with_values_of_another_kind_spoils_the_whole_answer(place: Place, client: Google, wrong, words):
    answers = (page("channelListResponse", [CHANNEL]), listed(), page("videoListResponse", [VIDEO | wrong]))
    place.desk.services, errand = (saying(*answers),), CachingErrand()

    with pytest.raises(SourceUnavailable, match=words) as failed:
        YouTubeReader(client).account(WHO, errand, posts=5)

    assert failed.value.category == "parse_error"
    assert len(errand.kept) == 2


def test_listed_videos_that_vanish_all_at_once_are_a_fault_and_not_zero_videos(place: Place, client: Google):
    items = [{"contentDetails": {"videoId": letter * 11}} for letter in "abc"]
    answers = (page("channelListResponse", [CHANNEL]), page("playlistItemListResponse", items), page("videoListResponse"))
    place.desk.services = (saying(*answers),)

    with pytest.raises(SourceUnavailable, match="none of 3 listed videos"):
        YouTubeReader(client).account(WHO, StraightErrand(), posts=5)


def test_a_page_that_names_itself_as_the_next_one_ends(place: Place, client: Google):
    place.desk.services = (saying(page("channelListResponse", [CHANNEL]), listed("same")),)

    with pytest.raises(SourceUnavailable, match="the same page again") as failed:
        YouTubeReader(client).account(WHO, StraightErrand(), posts=500)

    assert failed.value.category == "parse_error"


def test_a_refusal_is_no_answer_and_is_asked_once(place: Place, client: Google):
    service = saying(error(503, "backendError", Retry_After="7"))
    place.desk.services, errand = (service,), CachingErrand()

    with pytest.raises(SourceUnavailable) as failed:
        YouTubeReader(client).account(WHO, errand, posts=5)

    assert (failed.value.category, failed.value.retry_after_seconds) == ("api_error", 7.0)
    assert len(service.asked) == 1
    assert errand.kept == {}


def test_the_key_goes_into_a_header_and_never_into_an_address(place: Place, client: Google):
    service = saying(error(404, "channelNotFound"))
    place.desk.services = (service,)

    with pytest.raises(SourceRefused, match="channelNotFound") as failed:
        YouTubeReader(client).account(WHO, StraightErrand(), posts=5)

    asked = service.asked[0]
    assert asked.headers["x-goog-api-key"] == "sandbox-api-key"
    assert "key" not in asked.query
    assert "sandbox-api-key" not in f"{failed.value!r}{failed.value.__cause__!r}{client!r}"


def test_an_answer_from_the_cache_keeps_the_moment_it_was_fetched_at(place: Place, client: Google):
    place.desk.services = (saying(page("videoListResponse", [VIDEO])),)
    errand, reader = CachingErrand(), YouTubeReader(client)

    read = reader.posts(["aaaaaaaaaaa"], errand)

    assert errand.answers[0].fetched_at == read.fetched_at == read.posts[0].observed_at == EPOCH
    assert json.loads(json.dumps(errand.answers[0].payload)) == errand.answers[0].payload
