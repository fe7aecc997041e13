"""The sandbox's hub verifies who subscribes, and pushes what the clock has passed, signed."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from domain.websub import is_signed, read_feed, topic_of
from tests.sandbox.google.place import Place


@dataclass
class Callback:
    """Somebody's callback: echoes the challenge unless told not to, and keeps what is pushed."""

    url: str = ""
    echoes: bool = True
    status: int = 204
    asked: list[dict[str, str]] = field(default_factory=list)
    pushed: list[tuple[bytes, str | None]] = field(default_factory=list)


@pytest.fixture
def callback() -> Iterator[Callback]:
    told = Callback()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.asked.append({name: words[0] for name, words in parse_qs(urlsplit(self.path).query).items()})
            self._say(200 if told.echoes else 404, told.asked[-1]["hub.challenge"].encode() if told.echoes else b"")

        def do_POST(self) -> None:
            told.pushed.append((self.rfile.read(int(self.headers["Content-Length"])), self.headers["X-Hub-Signature"]))
            self._say(told.status, b"")

        def _say(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        told.url = f"http://127.0.0.1:{server.server_port}/hook"
        yield told
        server.shutdown()


def subscribe(place: Place, callback: Callback, mode: str = "subscribe", **more: str) -> int:
    words = {"hub.mode": mode, "hub.topic": topic_of(place.channels[0].native_id), "hub.callback": callback.url, "hub.secret": "s3cret"}
    status = place.post(f"{place.url}/subscribe", data=words | more).status_code
    place.google.hub.settle()
    return status


def test_the_intent_is_verified_at_the_callback(place: Place, callback: Callback):
    assert subscribe(place, callback, **{"hub.lease_seconds": "3600"}) == 202

    assert [(asked["hub.mode"], asked["hub.lease_seconds"]) for asked in callback.asked] == [("subscribe", "3600")]
    assert len(place.google.hub.subscriptions) == 1


def test_a_callback_that_does_not_echo_is_not_subscribed(place: Place, callback: Callback):
    callback.echoes = False

    subscribe(place, callback)

    assert place.google.hub.subscriptions == {}


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"hub.mode": "publish"}, 400),
        ({"hub.lease_seconds": "a week"}, 400),
        ({"hub.topic": "https://example.com/feed"}, 400),
        ({"hub.topic": "https://www.youtube.com/xml/feeds/videos.xml?channel_id=UCnobody"}, 422),
        ({"hub.callback": "http://example.com/hook"}, 422),
    ],
)
def test_what_cannot_be_subscribed_is_refused(place: Place, callback: Callback, wrong, status):
    assert subscribe(place, callback, **wrong) == status


def test_a_post_that_the_clock_passes_is_pushed_once_and_signed(place: Place, callback: Callback):
    subscribe(place, callback)
    before = {post.native_id for post in place.public(place.channels[0])}

    assert place.google.hub.push_due() == 0
    place.clock.advance(timedelta(days=4))
    first = place.post(f"{place.url}/_google/push", json={}).json()
    second = place.google.hub.push_due()

    body, signature = callback.pushed[0]
    new = {post.native_id for post in place.public(place.channels[0])} - before
    assert (first["pushed"], second, len(callback.pushed)) == (1, 0, 1)
    assert is_signed(body, "s3cret", signature)
    assert {pushed.video_id for pushed in read_feed(body)} == new
    assert new


def test_an_edited_post_is_told_again_as_of_now(place: Place, callback: Callback):
    place.clock.advance(timedelta(days=4))
    subscribe(place, callback)

    pushed = place.post(f"{place.url}/_google/push", json={"edited": True}).json()["pushed"]

    [entry] = read_feed(callback.pushed[0][0])
    newest = place.public(place.channels[0])[0]
    assert (pushed, entry.video_id) == (1, newest.native_id)
    assert abs(entry.updated_at - place.clock.now()) < timedelta(seconds=1)


def test_a_push_that_was_not_taken_is_tried_again(place: Place, callback: Callback):
    subscribe(place, callback)
    place.clock.advance(timedelta(days=4))

    callback.status = 503
    refused = place.google.hub.push_due()
    callback.status = 204

    assert (refused, place.google.hub.push_due()) == (0, 1)
    assert callback.pushed[0][0] != b""
    assert [entry.key for entry in read_feed(callback.pushed[0][0])] == [entry.key for entry in read_feed(callback.pushed[1][0])]


def test_a_deleted_video_is_told_as_deleted(place: Place, callback: Callback):
    doomed = next(post for creator in place.channels for post in place.world.history(creator) if post.deleted_at)
    place.clock.advance(doomed.posted_at + timedelta(hours=1) - place.clock.now())
    subscribe(place, callback, **{"hub.topic": topic_of(doomed.creator.native_id), "hub.lease_seconds": "2000000"})

    place.clock.advance(timedelta(days=11))
    place.google.hub.push_due()

    told = [entry for body, _ in callback.pushed for entry in read_feed(body) if entry.video_id == doomed.native_id]
    assert [(entry.is_deleted, entry.updated_at) for entry in told] == [(True, doomed.deleted_at)]


def test_a_lease_ends_and_an_unsubscription_ends_it_earlier(place: Place, callback: Callback):
    subscribe(place, callback, **{"hub.lease_seconds": "3600"})
    place.clock.advance(timedelta(days=4))
    assert place.google.hub.push_due() == 0

    subscribe(place, callback)
    subscribe(place, callback, "unsubscribe")
    place.clock.advance(timedelta(days=4))

    assert place.google.hub.push_due() == 0
    assert callback.pushed == []
