"""Passwords: changed, reset by mail, hashed anew; addresses that are confirmed."""

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from domain.errors import Refused
from domain.identity import check_verified
from domain.passwords import HashingCost
from gateways.credentials import Passwords
from services.logins import Attempt, proven
from services.sessions import Caller as From
from store.database import Database
from tests.api.conftest import Caller, FakeDagster, assert_problem, make_key, pointers
from tests.api.signing_in import OTHER_PASSWORD, PASSWORD, events, log_in, mails, make_user, token_in
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


def asked(nobody: Caller, user: Member, superuser: psycopg.Connection[Any]) -> str:
    """The token of a reset that was asked for."""
    assert nobody.post("/auth/password-reset", {"email": user.email.upper()}).status_code == 202
    return token_in(mails(superuser, user.tenant_id)[-1][2])


def refused_login(nobody: Caller, who: Member, password: str) -> bool:
    return nobody.post("/auth/login", {"email": who.email, "password": password}).status_code == 401


# Reset


def test_a_reset_sets_the_password_and_ends_every_session(
    client: TestClient[Litestar], nobody: Caller, user: Member, superuser: psycopg.Connection[Any]
) -> None:
    before = log_in(client, user)
    token = asked(nobody, user, superuser)

    assert nobody.post("/auth/password-reset/confirm", {"token": token, "password": OTHER_PASSWORD}).status_code == 204

    assert_problem(Caller(client, before["access_token"]).get("/me"), 401)
    assert_problem(nobody.post("/auth/refresh", {"refresh_token": before["refresh_token"]}), 401)
    assert refused_login(nobody, user, PASSWORD)
    after = Caller(client, log_in(client, user, OTHER_PASSWORD)["access_token"])
    assert after.get("/me").json()["is_verified"], "whoever read the mail has the address"
    assert [mail[1] for mail in mails(superuser, user.tenant_id)] == ["Whyral: Choose a new password", "Whyral: Your password was changed"]
    assert ("password_reset", True) in events(superuser, user.user_id)


@pytest.mark.parametrize("is_confirmed", [False, True])
def test_a_reset_of_an_address_that_nobody_had_confirmed_ends_what_a_stranger_left_there(
    client: TestClient[Litestar],
    nobody: Caller,
    database: Database,
    user: Member,
    superuser: psycopg.Connection[Any],
    *,
    is_confirmed: bool,
) -> None:
    key = Caller(client, make_key(database, user, ("read",)).plain)
    superuser.execute(
        "insert into user_identities (identity_id, issuer, subject, user_id) values (gen_random_uuid(), 'https://issuer.example', %s, %s)",
        (str(user.user_id), user.user_id),
    )
    if is_confirmed:
        superuser.execute("update users set is_verified = true, verified_at = now() where user_id = %s", (user.user_id,))

    token = asked(nobody, user, superuser)
    assert nobody.post("/auth/password-reset/confirm", {"token": token, "password": OTHER_PASSWORD}).status_code == 204

    left = superuser.execute("select count(*) from user_identities where user_id = %s", (user.user_id,)).fetchone()
    assert (left, key.get("/me").status_code) == (((1,), 200) if is_confirmed else ((0,), 401))


def test_a_token_works_once_and_the_others_go_with_it(nobody: Caller, user: Member, superuser: psycopg.Connection[Any]) -> None:
    first, second = (asked(nobody, user, superuser) for _ in range(2))
    assert first != second

    assert nobody.post("/auth/password-reset/confirm", {"token": first, "password": OTHER_PASSWORD}).status_code == 204

    for token in (first, second):
        answer = nobody.post("/auth/password-reset/confirm", {"token": token, "password": PASSWORD})
        assert pointers(assert_problem(answer, 422)) == ["/token"]


