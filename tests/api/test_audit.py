"""The audit log over HTTP: for owners and admins who logged in, a page at a time or as CSV in which nothing is a formula."""

import csv
import io
from typing import Any

import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from store.audit import AuditFilter
from store.database import Database
from store.ids import new_id
from tests.api.conftest import Caller, assert_problem, make_token, pointers
from tests.conftest import Member


@pytest.fixture
def owner(client: TestClient[Litestar], member: Member) -> Caller:
    return Caller(client, make_token(client, member))


def note(database: Database, member: Member, *actions: str, subject: str = "x") -> None:
    for action in actions:
        with database.begin(member.tenant_id) as uow:
            uow.trust.note(action, subject, actor=member.user_id, details={"number": 1})


@pytest.mark.parametrize("path", ["/audit-log", "/audit-log/export"])
def test_nobody_and_no_key_reads_it(nobody: Caller, mine: Caller, path: str) -> None:
    assert_problem(nobody.get(path), 401)
    assert_problem(mine.get(path), 403, "refused")


@pytest.mark.parametrize(("role", "status"), [("owner", 200), ("admin", 200), ("member", 403), ("viewer", 403)])
def test_roles_that_read_it(owner: Caller, member: Member, superuser: psycopg.Connection[Any], role: str, status: int) -> None:
    superuser.execute("update memberships set role = %s where user_id = %s", (role, member.user_id))

    assert [owner.get(path).status_code for path in ("/audit-log", "/audit-log/export")] == [status, status]


def test_a_workspace_sees_its_own_only(owner: Caller, database: Database, member: Member, other: Member) -> None:
    note(database, member, "mine.done")
    note(database, other, "theirs.done")

    assert [each["action"] for each in owner.get("/audit-log").json()["items"]] == ["mine.done"]
    assert "theirs.done" not in owner.get("/audit-log/export").text


def test_pages_go_on_from_where_they_ended_and_only_with_the_same_filters(owner: Caller, database: Database, member: Member) -> None:
    note(database, member, *(f"key.{number}" for number in range(5)))
    first = owner.get("/audit-log?limit=2&action=key").json()
    note(database, member, "key.new")

    second = owner.get(f"/audit-log?limit=2&action=key&cursor={first['next_cursor']}").json()

    assert [each["action"] for each in first["items"] + second["items"]] == ["key.4", "key.3", "key.2", "key.1"]
    assert pointers(assert_problem(owner.get(f"/audit-log?cursor={first['next_cursor']}"), 422)) == ["cursor"]


def test_it_is_filtered(owner: Caller, database: Database, member: Member) -> None:
    note(database, member, "a.b", "c.d")

    def actions(query: str) -> list[str]:
        return [each["action"] for each in owner.get(f"/audit-log?{query}").json()["items"]]

    assert actions(f"actor={member.user_id}") == ["c.d", "a.b"]
    assert actions(f"actor={new_id()}") == actions("since=2999-01-01T00:00:00Z") == actions("until=2000-01-01T00:00:00Z") == []
    assert pointers(assert_problem(owner.get("/audit-log?since=2999-01-01T00:00:00"), 422)) == ["since"]


def test_a_call_that_is_noted_says_so_itself(client: TestClient[Litestar], owner: Caller, database: Database, member: Member) -> None:
    made = owner.post("/keys", {"name": "x", "scopes": ["read"]}).json()
    revoked = owner.delete(f"/keys/{made['key_id']}", headers={"X-Request-ID": "trace-revoke"})

    (found,) = owner.get("/audit-log?action=api_key.revoked").json()["items"]
    assert (revoked.status_code, found["request_id"], found["actor"]) == (204, "trace-revoke", str(member.user_id))


FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "  =1",
    "＝1",
    '=HYPERLINK("https://evil.example")',
    "=cmd|' /C calc'!A0",
]


def test_no_cell_of_the_csv_is_a_formula_and_no_line_end_makes_a_row(owner: Caller, database: Database, member: Member) -> None:
    for each in FORMULAS:
        note(database, member, "odd", subject=each)

    answer = owner.get("/audit-log/export")

    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("text/csv; charset=utf-8", "no-store")
    assert [row["subject"] for row in reversed(rows)] == [f"'{each}" for each in FORMULAS]


def test_the_export_is_noted(owner: Caller, database: Database, member: Member) -> None:
    note(database, member, "a.b")

    owner.get("/audit-log/export")

    with database.begin(member.tenant_id) as uow:
        newest = uow.audit.page(AuditFilter(), limit=1)[0]
    assert (newest.action, newest.details) == ("audit_log.exported", {"entries": 1})
