"""Every fault on real sockets: what the other side sees, that it is counted down, and that it is over then."""

import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import httpx
import pytest

from sandbox.faults import EARLY, LATE, STATUS, Fault
from sandbox.misbehaving import bomb
from sandbox.net import loop_net
from sandbox.serving import Answered, Asked, Desk, running
from sandbox.world import Clock

WORDS = {"items": [{"views": 12, "likes": 3, "title": "a", "is_live": False}], "next_cursor": "7", "has_next_page": False}
VERIFY = "verify"


class Lists:
    """A list in pages."""

    hosts = ("api.example.org",)
    paths = ("/",)

    def answer(self, asked: Asked) -> Answered:
        return Answered.of_json(WORDS)


@pytest.fixture
def desk() -> Desk:
    return Desk([Lists()], Clock())


@pytest.fixture
def client(desk: Desk) -> Iterator[httpx.Client]:
    with running(desk) as server, httpx.Client(base_url=server.url, timeout=5, trust_env=False, verify=False) as client:
        yield client


def whole(client: httpx.Client, path: str = "/list") -> bool:
    return bool(client.get(path).json() == WORDS)


@pytest.mark.parametrize("kind", sorted(STATUS))
def test_a_refusal_has_its_status_and_is_over_after_its_times(desk, client, kind):
    desk.faults.add(Fault("/list", kind, times=2))

    statuses = [client.get("/list").status_code for _ in range(3)]

    assert statuses == [STATUS[kind], STATUS[kind], 200]


@pytest.mark.parametrize("retry_after", [None, "7", "Wed, 25 Nov 2026 12:00:00 GMT"])
def test_a_refusal_says_when_to_come_back_only_when_told_to(desk, client, retry_after):
    desk.faults.add(Fault("/list", "429", retry_after=retry_after))

    assert client.get("/list").headers.get("Retry-After") == retry_after


def test_only_the_named_route_has_the_fault(desk, client):
    desk.faults.add(Fault("^127.0.0.1/broken$", "500"))

    assert whole(client)
    assert client.get("/broken").status_code == 500


def test_a_time_out_ends_without_an_answer(desk, client):
    desk.faults.add(Fault("/list", "timeout", seconds=0.05))

    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        client.get("/list")
    assert whole(client)


def test_who_gives_up_first_keeps_no_thread_waiting(desk, client):
    desk.faults.add(Fault("/list", "timeout", seconds=60))
    began = monotonic()

    with pytest.raises(httpx.ReadTimeout):
        client.get("/list", timeout=0.05)

    assert whole(client)
    assert monotonic() - began < 30


def test_a_reset_breaks_the_line(desk, client):
    desk.faults.add(Fault("/list", "reset"))

    with pytest.raises(httpx.ReadError, match="reset"):
        client.get("/list")
    assert whole(client)


def test_a_page_comes_where_json_was_due(desk, client):
    desk.faults.add(Fault("/list", "html"))

    answer = client.get("/list")

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_an_answer_may_be_empty(desk, client):
    desk.faults.add(Fault("/list", "empty"))
    desk.faults.add(Fault("/list", "empty", body="[]"))

    assert [client.get("/list").content for _ in range(2)] == [b"", b"[]"]


@pytest.mark.parametrize("kind", ["cut", "cut_chunk"])
def test_a_cut_answer_ends_in_the_middle(desk, client, kind):
    desk.faults.add(Fault("/list", kind))

    with pytest.raises(httpx.RemoteProtocolError, match="peer closed connection"):
        client.get("/list")
    assert whole(client)


def test_numbers_become_text_or_nothing(desk, client):
    desk.faults.add(Fault("/list", "types"))

    item = client.get("/list").json()["items"][0]

    assert item == {"views": "many", "likes": None, "title": "a", "is_live": False}


@pytest.mark.parametrize(("given", "found"), [("?cursor=7", "7"), ("?cursor=", ""), ("?pageToken=x", "x")])
def test_a_page_points_back_at_itself_and_says_that_there_is_more(desk, client, given, found):
    desk.faults.add(Fault("/list", "same_cursor"))

    words = client.get(f"/list{given}").json()

    assert (words["next_cursor"], words["has_next_page"]) == (found, True)


