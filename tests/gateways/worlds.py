"""A small world behind the paid providers, and readers that ask it. One server for all tests of a session."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from domain.observations import Observed, VideoFacts
from gateways.bounded_http import BoundedHttp, Limits, Route
from gateways.brightdata import BrightDataInstagram
from gateways.brightdata_orders import Orders, Patience
from gateways.twitterapi import TwitterApi as XReader
from sandbox.brightdata import BrightData
from sandbox.demo import Mix
from sandbox.serving import Desk, running
from sandbox.twitterapi import TwitterApi
from sandbox.world import Clock, Creator, World, make_world

EPOCH = datetime(2026, 10, 1, tzinfo=UTC)
# So late that most of the posts are there.
NOW = EPOCH + timedelta(days=38)
MIX: Mix = (("instagram", ("short",), 1), ("x", ("short",), 1))
PATIENT = Limits(read_seconds=10, total_seconds=20, decoded_bytes=5_000_000, first_wait_seconds=0.001, wait_seconds=0.05)
# For what never answers; a busy machine must not look like that elsewhere.
HASTY = replace(PATIENT, read_seconds=0.1, total_seconds=0.2)
SLOW = ("timeout", "drip")


@dataclass
class Paid:
    """Both providers over one world; the clock stands still until somebody moves it."""

    world: World
    clock: Clock
    brightdata: BrightData
    twitterapi: TwitterApi
    desk: Desk
    url: str
    key: str
    instagram: BrightDataInstagram
    x: XReader
    slept: list[float] = field(default_factory=list)

    @contextmanager
    def hasty(self) -> Iterator[tuple[BrightDataInstagram, XReader]]:
        """Readers that wait for nothing."""
        with _readers(self.url, self.key, HASTY, self.clock, self.slept) as readers:
            yield readers

    def creator(self, platform: str, number: int = 0) -> Creator:
        return [creator for creator in self.world.creators if creator.platform == platform][number]


def video(post: Observed) -> VideoFacts:
    """What a row says of its post; it must say something."""
    assert post.video is not None
    return post.video


@contextmanager
def paid(*, key: str = "a-key") -> Iterator[Paid]:
    world, clock = make_world(seed=3, epoch=EPOCH, accounts=44, posts=24, mix=MIX), Clock(frozen_at=NOW)
    brightdata, twitterapi = BrightData(world, clock), TwitterApi(world, clock)
    desk, slept = Desk([brightdata, twitterapi], clock), list[float]()
    with running(desk) as server, _readers(server.url, key, PATIENT, clock, slept) as (instagram, x):
        yield Paid(world, clock, brightdata, twitterapi, desk, server.url, key, instagram, x, slept)


@contextmanager
def _readers(url: str, key: str, limits: Limits, clock: Clock, slept: list[float]) -> Iterator[tuple[BrightDataInstagram, XReader]]:
    to_brightdata = BoundedHttp("brightdata", Route(url, {"Authorization": f"Bearer {key}"}), limits, now=clock.now)
    to_twitterapi = BoundedHttp("twitterapi", Route(url, {"X-API-Key": key}), limits, now=clock.now)
    instagram = BrightDataInstagram(to_brightdata, orders=Orders(to_brightdata, Patience(total_seconds=60), slept.append))
    x = XReader(to_twitterapi)
    yield instagram, x
    instagram.close()
    x.close()
