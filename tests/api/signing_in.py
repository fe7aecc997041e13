"""A user with a password, as the tests of logging in need one; hashed once for all."""

from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

import psycopg
from litestar import Litestar
from litestar.testing import TestClient

from gateways.credentials import Passwords
from store.database import Database
from store.ids import new_id
from tests.api.conftest import Caller
from tests.conftest import Member

PASSWORD, OTHER_PASSWORD = "correct horse battery", "another long password of theirs"


@cache
def hashed() -> str:
    return Passwords().hash(PASSWORD)


def make_user(database: Database, email: str | None = None) -> Member:
    """A workspace with its owner, whose password is PASSWORD."""
    made = Member(new_id(), new_id(), email or f"{new_id().hex}@example.org")
    with database.begin_anonymous() as uow:
        uow.identity.register(
            user_id=made.user_id, tenant_id=made.tenant_id, email=made.email, password_hash=hashed(), names=("Ana Lopez", "Studio")
        )
    return made


@dataclass
class Browser:
    """Keeps cookies, and sends the token that its login was given."""

    client: TestClient[Litestar]
    csrf_token: str = ""

    def __post_init__(self) -> None:
        self.client.cookies.clear()

    def log_in(self, who: Member, password: str = PASSWORD) -> dict[str, Any]:
        answer = Caller(self.client).post("/auth/login", {"email": who.email, "password": password, "session": "cookie"})
        assert answer.status_code == 200, answer.text
        made: dict[str, Any] = answer.json()
        self.csrf_token = made["csrf_token"]
        return made

    def call(self, method: str, path: str, **options: Any) -> Any:
        headers = {"X-CSRF-Token": self.csrf_token, **options.pop("headers", {})}
        return Caller(self.client).call(method, path, headers=headers, **options)


def log_in(client: TestClient[Litestar], who: Member, password: str = PASSWORD, **words: object) -> dict[str, Any]:
    answer = Caller(client).post("/auth/login", {"email": who.email, "password": password, **words})
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


def mails(superuser: psycopg.Connection[Any], tenant_id: UUID) -> list[tuple[str, str, str]]:
    """Recipient, subject and body of all mails of a workspace, oldest first."""
    return superuser.execute(
        "select recipient, subject, body from outbox where tenant_id = %s order by message_id", (tenant_id,)
    ).fetchall()


def token_in(body: str) -> str:
    return next(line.removeprefix("Your code: ") for line in body.splitlines() if line.startswith("Your code: "))


def events(superuser: psycopg.Connection[Any], user_id: UUID) -> list[tuple[str, bool]]:
    """The authentication log of a user, oldest first."""
    return superuser.execute("select kind, is_success from auth_events where user_id = %s order by event_id", (user_id,)).fetchall()
