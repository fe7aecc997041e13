"""Imports as stored: the raw file's key and what became of its rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from domain.errors import NotFound
from store.repository import Repository
from store.tables.imports import imports
from store.tables.requests import requests


@dataclass(frozen=True, slots=True)
class Import:
    """One imported file. Counts are of rows; `videos` and `observations` of what they were about. `state` is its request's."""

    import_id: UUID
    request_id: UUID | None
    state: str
    file_name: str | None
    file_key: str
    sha256: str
    size_bytes: int
    params: Mapping[str, object]
    selection: str | None
    format: str | None
    encoding: str | None
    notes: Sequence[str]
    rows: int
    accepted: int
    updated: int
    unchanged: int
    rejected: int
    videos: int
    observations: int
    report_key: str | None
    error: Mapping[str, object] | None
    created_at: datetime
    finished_at: datetime | None


# Why a file was refused is its own; why a run failed is the request's.
_BORROWED = {
    "state": sa.func.coalesce(requests.c.state, "succeeded").label("state"),
    "error": sa.func.coalesce(imports.c.error, requests.c.error).label("error"),
}
_SHOWN = tuple(_BORROWED[name] if name in _BORROWED else imports.c[name] for name in Import.__dataclass_fields__)
_FROM = imports.outerjoin(requests, sa.and_(requests.c.tenant_id == imports.c.tenant_id, requests.c.request_id == imports.c.request_id))


def _import(row: sa.Row[Any]) -> Import:
    return Import(**row._mapping)


class Imports(Repository):
    """One tenant's imports."""

    def add(
        self, *, import_id: UUID, request_id: UUID, file: Mapping[str, object], params: Mapping[str, object], user_id: UUID | None
    ) -> Import:
        self._insert(imports, {"import_id": import_id, "request_id": request_id, "params": dict(params), "created_by": user_id, **file})
        return self.get(import_id)

    def get(self, import_id: UUID) -> Import:
        row = self._run(
            sa.select(*_SHOWN).select_from(_FROM).where(imports.c.tenant_id == self._tenant_id, imports.c.import_id == import_id)
        ).first()
        if row is None:
            raise NotFound("import", import_id)
        return _import(row)

    def page(self, *, limit: int, before: tuple[datetime, UUID] | None = None) -> list[Import]:
        found = sa.select(*_SHOWN).select_from(_FROM).where(imports.c.tenant_id == self._tenant_id)
        if before is not None:
            found = found.where(
                sa.tuple_(imports.c.created_at, imports.c.import_id) < sa.tuple_(sa.literal(before[0]), sa.literal(before[1]))
            )
        return [_import(row) for row in self._run(found.order_by(imports.c.created_at.desc(), imports.c.import_id.desc()).limit(limit))]

    def unfinished(self) -> list[Import]:
        """Files that came in and that no run has brought to an end, oldest first."""
        found = sa.select(*_SHOWN).select_from(_FROM).where(imports.c.tenant_id == self._tenant_id, imports.c.finished_at.is_(None))
        return [_import(row) for row in self._run(found.order_by(imports.c.created_at, imports.c.import_id))]

    def update(self, import_id: UUID, **values: object) -> None:
        change = imports.update().where(imports.c.tenant_id == self._tenant_id, imports.c.import_id == import_id)
        self._run(change.values(**values))