def test_a_password_that_is_refused_does_not_use_the_token_up(nobody: Caller, user: Member, superuser: psycopg.Connection[Any]) -> None:
    token = asked(nobody, user, superuser)

    refused = nobody.post("/auth/password-reset/confirm", {"token": token, "password": "password1234"})

    assert pointers(assert_problem(refused, 422)) == ["/password"]
    assert nobody.post("/auth/password-reset/confirm", {"token": token, "password": OTHER_PASSWORD}).status_code == 204


@pytest.mark.parametrize(
    "change",
    [
        "update user_tokens set expires_at = now() - interval '1 second' where user_id = %(user)s",
        "update users set is_active = false where user_id = %(user)s",
        "update users set email = 'moved-' || email where user_id = %(user)s",
    ],
)
def test_a_token_is_good_for_half_an_hour_of_the_same_user_at_the_same_address(
    nobody: Caller, user: Member, superuser: psycopg.Connection[Any], change: str
) -> None:
    token = asked(nobody, user, superuser)
    kept = superuser.execute("select expires_at - created_at from user_tokens where user_id = %s", (user.user_id,)).fetchone()
    assert kept is not None
    assert 1795 < kept[0].total_seconds() < 1805

    superuser.execute(change, {"user": user.user_id})

    assert_problem(nobody.post("/auth/password-reset/confirm", {"token": token, "password": OTHER_PASSWORD}), 422)


def test_nobody_is_told_whether_an_address_is_registered(nobody: Caller, user: Member, superuser: psycopg.Connection[Any]) -> None:
    answers = [nobody.post("/auth/password-reset", {"email": email}) for email in (user.email, "nobody@example.org", "no address", "")]

    assert {(answer.status_code, answer.text) for answer in answers} == {(202, answers[0].text)}
    assert [{*answer.headers} for answer in answers[1:]] == [{*answers[0].headers}] * 3
    assert [mail[0] for mail in mails(superuser, user.tenant_id)] == [user.email]


@pytest.mark.parametrize("words", ["", "\0", "ana\0@example.org", "x" * 100_000])
def test_what_is_no_address_gets_the_same_answer_and_does_no_harm(nobody: Caller, words: str) -> None:
    body = json.dumps({"email": words}).encode()

    answer = nobody.call("POST", "/auth/password-reset", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()) == (202, nobody.post("/auth/password-reset", {"email": "x@example.org"}).json())


def test_a_mailbox_is_not_flooded_and_the_answer_stays_the_same(nobody: Caller, user: Member, superuser: psycopg.Connection[Any]) -> None:
    answers = [nobody.post("/auth/password-reset", {"email": user.email}).status_code for _ in range(6)]

    assert answers == [202] * 6
    assert len(mails(superuser, user.tenant_id)) == 3


def test_the_mail_goes_to_the_address_that_is_kept(nobody: Caller, user: Member, superuser: psycopg.Connection[Any]) -> None:
    asked(nobody, user, superuser)

    assert mails(superuser, user.tenant_id)[0][0] == user.email


def test_tokens_are_kept_as_hashes(nobody: Caller, user: Member, superuser: psycopg.Connection[Any]) -> None:
    token = asked(nobody, user, superuser)

    kept = superuser.execute("select token_hash from user_tokens where user_id = %s", (user.user_id,)).fetchone()
    assert kept is not None
    assert token.encode() not in kept[0]


# Change


def test_changing_the_password_ends_the_other_sessions_only(
    client: TestClient[Litestar], nobody: Caller, user: Member, superuser: psycopg.Connection[Any]
) -> None:
    other, this = (log_in(client, user) for _ in range(2))
    me = Caller(client, this["access_token"])

    assert me.post("/me/password", {"current_password": PASSWORD, "new_password": OTHER_PASSWORD}).status_code == 204

    assert me.get("/me").status_code == 200
    assert_problem(Caller(client, other["access_token"]).get("/me"), 401)
    assert refused_login(nobody, user, PASSWORD)
    assert not refused_login(nobody, user, OTHER_PASSWORD)
    assert ("password_change", True) in events(superuser, user.user_id)


