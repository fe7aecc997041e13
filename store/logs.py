"""The access log and the authentication log as a whole: written in batches, read by administrators of the platform, pruned."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
import sqlalchemy as sa

from domain.errors import Refused
from store.calls import Call
from store.entries import KeyEntry, SessionEntry
from store.ids import new_id
from store.repository import Repository

Position = tuple[datetime, UUID]


@dataclass(frozen=True, slots=True)
class Served:
    """A call of the API that was answered: the route's template, never its path or query, which may hold secrets."""

    call: Call
    at: datetime
    method: str
    endpoint: str
    status: int
    response_ms: float


@dataclass(frozen=True, slots=True)
class Access:
    """One line of the access log."""

    access_id: UUID
    at: datetime
    method: str
    endpoint: str
    status: int
    response_ms: float
    address: str | None
    user_agent: str | None
    tenant_id: UUID | None
    user_id: UUID | None
    key_id: UUID | None
    session_id: UUID | None
    impersonator: UUID | None
    request_id: str | None
    error_code: str | None


@dataclass(frozen=True, slots=True)
class AuthEvent:
    """One line of the authentication log."""

    event_id: UUID
    at: datetime
    kind: str
    is_success: bool
    user_id: UUID | None
    address: str | None
    user_agent: str | None
    reason: str | None
    request_id: str | None


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many rows went."""

    access: int = 0
    auth: int = 0
    addresses: int = 0

    def __add__(self, other: "Pruned") -> "Pruned":
        return Pruned(self.access + other.access, self.auth + other.auth, self.addresses + other.addresses)

    @property
    def rows(self) -> int:
        return self.access + self.auth + self.addresses


class Logs(Repository):
    """All through functions: no role of the API may touch the tables. `session_id` is the administrator's own live session."""

    def put(self, calls: Sequence[Served]) -> int:
        """One statement for a batch. COPY would be no quicker: under row-level security it needs a table in between. Returns new rows."""
        return int(self._run("select app.put_access_log(cast(:calls as jsonb))", calls=_json(calls)).scalar_one())

    def access(  # noqa: PLR0913 - what may be asked for
        self, session_id: UUID, *, user_id: UUID | None = None, tenant_id: UUID | None = None, lowest_status: int | None = None,
        since: datetime | None = None, before: Position | None = None, limit: int = 100,
    ) -> list[Access]:  # fmt: skip
        """Newest first. Raises Refused for whoever is no administrator of the platform."""
        at, access_id = before or (None, None)
        rows = self._asked(
            "select * from app.read_access_log(:asking, :user, :workspace, :lowest, :since, :at, :id, :limit)",
            asking=session_id, user=user_id, workspace=tenant_id, lowest=lowest_status, since=since, at=at, id=access_id, limit=limit,
        )  # fmt: skip
        return [Access(**row._mapping) for row in rows]

    def auth_events(  # noqa: PLR0913 - what may be asked for
        self, session_id: UUID, *, user_id: UUID | None = None, kind: str | None = None, is_success: bool | None = None,
        since: datetime | None = None, before: Position | None = None, limit: int = 100,
    ) -> list[AuthEvent]:  # fmt: skip
        """Newest first, without the hashes of addresses of mail."""
        at, event_id = before or (None, None)
        rows = self._asked(
            "select * from app.read_auth_events(:asking, :user, :kind, :well, :since, :at, :id, :limit)",
            asking=session_id, user=user_id, kind=kind, well=is_success, since=since, at=at, id=event_id, limit=limit,
        )  # fmt: skip
        return [AuthEvent(**{name: word for name, word in row._mapping.items() if name != "email_hash"}) for row in rows]

    def _asked(self, statement: str, **words: object) -> sa.CursorResult[Any]:
        try:
            return self._run(statement, **words)
        except sa.exc.ProgrammingError as error:
            if isinstance(error.orig, psycopg.errors.InsufficientPrivilege):
                raise Refused("these logs are for administrators of the platform") from error
            raise


class SystemLogs:
    """What retention does with them."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def prune(self, *, access_before: datetime, auth_before: datetime, batch: int) -> Pruned:
        """A batch of what is older; addresses of the audit log go with the authentication log's. Call it until nothing went."""
        words = {"access": access_before, "auth": auth_before, "batch": batch}
        return Pruned(*self._connection.execute(sa.text("select * from app.prune_logs(:access, :auth, :batch)"), words).one())

    def overdue(self, *, access_before: datetime, auth_before: datetime) -> int:
        """How many lines are older."""
        words = {"access": access_before, "auth": auth_before}
        return int(self._connection.execute(sa.text("select app.overdue_logs(:access, :auth)"), words).scalar_one())


def _json(calls: Sequence[Served]) -> str:
    return json.dumps([_row(each) for each in calls], default=str)


def _row(served: Served) -> dict[str, object]:
    """As the function takes it. Hashes only look up whose they are; no line keeps them."""
    call, entry = served.call, served.call.entry
    row = {name: getattr(served, name) for name in ("at", "method", "endpoint", "status", "response_ms")}
    row |= {
        name: getattr(call, name) for name in ("user_agent", "tenant_id", "user_id", "key_id", "session_id", "request_id", "error_code")
    }
    row |= {"access_id": new_id(), "address": call.address or None}
    if isinstance(entry, KeyEntry):
        row["key_hash"] = entry.key_hash.hex()
    if isinstance(entry, SessionEntry):
        row["session_id"], row["tenant_id"] = call.session_id or entry.session_id, call.tenant_id or entry.tenant_id
        row["secret_hash"] = entry.secret_hash.hex() if entry.secret_hash else None
    return row
