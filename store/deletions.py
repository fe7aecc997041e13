"""Workspaces that are to be erased, and what is left of those that were. The steps are in `services.rights.erasing`.

A run holds a deletion by its attempt: each transaction proves that nobody took it over (`hold`).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from domain.errors import ClaimLost, Conflict
from domain.rights import PROVIDER_PATIENCE, Deletion, tombstone
from store.repository import Repository

# A run that shows no sign for so long has lost its work.
LEASE = timedelta(minutes=5)
_COLUMNS = "tenant_id, asked_by, asked_at, due_at, started_at, erased_at, attempt, note"
# No table of a tenant names it any more, but for money, the scrubbed trail, and this row itself.
_BURY = "insert into tombstones (tenant_hash) select unnest(cast(:hashes as text[])) on conflict do nothing"


def _deletion(row: sa.Row[Any]) -> Deletion:
    return Deletion(**row._mapping)


class Deletions(Repository):
    """The deletion of this workspace, where one was asked for."""

    def find(self) -> Deletion | None:
        row = self._run(f"select {_COLUMNS} from deletions where tenant_id = :tenant").first()
        return _deletion(row) if row else None

    def ask(self, *, user_id: UUID | None, now: datetime, due_at: datetime) -> Deletion:
        """Asking again changes nothing."""
        self._run(
            "insert into deletions (tenant_id, asked_by, asked_at, due_at, not_before) values (:tenant, :user, :now, :due, :due)"
            " on conflict do nothing",
            user=user_id, now=now, due=due_at,
        )  # fmt: skip
        found = self.find()
        if found is None:
            raise Conflict("the deletion was called off meanwhile: ask again")
        return found

    def call_off(self) -> bool:
        """Returns whether there was one to call off. Raises Conflict once it has begun."""
        gone = self._run("delete from deletions where tenant_id = :tenant and started_at is null").rowcount
        if not gone and self.find() is not None:
            raise Conflict("the deletion has begun and cannot be called off")
        return bool(gone)

    def hold(self, attempt: int) -> None:
        """Prove, for this transaction, that the erasure is still this attempt's. Raises ClaimLost."""
        held = self._run(
            "update deletions set lease_until = clock_timestamp() + :lease where tenant_id = :tenant and attempt = :attempt"
            " and lease_until is not null",
            attempt=attempt, lease=LEASE,
        )  # fmt: skip
        if not held.rowcount:
            raise ClaimLost("another attempt erases this workspace")

    def put_off(self, *, until: datetime, note: str, is_erased: bool = False) -> None:
        """Nothing more can be done for now."""
        self._run(
            "update deletions set lease_until = null, not_before = :until, note = :note,"
            " erased_at = case when :erased then coalesce(erased_at, clock_timestamp()) else erased_at end where tenant_id = :tenant",
            until=until, note=note, erased=is_erased,
        )  # fmt: skip

    def end(self) -> None:
        """The last that named the workspace."""
        self._run("delete from deletions where tenant_id = :tenant")


class SystemDeletions:
    """Deletions of all tenants, and tombstones."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def due(self, *, now: datetime, limit: int) -> list[UUID]:
        """Whose time has come and whom nobody erases right now, the longest due first."""
        rows = self._connection.execute(
            sa.text(
                "select tenant_id from deletions where not_before <= :now and (lease_until is null or lease_until < clock_timestamp())"
                " order by not_before, tenant_id limit :limit"
            ),
            {"now": now, "limit": limit},
        )
        return list(rows.scalars())

    def begin(self, tenant_id: UUID, *, now: datetime) -> Deletion | None:
        """Take the erasure of a workspace; from now on it cannot be called off. None where it is not due, or somebody has it."""
        row = self._connection.execute(
            sa.text(
                "update deletions set started_at = coalesce(started_at, :now), attempt = attempt + 1, lease_until = clock_timestamp() + :lease"
                " where tenant_id = :tenant and not_before <= :now and (lease_until is null or lease_until < clock_timestamp())"
                f" returning {_COLUMNS}"
            ),
            {"tenant": tenant_id, "now": now, "lease": LEASE},
        ).first()
        return _deletion(row) if row else None

    def overdue(self, *, before: datetime) -> int:
        """How many workspaces should have been erased before then."""
        return int(
            self._connection.execute(
                sa.text("select count(*) from deletions where due_at < :before and erased_at is null"), {"before": before}
            ).scalar_one()
        )

    def bury(self, tenants: Iterable[str]) -> None:
        """Tombstones, by their hashes."""
        self._connection.execute(sa.text(_BURY), {"hashes": list(tenants)})

    def tombstones(self) -> dict[str, datetime]:
        """When each was erased, by its hash."""
        rows = self._connection.execute(sa.text("select tenant_hash, erased_at from tombstones order by erased_at"))
        return {row.tenant_hash: row.erased_at for row in rows}

    def risen(self, hashes: frozenset[str]) -> list[UUID]:
        """Workspaces that are here although they were erased: an older backup brought them back."""
        found = self._connection.execute(sa.text("select tenant_id from tenants order by tenant_id")).scalars()
        return [each for each in found if tombstone(each) in hashes]

    def ask(self, tenant_id: UUID, *, now: datetime) -> None:
        """Erase it at once: it was erased before the backup was restored, and its grants were taken back then."""
        self._connection.execute(
            sa.text(
                "insert into deletions (tenant_id, asked_at, due_at, not_before, started_at) values (:tenant, :now, :now, :now, :began)"
                " on conflict (tenant_id) do update set due_at = :now, not_before = :now, started_at = :began, lease_until = null"
            ),
            {"tenant": tenant_id, "now": now, "began": now - PROVIDER_PATIENCE},
        )
