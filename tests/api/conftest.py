"""The API over its real database, with Dagster played by a fake at the port. One app per worker; callers by who they are."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from api.app import Parts, create_app
from api.door import Door
from domain.errors import SourceFailed
from domain.limits import CallLimits
from domain.ports import Shops
from domain.requests import Request
from gateways.credentials import SESSION_ENDS, SESSION_LIFE, Tokens, new_key
from gateways.files.imports import StoredImports
from gateways.files.store import LocalFiles
from gateways.log_lines import configure_logging
from services import keys
from store.database import Database
from tests.api.administering import begin, promoted
from tests.api.clipping import blocked, candidates, clip, media, play, taken_in  # noqa: F401 (fixtures)
from tests.conftest import Member, TestUrls, make_member
from tests.media import FakeMedia

SECRET = "a secret that only the tests know, long enough for every algorithm that they try"
IMPORT_LIMIT_BYTES = 5_000_000
MEDIA_LIMIT_BYTES = 1_000_000
# Tests are not held up; what counts calls is there all the same.
PLENTY = CallLimits(10**9, 10**9, 10**9, 1, 10**9, 10**9, 10**9)
WIDE = Door(PLENTY, hosts=("testserver.local", "127.0.0.1", "localhost"))


@dataclass
class FakeDagster:
    """Stands at the ports `RunLauncher` and `Pulse`: remembers what it was asked, or is away."""

    launched: list[Request] = field(default_factory=list)
    terminated: list[str] = field(default_factory=list)
    tenants: list[UUID] = field(default_factory=list)
    away: SourceFailed | None = None
    health: dict[str, str] = field(default_factory=lambda: {"dagster_webserver": "healthy"})

    def forget(self) -> None:
        self.launched, self.terminated, self.tenants, self.away = [], [], [], None
        self.health = {"dagster_webserver": "healthy"}

    def launch(self, request: Request) -> str:
        self._answer()
        self.launched.append(request)
        return f"run-of-{request.request_id}"

    def add_tenant(self, tenant_id: UUID) -> None:
        self._answer()
        self.tenants.append(tenant_id)

    def terminate(self, run_id: str) -> None:
        self._answer()
        self.terminated.append(run_id)

    def parts(self) -> dict[str, str]:
        return self.health

    def _answer(self) -> None:
        if self.away is not None:
            raise self.away


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody at the API's door; paths are below /api/v1."""

    client: TestClient[Litestar]
    credential: str | None = None

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.call("GET", path, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> httpx.Response:
        return self.call("POST", path, json=json, **options)

    def patch(self, path: str, json: Any = None, **options: Any) -> httpx.Response:
        return self.call("PATCH", path, json=json, **options)

    def delete(self, path: str, **options: Any) -> httpx.Response:
        return self.call("DELETE", path, **options)

    def call(self, method: str, path: str, *, headers: dict[str, str] | None = None, **options: Any) -> httpx.Response:
        who = {"Authorization": f"Bearer {self.credential}"} if self.credential else {}
        return self.client.request(method, f"/api/v1{path}", headers={**who, **(headers or {})}, **options)


def make_parts(
    database: Database, live_url: str, dagster: FakeDagster, files: LocalFiles, *, ping_seconds: float = 15, shops: Shops | None = None
) -> Parts:
    return Parts(
        database=database, live_url=live_url, launcher=dagster, pulse=dagster, secret_key=SECRET,
        files=files, tables=StoredImports(files), import_limit_bytes=IMPORT_LIMIT_BYTES,
        media_tools=FakeMedia(files), media_limit_bytes=MEDIA_LIMIT_BYTES,
        ping_seconds=ping_seconds, door=WIDE, shops=shops or Shops(),
    )  # fmt: skip


@pytest.fixture(scope="session", autouse=True)
def logging_as_deployed() -> None:
    """Lines as in production: the console's own would print every local variable, credentials among them."""
    configure_logging("warning")


@pytest.fixture(scope="session")
def session_dagster() -> FakeDagster:
    """The fake that the worker's app holds; tests ask for `dagster`."""
    return FakeDagster()


@pytest.fixture
def dagster(session_dagster: FakeDagster) -> FakeDagster:
    """Dagster as the API sees it: nothing asked of it yet, and well."""
    session_dagster.forget()
    return session_dagster


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> LocalFiles:
    return LocalFiles(tmp_path_factory.mktemp("files"))


@pytest.fixture(scope="session")
def app(database: Database, urls: TestUrls, session_dagster: FakeDagster, files: LocalFiles) -> Litestar:
    """Over a pool of its own: the app closes it when it ends, and other tests go on with theirs."""
    own = Database(urls.app, system_url=urls.system, pool_size=10)
    made = create_app(make_parts(own, urls.app, session_dagster, files))
    made.state.tests_database = database
    return made


@pytest.fixture(scope="session")
def client(app: Litestar) -> Iterator[TestClient[Litestar]]:
    """The running app."""
    with TestClient(app) as running:
        yield running


def make_key(
    database: Database, member: Member, scopes: tuple[str, ...] = ("read", "write", "keys"), *, expires_at: datetime | None = None
) -> keys.MadeKey:
    """An API key of a member, secret and all."""
    with database.begin(member.tenant_id) as uow:
        return keys.make_key(uow, new_key, user_id=member.user_id, name="test", scopes=scopes, expires_at=expires_at)


def session_of(database: Database, member: Member) -> UUID:
    """A session as login would open it."""
    with database.begin_anonymous() as uow:
        return uow.sessions.open(
            user_id=member.user_id, tenant_id=member.tenant_id, kind="tokens", good_for=SESSION_LIFE, at_most=SESSION_ENDS
        )


def token_of(database: Database, member: Member) -> str:
    """A bearer token as login would issue it."""
    session_id = session_of(database, member)
    return Tokens(SECRET).issue(user_id=member.user_id, tenant_id=member.tenant_id, session_id=session_id, now=datetime.now(UTC))


def make_session(client: TestClient[Litestar], member: Member) -> UUID:
    """The same where only the running app is at hand."""
    return session_of(client.app.state.tests_database, member)


def make_token(client: TestClient[Litestar], member: Member) -> str:
    return token_of(client.app.state.tests_database, member)


@pytest.fixture
def api(client: TestClient[Litestar], database: Database) -> Callable[[Member], Caller]:
    """`api(member)`: that member with an API key that may read and write."""
    return lambda who: Caller(client, make_key(database, who).plain)


@pytest.fixture
def nobody(client: TestClient[Litestar]) -> Caller:
    """No credential."""
    return Caller(client)


@pytest.fixture
def mine(api: Callable[[Member], Caller], member: Member) -> Caller:
    """`member`, with a key."""
    return api(member)


@pytest.fixture
def theirs(api: Callable[[Member], Caller], other: Member) -> Caller:
    """`other`, of another workspace, with a key."""
    return api(other)


@pytest.fixture
def reader(client: TestClient[Litestar], database: Database, member: Member) -> Caller:
    """`member`, with a key that may only read."""
    return Caller(client, make_key(database, member, ("read",)).plain)


@pytest.fixture
def boss(database: Database) -> Member:
    """An administrator of the platform, with a workspace of their own."""
    return promoted(database, make_member(database))


@pytest.fixture
def admin(client: TestClient[Litestar], boss: Member) -> Caller:
    return Caller(client, make_token(client, boss))


@pytest.fixture
def acting(client: TestClient[Litestar], admin: Caller, member: Member) -> Caller:
    """The administrator, as `member`."""
    return Caller(client, begin(admin, member)["access_token"])


@pytest.fixture
def superuser(urls: TestUrls) -> Iterator[psycopg.Connection[Any]]:
    """Past row-level security: for set-up that no role of ours may do, and for looking everywhere."""
    with psycopg.connect(urls.superuser.replace("postgresql+psycopg://", "postgresql://"), autocommit=True) as connection:
        yield connection


def assert_problem(answer: httpx.Response, status: int, code: str | None = None) -> dict[str, Any]:
    """The answer is a problem (RFC 9457) with this status; returns it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == status
    assert {"type", "title", "detail", "code", "request_id"} <= problem.keys()
    assert problem["request_id"] == answer.headers["x-request-id"]
    if code is not None:
        assert problem["code"] == code
    return problem


def pointers(problem: dict[str, Any]) -> list[str]:
    """Which fields the problem names."""
    return [each["pointer"] for each in problem["errors"]]
