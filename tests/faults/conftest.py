"""One sandbox, one database and one world for the folder; a tenant, providers and counters per place."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from domain.money import DAY_CAP_USD
from domain.ports import Platforms
from domain.usage import Period
from gateways.bounded_http import Limits
from gateways.downloads.client import Client, PagesOptions
from gateways.downloads.tiktok_pages import TikTokPages
from gateways.downloads.watch import TIKTOK, Bounds
from gateways.tiktok import browser
from gateways.tiktok.browser import BrowserOptions
from gateways.tiktok.pool import Pool
from gateways.tiktok.web import TikTokWeb
from sandbox.net import Net, loop_net
from sandbox.serving import Desk, Server, running
from sandbox.world import Clock, World
from store.database import Database
from store.ids import new_id
from tests.conftest import make_member, make_urls
from tests.faults.places import NOW, PATIENT, Place, Providers, reaching, small_world
from tests.faults.ways import TIKTOK_PAGES, TIKTOK_WEB, Gateway, Stored
from tests.platforms import Hands

_SHARED = "fetch_cache, fetch_uses, quota_days, quota_uses, source_health, external_calls"


@dataclass
class Places:
    """Makes places in which nothing is known, spent or ill: answers, quotas and the health of sources are everybody's."""

    database: Database
    superuser: sa.Engine
    server: Server
    net: Net
    url: str
    world: World
    folder: Path
    known: dict[tuple[Gateway, int], Stored] = field(default_factory=dict)
    pool: Pool | None = None

    @contextmanager
    def open(self, gateway: Gateway, *, accounts: int = 1, limits: Limits = PATIENT, world: World | None = None) -> Iterator[Place]:
        with self.superuser.begin() as connection:
            connection.execute(sa.text(f"truncate {_SHARED}"))
        desk, clock, hands = self.server.desk, Clock(frozen_at=NOW), Hands(NOW)
        providers = Providers.of(world or self.world, clock, self.folder)
        desk.services, desk.clock = providers.services, clock
        desk.faults.clear()
        desk.log.clear()
        with self._reaching(gateway, limits, hands) as platforms:
            tenant_id = make_member(self.database).tenant_id
            with self.database.begin(tenant_id) as uow:  # what is looked at is what is paid, not where it ends
                uow.ledger.cap(Period.DAY, DAY_CAP_USD)
                uow.ledger.cap(Period.MONTH, DAY_CAP_USD)
            place = Place(self.database, desk, world or self.world, clock, providers, platforms, gateway, tenant_id, hands)
            place.follow(accounts)
            yield place

    def undisturbed(self, gateway: Gateway, *, accounts: int = 1) -> Stored:
        """What a place holds that nothing ever happened to."""
        if (gateway, accounts) not in self.known:
            with self.open(gateway, accounts=accounts) as place:
                assert place.run().outcomes == {"ok": accounts}
                assert place.booked() == place.charged()
                self.known[gateway, accounts] = place.stored()
        return self.known[gateway, accounts]

    @contextmanager
    def _reaching(self, gateway: Gateway, limits: Limits, now: Callable[[], datetime]) -> Iterator[Platforms]:
        with reaching(self.server.url, limits, now) as platforms:
            if gateway is TIKTOK_PAGES:
                bounds = Bounds(silence_seconds=limits.read_seconds, seconds=limits.total_seconds, requests=20)
                options = PagesOptions(self.net.proxy, self.net.ca, self.folder, bounds)
                platforms = replace(platforms, readers=(TikTokPages(Client(TIKTOK, options), now=now),))
            elif gateway is TIKTOK_WEB:
                platforms = replace(platforms, readers=(TikTokWeb(self._browser(), now=now),))
            yield platforms

    def _browser(self) -> Pool:
        if self.pool is None:
            found, why_not = browser.find("find")
            if found is None:
                pytest.skip(f"no browser, so nothing that needs one is tested here: {why_not}")
            self.pool = Pool(BrowserOptions(found, self.net.proxy, self.net.ca))
        return self.pool


@pytest.fixture(scope="session")
def places(superuser_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    urls = make_urls(superuser_url, f"faults_{new_id().hex}")
    database = Database(urls.app, system_url=urls.system, pool_size=12)
    superuser = sa.create_engine(urls.superuser.replace("postgresql://", "postgresql+psycopg://"))
    world, folder = small_world(), tmp_path_factory.mktemp("sandbox")
    desk = Desk(Providers.of(world, Clock(), folder).services, Clock())
    with running(desk) as server, loop_net(desk, folder=folder / "net") as net:
        made = Places(database, superuser, server, net, urls.app, world, folder)
        yield made
        if made.pool is not None:
            made.pool.close()
    database.close()
    superuser.dispose()
