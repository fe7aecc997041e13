"""Who stands on which bytes: kept bytes are named by their hash, so rows of several tables may share a file."""

import hashlib

import sqlalchemy as sa

from store.repository import Repository
from store.tables.clips import clips, media
from store.tables.imports import imports

_HOLDERS = (imports.c.sha256, media.c.sha256, media.c.captions_sha256, clips.c.sha256)


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
            self._run(sa.select(sa.exists().where(column.table.c.tenant_id == self._tenant_id, column == sha256))).scalar_one()
            for column in _HOLDERS
        )
