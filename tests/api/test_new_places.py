"""A mail about a login from where the account was not used from before; none about the others."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from store.database import Database
from tests.api.conftest import Caller
from tests.api.signing_in import PASSWORD, mails, make_user
from tests.conftest import Member

SUBJECT = "Whyral: A login from a new place"


@pytest.fixture(autouse=True)
def unhurried(superuser: psycopg.Connection[Any], client: TestClient[Litestar]) -> Iterator[None]:
    superuser.execute("delete from rate_limits")
    client.cookies.clear()
    yield
    client.cookies.clear()


@pytest.fixture
def user(database: Database) -> Member:
    return make_user(database)


def enter(client: TestClient[Litestar], who: Member, program: str, password: str = PASSWORD) -> int:
    words = {"email": who.email, "password": password}
    return Caller(client).post("/auth/login", words, headers={"User-Agent": program}).status_code


def told(superuser: psycopg.Connection[Any], who: Member) -> list[str]:
    return [body for recipient, subject, body in mails(superuser, who.tenant_id) if (recipient, subject) == (who.email, SUBJECT)]


def test_the_first_login_is_told_to_nobody(client: TestClient[Litestar], user: Member, superuser: psycopg.Connection[Any]) -> None:
    assert enter(client, user, "Firefox") == 200

    assert told(superuser, user) == []


def test_a_login_from_elsewhere_is_told_with_what_is_known_of_it(
    client: TestClient[Litestar], user: Member, superuser: psycopg.Connection[Any]
) -> None:
    enter(client, user, "Firefox")
    client.cookies.clear()
    enter(client, user, "evil.example/<b>")

    (body,) = told(superuser, user)
    assert "testclient" in body
    assert "evil . example" in body, "what a program calls itself is no link"


def test_a_browser_that_is_known_is_not_told_of_though_it_was_renewed(
    client: TestClient[Litestar], user: Member, superuser: psycopg.Connection[Any]
) -> None:
    enter(client, user, "Firefox 1")
    enter(client, user, "Firefox 2")

    assert told(superuser, user) == []


def test_a_program_that_keeps_no_cookies_is_told_of_once(
    client: TestClient[Litestar], user: Member, superuser: psycopg.Connection[Any]
) -> None:
    enter(client, user, "Firefox")
    for _ in range(3):
        client.cookies.clear()
        enter(client, user, "curl")

    assert len(told(superuser, user)) == 1


def test_a_wrong_password_is_told_to_nobody(client: TestClient[Litestar], user: Member, superuser: psycopg.Connection[Any]) -> None:
    enter(client, user, "Firefox")
    client.cookies.clear()

    assert enter(client, user, "curl", "a wrong password") == 401
    assert told(superuser, user) == []


def test_a_mailbox_is_not_flooded_by_whoever_knows_the_password(
    client: TestClient[Litestar], user: Member, superuser: psycopg.Connection[Any]
) -> None:
    for number in range(7):
        client.cookies.clear()
        assert enter(client, user, f"program {number}") == 200

    assert len(told(superuser, user)) == 3
