"""The access log and the authentication log as a whole: written in batches, pruned. Reading them is `store.admin`."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from store.calls import Call
from store.entries import KeyEntry, SessionEntry
from store.ids import new_id
from store.repository import Repository


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
    """Through a function: no role of the API may touch the tables."""

    def put(self, calls: Sequence[Served]) -> int:
        """One statement for a batch. COPY would be no quicker: under row-level security it needs a table in between. Returns new rows."""
        return int(self._run("select app.put_access_log(cast(:calls as jsonb))", calls=_json(calls)).scalar_one())


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