def test_a_drip_is_slow_and_whole(desk, client):
    desk.faults.add(Fault("/list", "drip", seconds=0.2))
    began = monotonic()

    assert whole(client)
    assert monotonic() - began >= 0.15


@pytest.mark.parametrize(
    ("path", "word"),
    [("/api/post/item_list/", VERIFY), ("/youtubei/v1/player", "not a bot"), ("/@somebody", "captcha")],
)
def test_a_captcha_looks_as_the_provider_words_it(desk, client, path, word):
    desk.faults.add(Fault(path, "captcha"))

    answer = client.get(path)

    assert answer.status_code == 200
    assert word in answer.text


@pytest.mark.parametrize(
    ("path", "status", "word"),
    [
        ("/youtube/v3/videos", 403, "quotaExceeded"),
        ("/twitter/user/info", 402, "Credits"),
        ("/datasets/v3/trigger", 402, "balance"),
    ],
)
def test_a_used_up_quota_looks_as_the_provider_words_it(desk, client, path, status, word):
    desk.faults.add(Fault(path, "quota"))

    answer = client.get(path)

    assert answer.status_code == status
    assert word in answer.text


def test_a_bomb_is_small_on_the_wire_and_large_in_memory():
    packed = bomb(10_000_000)

    assert len(packed) < 20_000
    assert len(zlib.decompress(packed, 31)) == 10_000_002
    assert json.loads(zlib.decompress(packed, 31)) == {}


def test_a_bomb_is_sent_as_gzip(desk, client):
    desk.faults.add(Fault("/list", "gzip_bomb"))

    with client.stream("GET", "/list") as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert int(answer.headers["Content-Length"]) < 1_000_000
        assert len(next(answer.iter_bytes(1_000_000))) == 1_000_000


@pytest.mark.parametrize("kind", ["reset", "cut", "drip", "timeout", "429"])
def test_faults_work_behind_the_proxy_as_well(desk, tmp_path: Path, kind):
    with loop_net(desk, folder=tmp_path) as net, httpx.Client(proxy=net.proxy, verify=False, trust_env=False) as client:
        desk.faults.add(Fault("api.example.org/list", kind, seconds=0.02))

        try:
            seen = str(client.get("https://api.example.org/list").status_code)
        except httpx.TransportError as error:
            seen = type(error).__name__

        # Below TLS a reset may be read as an end that came too early.
        broken = {"ReadError", "RemoteProtocolError"}
        assert seen in {"reset": broken, "cut": broken, "drip": {"200"}, "timeout": broken, "429": {"429"}}[kind]
        assert client.get("https://api.example.org/list").json() == WORDS


@pytest.mark.parametrize("kind", sorted(EARLY | LATE))
def test_every_kind_can_be_switched_on_over_the_control_door(desk, client, kind):
    waiting = client.post("/_control/faults", json={"where": "/never", "kind": kind}).json()["waiting"]

    assert waiting == [{"where": "/never", "kind": kind, "times": 1}]
    assert client.request("DELETE", "/_control/faults").json()["waiting"] == []


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="choose from 401, 403"):
        Fault("/", "earthquake")


@pytest.mark.parametrize(
    ("what", "body", "words"),
    [
        ("faults", '{"where": "(", "kind": "429"}', "not a regular expression"),
        ("faults", '{"where": "/", "kind": "mood"}', "choose from"),
        ("faults", '{"wher": "/", "kind": "429"}', "wher"),
        ("faults", "7", "faults"),
        ("faults", "{", "faults"),
        ("clock", '{"advance_seconds": "soon"}', "clock"),
        ("latency", "{}", "seconds"),
    ],
)
def test_what_the_control_door_cannot_do_it_says_and_does_not(desk, client, what, body, words):
    answer = client.post(f"/_control/{what}", content=body)

    assert (answer.status_code, words in answer.json()["error"]["message"]) == (400, True)
    assert (desk.faults.waiting(), desk.latency_seconds, whole(client)) == ([], 0.0, True)


def test_a_door_that_is_not_there_says_which_are(client):
    answer = client.get("/_control/weather")

    assert (answer.status_code, "clock" in answer.json()["error"]["message"]) == (404, True)
