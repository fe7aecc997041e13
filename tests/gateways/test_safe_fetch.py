"""The guard before short links: what is followed, and what nobody can make us ask."""

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from ipaddress import ip_address
from pathlib import Path

import pytest

from domain.addresses import Address, Reach, may_be_asked
from domain.errors import FailureCategory, SourceRefused, SourceUnavailable, Unacceptable
from gateways.bounded_http import trust
from gateways.roads import PublicRoad
from gateways.safe_fetch import LinkResolver
from sandbox.faults import Fault
from sandbox.net import Net, loop_net
from sandbox.road import SandboxRoad
from sandbox.serving import Answered, Asked, Desk
from sandbox.world import Clock

VIDEO = "https://www.tiktok.com/@some.body/video/7300000000000000001"
LEADS = {
    "/toVideo": VIDEO + "?_r=1&share_id=2",
    "/toPlain": VIDEO.replace("https", "http"),
    "/toProfile": "https://www.tiktok.com/@some.body",
    "/toOne": "https://vt.tiktok.com/toVideo",
    "/toThree": "/toOne",
    "/toFour": "/toThree",
    "/toFive": "/toFour",
    "/toItself": "/toItself",
    "/toOther": "https://elsewhere.example/",
    "/toHidden": "https://www.tiktok.com@elsewhere.example/",
    "/toLocal": "http://127.0.0.1:80/",
    "/toCloud": "http://169.254.169.254/latest/meta-data/",
    "/toPort": "https://www.tiktok.com:8443/@some.body",
    "/toFile": "file:///etc/passwd",
    "/toFeed": "https://www.tiktok.com/foryou",
    "/toYoutube": "https://youtu.be/abcdefghij1",
}


class ShortLinks:
    """Leads on as told. `heads` counts by method."""

    hosts = ("vm.tiktok.com", "vt.tiktok.com", "www.tiktok.com", "t.co")
    paths = ("/nowhere/",)

    def __init__(self) -> None:
        self.asked: list[Asked] = []

    def answer(self, asked: Asked) -> Answered | None:
        self.asked.append(asked)
        if asked.path == "/noHead" and asked.method == "HEAD":
            return Answered(405)
        if asked.path == "/noHead":
            return Answered(302, b"a body that nobody reads", {"Location": VIDEO})
        if asked.path == "/plainPage":
            return Answered.of_html("hello")
        if asked.path == "/longHead":
            return Answered(302, headers={"X-Long": "x" * 60_000, "Location": VIDEO})
        lead = LEADS.get(asked.path)
        return Answered(301, headers={"Location": lead}) if lead else None


@dataclass
class Standing:
    """A sandbox net, the service behind it and a resolver on its road."""

    desk: Desk
    links: ShortLinks
    net: Net
    resolver: LinkResolver


def port_of(net: Net) -> int:
    return int(net.proxy.rpartition(":")[2])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("net")


@pytest.fixture
def standing(folder: Path) -> Iterator[Standing]:
    links = ShortLinks()
    desk = Desk([links], Clock())
    with loop_net(desk, folder=folder) as net:
        yield Standing(desk, links, net, LinkResolver(SandboxRoad(port_of(net)), partial(trust, net.ca)))


@dataclass
class Road:
    """A road to addresses that a test names; it notes what it was made to dial, and reaches nobody."""

    found: Sequence[Address]
    reach: Reach = Reach.PUBLIC
    dialled: list[Address] = field(default_factory=list)

    def addresses(self, host: str, *, seconds: float) -> Sequence[Address]:
        return self.found

    def dial(self, address: Address, port: int, *, seconds: float) -> socket.socket:
        self.dialled.append(address)
        raise ConnectionRefusedError("nobody is there")


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("toVideo", VIDEO),
        ("toPlain", VIDEO),
        ("toProfile", "https://www.tiktok.com/@some.body"),
        ("toOne", VIDEO),
        ("noHead", VIDEO),
    ],
)
def test_a_short_link_is_followed_to_what_it_names(standing, path, found):
    assert standing.resolver.resolve(f"https://vm.tiktok.com/{path}") == found
    assert standing.net.refused == []


def test_what_names_something_already_is_not_asked(standing):
    assert standing.resolver.resolve("tiktok.com/@some.body/video/7300000000000000001?x=1") == VIDEO
    assert standing.links.asked == []


def test_a_link_of_x_may_lead_to_every_platform_and_one_of_tiktok_may_not(standing):
    assert standing.resolver.resolve("https://t.co/toYoutube") == "https://www.youtube.com/watch?v=abcdefghij1"

    with pytest.raises(Unacceptable, match=r"it leads to 'youtu\.be'"):
        standing.resolver.resolve("https://vm.tiktok.com/toYoutube")


def test_the_head_alone_is_asked_for_and_nothing_is_said_about_us(standing):
    standing.resolver.resolve("https://vm.tiktok.com/toVideo")

    (asked,) = standing.links.asked
    assert asked.method == "HEAD"
    assert set(asked.headers) == {"host", "user-agent", "accept", "connection"}


@pytest.mark.parametrize(
    "path", ["toOther", "toHidden", "toLocal", "toCloud", "toPort", "toFile", "toFeed", "toFive", "toItself", "plainPage"]
)
def test_what_leads_elsewhere_is_refused_and_nobody_else_is_asked(standing, path):
    with pytest.raises(Unacceptable):
        standing.resolver.resolve(f"https://vm.tiktok.com/{path}")

    assert standing.net.refused == []
    assert len(standing.links.asked) <= 4


def test_three_redirects_are_followed_and_no_fourth(standing):
    assert standing.resolver.resolve("https://vm.tiktok.com/toThree") == VIDEO
    assert len(standing.links.asked) == 3

    with pytest.raises(Unacceptable, match="more than 3 times"):
        standing.resolver.resolve("https://vm.tiktok.com/toItself")


