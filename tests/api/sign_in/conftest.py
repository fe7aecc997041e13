"""One app that signs people in, for all tests of this folder."""

from collections.abc import Iterator

import psycopg
import pytest

from gateways.files.store import LocalFiles
from store.database import Database
from tests.api.conftest import FakeDagster, make_parts
from tests.api.sign_in.harness import Place, standing
from tests.conftest import TestUrls as Urls


@pytest.fixture(scope="package")
def standing_place(
    database: Database, urls: Urls, session_dagster: FakeDagster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    files = LocalFiles(tmp_path_factory.mktemp("files"))
    superuser = urls.superuser.replace("postgresql+psycopg://", "postgresql://")
    # An app of its own has a database of its own to close.
    parts = make_parts(Database(urls.app, pool_size=10), urls.app, session_dagster, files)
    with psycopg.connect(superuser, autocommit=True) as connection, standing(parts, connection) as place:
        yield place


@pytest.fixture
def place(standing_place: Place) -> Place:
    standing_place.unhurried()
    return standing_place
