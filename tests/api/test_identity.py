"""Registering, logging in, who am I."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from domain.errors import SourceUnavailable
from tests.api.conftest import Caller, FakeDagster, assert_problem, pointers
from tests.conftest import Member

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def unhurried(superuser: psycopg.Connection[Any]) -> None:
    """All tests come from one address: each begins with a full bucket."""
    superuser.execute("delete from rate_limits")


def registration(**changes: object) -> dict[str, object]:
    return {"email": f"{uuid4().hex}@example.org", "password": PASSWORD, "workspace": "Studio", **changes}


# Registering


def test_registering_makes_a_user_with_a_workspace_of_their_own_on_the_free_plan(nobody: Caller, dagster: FakeDagster) -> None:
    given = registration(full_name="Ana Example")

    answer = nobody.post("/auth/register", given)

    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["email"], made["full_name"], made["workspace"]) == (given["email"], "Ana Example", "Studio")
    assert (made["role"], made["plan"], made["is_demo"]) == ("owner", "free", False)
    assert dagster.tenants == [UUID(made["workspace_id"])]
    assert PASSWORD not in answer.text


def test_registering_works_while_dagster_is_away(nobody: Caller, dagster: FakeDagster) -> None:
    dagster.away = SourceUnavailable("dagster")

    assert nobody.post("/auth/register", registration()).status_code == 201


def test_an_address_registers_once_whatever_its_capitals(nobody: Caller, dagster: FakeDagster) -> None:
    given = registration()
    nobody.post("/auth/register", given)

    again = nobody.post("/auth/register", {**given, "email": str(given["email"]).upper()})

    assert_problem(again, 409, "conflict")


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"password": "short"}, "/password"),
        ({"password": "x" * 129}, "/password"),
        ({"password": "password1234"}, "/password"),
        ({"email": "not an address"}, "/email"),
        ({"email": "a\x00b@example.org"}, "/email"),
        ({"workspace": "   "}, "/workspace"),
        ({"workspace": "a\x00b"}, "/workspace"),
        ({"full_name": "a\x00b"}, "/full_name"),
    ],
)
def test_a_registration_that_cannot_be_accepted_says_which_field(nobody: Caller, changes: dict[str, str], pointer: str) -> None:
    assert pointers(assert_problem(nobody.post("/auth/register", registration(**changes)), 422, "unacceptable")) == [pointer]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"email": "a@example.org", "password": PASSWORD}, "/workspace"),
        ({"email": 5, "password": PASSWORD, "workspace": "W"}, "/email"),
        ({"email": "a@example.org", "password": PASSWORD, "workspace": "W", "role": "owner"}, "/role"),
        (None, ""),
    ],
)
def test_a_malformed_registration_is_400_and_points_at_the_field(nobody: Caller, body: Any, pointer: str) -> None:
    assert pointers(assert_problem(nobody.post("/auth/register", body), 400, "malformed")) == [pointer]


# Logging in


def test_logging_in_gives_a_token_that_opens_the_door(nobody: Caller, dagster: FakeDagster, client: TestClient[Litestar]) -> None:
    given = registration()
    made = nobody.post("/auth/register", given).json()

    answer = nobody.post("/auth/login", {"email": given["email"], "password": PASSWORD})

    assert answer.status_code == 200
    token = answer.json()
    assert (token["token_type"], token["expires_in"], token["workspace_id"]) == ("Bearer", 1800, made["workspace_id"])
    assert Caller(client, token["access_token"]).get("/me").json()["user_id"] == made["user_id"]


def test_a_wrong_password_and_an_unknown_address_are_told_the_same(nobody: Caller, dagster: FakeDagster) -> None:
    given = registration()
    nobody.post("/auth/register", given)

    wrong = assert_problem(nobody.post("/auth/login", {"email": given["email"], "password": "another password"}), 401)
    unknown = assert_problem(nobody.post("/auth/login", {"email": "nobody@example.org", "password": PASSWORD}), 401)

    assert {**wrong, "request_id": ""} == {**unknown, "request_id": ""}


def test_a_user_who_was_switched_off_is_told_the_same_too(nobody: Caller, dagster: FakeDagster, superuser: psycopg.Connection[Any]) -> None:
    given = registration()
    nobody.post("/auth/register", given)
    superuser.execute("update users set is_active = false where email = %s", (given["email"],))

    answer = nobody.post("/auth/login", {"email": given["email"], "password": PASSWORD})

    assert assert_problem(answer, 401)["detail"] == "the e-mail address or the password is wrong"


def test_a_workspace_of_others_cannot_be_logged_into(nobody: Caller, other: Member, dagster: FakeDagster) -> None:
    given = registration()
    nobody.post("/auth/register", given)

    answer = nobody.post("/auth/login", {"email": given["email"], "password": PASSWORD, "workspace_id": str(other.tenant_id)})

    assert_problem(answer, 403, "refused")


def test_the_sixth_guess_at_an_address_has_to_wait(nobody: Caller) -> None:
    guess = {"email": "target@example.org", "password": "a wrong password"}
    answers = [nobody.post("/auth/login", guess) for _ in range(5)]
    assert {answer.status_code for answer in answers} == {401}

    answer = nobody.post("/auth/login", {**guess, "email": "TARGET@example.org"})

    problem = assert_problem(answer, 429, "limit_reached")
    assert 1 <= int(answer.headers["retry-after"]) <= 180
    assert datetime.fromisoformat(problem["resets_at"]) > datetime.now(UTC)


def test_guessing_many_addresses_from_one_place_has_to_wait_too(nobody: Caller, superuser: psycopg.Connection[Any]) -> None:
    superuser.execute("insert into rate_limits values (%s, 0, now())", (_bucket_of("address", "testclient"),))

    assert_problem(nobody.post("/auth/login", {"email": "fresh@example.org", "password": "a wrong password"}), 429)


def _bucket_of(kind: str, word: str) -> str:
    from services.identity import bucket_of

    return bucket_of(kind, word)


def test_rate_limits_hold_no_address_in_clear(nobody: Caller, superuser: psycopg.Connection[Any]) -> None:
    nobody.post("/auth/login", {"email": "someone@example.org", "password": "a wrong password"})

    kept = [row[0] for row in superuser.execute("select bucket from rate_limits")]

    assert kept
    assert not [bucket for bucket in kept if "someone" in bucket or "testclient" in bucket]


def test_a_hostile_login_is_nobody(nobody: Caller) -> None:
    for email in ("a\x00b", "' or 1=1 --", "x" * 100_000, "\u202e@example.org"):
        assert nobody.post("/auth/login", {"email": email, "password": "p" * 100_000}).status_code in (401, 422)


# Me


def test_me_needs_somebody(nobody: Caller) -> None:
    assert_problem(nobody.get("/me"), 401, "unauthenticated")


def test_each_sees_themselves(mine: Caller, theirs: Caller, member: Member, other: Member) -> None:
    assert mine.get("/me").json()["workspace_id"] == str(member.tenant_id)
    assert theirs.get("/me").json()["email"] == other.email
