"""A database whose platform-wide rows (answers, quotas, health, feeds) are a test's own: emptied before each, made once."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from store.database import Database
from store.ids import new_id
from tests.conftest import TestUrls, make_urls

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
