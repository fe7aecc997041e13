"""Nobody makes us call this machine or its networks: hostile spellings, names that stand for inner hosts, rebinding, redirects, slow names.

The fast form is in every run of the tests; `make fuzz-ssrf` runs 20,000 forms of each kind that is cheap, 2,000 redirects.
"""

import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from domain.addresses import may_be_asked
from domain.errors import SourceFailed, SourceRefused, SourceUnavailable, Unacceptable
from gateways.bounded_http import trust
from gateways.safe_fetch import LinkResolver
from gateways.thumbnails import Thumbnails
from sandbox.net import loop_net
from sandbox.road import SandboxRoad
from sandbox.serving import Answered, Asked, Desk
from sandbox.world import Clock
from tests.trust.campaign import seeded, told
from tests.trust.canary import Canary, HostileRoad, canary
from tests.trust.names import name_server
from tests.trust.spellings import HostileLink, hosts, links

SHORT, PICTURE = "https://vm.tiktok.com/ZMabcdef", "https://p16.tiktokcdn.com/a.jpeg"
PUBLIC, LOCAL = "93.184.215.14", "127.0.0.1"
INSIDE = "only insiders know"
FAST, FULL = 600, 20_000
FAST_REDIRECTS, FULL_REDIRECTS = 60, 2_000
sizes = pytest.mark.parametrize("forms", [FAST, pytest.param(FULL, marks=pytest.mark.fuzz)])
redirects = pytest.mark.parametrize("forms", [FAST_REDIRECTS, pytest.param(FULL_REDIRECTS, marks=pytest.mark.fuzz)])


@pytest.fixture
def listening() -> Iterator[Canary]:
    with canary() as found:
        yield found


def everything_is_here(host: str, port: int, **_: object) -> list[tuple[Any, ...]]:
    """Whatever is looked up stands for this machine."""
    return [(None, None, None, "", (LOCAL, port))]


def as_the_system_reads(written: str) -> Callable[..., list[tuple[Any, ...]]]:
    """A name that stands for what the system makes of these words: all forms of inet_aton, zones. Nobody is asked."""

    def resolve(host: str, port: int, **_: object) -> list[tuple[Any, ...]]:
        return list(socket.getaddrinfo(written, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST))

    return resolve


def test_the_canary_hears_whoever_is_not_held_back(listening: Canary):
    road = HostileRoad(listening.port, everything_is_here)

    (found,) = road.addresses("vm.tiktok.com", seconds=5)
    with road.dial(found, 443, seconds=5) as connection:
        connection.recv(1)

    assert (listening.visits, may_be_asked(found, road.reach)) == (1, False)


@sizes
def test_no_link_that_hides_an_inner_host_leads_there(listening: Canary, forms: int):
    road = HostileRoad(listening.port, everything_is_here)
    ways = LinkResolver(road, partial(trust, None)), Thumbnails(road, partial(trust, None))
    rules: Counter[str] = Counter()

    for link in islice(links(seeded("links")), forms):
        rules[link.rule] += 1
        assert INSIDE not in ended(ways[0].resolve, link)
        assert INSIDE not in ended(ways[1].read, link)

    told("links", forms=forms, rules=len(rules), calls=listening.visits, looked_up=len(road.dialled.names))
    assert (listening.visits, road.dialled.addresses) == (0, [])
    # What stays a platform's host after all is looked up; it stands for this machine here, and is refused for that.
    assert road.dialled.names
    assert [name for name in road.dialled.names if not re.fullmatch(r"[a-z0-9.-]+\.tiktokcdn\.com", name)] == []


def ended(ask: Callable[[str], object], link: HostileLink) -> str:
    """What it came to, in words. A link that names a profile of a platform is read without asking anybody."""
    try:
        return str(ask(link.url))
    except (Unacceptable, SourceRefused, SourceUnavailable) as error:
        return str(error)


@sizes
@pytest.mark.parametrize("way", ["link", "picture"])
def test_no_name_that_stands_for_an_inner_host_is_called(listening: Canary, forms: int, way: str):
    read = Counter[str]()

    for rule, written in islice(hosts(seeded("hosts")), forms):
        road = HostileRoad(listening.port, as_the_system_reads(written))
        with pytest.raises((Unacceptable, SourceFailed)) as refused:
            asked(way, road)
        read[rule] += "not public" in str(refused.value)
        assert road.dialled.addresses == []

    told(f"hosts, {way}", forms=forms, rules=len(read), read_by_the_system=sum(read.values()), calls=listening.visits)
    assert listening.visits == 0
    # A campaign that the system's reader refuses as a whole would prove nothing.
    assert {rule for rule, seen in read.items() if not seen} == set()


