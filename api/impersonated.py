"""Calls that an administrator makes as a member: each is noted before it is made, and what may not be done so is refused."""

import asyncio
from typing import Any
from uuid import UUID

from litestar.connection import ASGIConnection

from domain.errors import Refused
from domain.impersonation import may_be_done
from store.database import Database, SessionEntry


async def accompany(connection: ASGIConnection[Any, Any, Any, Any], entry: SessionEntry) -> None:
    """The call's line in the workspace's audit log, committed before its handler runs. Raises Unauthenticated, Refused."""
    method, route = str(connection.scope.get("method")), str(connection.scope.get("path_template") or "unknown")
    allowed = may_be_done(method, route)
    request_id = str(connection.scope["state"].get("request_id", ""))
    call = {"method": method, "route": route, "is_refused": not allowed, "impersonator": entry.impersonator}
    user_id = await asyncio.to_thread(_noted, connection.app.state.database, entry, call, request_id)
    connection.scope["state"]["impersonated_by"] = entry.impersonator
    if not allowed:
        raise Refused(f"this may not be done as user {user_id}, only by them")


def _noted(database: Database, entry: SessionEntry, call: dict[str, object], request_id: str) -> UUID | None:
    with database.begin(entry) as uow:
        uow.trust.note("impersonation.call", str(uow.user_id), actor=entry.impersonator, details=call, request_id=request_id)
        return uow.user_id
