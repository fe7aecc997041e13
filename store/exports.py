"""Copies of a workspace that somebody asked for: which there are, and where they lie. Their making is in `services.rights.exporting`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from domain.errors import NotFound
from domain.ports import StoredFile
from domain.rights import Export
from store.repository import Repository
from store.tables.rights import exports

_SHOWN = tuple(exports.c[name] for name in Export.__slots__)
_MARK = """
with due as (
  select export_id, file_key, sha256 from exports where tenant_id = :tenant and file_key is not null and expires_at <= :now limit :batch for update skip locked),
marked as (update exports e set file_key = null from due d where e.tenant_id = :tenant and e.export_id = d.export_id),
leaving as (
  insert into leaving_files (tenant_id, file_key, sha256, marked_at)
  select distinct cast(:tenant as uuid), file_key, sha256, cast(:now as timestamptz) from due on conflict do nothing)
select count(*) from due"""


class Exports(Repository):
    """One tenant's exports."""

    def add(self, *, export_id: UUID, request_id: UUID, asked_by: UUID | None) -> None:
        self._insert(exports, {"export_id": export_id, "request_id": request_id, "asked_by": asked_by})

    def get(self, export_id: UUID) -> Export:
        found = self._found(exports.c.export_id == export_id)
        if not found:
            raise NotFound("export", export_id)
        return found[0]

    def of_request(self, request_id: UUID) -> Export:
        found = self._found(exports.c.request_id == request_id)
        if not found:
            raise NotFound("export of request", request_id)
        return found[0]

    def newest(self, *, limit: int) -> list[Export]:
        return self._found(limit=limit)

    def done(  # noqa: PLR0913 - the columns of a finished export
        self, export_id: UUID, stored: StoredFile, *, as_of: datetime, made_at: datetime, expires_at: datetime, rows: Mapping[str, int], files: int
    ) -> None:  # fmt: skip
        """It is made, and may be fetched until then."""
        words: dict[str, Any] = {
            "file_key": stored.key, "sha256": stored.sha256, "size_bytes": stored.size_bytes, "as_of": as_of, "made_at": made_at,
            "expires_at": expires_at, "rows": dict(rows), "files": files,
        }  # fmt: skip
        self._run(exports.update().where(exports.c.tenant_id == self._tenant_id, exports.c.export_id == export_id).values(**words))

    def file_keys(self) -> frozenset[str]:
        """Where exports lie: no part of the next one."""
        found = sa.select(exports.c.file_key).where(exports.c.tenant_id == self._tenant_id, exports.c.file_key.is_not(None))
        return frozenset(self._run(found).scalars())

    def mark(self, *, now: datetime, batch: int) -> int:
        """Files of exports whose day is over leave; returns how many rows this marked."""
        return int(self._run(_MARK, now=now, batch=batch).scalar_one())

    def _found(self, *where: sa.ColumnElement[bool], limit: int | None = None) -> list[Export]:
        mine = sa.select(*_SHOWN).where(exports.c.tenant_id == self._tenant_id, *where)
        rows: Sequence[sa.Row[Any]] = self._run(mine.order_by(exports.c.created_at.desc(), exports.c.export_id.desc()).limit(limit)).all()
        return [Export(**row._mapping) for row in rows]