def test_the_current_password_is_needed_and_cannot_be_guessed_at_will(client: TestClient[Litestar], user: Member) -> None:
    me = Caller(client, log_in(client, user)["access_token"])
    words = {"current_password": "a wrong password", "new_password": OTHER_PASSWORD}

    answers = [me.post("/me/password", words) for _ in range(6)]

    assert pointers(assert_problem(answers[0], 422)) == ["/current_password"]
    assert_problem(answers[5], 429, "limit_reached")


def test_a_new_password_is_judged_by_the_users_own_words(client: TestClient[Litestar], user: Member) -> None:
    me = Caller(client, log_in(client, user)["access_token"])

    answer = me.post("/me/password", {"current_password": PASSWORD, "new_password": "AnaLopez2026"})

    assert pointers(assert_problem(answer, 422)) == ["/new_password"]


# Rehash


def test_a_login_hashes_anew_what_was_made_with_other_parameters(
    database: Database, user: Member, superuser: psycopg.Connection[Any]
) -> None:
    dearer = Passwords(HashingCost(memory_kib=20 * 1024))
    attempt = Attempt(user.email, From("203.0.113.8"))

    proven(database, dearer, attempt, PASSWORD)

    kept = superuser.execute("select password_hash, password_changed_at from users where user_id = %s", (user.user_id,)).fetchone()
    assert kept is not None
    assert not dearer.is_outdated(kept[0])
    assert kept[1] is None, "the password is the same"
    assert proven(database, dearer, attempt, PASSWORD).user_id == user.user_id


# Verify


def test_registering_asks_by_mail_whether_the_address_is_theirs(
    client: TestClient[Litestar], nobody: Caller, dagster: FakeDagster, superuser: psycopg.Connection[Any], database: Database
) -> None:
    email = f"{make_user(database).user_id.hex}@example.net"
    made = nobody.post("/auth/register", {"email": email, "password": PASSWORD, "workspace": "Studio"}).json()
    assert made["is_verified"] is False
    token = token_in(mails(superuser, made["workspace_id"])[0][2])

    assert nobody.post("/auth/verify-email", {"token": token}).status_code == 204
    assert_problem(nobody.post("/auth/verify-email", {"token": token}), 422)

    me = Caller(client, nobody.post("/auth/login", {"email": email, "password": PASSWORD}).json()["access_token"])
    assert me.get("/me").json()["is_verified"]
    assert me.post("/me/verify-email").status_code == 202
    assert len(mails(superuser, made["workspace_id"])) == 1, "nothing is sent where it was confirmed"
    assert events(superuser, made["user_id"])[:2] == [("signup", True), ("email_verified", True)]


def test_another_mail_may_be_asked_for_a_few_times(client: TestClient[Litestar], user: Member, superuser: psycopg.Connection[Any]) -> None:
    me = Caller(client, log_in(client, user)["access_token"])

    assert [me.post("/me/verify-email").status_code for _ in range(4)] == [202, 202, 202, 429]
    assert len(mails(superuser, user.tenant_id)) == 3


def test_a_token_of_one_purpose_does_not_do_for_the_other(nobody: Caller, user: Member, superuser: psycopg.Connection[Any]) -> None:
    token = asked(nobody, user, superuser)

    assert_problem(nobody.post("/auth/verify-email", {"token": token}), 422)


def test_what_needs_a_confirmed_address_is_refused_without_one(
    database: Database, user: Member, superuser: psycopg.Connection[Any]
) -> None:
    with database.begin(user.tenant_id) as uow:
        with pytest.raises(Refused, match="verify your e-mail address"):
            check_verified(uow.identity.profile(user.user_id))
        superuser.execute("update users set verified_at = now() where user_id = %s", (user.user_id,))
        check_verified(uow.identity.profile(user.user_id))