def asked(way: str, road: Any) -> object:
    certain = partial(trust, None)
    return LinkResolver(road, certain).resolve(SHORT) if way == "link" else Thumbnails(road, certain).read(PICTURE)


@pytest.mark.parametrize("rounds", [100, pytest.param(FULL, marks=pytest.mark.fuzz)])
def test_a_name_that_changes_between_looks_is_called_where_it_was_checked(listening: Canary, rounds: int):
    """It flips at every query: what is dialled is what was checked, and it is looked up once."""
    outcomes: Counter[str] = Counter()
    with name_server(lambda _, query: [PUBLIC if query % 2 else LOCAL]) as resolve:
        for number in range(rounds):
            road = HostileRoad(listening.port, resolve)
            with pytest.raises((Unacceptable, SourceFailed)) as refused:
                asked("link" if number % 4 < 2 else "picture", road)
            outcomes["refused" if "not public" in str(refused.value) else "dialled in public"] += 1
            assert len(road.dialled.names) == 1
            assert [str(each) for each in road.dialled.addresses] in ([PUBLIC], [])

    told("rebinding", rounds=rounds, calls=listening.visits, **outcomes)
    assert (listening.visits, set(outcomes)) == (0, {"refused", "dialled in public"})


@pytest.mark.parametrize("answer", [[PUBLIC, LOCAL], [LOCAL, PUBLIC], [PUBLIC] * 20 + ["::ffff:127.0.0.1"]])
def test_one_inner_address_among_public_ones_is_enough(listening: Canary, answer: list[str]):
    with name_server(lambda *_: answer) as resolve, pytest.raises(Unacceptable, match="not public"):
        asked("link", HostileRoad(listening.port, resolve))

    assert listening.visits == 0


@redirects
def test_no_redirect_leads_to_an_inner_host(listening: Canary, tmp_path: Path, forms: int):
    """The platform's own host leads there, at once or over other short links; what it says besides is read by nobody."""
    chosen = list(islice(links(seeded("redirects")), forms))
    with leading([each.url for each in chosen], tmp_path) as (resolver, refused):
        found = [ended(resolver.resolve, HostileLink(each.rule, f"https://vm.tiktok.com/hop{n:08d}")) for n, each in enumerate(chosen)]

    told("redirects", forms=forms, calls=listening.visits, asked_beyond_the_platforms=len(refused))
    assert (listening.visits, refused) == (0, [])
    assert [each for each in found if INSIDE in each] == []


class Redirecting:
    """/hop... leads to /end..., which leads to a link, with a body and headers that nobody is to see."""

    hosts = ("vm.tiktok.com", "vt.tiktok.com", "t.co", "www.tiktok.com")
    paths = ("/nowhere/",)

    def __init__(self, targets: list[str]) -> None:
        self._targets = targets

    def answer(self, asked: Asked) -> Answered | None:
        kind, number = asked.path[1:4], asked.path[4:]
        if not number.isdigit():
            return None
        # Bytes of a head are Latin-1, and a line break would end it.
        target = self._targets[int(number)].encode().decode("latin-1").replace("\r", "%0d").replace("\n", "%0a").replace("\0", "")
        to = f"https://vt.tiktok.com/end{number}" if kind == "hop" and int(number) % 2 else target
        return Answered(302, INSIDE.encode(), {"Location": to, "X-Inside": INSIDE})


@contextmanager
def leading(targets: list[str], folder: Path) -> Iterator[tuple[LinkResolver, list[str]]]:
    with loop_net(Desk([Redirecting(targets)], Clock()), folder=folder) as net:
        yield LinkResolver(SandboxRoad(int(net.proxy.rpartition(":")[2])), partial(trust, net.ca)), net.refused


def test_a_slow_name_is_left_behind_and_not_called_when_it_comes(listening: Canary):
    come, answered = threading.Event(), threading.Event()

    def slow(host: str, port: int, **_: object) -> list[tuple[Any, ...]]:
        come.wait(timeout=10)
        answered.set()
        return everything_is_here(host, port)

    road, began = HostileRoad(listening.port, slow), time.monotonic()
    with pytest.raises(SourceUnavailable, match="was not resolved"):
        LinkResolver(road, partial(trust, None), seconds=0.05).resolve(SHORT)
    took = time.monotonic() - began
    come.set()

    assert answered.wait(timeout=10)
    assert (took < 5, listening.visits, road.dialled.addresses) == (True, 0, [])
