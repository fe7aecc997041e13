"""What administrators of the platform read of others leaves a line, and names nobody who was searched for."""

import re
from typing import Any
from uuid import UUID

import psycopg

from tests.api.administering import PLATFORM, SOME, operations
from tests.api.conftest import Caller, assert_problem
from tests.conftest import Member

# Sums and names of switches: nothing of anybody.
SUMS = {"/admin/status", "/admin/api-costs", "/admin/usage", "/admin/switches", "/admin/revenue", "/admin/unit-economics"}


def test_whoever_reads_what_is_somebodys_leaves_a_line(
    admin: Caller, boss: Member, member: Member, superuser: psycopg.Connection[Any]
) -> None:
    ids = {"{user_id}": str(member.user_id), "{workspace_id}": str(member.tenant_id)}
    told, reads = {}, [path.removeprefix("/api/v1") for method, path in operations(admin) if method == "GET" and "/api/v1/admin" in path]
    for path in reads:
        before = looks(superuser, boss)
        answer = admin.get(re.sub(r"\{[^}]+\}", lambda found: ids[found[0]], path))
        assert answer.status_code == 200, (path, answer.text)
        told[path] = len(looks(superuser, boss)) - len(before)

    assert len(told) >= 14
    assert told == {path: 0 if path in SUMS else 1 for path in told}


def looks(superuser: psycopg.Connection[Any], boss: Member, tenant_id: UUID = PLATFORM) -> list[tuple[Any, ...]]:
    found = "select subject, details, address is not null from audit_log left join audit_addresses using (tenant_id, entry_id)"
    mine = " where audit_log.tenant_id = %s and action = 'admin.read' and actor = %s order by audit_log.at"
    return superuser.execute(found + mine, (tenant_id, boss.user_id)).fetchall()


def test_such_a_line_says_what_and_of_whom_but_no_name_that_was_searched_for(
    admin: Caller, boss: Member, member: Member, superuser: psycopg.Connection[Any]
) -> None:
    admin.get("/admin/users", params={"wanted": member.email})
    admin.get(f"/admin/users/{member.user_id}")
    admin.get(f"/admin/tenants/{member.tenant_id}")
    admin.get("/admin/audit-log", params={"workspace_id": str(member.tenant_id)})
    admin.get("/admin/access-log", params={"address": "203.0.113.7", "workspace_id": SOME})

    by_admin = {"by_platform_admin": True}
    here = {**by_admin, "tenant_id": str(member.tenant_id)}
    assert [row[:2] for row in looks(superuser, boss)] == [
        ("", {"what": "users", "asked": {"is_searched": True}, **by_admin}),
        (str(member.user_id), {"what": "user", "asked": {}, **by_admin}),
        (str(member.tenant_id), {"what": "tenant", "asked": {}, **here}),
        ("", {"what": "audit_log", "asked": {}, **here}),
        ("", {"what": "access_log", "asked": {"by_address": True}, **by_admin}),
    ]
    assert [row[1]["what"] for row in looks(superuser, boss, member.tenant_id)] == ["tenant", "audit_log"]
    assert all(row[2] for row in looks(superuser, boss))


def test_what_an_administrator_cannot_read_leaves_no_line(admin: Caller, boss: Member, superuser: psycopg.Connection[Any]) -> None:
    assert_problem(admin.get(f"/admin/users/{SOME}"), 404)
    assert_problem(admin.get("/admin/users", params={"cursor": "x"}), 422)

    assert looks(superuser, boss) == []
