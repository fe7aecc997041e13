"""Reading the audit log, and proving that it is what was written. Writing it is `store.trust`, chaining it the database's."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa

from store.repository import Repository

PLATFORM = UUID(int=0)

_PAGE = """
select l.entry_id, l.at, l.actor, l.impersonator, l.action, l.subject, l.details, l.request_id, a.address
  from audit_log l left join audit_addresses a on a.tenant_id = l.tenant_id and a.entry_id = l.entry_id
 where l.tenant_id = %(tenant)s
   and (%(action)s::text is null or l.action = %(action)s::text or starts_with(l.action, %(action)s::text || '.'))
   and (%(actor)s::uuid is null or l.actor = %(actor)s::uuid) and (%(subject)s::text is null or l.subject = %(subject)s::text)
   and (%(since)s::timestamptz is null or l.at >= %(since)s::timestamptz) and (%(until)s::timestamptz is null or l.at < %(until)s::timestamptz)
   and (%(before_at)s::timestamptz is null or (l.at, l.entry_id) < (%(before_at)s::timestamptz, %(before_id)s::uuid))
 order by l.at desc, l.entry_id desc limit %(limit)s"""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what, when, from where. `address` is None once its time is up; `actor` None where the system did it."""

    entry_id: UUID
    at: datetime
    actor: UUID | None
    impersonator: UUID | None
    action: str
    subject: str
    details: Mapping[str, object]
    request_id: str | None
    address: str | None


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries; `action` also as the word before its dot."""

    action: str | None = None
    actor: UUID | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuditProof:
    """What verifying a chain came to. `entries` is how many hold; `reason` None: all of them."""

    tenant_id: UUID
    entries: int
    broken_seq: int | None
    broken_entry: UUID | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Head:
    """The last link of a chain: what has to be known elsewhere, so that all before it cannot be rewritten."""

    tenant_id: UUID
    seq: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class HeadExport:
    """A day's heads in the file store."""

    day: date
    file_key: str
    sha256: str
    chains: int


class Audit(Repository):
    """One tenant's audit log, to be read."""

    def page(self, asked: AuditFilter, *, limit: int, before: tuple[datetime, UUID] | None = None) -> list[AuditEntry]:
        """Newest first."""
        at, entry = before or (None, None)
        rows = self._read(
            _PAGE, action=asked.action, actor=asked.actor, subject=asked.subject, since=asked.since, until=asked.until,
            before_at=at, before_id=entry, limit=limit,
        )  # fmt: skip
        return [AuditEntry(*row) for row in rows]


class SystemAudit:
    """Every chain, for the daily export and the command that verifies."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def verify(self, tenant_id: UUID) -> AuditProof:
        """Go through the whole chain of a workspace; `PLATFORM` for the platform's own."""
        row = self._connection.execute(sa.text("select * from app.verify_audit(:tenant)"), {"tenant": tenant_id}).one()
        return AuditProof(tenant_id, *row)

    def heads(self) -> list[Head]:
        rows = self._connection.execute(sa.text("select tenant_id, seq, hash from audit_heads order by tenant_id"))
        return [Head(row.tenant_id, row.seq, bytes(row.hash)) for row in rows]

    def chained(self) -> list[UUID]:
        """Workspaces with a chain or a link of one: a deleted head hides none."""
        rows = self._connection.execute(
            sa.text(
                "select tenant_id from audit_heads union select tenant_id from audit_chain union select tenant_id from tenants order by 1"
            )
        )
        return list(rows.scalars())

    def hash_at(self, tenant_id: UUID, seq: int) -> bytes | None:
        found = self._connection.execute(
            sa.text("select hash from audit_chain where tenant_id = :tenant and seq = :seq"), {"tenant": tenant_id, "seq": seq}
        ).scalar_one_or_none()
        return None if found is None else bytes(found)

    def exported(self, made: HeadExport) -> None:
        """Note the day's file; the first of a day stays."""
        self._connection.execute(
            sa.text(
                "insert into audit_exports (day, file_key, sha256, chains) values (:day, :file_key, :sha256, :chains) on conflict do nothing"
            ),
            {"day": made.day, "file_key": made.file_key, "sha256": made.sha256, "chains": made.chains},
        )

    def exports(self, *, limit: int = 2) -> list[HeadExport]:
        """Newest first."""
        rows = self._connection.execute(
            sa.text("select day, file_key, sha256, chains from audit_exports order by day desc limit :limit"), {"limit": limit}
        )
        return [HeadExport(*row) for row in rows]
