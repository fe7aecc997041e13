"""Acting as a member: everyday work alone, each call noted, shown, and over when it is ended."""

import re
from typing import Any
from uuid import UUID

import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from domain.errors import Unauthenticated
from domain.impersonation import WORK, may_be_done
from store.database import Database, SessionEntry
from tests.api.administering import SOME, begin, noted, operations, promoted
from tests.api.conftest import Caller, assert_problem, make_token
from tests.conftest import Member, make_member


def test_acting_as_a_member_is_noted_call_by_call_and_shown(
    acting: Caller, boss: Member, member: Member, superuser: psycopg.Connection[Any]
) -> None:
    answer = acting.get("/me")

    assert answer.json()["user_id"] == str(member.user_id)
    assert answer.json()["impersonated_by"] == answer.headers["whyral-impersonated-by"] == str(boss.user_id)
    details = noted(superuser, member.tenant_id, "impersonation.call", str(member.user_id))
    assert (details["method"], details["route"], details["is_refused"]) == ("GET", "/api/v1/me", False)
    assert "whyral-impersonated-by" not in Caller(acting.client).get("/health").headers


def test_nothing_that_lasts_is_done_as_somebody_else(client: TestClient[Litestar], acting: Caller, member: Member) -> None:
    closed = [each for each in operations(acting) if each[1].startswith("/api/v1/") and not may_be_done(*each)]
    document = acting.get("/openapi.json").json()["paths"]
    protected = [(method, path) for method, path in closed if document[path][method.lower()]["security"] != [{}]]

    told = {
        each: client.request(
            each[0], re.sub(r"\{[^}]+\}", SOME, each[1]), headers={"Authorization": f"Bearer {acting.credential}"}
        ).status_code
        for each in protected
    }

    assert ("POST", "/api/v1/keys") in told
    assert set(told.values()) == {403}, {each: status for each, status in told.items() if status != 403}
    assert acting.get("/videos").status_code == 200


def test_every_call_in_somebodys_name_leaves_a_line_reads_too(
    client: TestClient[Litestar], acting: Caller, boss: Member, member: Member, superuser: psycopg.Connection[Any]
) -> None:
    document = acting.get("/openapi.json").json()["paths"]
    mine = [each for each in operations(acting) if document[each[1]][each[0].lower()]["security"] != [{}]]
    for method, path in mine:
        client.request(method, re.sub(r"\{[^}]+\}", SOME, path), headers={"Authorization": f"Bearer {acting.credential}"})

    lines = superuser.execute(
        "select details ->> 'method', details ->> 'route' from audit_log"
        " where tenant_id = %s and actor = %s and action = 'impersonation.call'",
        (member.tenant_id, boss.user_id),
    ).fetchall()

    told = sorted((method, re.sub(r":\w+\}", "}", route).rstrip("/")) for method, route in lines)
    assert told == sorted((method, path.rstrip("/")) for method, path in mine)


@pytest.mark.parametrize(
    ("method", "route"),
    [
        ("POST", "/api/v1/keys"), ("DELETE", "/api/v1/keys/{key_id}"), ("PATCH", "/api/v1/me"), ("POST", "/api/v1/auth/logout"),
        ("POST", "/api/v1/me/password"), ("POST", "/api/v1/billing/checkout"), ("POST", "/api/v1/me/data-export"),
        ("POST", "/api/v1/tenants/{id}/transfer"), ("POST", "/api/v1/channels/{channel_id}/connect"), ("GET", "/api/v1/admin/users"),
        ("GET", "/api/v1/exports/{id}/file"),
        ("GET", "/api/v1/clips/{clip_id:uuid}/link"), ("POST", "/api/v1/plans/{plan}"),
        ("POST", "/api/v1/a-route-of-tomorrow"), ("GET", "/api/v1"), ("GET", "unknown"),
    ],
)  # fmt: skip
def test_a_route_is_closed_to_who_acts_as_somebody_until_it_is_named(method: str, route: str) -> None:
    assert not may_be_done(method, route)


def test_whatever_is_named_as_everyday_work_is_there(acting: Caller) -> None:
    """A word that stands for nothing yet would open whatever comes under it."""
    assert WORK - {path.split("/")[3] for _, path in operations(acting) if path.startswith("/api/v1/")} == set()


