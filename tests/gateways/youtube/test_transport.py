"""The wire to Google has bounds."""

import gzip
import socket
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from domain.errors import SourceUnavailable
from gateways.youtube.transport import GoogleHttp, Wire
from sandbox.serving import Answered
from tests.gateways.scripted import saying
from tests.sandbox.google.place import Place


@contextmanager
def serving(talk: Callable[[socket.socket], object]) -> Iterator[str]:
    """A server that speaks raw bytes to one client."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def once() -> None:
            client, _ = server.accept()
            with client:
                client.recv(65_536)
                talk(client)

        thread = threading.Thread(target=once, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        thread.join(timeout=5)


def packed(body: bytes) -> Answered:
    return Answered(200, body, {"Content-Encoding": "gzip", "Content-Type": "application/json"})


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    made = Wire(most_bytes=100_000, silence_seconds=0.2)
    yield made
    made.close()


def category(wire: Wire, url: str) -> str:
    with pytest.raises(SourceUnavailable) as failed:
        wire.send("GET", url)
    return failed.value.category.value


def test_a_packed_answer_is_unpacked(place: Place, wire: Wire):
    place.desk.services = (saying(packed(gzip.compress(b'{"a": 1}'))),)

    raw = wire.send("GET", place.url)

    assert (raw.status, raw.body) == (200, b'{"a": 1}')


def test_a_small_answer_cannot_become_a_huge_one(place: Place, wire: Wire):
    place.desk.services = (saying(packed(gzip.compress(b"0" * 50_000_000))),)

    assert category(wire, place.url) == "parse_error"


@pytest.mark.parametrize(
    "spoiled",
    [
        Answered(200, b"0" * 100_001),
        packed(gzip.compress(b'{"a": 1}' * 50)[:-12]),
        packed(b"this is not gzip"),
        Answered(200, zlib.compress(b"{}"), {"Content-Encoding": "deflate"}),
    ],
    ids=["large", "cut", "no gzip", "not asked for"],
)
def test_an_answer_that_is_not_whole_or_too_large_is_none(place: Place, wire: Wire, spoiled):
    place.desk.services = (saying(spoiled),)

    assert category(wire, place.url) == "parse_error"


def test_an_answer_that_never_comes_ends(wire: Wire):
    gone = threading.Event()

    with serving(lambda _: gone.wait(5)) as url:
        assert category(wire, url) == "network"
        gone.set()


def test_an_answer_that_drips_for_ever_ends():
    ticks = iter(range(0, 1000, 30))
    wire = Wire(seconds=60, now=lambda: float(next(ticks)))

    def drip(client: socket.socket) -> None:
        client.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            while True:
                client.sendall(b"1\r\na\r\n")
        except OSError:
            pass

    with serving(drip) as url:
        assert category(wire, url) == "network"
    wire.close()


@pytest.mark.parametrize(
    "said",
    [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", b"\x00\x01 nonsense\r\n\r\n"],
    ids=["closed", "cut", "nonsense"],
)
def test_a_connection_that_breaks_is_the_networks_fault(wire: Wire, said):
    with serving(lambda client: client.sendall(said)) as url:
        assert category(wire, url) == "network"


def test_a_port_where_nobody_listens_is_the_networks_fault(wire: Wire):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    assert category(wire, f"http://127.0.0.1:{port}/") == "network"


def test_redirects_are_not_followed(place: Place, wire: Wire):
    service = saying(Answered(302, headers={"Location": f"{place.url}/elsewhere"}))
    place.desk.services = (service,)

    assert wire.send("GET", f"{place.url}/here").status == 302
    assert [asked.path for asked in service.asked] == ["/here"]


def test_the_library_is_told_status_and_headers_as_it_expects(place: Place, wire: Wire):
    place.desk.services = (saying(Answered(429, b"{}", {"Retry-After": "5"})),)

    told, body = GoogleHttp(wire, {"Authorization": "Bearer x"}).request(place.url, "GET", headers={"user-agent": "test"})

    assert (told["status"], told["retry-after"], body) == ("429", "5", b"{}")


def test_what_is_not_on_this_machine_goes_through_the_proxy(place: Place):
    with serving(lambda client: client.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")) as proxy:
        wire = Wire(proxy=proxy)
        with pytest.raises(SourceUnavailable, match="ProxyError"):
            wire.send("GET", "https://www.googleapis.com/")
    place.desk.services = (saying({"here": True}),)

    assert wire.send("GET", place.url).status == 200
    wire.close()


def test_who_asks_is_in_no_representation():
    http = GoogleHttp(Wire(), {"Authorization": "Bearer ya29.secret"})

    assert "secret" not in repr(http)