def test_a_link_that_is_gone_is_refused_as_such(standing):
    with pytest.raises(SourceRefused) as caught:
        standing.resolver.resolve("https://vm.tiktok.com/gone")

    assert caught.value.category is FailureCategory.NOT_FOUND


@pytest.mark.parametrize(
    ("kind", "category"),
    [("429", FailureCategory.RATE_LIMIT), ("503", FailureCategory.API_ERROR), ("reset", FailureCategory.NETWORK)],
)
def test_trouble_on_the_way_may_pass(standing, kind, category):
    standing.desk.faults.add(Fault("vm.tiktok.com", kind))

    with pytest.raises(SourceUnavailable) as caught:
        standing.resolver.resolve("https://vm.tiktok.com/toVideo")

    assert caught.value.category is category
    assert standing.resolver.resolve("https://vm.tiktok.com/toVideo") == VIDEO


def test_a_head_without_end_is_not_read(standing):
    with pytest.raises(SourceUnavailable, match="too long"):
        standing.resolver.resolve("https://vm.tiktok.com/longHead")


def test_who_never_answers_is_not_waited_for(standing):
    standing.desk.faults.add(Fault("vm.tiktok.com", "timeout", seconds=60))
    hasty = LinkResolver(SandboxRoad(port_of(standing.net)), partial(trust, standing.net.ca), seconds=0.3)

    with pytest.raises(SourceUnavailable) as caught:
        hasty.resolve("https://vm.tiktok.com/toVideo")

    assert caught.value.category is FailureCategory.NETWORK


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:7f00:1", "64:ff9b::7f00:1", "203.0.113.1", "fd00:ec2::254"]
)
@pytest.mark.parametrize("others", [[], ["8.8.8.8"]])
def test_an_address_that_is_not_public_is_never_dialled_also_not_beside_one_that_is(address, others):
    road = Road([*map(ip_address, others), ip_address(address)])

    with pytest.raises(Unacceptable, match="not public"):
        LinkResolver(road, partial(trust, None)).resolve("https://vm.tiktok.com/toVideo")

    assert road.dialled == []


def test_the_checked_address_is_the_one_that_is_dialled():
    road = Road([ip_address("8.8.4.4"), ip_address("8.8.8.8")])

    with pytest.raises(SourceUnavailable, match="nobody is there"):
        LinkResolver(road, partial(trust, None)).resolve("https://vm.tiktok.com/toVideo")

    assert road.dialled == [ip_address("8.8.4.4")]


@pytest.mark.parametrize("address", ["8.8.8.8", "127.0.0.1", "192.0.2.1"])
def test_a_road_into_the_sandbox_leads_to_no_other_address(address):
    road = Road([ip_address(address)], reach=Reach.DOCUMENTATION)

    with pytest.raises(Unacceptable, match="not public"):
        LinkResolver(road, partial(trust, None)).resolve("https://vm.tiktok.com/toVideo")

    assert road.dialled == []


def test_the_name_in_the_certificate_must_be_the_hosts(standing, folder):
    with loop_net(Desk([], Clock()), folder=folder / "other") as other, pytest.raises(SourceUnavailable, match="CERTIFICATE_VERIFY_FAILED"):
        LinkResolver(SandboxRoad(port_of(standing.net)), partial(trust, other.ca)).resolve("https://vm.tiktok.com/toVideo")


@contextmanager
def listening(answer: bytes = b"") -> Iterator[tuple[int, list[bytes]]]:
    """Takes one connection, hears the beginning and says `answer`."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                heard.append(connection.recv(4096))
                connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1], heard
        thread.join(timeout=5)


def test_the_public_road_dials_the_address_itself():
    with listening(b"here") as (port, heard), PublicRoad().dial(ip_address("127.0.0.1"), port, seconds=5) as connection:
        connection.sendall(b"hello")

        assert connection.recv(10) == b"here"
    assert heard == [b"hello"]


def test_the_public_road_asks_an_egress_proxy_for_the_checked_address_and_not_for_the_name():
    with listening(b"HTTP/1.1 200 OK\r\n\r\n") as (port, heard):
        PublicRoad(f"http://127.0.0.1:{port}").dial(ip_address("8.8.8.8"), 443, seconds=5).close()

    assert heard[0].startswith(b"CONNECT 8.8.8.8:443 HTTP/1.")


def test_the_public_road_resolves_names_and_what_it_finds_here_is_refused():
    road = PublicRoad()

    assert ip_address("127.0.0.1") in road.addresses("localhost", seconds=10)
    assert not any(may_be_asked(address, road.reach) for address in road.addresses("localhost", seconds=10))


def test_a_name_that_takes_too_long_is_not_waited_for():
    ended = threading.Event()

    def never(*_words, **_more):
        ended.wait()
        return []

    with pytest.raises(TimeoutError, match="was not resolved"):
        PublicRoad(resolve=never).addresses("localhost", seconds=0.01)

    ended.set()


@pytest.mark.parametrize("host", ["a..tiktokcdn.com", f"{'a' * 64}.tiktokcdn.com"])
def test_what_can_be_no_name_is_said_at_once(host):
    with pytest.raises(OSError, match="label"):
        PublicRoad().addresses(host, seconds=60)


def test_a_short_link_that_leads_to_no_address_is_unacceptable(standing, monkeypatch):
    monkeypatch.setitem(LEADS, "/toNoAddress", "https://[0177.1]/")

    with pytest.raises(Unacceptable, match="leads to what is no address"):
        standing.resolver.resolve("https://vm.tiktok.com/toNoAddress")
