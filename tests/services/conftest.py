"""A database whose platform-wide rows (answers, quotas, health, feeds) are a test's own: emptied before each, made once.

And a provider of consents, for channels that are connected through it.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateways.files.store import LocalFiles
from store.database import Database
from store.ids import new_id
from tests.conftest import Member, TestUrls, make_urls
from tests.consent import World, world
from tests.media import FakeMedia
from tests.services.chain import Studio
from tests.services.owners import Owner

_SHARED = "fetch_cache, fetch_uses, quota_days, quota_uses, source_health, external_calls, push_feeds, push_entries, trackings, requests"


@pytest.fixture(scope="session")
def shared_urls(superuser_url: str) -> TestUrls:
    return make_urls(superuser_url, f"shared_{new_id().hex}")


@pytest.fixture(scope="session")
def shared_open(shared_urls: TestUrls) -> Iterator[tuple[Database, sa.Engine]]:
    made = Database(shared_urls.app, system_url=shared_urls.system, pool_size=10)
    superuser = sa.create_engine(shared_urls.superuser.replace("postgresql://", "postgresql+psycopg://"))
    yield made, superuser
    made.close()
    superuser.dispose()


@pytest.fixture
def shared(shared_open: tuple[Database, sa.Engine]) -> Database:
    """Nothing is known, spent or open in it."""
    database, superuser = shared_open
    with superuser.begin() as connection:
        connection.execute(sa.text(f"truncate {_SHARED} cascade"))
    return database


@pytest.fixture(scope="session")
def session_world() -> Iterator[World]:
    with world() as made:
        yield made


@pytest.fixture
def google(session_world: World) -> World:
    session_world.reset()
    return session_world


@pytest.fixture
def studio(database: Database, member: Member, tmp_path: Path) -> Studio:
    files = LocalFiles(tmp_path)
    return Studio(database, files, FakeMedia(files), member.tenant_id)


@pytest.fixture
def owner(database: Database, google: World, member: Member) -> Owner:
    return Owner(database, google, member)


@pytest.fixture
def owner_of(database: Database, google: World) -> Callable[[Member], Owner]:
    return lambda who: Owner(database, google, who)
