"""The wire to Google has bounds."""

import gzip
import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from domain.errors import SourceUnavailable
from gateways.youtube.transport import GoogleHttp, Wire
from sandbox.serving import Answered
from tests.gateways.scripted import saying
from tests.sandbox.google.place import Place


@contextmanager
def serving(talk: Callable[[socket.socket], object], *, is_bare: bool = True) -> Iterator[str]:
    """A server that speaks raw bytes to one client."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def once() -> None:
            client, _ = server.accept()
            with client:
                if is_bare:
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
    made = Wire(most_bytes=100_000)
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


def test_an_answer_that_never_comes_ends():
    gone, hasty = threading.Event(), Wire(silence_seconds=0.2)

    with serving(lambda _: gone.wait(60)) as url:
        assert category(hasty, url) == "network"
        gone.set()
    hasty.close()


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


@dataclass(frozen=True)
class Authority:
    """A certificate authority of our own, and a TLS server's context that it vouches for."""

    file: Path
    context: ssl.SSLContext


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    now, name = datetime.now(UTC), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    key = ec.generate_private_key(ec.SECP256R1())
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    signed = made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    (tmp_path / "ca.pem").write_bytes(signed)
    (tmp_path / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "ca.pem", tmp_path / "key.pem")
    return Authority(tmp_path / "ca.pem", context)


@pytest.mark.parametrize("is_trusted", [True, False])
def test_an_authority_is_trusted_only_where_that_is_configured(authority: Authority, is_trusted):
    def talk(client: socket.socket) -> None:
        with suppress(OSError), authority.context.wrap_socket(client, server_side=True) as wrapped:
            wrapped.recv(65_536)
            wrapped.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    wire = Wire(ca_file=authority.file if is_trusted else None)
    with serving(talk, is_bare=False) as url:
        if is_trusted:
            assert wire.send("GET", url.replace("http:", "https:")).body == b"{}"
        else:
            assert category(wire, url.replace("http:", "https:")) == "network"
    wire.close()


def test_who_asks_is_in_no_representation():
    http = GoogleHttp(Wire(), {"Authorization": "Bearer ya29.secret"})

    assert "secret" not in repr(http)
