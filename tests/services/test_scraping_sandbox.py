"""Tracked accounts of three platforms, read by the real client libraries from the sandbox, and kept."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from domain.observations import Platform
from domain.ports import Platforms
from domain.requests import SCRAPES
from domain.sources import Target
from gateways.brightdata import BrightDataInstagram
from gateways.brightdata_orders import Orders, Patience
from gateways.platforms import PlatformOptions, platforms
from sandbox.google import API_KEY
from sandbox.services import Providers
from sandbox.serving import Desk, running
from sandbox.world import Clock, Creator, World, make_world
from services import tracking
from services.scraping import refresh
from services.settling import Tally
from store.database import Database
from store.ids import new_id
from tests.conftest import make_member
from tests.services.alone import Alone

SEEN = "select p.external_id, p.views from videos p join accounts a using (tenant_id, account_id) where a.username = :name"


@dataclass(frozen=True)
class Sandbox:
    """A world that is asked over HTTP, at a moment that stands still."""

    world: World
    clock: Clock
    platforms: Platforms

    def creators(self, platform: str) -> list[Creator]:
        return [each for each in self.world.creators if each.platform == platform]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    now = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)
    world, clock = make_world(seed=7, epoch=now, accounts=11, posts=12), Clock(frozen_at=now)
    with running(Desk(Providers(world, clock, folder=tmp_path_factory.mktemp("sandbox")).services, clock)) as server:
        options = PlatformOptions(
            google_api_key=API_KEY, google_url=server.url, brightdata_key="sandbox", brightdata_url=server.url, twitterapi_key="sandbox",
            twitterapi_url=server.url, tiktok_browser="off", google_project=new_id().hex,
        )  # fmt: skip
        with closing(platforms(options)) as made:
            _hurry(made)
            yield Sandbox(world, clock, made)


def _hurry(made: Platforms) -> None:
    """Snapshots of the sandbox are ready with a few looks."""
    for reader in made.readers:
        if isinstance(reader, BrightDataInstagram):
            reader._orders = Orders(reader._http, Patience(first_seconds=0.01, longest_seconds=0.05))


def read(shared: Database, sandbox: Sandbox, platform: Platform) -> tuple[Tally, UUID]:
    """A workspace tracks every account of the platform, and one run reads them."""
    tenant_id = make_member(shared).tenant_id
    with shared.begin(tenant_id) as uow:
        for each in sandbox.creators(platform):
            tracking.track(uow, Target(platform, username=each.username), now=datetime.now(UTC))
        request = uow.requests.ask(request_id=new_id(), kind=SCRAPES[platform], subject="test", params={}, user_id=None)
    return refresh(Alone(shared, request), sandbox.platforms, platform), tenant_id


@pytest.mark.parametrize("platform", [Platform.YOUTUBE, Platform.INSTAGRAM, Platform.X])
def test_what_is_kept_is_what_the_world_shows(shared: Database, sandbox: Sandbox, platform: Platform) -> None:
    tally, tenant_id = read(shared, sandbox, platform)

    assert tally.outcomes == {"ok": len(sandbox.creators(platform))}
    with shared.begin(tenant_id) as uow:
        for creator in sandbox.creators(platform):
            shown = {post.native_id: sandbox.world.seen(post, at=sandbox.clock.now()).views
                     for post in sandbox.world.posts(creator, at=sandbox.clock.now())}  # fmt: skip
            kept = {row.external_id: row.views for row in uow.connection.execute(sa.text(SEEN), {"name": creator.username})}
            assert kept == shown
        assert [each.tracking.state for each in uow.trackings.page(limit=50)] == ["live"] * tally.done
