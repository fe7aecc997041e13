"""Administrators of the platform, for tests: who they are, acting as a member, what was noted of their acts."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg

from store.database import Database
from tests.conftest import Member

if TYPE_CHECKING:  # fixtures are of that module
    from tests.api.conftest import Caller

SOME = "01a1fd0e-61c0-7386-b54d-6d325253c7ee"
METHODS = ("get", "post", "put", "patch", "delete")
PLATFORM = UUID(int=0)


def promoted(database: Database, member: Member) -> Member:
    with database.begin_system() as system:
        system.set_platform_admin(member.email, is_admin=True)
    return member


def begin(admin: "Caller", member: Member) -> dict[str, Any]:
    answer = admin.post("/admin/impersonations", {"workspace_id": str(member.tenant_id), "reason": "ticket 17"})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def operations(caller: "Caller") -> list[tuple[str, str]]:
    document = caller.get("/openapi.json").json()
    return [(method.upper(), path) for path, item in document["paths"].items() for method in METHODS if method in item]


def with_role(superuser: psycopg.Connection[Any], member: Member, role: str) -> None:
    superuser.execute("update memberships set role = %s where user_id = %s", (role, member.user_id))


def noted(superuser: psycopg.Connection[Any], tenant_id: UUID, action: str, subject: str) -> dict[str, Any]:
    found = superuser.execute(
        "select details from audit_log where tenant_id = %s and action = %s and subject = %s", (tenant_id, action, subject)
    ).fetchall()
    assert len(found) == 1, (action, found)
    details: dict[str, Any] = found[0][0]
    return details
