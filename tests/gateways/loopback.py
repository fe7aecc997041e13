"""The sandbox's TikTok and YouTube pages behind its proxy, for tests of what reads them. The clock stands still."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sandbox.net import Net, loop_net
from sandbox.serving import Desk, Service
from sandbox.tiktok import TikTok
from sandbox.world import Clock, Creator, Post, State, World, make_world
from sandbox.youtube_pages import YoutubePages

EPOCH = datetime(2026, 11, 1, tzinfo=UTC)
# What a browser asks for on its own account; nobody here asked it to.
OF_THE_BROWSER = ("googleapis.com", "accounts.google.com", "clients2.google.com", "clients4.google.com", "www.google.com")


@dataclass(frozen=True, slots=True)
class Loopback:
    """The net with its world."""

    net: Net
    desk: Desk
    world: World
    clock: Clock

    def creator(self, platform: str, number: int = 0) -> Creator:
        return [creator for creator in self.world.creators if creator.platform == platform][number]

    def public(self, creator: Creator) -> list[Post]:
        return self.world.posts(creator, at=self.clock.now())

    def one(self, platform: str, state: State) -> Post:
        """A post that stands so now."""
        posts = (post for creator, theirs in self.world._posts.items() if creator.platform == platform for post in theirs)
        return next(post for post in posts if self.world.state(post, at=self.clock.now()) is state)

    @property
    def refused(self) -> list[str]:
        """Whom somebody wanted to reach, what the browser wants by itself left out."""
        return [host for host in self.net.refused if not host.removesuffix(":443").endswith(OF_THE_BROWSER)]

    @contextmanager
    def at(self, by: timedelta) -> Iterator[None]:
        """The world at another moment."""
        self.clock.advance(by)
        try:
            yield
        finally:
            self.clock.advance(-by)


@contextmanager
def loopback(folder: Path) -> Iterator[Loopback]:
    world, clock = make_world(seed=7, epoch=EPOCH, accounts=11, posts=48), Clock(frozen_at=EPOCH)
    services: list[Service] = [TikTok(world, clock, folder=folder / "media"), YoutubePages(world, clock, folder=folder / "media")]
    desk = Desk(services, clock)
    with loop_net(desk, folder=folder / "net") as net:
        yield Loopback(net, desk, world, clock)
