"""HTTP with bounds: what every misbehaviour of a provider becomes, what is tried again, and what is not."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.errors import FailureCategory, SourceFailed, SourceRefused, SourceUnavailable
from gateways.bounded_http import BoundedHttp, Form, Limits, Route
from sandbox.faults import Fault
from sandbox.net import loop_net
from sandbox.serving import Answered, Asked, Desk, Server, running
from sandbox.world import Clock

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
LIMITS = Limits(
    connect_seconds=5, read_seconds=10, total_seconds=20, decoded_bytes=1_000_000, tries=3, first_wait_seconds=0.01, wait_seconds=0.05
)
# For what never answers; a busy machine must not look like that elsewhere.
HASTY = replace(LIMITS, read_seconds=0.1, total_seconds=0.2)


class Echo:
    """Says back what it was sent."""

    hosts = ("api.example.org",)
    paths = ("/",)

    def answer(self, asked: Asked) -> Answered | None:
        if asked.path == "/away":
            return Answered(302, headers={"Location": "http://127.0.0.1:1/elsewhere"})
        if asked.path == "/missing":
            return None
        return Answered.of_json({"body": asked.body.decode(), "query": dict(asked.query), "key": asked.headers.get("x-key")})


@pytest.fixture
def desk() -> Desk:
    return Desk([Echo()], Clock())


@pytest.fixture
def server(desk: Desk) -> Iterator[Server]:
    with running(desk) as server:
        yield server


@pytest.fixture
def http(server: Server) -> Iterator[BoundedHttp]:
    made = BoundedHttp("echo", Route(server.url, {"X-Key": "k"}), LIMITS, now=lambda: NOW)
    yield made
    made.close()


@pytest.fixture
def hasty(server: Server) -> Iterator[BoundedHttp]:
    made = BoundedHttp("echo", Route(server.url), HASTY, now=lambda: NOW)
    yield made
    made.close()


def failing(http: BoundedHttp, path: str = "/x") -> SourceFailed:
    with pytest.raises(SourceFailed) as caught:
        http.get(path)
    return caught.value


def test_an_answer_is_json_with_its_status_and_moment(http):
    answer = http.post("/x", {"a": "1"}, [{"url": "u"}])

    assert answer.payload == {"body": '[{"url": "u"}]', "query": {"a": "1"}, "key": "k"}
    assert (answer.status, answer.fetched_at) == (200, NOW)


@pytest.mark.parametrize(
    ("kind", "category"),
    [
        ("429", FailureCategory.RATE_LIMIT),
        ("500", FailureCategory.API_ERROR),
        ("502", FailureCategory.API_ERROR),
        ("503", FailureCategory.API_ERROR),
        ("timeout", FailureCategory.NETWORK),
        ("drip", FailureCategory.NETWORK),
        ("reset", FailureCategory.NETWORK),
        ("cut", FailureCategory.NETWORK),
        ("cut_chunk", FailureCategory.NETWORK),
        ("html", FailureCategory.PARSE_ERROR),
        ("empty", FailureCategory.PARSE_ERROR),
        ("captcha", FailureCategory.PARSE_ERROR),
    ],
)
def test_what_may_pass_is_unavailable_and_was_tried_three_times(desk, http, hasty, kind, category):
    desk.faults.add(Fault("/x", kind, times=3, seconds=5))

    error = failing(hasty if kind in ("timeout", "drip") else http)

    assert isinstance(error, SourceUnavailable)
    assert error.category is category
    assert len(desk.log) == 3


@pytest.mark.parametrize("kind", ["429", "503", "reset", "cut", "html", "empty"])
def test_trouble_that_passes_is_not_seen(desk, http, kind):
    desk.faults.add(Fault("/x", kind, times=2))

    assert http.get("/x").status == 200
    assert len(desk.log) == 3


@pytest.mark.parametrize(
    ("kind", "category"),
    [("401", FailureCategory.NOT_CONFIGURED), ("403", FailureCategory.BLOCKED)],
)
def test_what_will_not_pass_is_refused_and_asked_once(desk, http, kind, category):
    desk.faults.add(Fault("/x", kind, times=3))

    error = failing(http)

    assert isinstance(error, SourceRefused)
    assert error.category is category
    assert len(desk.log) == 1


def test_what_is_not_there_is_refused_as_such(http):
    assert failing(http, "/missing").category is FailureCategory.NOT_FOUND


def test_a_redirect_is_not_followed(desk, http):
    error = failing(http, "/away")

    assert isinstance(error, SourceRefused)
    assert "302" in str(error)
    assert len(desk.log) == 1


def test_a_bomb_is_stopped_at_the_limit(desk, http):
    desk.faults.add(Fault("/x", "gzip_bomb", times=3))

    error = failing(http)

    assert "larger than 1,000,000 bytes" in str(error)
    assert error.category is FailureCategory.PARSE_ERROR


def test_gzip_of_the_usual_size_is_read_and_a_cut_one_is_not(desk, http):
    import gzip

    packed = gzip.compress(b'{"n": 1}')

    class Packed(Echo):
        def answer(self, asked: Asked) -> Answered | None:
            body = packed if asked.path == "/whole" else packed[:-8]
            return Answered(body=body, headers={"Content-Encoding": "gzip"})

    desk.services = (Packed(),)

    assert http.get("/whole").payload == {"n": 1}
    assert "ends too early" in str(failing(http, "/cut"))


def test_a_short_wait_that_the_provider_asks_for_is_kept(desk, http):
    desk.faults.add(Fault("/x", "429", retry_after="0"))

    assert http.get("/x").status == 200


@pytest.mark.parametrize(
    ("word", "seconds"),
    [("120", 120.0), ("Wed, 25 Nov 2026 12:05:00 GMT", 300.0), ("999999999", 86_400.0)],
)
def test_a_long_wait_is_handed_on_and_nobody_waits_for_it(desk, http, word, seconds):
    desk.faults.add(Fault("/x", "429", times=3, retry_after=word))

    error = failing(http)

    assert error.retry_after_seconds == seconds
    assert len(desk.log) == 1


@pytest.mark.parametrize("word", ["soon", "-5", "Wed, 25 Nov", ""])
def test_a_wait_that_cannot_be_read_is_as_if_it_were_not_there(desk, http, word):
    desk.faults.add(Fault("/x", "429", times=3, retry_after=word))

    assert failing(http).retry_after_seconds is None


@pytest.mark.parametrize("kind", ["500", "reset", "timeout", "html"])
def test_what_may_have_been_done_is_not_sent_twice(desk, http, hasty, kind):
    desk.faults.add(Fault("/x", kind, times=3, seconds=5))

    with pytest.raises(SourceUnavailable):
        (hasty if kind == "timeout" else http).post("/x", {}, {"buy": 1})

    assert len(desk.log) == 1


def test_what_was_turned_away_may_be_sent_again(desk, http):
    desk.faults.add(Fault("/x", "429", times=2))

    assert http.post("/x", {}, {"buy": 1}).status == 200


def test_nobody_there_is_unavailable(server):
    http = BoundedHttp("echo", Route("http://127.0.0.1:1"), LIMITS)

    error = failing(http)
    http.close()

    assert isinstance(error, SourceUnavailable)
    assert error.category is FailureCategory.NETWORK


def test_the_proxy_and_its_authority_are_used_except_for_this_machine(desk, server, tmp_path: Path):
    with loop_net(desk, folder=tmp_path) as net:
        far = BoundedHttp("echo", Route("https://api.example.org", proxy=net.proxy, ca_file=net.ca), LIMITS)
        near = BoundedHttp("echo", Route(server.url, proxy=net.proxy, ca_file=net.ca), LIMITS)
        other = BoundedHttp("echo", Route("https://other.example", proxy=net.proxy, ca_file=net.ca), LIMITS)

        assert [far.get("/x").status, near.get("/x").status] == [200, 200]
        assert failing(other).category is FailureCategory.NETWORK
        assert net.refused == ["other.example:443"] * 3
        for made in (far, near, other):
            made.close()


def test_an_authority_that_nobody_named_is_not_trusted(desk, tmp_path: Path):
    with loop_net(desk, folder=tmp_path) as net:
        http = BoundedHttp("echo", Route("https://api.example.org", proxy=net.proxy), LIMITS)

        error = failing(http)
        http.close()

        assert "CERTIFICATE_VERIFY_FAILED" in str(error)


def test_a_secret_is_not_in_what_is_shown():
    assert "k3y" not in repr(Route("https://api.example.org", {"Authorization": "Bearer k3y"}))


def test_a_form_is_sent_with_its_file_and_every_value_of_a_name(http: BoundedHttp) -> None:
    answer = http.post("/x", {}, Form({"model": "m", "kinds[]": ["a", "b"]}, "sound.wav", b"RIFF\x00", "audio/wav"))

    body = answer.payload["body"]  # type: ignore[index]  # Echo answers so
    assert body.count('name="kinds[]"') == 2
    assert 'name="file"; filename="sound.wav"\r\nContent-Type: audio/wav\r\n\r\nRIFF\x00' in body
