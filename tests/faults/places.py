"""A small world behind every gateway, and what a tenant has of it: real client libraries, real sockets, a real database.

The world stands still, so that every read of it brings the same counters; our own clock is moved by hand from try to try.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa

from domain import sharing
from domain.observations import Platform
from domain.ports import Platforms, Reader
from domain.prices import unit_usd
from domain.requests import SCRAPES, Request
from domain.sources import Bucket, Target
from gateways.bounded_http import BoundedHttp, Limits, Route
from gateways.brightdata import BrightDataInstagram
from gateways.brightdata_orders import Orders, Patience
from gateways.twitterapi import TwitterApi as XReader
from gateways.youtube import YouTubeReader
from gateways.youtube.asking import Google as Client
from gateways.youtube.transport import Wire
from sandbox.brightdata import BrightData
from sandbox.demo import Mix
from sandbox.faults import Fault
from sandbox.google import API_KEY, Google
from sandbox.serving import Desk, Service
from sandbox.tiktok import TikTok
from sandbox.twitterapi import TwitterApi
from sandbox.world import Clock, World, make_world
from services import tracking
from services.fetching import Fetching
from services.scraping import refresh
from services.settling import Tally
from store.database import Database
from store.ids import new_id
from tests.faults.ways import INSTAGRAM, STORED, YOUTUBE, Gateway, Stored, X
from tests.platforms import Hands
from tests.services.alone import Alone

EPOCH = datetime(2026, 10, 1, tzinfo=UTC)
# So late that most of the posts are there, and two hours before a quota's day ends.
NOW = EPOCH + timedelta(days=38, hours=6)
MIX: Mix = (("youtube", ("short", "long"), 1), ("instagram", ("short",), 1), ("x", ("short",), 1), ("tiktok", ("short",), 1))
# A busy machine must not look like a provider that does not answer.
PATIENT = Limits(read_seconds=20, total_seconds=30, decoded_bytes=3_000_000, tries=2, first_wait_seconds=0.001, wait_seconds=0.01)
# For what never answers. Where that is one trouble of several, another try may help.
HASTY = replace(PATIENT, read_seconds=0.15, total_seconds=0.25, tries=1)
HURRIED = replace(PATIENT, read_seconds=0.4, total_seconds=0.6, tries=1)
MOST_BYTES = 3_000_000


def small_world() -> World:
    """Two accounts of each platform, of more than one page on YouTube and X."""
    return make_world(seed=5, epoch=EPOCH, accounts=8, posts=64, mix=MIX)


@dataclass(frozen=True, slots=True)
class Providers:
    """All that the sandbox stands in for, at one clock, its counters at nothing."""

    google: Google
    brightdata: BrightData
    twitterapi: TwitterApi
    tiktok: TikTok

    @classmethod
    def of(cls, world: World, clock: Clock, folder: Path) -> "Providers":
        return cls(Google(world, clock), BrightData(world, clock), TwitterApi(world, clock), TikTok(world, clock, folder=folder))

    @property
    def services(self) -> tuple[Service, ...]:
        return (*self.google.services, self.brightdata, self.twitterapi, self.tiktok)


@dataclass
class Place:
    """One tenant who follows accounts of one platform by one gateway, and the providers."""

    database: Database
    desk: Desk
    world: World
    clock: Clock
    providers: Providers
    platforms: Platforms
    gateway: Gateway
    tenant_id: UUID
    hands: Hands
    slept: list[float] = field(default_factory=list)

    @property
    def platform(self) -> Platform:
        return self.gateway.platform

    def follow(self, count: int = 1) -> None:
        """The first accounts of the platform, by handle."""
        with self.database.begin(self.tenant_id) as uow:
            for target in self.targets(count):
                tracking.track(uow, target, now=self.hands())

    def targets(self, count: int) -> list[Target]:
        names = [each.username for each in self.world.creators if each.platform == self.platform.value]
        return [Target(self.platform, username=name) for name in names[:count]]

    def fetching(self) -> Fetching:
        """For who reads without a run."""
        return Fetching(
            lambda: self.database.begin(self.tenant_id), self.platforms, tenant_id=self.tenant_id, max_age=timedelta(minutes=10),
            now=self.hands, pause=self._pause,
        )  # fmt: skip

    def fault(self, kind: str, *, where: str | None = None, times: int = 10**6, **words: object) -> None:
        self.desk.faults.add(Fault(where or "|".join(self.gateway.calls), kind, times=times, **words))  # type: ignore[arg-type]

    def ask(self) -> Request:
        kind = SCRAPES[self.platform]
        with self.database.begin(self.tenant_id) as uow:
            return uow.requests.ask(request_id=new_id(), kind=kind, subject=kind, params={}, user_id=None)

    def run(self, request: Request | None = None, *, accounts: list[UUID] | None = None) -> Tally:
        """A run for what is due, or for these. What it waits for takes no time of ours."""
        work = Alone(self.database, request or self.ask())
        return refresh(work, self.platforms, self.platform, account_ids=accounts, now=self.hands, pause=self._pause)

    def recover(self, *, most: int = 12) -> int:
        """Runs for whoever was not read, when they are due, until all were. Returns how many it took."""
        for number in range(most):
            waiting = self.rows("select account_id, next_run_at from trackings where state <> 'live' or error_category is not null")
            if not waiting:
                return number
            self.hands.now = max([self.hands.now, *(at for _, at in waiting if isinstance(at, datetime))])
            is_everybody = len(waiting) == self._count("select count(*) from trackings")
            self.run(accounts=None if is_everybody else [each for each, _ in waiting if isinstance(each, UUID)])
        raise AssertionError(f"after {most} runs: {self.trackings()}")

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        with self.database.begin(self.tenant_id) as uow:
            return [tuple(row) for row in uow.connection.execute(sa.text(statement))]

    def stored(self) -> Stored:
        """Everything that was read, without when: no fault may change it. Every row counts, so nothing is there twice."""
        return {name: self.rows(statement) for name, statement in STORED.items()}

    def trackings(self) -> list[tuple[object, ...]]:
        return self.rows("select state, error_category, error_words, source from trackings order by account_id")

    def booked(self) -> int:
        """What we say that it came to, in the provider's own units."""
        bucket = self.gateway.bucket
        if bucket is None or bucket is Bucket.YOUTUBE_UNITS:
            return self._count("select coalesce(sum(used), 0) from quota_uses")
        ((spent, reserved),) = self.rows("select coalesce(sum(spent_usd), 0), coalesce(sum(reserved_usd), 0) from ledger_days")
        assert reserved == 0, f"{reserved} USD are still reserved"
        units = Decimal(str(spent)) / unit_usd(bucket, on=NOW.date())
        assert units == int(units)
        return int(units)

    def charged(self) -> int:
        """What the provider says."""
        google, brightdata, twitterapi = self.providers.google, self.providers.brightdata, self.providers.twitterapi
        if self.gateway is YOUTUBE:
            return google.project.used(self.clock.now())["units"]
        return {INSTAGRAM: brightdata.billed_records, X: twitterapi.spent_credits}.get(self.gateway, 0)

    def unseen(self) -> int:
        """What is booked for calls of which nobody knows what they came to: all that they could cost. Of a quota: asked in vain."""
        if self.gateway is YOUTUBE:
            # A quota that the provider says is used up is, a block of ours with it.
            return self.asked() - self.charged() + (sharing.BLOCKS[Bucket.YOUTUBE_UNITS] if self.is_exhausted else 0)
        if self.gateway.bucket is None:
            return 0
        ((usd,),) = self.rows("select coalesce(sum(reserved_usd), 0) from reservations where state = 'unknown'")
        return int(Decimal(str(usd)) / unit_usd(self.gateway.bucket, on=NOW.date()))

    @property
    def is_exhausted(self) -> bool:
        return self.rows("select 1 from external_calls where outcome = 'quota' limit 1") != []

    def assert_accounts_agree(self) -> None:
        """We never book less than the provider charges, and more only for calls whose end nobody saw."""
        booked, charged = self.booked(), self.charged()
        assert charged <= booked <= charged + self.unseen(), f"booked {booked}, charged {charged}, unseen {self.unseen()}"

    def live(self) -> int:
        """How many accounts have been read."""
        return self._count("select count(*) from trackings where state = 'live'")

    def asked(self) -> int:
        """How often the provider was asked."""
        return sum(bool(re.search("|".join(self.gateway.calls), path)) for _, _, path in self.desk.log)

    def _count(self, statement: str) -> int:
        return int(str(self.rows(statement)[0][0]))

    def _pause(self, seconds: float) -> None:
        self.slept.append(seconds)


@contextmanager
def reaching(url: str, limits: Limits, now: Callable[[], datetime]) -> Iterator[Platforms]:
    """The real clients of the providers that count, which wait for little."""
    with ExitStack() as stack:
        yield Platforms(readers=tuple(_readers(stack, url, limits, now)), project=new_id().hex)


def _readers(stack: ExitStack, url: str, limits: Limits, now: Callable[[], datetime]) -> Iterator[Reader]:
    wire = Wire(most_bytes=MOST_BYTES, seconds=limits.total_seconds, silence_seconds=limits.read_seconds)
    stack.callback(wire.close)
    yield YouTubeReader(Client(wire, url, API_KEY, now=now))
    http = BoundedHttp("brightdata", Route(url, {"Authorization": "Bearer a-key"}), limits, now=now)
    stack.callback(http.close)
    yield BrightDataInstagram(http, orders=Orders(http, Patience(total_seconds=60), lambda _: None))
    http = BoundedHttp("twitterapi", Route(url, {"X-API-Key": "a-key"}), limits, now=now)
    stack.callback(http.close)
    yield XReader(http)
