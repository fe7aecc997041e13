"""Registering, logging in, tokens and keys, at the door."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt
import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from domain.errors import SourceUnavailable
from store.database import Database
from tests.api.conftest import SECRET, Caller, FakeDagster, assert_problem, make_key, make_token
from tests.conftest import Member

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def unhurried(superuser: psycopg.Connection[Any]) -> None:
    """All tests come from one address: each begins with a full bucket."""
    superuser.execute("delete from rate_limits")


def registration(**changes: object) -> dict[str, object]:
    return {"email": f"{uuid4().hex}@example.org", "password": PASSWORD, "workspace": "Studio", **changes}


def pointers(problem: dict[str, Any]) -> list[str]:
    return [each["pointer"] for each in problem["errors"]]


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
    from services.identity import _bucket

    return _bucket(kind, word)


def test_rate_limits_hold_no_address_in_clear(nobody: Caller, superuser: psycopg.Connection[Any]) -> None:
    nobody.post("/auth/login", {"email": "someone@example.org", "password": "a wrong password"})

    kept = [row[0] for row in superuser.execute("select bucket from rate_limits")]

    assert kept
    assert not [bucket for bucket in kept if "someone" in bucket or "testclient" in bucket]


def test_a_hostile_login_is_nobody(nobody: Caller) -> None:
    for email in ("a\x00b", "' or 1=1 --", "x" * 100_000, "\u202e@example.org"):
        assert nobody.post("/auth/login", {"email": email, "password": "p" * 100_000}).status_code in (401, 422)


# Tokens


def forged(member: Member, *, secret: str = SECRET, algorithm: str = "HS256", **changes: object) -> str:
    now = datetime.now(UTC)
    claims: dict[str, object] = {
        "iss": "whyral", "aud": "whyral-api", "sub": str(member.user_id), "tenant": str(member.tenant_id), "type": "access",
        "jti": "x", "iat": now, "exp": now + timedelta(minutes=5),
    }  # fmt: skip
    claims = {name: value for name, value in {**claims, **changes}.items() if value is not None}
    return jwt.encode(claims, secret if algorithm != "none" else None, algorithm=algorithm)


def headless(member: Member) -> str:
    """Signed with our secret, but with a header that no reader can take."""
    deep = base64.urlsafe_b64encode(b"[" * 2900).decode().rstrip("=")
    return f"{deep}.{forged(member).partition('.')[2]}"


BAD_TOKENS: dict[str, Callable[[Member], str]] = {
    "expired": lambda who: make_token(who, now=datetime.now(UTC) - timedelta(hours=1)),
    "another secret": lambda who: forged(who, secret="another secret of at least 32 characters"),
    "another algorithm": lambda who: forged(who, algorithm="HS512"),
    "no algorithm": lambda who: forged(who, algorithm="none"),
    "another audience": lambda who: forged(who, aud="somebody-else"),
    "another issuer": lambda who: forged(who, iss="somebody-else"),
    "another type": lambda who: forged(who, type="refresh"),
    "no type": lambda who: forged(who, type=None),
    "no tenant": lambda who: forged(who, tenant=None),
    "no expiry": lambda who: forged(who, exp=None),
    "a tenant that is a number": lambda who: forged(who, tenant=5),
    "not yet issued": lambda who: forged(who, iat=datetime.now(UTC) + timedelta(hours=1)),
    "too deep": headless,
    "garbage": lambda _: "garbage",
    "dots": lambda _: "..",
    "one megabyte": lambda _: "x" * 1_000_000,
    "one megabyte of brackets": lambda _: base64.urlsafe_b64encode(b"[" * 1_000_000).decode() + ".e30.x",
}


@pytest.mark.parametrize("kind", BAD_TOKENS)
def test_a_token_that_is_not_good_is_nobody(client: TestClient[Litestar], member: Member, kind: str) -> None:
    answer = Caller(client, BAD_TOKENS[kind](member)).get("/me")

    assert_problem(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_the_forger_of_these_tests_can_make_a_good_token_too(client: TestClient[Litestar], member: Member) -> None:
    assert Caller(client, forged(member)).get("/me").status_code == 200


@pytest.mark.parametrize("header", ["", "Basic abc", "Bearer", "Bearer ", "bearer\tx", "Bearer \xe9"])
def test_a_header_that_is_no_bearer_is_nobody(nobody: Caller, header: str) -> None:
    assert_problem(nobody.client.get("/api/v1/me", headers={b"Authorization": header.encode("latin-1")}), 401)


def test_a_removed_members_token_and_keys_are_refused_at_once(
    client: TestClient[Litestar], database: Database, member: Member, superuser: psycopg.Connection[Any]
) -> None:
    callers = [Caller(client, make_token(member)), Caller(client, make_key(database, member).plain)]
    assert [caller.get("/me").status_code for caller in callers] == [200, 200]

    superuser.execute("delete from memberships where user_id = %s", (member.user_id,))

    for caller in callers:
        assert_problem(caller.get("/me"), 401)


def test_a_token_for_a_workspace_that_its_user_is_not_in_is_refused(client: TestClient[Litestar], member: Member, other: Member) -> None:
    mixed = Member(other.tenant_id, member.user_id, member.email)

    assert_problem(Caller(client, make_token(mixed)).get("/me"), 401)


def test_a_viewer_may_look_but_not_write(client: TestClient[Litestar], member: Member, superuser: psycopg.Connection[Any]) -> None:
    superuser.execute("update memberships set role = 'viewer' where user_id = %s", (member.user_id,))
    viewer = Caller(client, make_token(member))

    assert viewer.get("/keys").status_code == 200
    assert_problem(viewer.post("/keys", {"name": "mine"}), 403, "refused")


# Me


def test_me_needs_somebody(nobody: Caller) -> None:
    assert_problem(nobody.get("/me"), 401, "unauthenticated")


def test_each_sees_themselves(mine: Caller, theirs: Caller, member: Member, other: Member) -> None:
    assert mine.get("/me").json()["workspace_id"] == str(member.tenant_id)
    assert theirs.get("/me").json()["email"] == other.email


# Keys


def test_keys_need_somebody(nobody: Caller) -> None:
    for answer in (nobody.get("/keys"), nobody.post("/keys", {"name": "k"}), nobody.delete(f"/keys/{uuid4()}")):
        assert_problem(answer, 401)


def test_a_keys_secret_is_shown_once_and_opens_the_door(client: TestClient[Litestar], member: Member) -> None:
    owner = Caller(client, make_token(member))

    answer = owner.post("/keys", {"name": " laptop "})

    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    made = answer.json()
    assert made["key"].startswith(made["prefix"])
    assert (made["name"], made["scopes"], made["revoked_at"]) == ("laptop", ["read", "write"], None)
    assert Caller(client, made["key"]).get("/me").json()["user_id"] == str(member.user_id)
    assert [key["key"] for key in owner.get("/keys").json()["items"]] == [None]


def test_a_key_may_come_in_a_header_of_its_own(nobody: Caller, database: Database, member: Member) -> None:
    key = make_key(database, member).plain

    assert nobody.get("/me", headers={"X-API-Key": key}).status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"name": ""}, 422, "/name"),
        ({"name": "x" * 101}, 422, "/name"),
        ({"name": "a\nb"}, 422, "/name"),
        ({"name": "k", "scopes": ["admin"]}, 422, "/scopes"),
        ({"name": "k", "scopes": []}, 422, "/scopes"),
        ({"name": "k", "expires_at": "2020-01-01T00:00:00Z"}, 422, "/expires_at"),
        ({"name": "k", "expires_at": "2999-01-01T00:00:00"}, 400, "/expires_at"),
        ({"name": "k", "scopes": "read"}, 400, "/scopes"),
        ({}, 400, "/name"),
    ],
)
def test_a_key_of_bad_shape_is_refused_by_field(mine: Caller, body: dict[str, Any], status: int, pointer: str) -> None:
    assert pointers(assert_problem(mine.post("/keys", body), status)) == [pointer]


def test_a_workspace_has_at_most_fifty_usable_keys(mine: Caller, member: Member, database: Database) -> None:
    made = [make_key(database, member) for _ in range(49)]

    assert_problem(mine.post("/keys", {"name": "one too many"}), 429, "limit_reached")

    assert mine.delete(f"/keys/{made[0].key.key_id}").status_code == 204
    assert mine.post("/keys", {"name": "fits again"}).status_code == 201


def test_a_key_that_only_reads_does_not_write(reader: Caller, database: Database, member: Member) -> None:
    victim = make_key(database, member)
    assert reader.get("/keys").status_code == 200

    for answer in (
        reader.post("/keys", {"name": "mightier"}),
        reader.delete(f"/keys/{victim.key.key_id}"),
        reader.post("/requests", {"kind": "insights"}),
    ):
        assert_problem(answer, 403, "refused")


def test_a_revoked_key_is_nobody_from_then_on(mine: Caller, client: TestClient[Litestar], database: Database, member: Member) -> None:
    lost = make_key(database, member)
    assert Caller(client, lost.plain).get("/me").status_code == 200

    assert mine.delete(f"/keys/{lost.key.key_id}").status_code == 204

    assert_problem(Caller(client, lost.plain).get("/me"), 401)
    assert_problem(mine.delete(f"/keys/{lost.key.key_id}"), 404)


def test_an_expired_key_is_nobody(client: TestClient[Litestar], database: Database, member: Member) -> None:
    old = make_key(database, member, expires_at=datetime.now(UTC) - timedelta(seconds=1))

    assert_problem(Caller(client, old.plain).get("/me"), 401)


def test_an_unknown_key_and_a_key_with_another_secret_are_nobody(client: TestClient[Litestar], database: Database, member: Member) -> None:
    known = make_key(database, member).plain

    for key in (known[:-1] + ("a" if known[-1] != "a" else "b"), "whyral_", f"whyral_{uuid4().hex}_secret", known + "x"):
        assert_problem(Caller(client, key).get("/me"), 401)


def test_another_workspaces_key_is_neither_seen_nor_revoked(
    theirs: Caller, client: TestClient[Litestar], database: Database, member: Member
) -> None:
    made = make_key(database, member)

    assert made.key.prefix not in theirs.get("/keys").text
    assert_problem(theirs.delete(f"/keys/{made.key.key_id}"), 404, "not_found")
    assert Caller(client, made.plain).get("/me").status_code == 200


def test_an_id_that_is_none_is_not_found(mine: Caller) -> None:
    assert_problem(mine.delete("/keys/not-an-id"), 404)


def test_a_repeated_making_of_a_key_names_the_same_key_without_its_secret(mine: Caller) -> None:
    once = {"Idempotency-Key": uuid4().hex}
    first = mine.post("/keys", {"name": "ci"}, headers=once).json()

    again = mine.post("/keys", {"name": "ci"}, headers=once)

    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == {**first, "key": None}
    assert len([key for key in mine.get("/keys").json()["items"] if key["name"] == "ci"]) == 1


def test_no_secret_is_kept_in_clear_anywhere(
    mine: Caller, nobody: Caller, dagster: FakeDagster, superuser: psycopg.Connection[Any]
) -> None:
    password = f"pass {uuid4().hex}"
    nobody.post("/auth/register", registration(password=password))
    secret = mine.post("/keys", {"name": "ci"}, headers={"Idempotency-Key": uuid4().hex}).json()["key"]

    kept = everything(superuser)

    assert "_".join(secret.split("_")[:2]) in kept, "the search itself finds what is kept: the key's public prefix"
    assert secret.split("_", 2)[2] not in kept
    assert base64.b64encode(secret.encode()).decode() not in kept
    assert secret.encode().hex() not in kept
    assert password not in kept


def everything(superuser: psycopg.Connection[Any]) -> str:
    """All rows of all our tables, as one text."""
    tables = superuser.execute("select oid::regclass::text from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace")
    rows = [superuser.execute(f"select to_jsonb(t) from {table} t").fetchall() for (table,) in tables.fetchall()]
    return json.dumps(rows)