def test_an_ended_impersonation_is_over_and_the_owner_is_told(
    client: TestClient[Litestar], admin: Caller, member: Member, superuser: psycopg.Connection[Any]
) -> None:
    begun = begin(admin, member)
    acting, session_id = Caller(client, begun["access_token"]), begun["impersonation"]["session_id"]
    mail = "select recipient, not_before <= clock_timestamp(), body from outbox where tenant_id = %s"
    assert superuser.execute(mail, (member.tenant_id,)).fetchall()[0][:2] == (member.email, False)

    assert admin.delete(f"/admin/impersonations/{session_id}").json()["ended_at"] is not None

    assert_problem(acting.get("/me"), 401)
    recipient, is_due, body = superuser.execute(mail, (member.tenant_id,)).fetchall()[0]
    assert (recipient, is_due, "ticket 17" in body) == (member.email, True, True)
    assert next(each["session_id"] for each in admin.get("/admin/impersonations").json()["items"]) == session_id
    assert noted(superuser, member.tenant_id, "impersonation.ended", session_id)["before"] == {"ended_at": None}
    assert admin.delete(f"/admin/impersonations/{session_id}").status_code == 200


def test_one_whose_workspace_was_erased_is_still_listed(admin: Caller, member: Member, superuser: psycopg.Connection[Any]) -> None:
    session_id = begin(admin, member)["impersonation"]["session_id"]
    superuser.execute("update sessions set tenant_id = null where session_id = %s", (session_id,))

    listed = admin.get("/admin/impersonations").json()["items"]

    assert next(each["workspace_id"] for each in listed if each["session_id"] == session_id) is None
    assert admin.delete(f"/admin/impersonations/{session_id}").status_code == 200


def test_an_impersonation_is_of_one_workspace_and_ends_with_its_administrator(
    client: TestClient[Litestar],
    database: Database,
    admin: Caller,
    boss: Member,
    member: Member,
    other: Member,
    superuser: psycopg.Connection[Any],
) -> None:
    begun = begin(admin, member)
    superuser.execute("insert into memberships (tenant_id, user_id, role) values (%s, %s, 'owner')", (other.tenant_id, member.user_id))
    session_id = UUID(begun["impersonation"]["session_id"])

    with (
        pytest.raises(Unauthenticated, match="log in again"),
        database.begin(SessionEntry(session_id, None, other.tenant_id, boss.user_id)),
    ):
        pass
    with pytest.raises(Unauthenticated, match="log in again"), database.begin(SessionEntry(session_id, None, member.tenant_id)):
        pass
    assert Caller(client, begun["access_token"]).get("/me").status_code == 200
    with database.begin_system() as system:
        system.set_platform_admin(boss.email, is_admin=False)
    assert_problem(Caller(client, begun["access_token"]).get("/me"), 401)


def test_acting_ends_with_the_session_that_began_it_whatever_others_the_administrator_has(
    client: TestClient[Litestar], boss: Member, member: Member
) -> None:
    """Whoever stole a session is out of both."""
    stolen, own = (Caller(client, make_token(client, boss)) for _ in range(2))
    begun, others = begin(stolen, member), begin(own, member)
    acting, still = (Caller(client, each["access_token"]) for each in (begun, others))
    assert {acting.get("/me").status_code, still.get("/me").status_code} == {200}

    assert stolen.post("/auth/logout").status_code < 300

    assert_problem(acting.get("/me"), 401)
    assert still.get("/me").status_code == 200
    listed = {each["session_id"]: each["ended_at"] for each in own.get("/admin/impersonations").json()["items"]}
    assert listed[begun["impersonation"]["session_id"]] is not None
    assert listed[others["impersonation"]["session_id"]] is None


def test_nobody_acts_as_an_administrator_as_a_stranger_or_without_a_reason(
    database: Database, admin: Caller, member: Member, other: Member
) -> None:
    chief = promoted(database, make_member(database))
    base = {"workspace_id": str(member.tenant_id), "reason": "ticket 17"}

    assert_problem(admin.post("/admin/impersonations", {**base, "workspace_id": str(chief.tenant_id)}), 403, "refused")
    assert_problem(admin.post("/admin/impersonations", {**base, "user_id": str(other.user_id)}), 404)
    assert_problem(admin.post("/admin/impersonations", {**base, "workspace_id": SOME}), 404)
    assert_problem(admin.post("/admin/impersonations", {**base, "reason": " "}), 422)
