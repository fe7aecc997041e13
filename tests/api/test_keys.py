"""API keys: made, shown once, revoked; and that no secret is kept in clear."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from store.database import Database
from tests.api.conftest import Caller, FakeDagster, assert_problem, make_key, make_token, pointers
from tests.conftest import Member


def test_keys_need_somebody(nobody: Caller) -> None:
    for answer in (nobody.get("/keys"), nobody.post("/keys", {"name": "k"}), nobody.delete(f"/keys/{uuid4()}")):
        assert_problem(answer, 401)


def test_a_keys_secret_is_shown_once_and_opens_the_door(client: TestClient[Litestar], member: Member) -> None:
    owner = Caller(client, make_token(client, member))

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
    superuser.execute("delete from rate_limits")
    given = {"email": f"{uuid4().hex}@example.org", "password": password, "workspace": "Studio"}
    assert nobody.post("/auth/register", given).status_code == 201
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
