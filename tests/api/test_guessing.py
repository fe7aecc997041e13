"""Guesses at passwords from many places, and their victim, who still gets in from a known device (M29)."""

import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from domain.errors import LimitReached, Unauthenticated
from gateways.credentials import Passwords
from services.logins import Attempt, let_in, proven
from services.sessions import Caller as From
from store.database import Database
from tests.api.conftest import Caller
from tests.api.signing_in import PASSWORD, events, log_in, make_user
from tests.conftest import Member


class Counting(Passwords):
    """Counts what gets as far as the hasher."""

    def __init__(self) -> None:
        super().__init__()
        self.tried = 0

    def verify(self, password: str, known_hash: str | None) -> bool:
        self.tried += 1
        return super().verify(password, known_hash)


@pytest.fixture(autouse=True)
def unhurried(superuser: psycopg.Connection[Any], client: TestClient[Litestar]) -> Iterator[None]:
    superuser.execute("delete from rate_limits")
    client.cookies.clear()
    yield
    client.cookies.clear()


@pytest.fixture
def user(database: Database) -> Member:
    return make_user(database)


def guess_all_around(database: Database, passwords: Passwords, email: str, numbers: range, device: bytes | None = None) -> None:
    """Each from another address of the network."""
    for number in numbers:
        with pytest.raises((Unauthenticated, LimitReached)):
            proven(database, passwords, Attempt(email, From(f"2001:db8::{number:x}"), device), f"a guess {number}")


def time_passes(superuser: psycopg.Connection[Any], spent: timedelta) -> None:
    """For accounts and devices; each address of the network guesses once."""
    superuser.execute("update rate_limits set updated_at = updated_at - %s where bucket not like 'address:%%'", (spent,))


def most_in_a_quarter_of_an_hour(
    database: Database, superuser: psycopg.Connection[Any], user: Member, guesses: int, device: bytes | None = None
) -> int:
    """Guesses that were tried, of as many as are spread over 15 minutes."""
    passwords = Counting()
    for number in range(guesses):
        guess_all_around(database, passwords, user.email, range(number, number + 1), device)
        time_passes(superuser, timedelta(minutes=15) / guesses)
    return passwords.tried


def test_an_account_gets_ten_guesses_in_a_quarter_of_an_hour_wherever_they_come_from(
    database: Database, superuser: psycopg.Connection[Any], user: Member
) -> None:
    assert 5 <= most_in_a_quarter_of_an_hour(database, superuser, user, 60) <= 10


def test_a_known_device_gets_in_while_the_account_is_under_attack(
    client: TestClient[Litestar], database: Database, user: Member, superuser: psycopg.Connection[Any]
) -> None:
    log_in(client, user)
    device = dict(client.cookies)
    guess_all_around(database, Passwords(), user.email, range(8))
    superuser.execute("update rate_limits set tokens = 0")

    client.cookies.clear()
    assert Caller(client).post("/auth/login", {"email": user.email, "password": PASSWORD}).status_code == 429
    client.cookies.update(device)
    assert log_in(client, user)["workspace_id"] == str(user.tenant_id)


def test_a_known_device_has_ten_guesses_of_its_own_and_no_more(
    client: TestClient[Litestar], database: Database, user: Member, superuser: psycopg.Connection[Any]
) -> None:
    log_in(client, user)
    device = client.app.state.browsers.device_of(client.cookies)[1]

    assert 5 <= most_in_a_quarter_of_an_hour(database, superuser, user, 60, device) <= 10


def test_anothers_known_device_is_nobodys_here(client: TestClient[Litestar], database: Database, user: Member) -> None:
    log_in(client, make_user(database))
    guess_all_around(database, Passwords(), user.email, range(5))

    assert Caller(client).post("/auth/login", {"email": user.email, "password": PASSWORD}).status_code == 429


def test_a_reset_forgets_the_devices(
    client: TestClient[Litestar], database: Database, user: Member, superuser: psycopg.Connection[Any]
) -> None:
    log_in(client, user)
    with database.begin_anonymous() as uow:
        uow.users.put_token(b"hash of a token", "reset", user.user_id, timedelta(minutes=30))
        assert uow.users.reset_password(b"hash of a token", "x") == user.user_id

    assert superuser.execute("select count(*) from known_devices where user_id = %s", (user.user_id,)).fetchone() == (0,)


@pytest.mark.parametrize("is_registered", [True, False])
def test_an_address_has_one_bucket_however_it_is_written(database: Database, *, is_registered: bool) -> None:
    """The database may take a dotted capital I for an i, which Python does not. One bucket, or several, would tell who is registered."""
    email, passwords = f"iiiiiiii{uuid4().hex}@example.org", Counting()
    if is_registered:
        make_user(database, email)
    with database.begin_anonymous() as uow:
        is_one = uow.identity.folded("\u0130") == "i"
    for place in range(8):
        guess_all_around(database, passwords, email.replace("i" * 8, "i" * place + "\u0130" + "i" * (7 - place)), range(5))

    assert passwords.tried == (5 if is_one else 40)


def test_right_passwords_are_no_guesses(client: TestClient[Litestar], user: Member) -> None:
    for _ in range(7):
        client.cookies.clear()
        log_in(client, user)


def test_a_user_has_twenty_known_devices_at_most(database: Database, user: Member, superuser: psycopg.Connection[Any]) -> None:
    with database.begin_anonymous() as uow:
        for number in range(23):
            let_in(uow, From("203.0.113.9"), user.user_id, tenant_id=user.tenant_id, kind="tokens", device=bytes([number]))

    assert superuser.execute("select count(*) from known_devices where user_id = %s", (user.user_id,)).fetchone() == (20,)


def test_each_guess_is_in_the_authentication_log(client: TestClient[Litestar], user: Member, superuser: psycopg.Connection[Any]) -> None:
    Caller(client).post("/auth/login", {"email": user.email, "password": "a wrong password"}, headers={"X-Request-ID": "a-request-of-ours"})
    log_in(client, user)

    assert events(superuser, user.user_id) == [("login", False), ("login", True)]
    kept = superuser.execute(
        "select address, request_id, reason, email_hash is not null from auth_events where user_id = %s and not is_success", (user.user_id,)
    ).fetchone()
    assert kept == ("testclient", "a-request-of-ours", "password", True)


@pytest.mark.fuzz
def test_ten_thousand_guesses_in_a_quarter_of_an_hour(
    client: TestClient[Litestar], database: Database, user: Member, superuser: psycopg.Connection[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    guesses = int(os.environ.get("WHYRAL_FUZZ_GUESSES", "10000"))
    assert log_in(client, user)
    tried = most_in_a_quarter_of_an_hour(database, superuser, user, guesses)

    with capsys.disabled():
        print(f"\nguesses: {guesses} from as many addresses in 15 minutes, {tried} tried")  # noqa: T201 - what a campaign is run for
    assert tried <= 10
    assert log_in(client, user), "from a known device"
