"""People in a workspace, by role; set-up that the API offers through mails only."""

from typing import Any
from uuid import UUID

import psycopg

from store.database import Database
from tests.conftest import Member, make_member


def join(database: Database, workspace: UUID, role: str) -> Member:
    """Another user, who has a workspace of their own too, as a member of this one."""
    alone = make_member(database)
    with database.begin(workspace) as uow:
        uow.connection.exec_driver_sql(
            "insert into memberships (tenant_id, user_id, role) values (%s, %s, %s)", (workspace, alone.user_id, role)
        )
    return Member(workspace, alone.user_id, alone.email)


def verify(superuser: psycopg.Connection[Any], *people: Member) -> None:
    superuser.execute(
        "update users set is_verified = true, verified_at = now() where user_id = any(%s)", ([each.user_id for each in people],)
    )


def noted(superuser: psycopg.Connection[Any], workspace: UUID, action: str) -> list[tuple[UUID | None, dict[str, Any]]]:
    """Who did it and what is told of it, by the audit log of the workspace, the oldest first."""
    found = superuser.execute(
        "select actor, details from audit_log where tenant_id = %s and action = %s order by entry_id", (workspace, action)
    )
    return list(found.fetchall())


def mails(superuser: psycopg.Connection[Any], recipient: str) -> list[str]:
    """What waits to be sent to an address, the oldest first."""
    found = superuser.execute("select body from outbox where recipient = %s order by message_id", (recipient,))
    return [body for (body,) in found.fetchall()]
