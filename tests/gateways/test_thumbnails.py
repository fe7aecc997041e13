"""Thumbnails fetched from the sandbox's image hosts: measured as they were drawn, and nobody else is ever asked."""

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from socket import socket

import pytest

from domain.addresses import Address, Reach
from domain.errors import FailureCategory, SourceRefused, SourceUnavailable
from gateways.bounded_http import trust
from gateways.images import MOST_BYTES
from gateways.thumbnails import Thumbnails
from sandbox.faults import Fault
from sandbox.google.resources import thumbnails as of_youtube
from sandbox.net import Net, loop_net
from sandbox.pictures import Pictures, look_of
from sandbox.road import SandboxRoad
from sandbox.serving import Answered, Asked, Desk
from sandbox.tiktok import TikTok
from sandbox.tiktok.items import image
from sandbox.world import Clock, Post, World, make_world
from sandbox.youtube_pages import YoutubePages
from tests.gateways.loopback import EPOCH

HOST = "https://p16.tiktokcdn-us.com"


class Odd:
    """A host of a platform that answers otherwise."""

    hosts = ("p16.tiktokcdn-us.com",)
    paths = ()

    def answer(self, asked: Asked) -> Answered | None:
        if asked.path == "/large":
            return Answered(200, b"\xff\xd8" + bytes(MOST_BYTES + 100_000))
        if asked.path == "/moved":
            return Answered(302, b"", {"Location": "https://i.ytimg.com/vi/abcdefghij1/hqdefault.jpg"})
        return Answered(200, b"<html>sign in</html>", {"Content-Type": "image/jpeg"}) if asked.path == "/page" else None


@dataclass(frozen=True, slots=True)
class Place:
    """The image hosts, and who asks them."""

    world: World
    desk: Desk
    net: Net
    reader: Thumbnails

    def posts(self, platform: str) -> tuple[Post, ...]:
        return next(self.world.history(creator) for creator in self.world.creators if creator.platform == platform)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("pictures")
    world, clock = make_world(seed=7, epoch=EPOCH, accounts=11, posts=6), Clock(frozen_at=EPOCH)
    pages = TikTok(world, clock, folder=folder), YoutubePages(world, clock, folder=folder)
    desk = Desk([*pages, Pictures(world), Odd()], clock)
    with loop_net(desk, folder=folder / "net") as net:
        road = SandboxRoad(int(net.proxy.rpartition(":")[2]))
        yield Place(world, desk, net, Thumbnails(road, partial(trust, net.ca)))


def url_of(post: Post) -> str:
    word = post.native_id
    urls: dict[str, str] = {
        "tiktok": image("cover", word), "youtube": of_youtube(word)["maxres"]["url"], "x": f"https://pbs.twimg.com/media/{word}.jpg",
        "instagram": f"https://scontent.cdninstagram.com/{word}.jpg",
    }  # fmt: skip
    return urls[post.creator.platform]


@pytest.mark.parametrize("platform", ["tiktok", "youtube", "instagram", "x"])
def test_what_the_sandbox_drew_is_what_is_measured(place: Place, platform: str) -> None:
    looks = {look_of(post): place.reader.read(url_of(post)) for post in place.posts(platform)[:3]}

    for look, found in looks.items():
        assert (found.measures.width, found.measures.height) == look.size
        assert found.measures.faces == look.faces
        assert look.faces or found.measures.brightness == pytest.approx(look.light, abs=0.01)
        assert len(found.sha256) == 64
    assert place.net.refused == []


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/a.jpg",
        "https://evilytimg.com/a.jpg",
        "https://i.ytimg.com.example.org/a.jpg",
        "https://user@example.org/i.ytimg.com",
        "http://127.0.0.1/a.jpg",
        "http://169.254.169.254/latest",
        "https://i.ytimg.com:8443/a.jpg",
        "ftp://i.ytimg.com/a.jpg",
        "file:///etc/passwd",
        "data:image/png;base64,AAAA",
        "https://i.ytimg.com/a b.jpg",
        "https://i.ytimg.com/a.jpg\r\nX: y",
        "https://[::1/a.jpg",
        "https://i.ytimg.com/ä.jpg",
        "not an address",
        "",
    ],
)
def test_another_address_is_refused_before_anybody_is_asked(url: str) -> None:
    road = Road([ipaddress.ip_address("93.184.216.34")])

    with pytest.raises(SourceRefused):
        Thumbnails(road, partial(trust, None)).read(url)

    assert (road.asked, road.dialled) == ([], [])


@dataclass
class Road:
    """A road to addresses that a test names; it reaches nobody."""

    found: Sequence[Address]
    reach: Reach = Reach.PUBLIC
    asked: list[str] = field(default_factory=list)
    dialled: list[Address] = field(default_factory=list)

    def addresses(self, host: str, *, seconds: float) -> Sequence[Address]:
        self.asked.append(host)
        return self.found

    def dial(self, address: Address, port: int, *, seconds: float) -> socket:
        self.dialled.append(address)
        raise ConnectionRefusedError("nobody is there")


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "64:ff9b::7f00:1", "203.0.113.5"])
def test_a_platforms_name_that_stands_for_an_address_inside_is_not_dialled(address: str) -> None:
    road = Road([ipaddress.ip_address("93.184.216.34"), ipaddress.ip_address(address)])

    with pytest.raises(SourceRefused, match="not public"):
        Thumbnails(road, partial(trust, None)).read("https://i.ytimg.com/vi/abcdefghij1/hqdefault.jpg")

    assert road.dialled == []


def test_a_public_address_is_dialled_as_it_was_checked() -> None:
    road = Road([ipaddress.ip_address("93.184.216.34")])

    with pytest.raises(SourceUnavailable, match=r"i\.ytimg\.com cannot be asked"):
        Thumbnails(road, partial(trust, None)).read("http://i.ytimg.com/vi/abcdefghij1/hqdefault.jpg")

    assert [str(each) for each in road.dialled] == ["93.184.216.34"]


@pytest.mark.parametrize(
    ("path", "reason"), [("/large", "larger than"), ("/moved", "leads elsewhere"), ("/page", "neither JPEG"), ("/nothing", "answered 404")]
)
def test_what_is_no_picture_is_refused_with_its_reason(place: Place, path: str, reason: str) -> None:
    with pytest.raises(SourceRefused, match=reason):
        place.reader.read(HOST + path)


@pytest.mark.parametrize(
    ("kind", "category"),
    [
        ("429", FailureCategory.RATE_LIMIT),
        ("503", FailureCategory.API_ERROR),
        ("reset", FailureCategory.NETWORK),
        ("cut", FailureCategory.NETWORK),
    ],
)
def test_trouble_on_the_way_may_pass(place: Place, kind: str, category: FailureCategory) -> None:
    post = place.posts("youtube")[0]
    place.desk.faults.add(Fault("i.ytimg.com", kind))

    with pytest.raises(SourceUnavailable) as caught:
        place.reader.read(url_of(post))

    assert caught.value.category is category
    assert place.reader.read(url_of(post)).measures.width > 0


def test_who_never_answers_or_drips_is_not_waited_for(place: Place) -> None:
    hasty = Thumbnails(place.reader._guarded.road, place.reader._guarded.trust, seconds=0.3)
    for kind in ("timeout", "drip"):
        place.desk.faults.add(Fault("i.ytimg.com", kind, seconds=60))

        with pytest.raises(SourceUnavailable):
            hasty.read(url_of(place.posts("youtube")[0]))
