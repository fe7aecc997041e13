"""Who stands on which bytes: kept bytes are named by their hash, so rows of several tables may share a file."""

import hashlib
from typing import Any

import sqlalchemy as sa

from store.repository import Repository
from store.tables.clips import clips, media
from store.tables.imports import imports
from store.tables.rights import exports

# Where a hash stands, and which of these rows still stand on the bytes.
_HOLDERS: tuple[tuple[sa.Column[Any], sa.ColumnElement[bool]], ...] = (
    (imports.c.sha256, sa.true()),
    (media.c.sha256, media.c.expired_at.is_(None)),
    (media.c.captions_sha256, media.c.expired_at.is_(None)),
    (clips.c.sha256, clips.c.expired_at.is_(None)),
    (clips.c.thumbnail_sha256, clips.c.thumbnail_expired_at.is_(None)),
    (exports.c.sha256, exports.c.file_key.is_not(None)),
)


class Kept(Repository):
    """One tenant's bytes."""

    def lock(self, *hashes: str) -> None:
        """Until the transaction ends nobody else of the tenant takes these bytes in, or forgets them."""
        for sha256 in sorted(set(hashes)):
            number = int.from_bytes(hashlib.sha256(f"{self._tenant_id}:{sha256}".encode()).digest()[:8], signed=True)
            self._run("select pg_advisory_xact_lock(:number)", number=number)

    def is_held(self, sha256: str) -> bool:
        """Whether some row of the tenant stands on these bytes."""
        return any(
            self._run(sa.select(sa.exists().where(column.table.c.tenant_id == self._tenant_id, column == sha256, stands))).scalar_one()
            for column, stands in _HOLDERS
        )
