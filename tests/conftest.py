"""One embedded PostgreSQL per test session; a database per worker, made from a migrated template; a fresh tenant per test."""

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import settings as hypothesis_settings
from xdist.remote import Producer
from xdist.scheduler.loadscope import LoadScopeScheduling
from xdist.workermanage import WorkerController

from gateways.postgres_server import PostgresServer, ServerAddress
from store import bootstrap
from store.database import Database
from store.ids import new_id
from store.rls import APP, OWNER, SYSTEM

TEMPLATE = "whyral_template"
PASSWORD = "only-for-tests"

# No test is timed: how long an example takes says something about the machine.
hypothesis_settings.register_profile("untimed", deadline=None)
hypothesis_settings.load_profile("untimed")


@dataclass(frozen=True, slots=True)
class TestUrls:
    """One database, as each role."""

    __test__ = False  # not a test class, whatever its name begins with

    superuser: str
    owner: str
    app: str
    system: str


@dataclass(frozen=True, slots=True)
class Member:
    """A workspace with its owner."""

    tenant_id: UUID
    user_id: UUID
    email: str


def pytest_configure(config: pytest.Config) -> None:
    """The controller starts the server; workers are told where it is."""
    if hasattr(config, "workerinput"):
        return
    # Workers inherit it. There are as many of them as cores, and threads of small products wait for one another more than they work.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    home = Path(tempfile.mkdtemp(prefix="whyral-tests-"))
    home.chmod(0o755)
    config.stash[_SERVER] = server = PostgresServer(home, port=None, for_tests=True, max_connections=400)
    config.stash[_ADDRESS] = address = server.start()
    make_template(address)


def pytest_configure_node(node: WorkerController) -> None:
    node.workerinput["postgres"] = node.config.stash[_ADDRESS].superuser_url()


# What stands once for all of a group's tests, and takes long to start: a whole Whyral, a browser.
_TOGETHER = ("tests/stack/test_faults", "tests/stack/test_up", "tests/stack/test_platforms"), ("tests/gateways/tiktok/",)


class DearTogether(LoadScopeScheduling):  # type: ignore[misc]  # xdist ships no types
    """Tests of a group go to one worker, the largest group first; every other test goes where there is room.

    `--dist loadgroup` would do, but its groups get lost with pytest 9.
    """

    def _split_scope(self, nodeid: str) -> str:
        return next((files[0] for files in _TOGETHER if nodeid.startswith(files)), nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> DearTogether:
    return DearTogether(config, log)


def pytest_unconfigure(config: pytest.Config) -> None:
    server = config.stash.get(_SERVER, None)
    if server is not None:
        server.remove()


_SERVER = pytest.StashKey[PostgresServer]()
_ADDRESS = pytest.StashKey[ServerAddress]()


def make_template(address: ServerAddress) -> None:
    bootstrap.ensure_roles(address.superuser_url(), dict.fromkeys(bootstrap.LOGIN_ROLES, PASSWORD))
    bootstrap.ensure_database(address.superuser_url(), TEMPLATE, owner=OWNER, guests=(APP, SYSTEM))
    bootstrap.migrate(_as(address.superuser_url(TEMPLATE), OWNER))


def _as(superuser_url: str, role: str) -> str:
    return f"postgresql+psycopg://{role}:{PASSWORD}@{superuser_url.rpartition('@')[2]}"


@pytest.fixture(scope="session")
def superuser_url(request: pytest.FixtureRequest) -> str:
    """The server of this session, its first database."""
    worker = getattr(request.config, "workerinput", None)
    return str(worker["postgres"]) if worker else request.config.stash[_ADDRESS].superuser_url()


def make_urls(superuser_url: str, name: str) -> TestUrls:
    """A new database from the template, reachable as every role."""
    bootstrap.ensure_database(superuser_url, name, owner=OWNER, template=TEMPLATE, guests=(APP, SYSTEM))
    mine = f"{superuser_url.rpartition('/')[0]}/{name}"
    return TestUrls(mine, _as(mine, OWNER), _as(mine, APP), _as(mine, SYSTEM))


@pytest.fixture(scope="session")
def urls(superuser_url: str) -> TestUrls:
    """This worker's database."""
    return make_urls(superuser_url, f"worker_{os.environ.get('PYTEST_XDIST_WORKER', 'only')}")


@pytest.fixture(scope="session")
def database(urls: TestUrls) -> Iterator[Database]:
    """This worker's database; tests are kept apart by their tenants."""
    made = Database(urls.app, system_url=urls.system, pool_size=10)
    yield made
    made.close()


@pytest.fixture
def fresh(superuser_url: str) -> Iterator[Database]:
    """A database of the test's own, for what looks across tenants."""
    urls = make_urls(superuser_url, f"fresh_{new_id().hex}")
    made = Database(urls.app, system_url=urls.system, pool_size=10)
    yield made
    made.close()


def make_member(database: Database) -> Member:
    member = Member(new_id(), new_id(), f"{new_id().hex}@example.org")
    with database.begin_anonymous() as uow:
        uow.identity.register(
            user_id=member.user_id, tenant_id=member.tenant_id, email=member.email, password_hash="x", names=(None, "Test")
        )
    return member


@pytest.fixture
def member(database: Database) -> Member:
    """A fresh workspace with its owner."""
    return make_member(database)


@pytest.fixture
def other(database: Database) -> Member:
    """Another workspace, whose rows nobody else may see."""
    return make_member(database)


@pytest.fixture
def tenant_id(member: Member) -> UUID:
    return member.tenant_id


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real sets. Tests that need it are skipped, saying so, where WHYRAL_TEST_DATA is unset."""
    folder = os.environ.get("WHYRAL_TEST_DATA")
    if not folder:
        pytest.skip("WHYRAL_TEST_DATA is unset: the real sets are not at hand")
    return Path(folder)
