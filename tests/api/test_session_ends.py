"""When sessions end by themselves: unused for a week, after a month whatever happens; and how long a lost answer may be asked for again."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from store.database import Database
from tests.api.conftest import Caller, assert_problem
from tests.api.signing_in import Browser, log_in, make_user
from tests.conftest import Member


@pytest.fixture(autouse=True)
def unhurried(superuser: psycopg.Connection[Any], client: TestClient[Litestar]) -> Iterator[None]:
    superuser.execute("delete from rate_limits")
    client.cookies.clear()
    yield
    client.cookies.clear()


@pytest.fixture
def user(database: Database) -> Member:
    return make_user(database)


def time_passes(superuser: psycopg.Connection[Any], who: Member, spent: timedelta) -> None:
    moved = ", ".join(f"{column} = {column} - %(spent)s" for column in ("created_at", "used_at", "rotated_at", "expires_at", "ends_at"))
    superuser.execute(f"update sessions set {moved} where user_id = %(user)s", {"spent": spent, "user": who.user_id})


def ends(superuser: psycopg.Connection[Any], who: Member) -> tuple[datetime, datetime, datetime]:
    """Now, the end where nobody uses it, the end for good."""
    found = superuser.execute("select clock_timestamp(), expires_at, ends_at from sessions where user_id = %s", (who.user_id,)).fetchone()
    assert found is not None
    now, unused, for_good = found
    return now, unused, for_good


def refreshed(client: TestClient[Litestar], token: str) -> Any:
    return Caller(client).post("/auth/refresh", {"refresh_token": token})


def test_tokens_end_a_week_after_they_were_refreshed_last(
    client: TestClient[Litestar], user: Member, superuser: psycopg.Connection[Any]
) -> None:
    made = log_in(client, user)
    time_passes(superuser, user, timedelta(days=6, hours=23))
    after = refreshed(client, made["refresh_token"]).json()
    time_passes(superuser, user, timedelta(days=7, seconds=1))

    assert_problem(Caller(client, after["access_token"]).get("/me"), 401, "unauthenticated")
    assert_problem(refreshed(client, after["refresh_token"]), 401, "unauthenticated")


def test_tokens_end_after_a_month_however_often_they_are_refreshed(
    client: TestClient[Litestar], user: Member, superuser: psycopg.Connection[Any]
) -> None:
    made = log_in(client, user)
    for _ in range(5):
        time_passes(superuser, user, timedelta(days=5, hours=23))
        made = refreshed(client, made["refresh_token"]).json()
    now, unused, for_good = ends(superuser, user)
    assert unused == for_good
    assert now < for_good < now + timedelta(hours=6)
    assert made["refresh_expires_in"] < 6 * 3600
    # As if a prolonging had gone too far: the end for good holds by itself.
    superuser.execute("update sessions set expires_at = now() + interval '1 day', ends_at = now() where user_id = %s", (user.user_id,))

    assert_problem(Caller(client, made["access_token"]).get("/me"), 401, "unauthenticated")
    assert_problem(refreshed(client, made["refresh_token"]), 401, "unauthenticated")


def test_a_cookie_ends_after_a_month_however_often_it_is_used(
    client: TestClient[Litestar], user: Member, superuser: psycopg.Connection[Any]
) -> None:
    browser = Browser(client)
    browser.log_in(user)
    for _ in range(5):
        time_passes(superuser, user, timedelta(days=5, hours=23))
        assert browser.call("GET", "/me").status_code == 200
    _, unused, for_good = ends(superuser, user)
    assert unused == for_good
    superuser.execute("update sessions set expires_at = now() + interval '1 day', ends_at = now() where user_id = %s", (user.user_id,))

    assert_problem(browser.call("GET", "/me"), 401, "unauthenticated")


def test_a_cookie_ends_a_week_after_its_last_call(client: TestClient[Litestar], user: Member, superuser: psycopg.Connection[Any]) -> None:
    browser = Browser(client)
    browser.log_in(user)
    time_passes(superuser, user, timedelta(days=7, seconds=1))

    assert_problem(browser.call("GET", "/me"), 401, "unauthenticated")


def test_a_lost_answer_is_given_again_for_ten_seconds(
    client: TestClient[Litestar], user: Member, superuser: psycopg.Connection[Any]
) -> None:
    made = log_in(client, user)
    lost = refreshed(client, made["refresh_token"]).json()
    time_passes(superuser, user, timedelta(seconds=8))

    assert refreshed(client, made["refresh_token"]).json()["refresh_token"] == lost["refresh_token"]
    time_passes(superuser, user, timedelta(seconds=2))
    assert_problem(refreshed(client, made["refresh_token"]), 401, "unauthenticated")
    assert_problem(Caller(client, lost["access_token"]).get("/me"), 401, "unauthenticated")
