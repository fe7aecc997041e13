"""Bearer tokens at the door: every kind of forgery, and members who are gone."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt
import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from store.database import Database
from tests.api.conftest import SECRET, Caller, assert_problem, make_key, make_session, make_token
from tests.conftest import Member


def forged(member: Member, session_id: UUID | None = None, *, secret: str = SECRET, algorithm: str = "HS256", **changes: object) -> str:
    now = datetime.now(UTC)
    claims: dict[str, object] = {
        "iss": "whyral", "aud": "whyral-api", "sub": str(member.user_id), "tenant": str(member.tenant_id), "type": "access",
        "sid": str(session_id or uuid4()), "jti": "x", "iat": now, "exp": now + timedelta(minutes=5),
    }  # fmt: skip
    claims = {name: value for name, value in {**claims, **changes}.items() if value is not None}
    return jwt.encode(claims, secret if algorithm != "none" else "", algorithm=algorithm)


def headless(member: Member) -> str:
    """Signed with our secret, but with a header that no reader can take."""
    deep = base64.urlsafe_b64encode(b"[" * 2900).decode().rstrip("=")
    return f"{deep}.{forged(member).partition('.')[2]}"


BAD_TOKENS: dict[str, Callable[[Member], str]] = {
    "expired": lambda who: forged(who, exp=datetime.now(UTC) - timedelta(minutes=1)),
    "another secret": lambda who: forged(who, secret="another secret of at least 32 characters"),
    "another algorithm": lambda who: forged(who, algorithm="HS512"),
    "no algorithm": lambda who: forged(who, algorithm="none"),
    "another audience": lambda who: forged(who, aud="somebody-else"),
    "another issuer": lambda who: forged(who, iss="somebody-else"),
    "another type": lambda who: forged(who, type="refresh"),
    "no type": lambda who: forged(who, type=None),
    "no session": lambda who: forged(who, sid=None),
    "a session that is none": lambda who: forged(who, sid=str(uuid4())),
    "no tenant": lambda who: forged(who, tenant=None),
    "no expiry": lambda who: forged(who, exp=None),
    "a tenant that is a number": lambda who: forged(who, tenant=5),
    "not yet issued": lambda who: forged(who, iat=datetime.now(UTC) + timedelta(hours=1)),
    "too deep": headless,
    "garbage": lambda _: "garbage",
    "dots": lambda _: "..",
    "all that a header may hold": lambda _: "x" * 12_000,
    "brackets, as many as a header may hold": lambda _: base64.urlsafe_b64encode(b"[" * 9_000).decode() + ".e30.x",
}


@pytest.mark.parametrize("kind", BAD_TOKENS)
def test_a_token_that_is_not_good_is_nobody(client: TestClient[Litestar], member: Member, kind: str) -> None:
    answer = Caller(client, BAD_TOKENS[kind](member)).get("/me")

    assert_problem(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_token_of_a_megabyte_does_not_get_in_at_all(nobody: Caller) -> None:
    assert_problem(Caller(nobody.client, "x" * 1_000_000).get("/me"), 431, "headers_too_large")


def test_the_forger_of_these_tests_can_make_a_good_token_too(client: TestClient[Litestar], member: Member) -> None:
    assert Caller(client, forged(member, make_session(client, member))).get("/me").status_code == 200


@pytest.mark.parametrize("header", ["", "Basic abc", "Bearer", "Bearer ", "bearer\tx", "Bearer \xe9"])
def test_a_header_that_is_no_bearer_is_nobody(nobody: Caller, header: str) -> None:
    assert_problem(nobody.client.get("/api/v1/me", headers={b"Authorization": header.encode("latin-1")}), 401)


def test_a_removed_members_token_and_keys_are_refused_at_once(
    client: TestClient[Litestar], database: Database, member: Member, superuser: psycopg.Connection[Any]
) -> None:
    callers = [Caller(client, make_token(client, member)), Caller(client, make_key(database, member).plain)]
    assert [caller.get("/me").status_code for caller in callers] == [200, 200]

    superuser.execute("delete from memberships where user_id = %s", (member.user_id,))

    for caller in callers:
        assert_problem(caller.get("/me"), 401)


def test_a_token_for_a_workspace_that_its_user_is_not_in_is_refused(client: TestClient[Litestar], member: Member, other: Member) -> None:
    mixed = Member(other.tenant_id, member.user_id, member.email)

    assert_problem(Caller(client, make_token(client, mixed)).get("/me"), 401)


def test_a_viewer_may_look_but_not_write(client: TestClient[Litestar], member: Member, superuser: psycopg.Connection[Any]) -> None:
    superuser.execute("update memberships set role = 'viewer' where user_id = %s", (member.user_id,))
    viewer = Caller(client, make_token(client, member))

    assert viewer.get("/keys").status_code == 200
    assert_problem(viewer.post("/keys", {"name": "mine"}), 403, "refused")
