"""Bytes on their way out: rows whose days are over are marked, with their files, in one statement; what is marked is deleted afterwards.

A crash in between leaves marked rows and files that still wait in `leaving_files`, never a row that claims bytes which are gone.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.clips.states import WAITING
from store.repository import Repository
from store.unfinished import let_clip_go

_WAITING = ", ".join(f"'{each}'" for each in WAITING)
# Nobody has used it since, no clip of it is unfinished, and nothing that was asked about it is still open.
_MEDIA_DUE = f"""
  from media m where m.tenant_id = :tenant and m.expired_at is null and m.used_at <= :before
   and not exists (
     select from clips c left join requests r on r.tenant_id = c.tenant_id and r.request_id = c.request_id
      where c.tenant_id = :tenant and c.media_id = m.media_id and c.state in ({_WAITING})
        and coalesce(r.state, '') not in ('failed', 'canceled'))
   and not exists (
     select from requests r where r.tenant_id = :tenant and r.state in ('pending', 'launched', 'running')
        and (r.request_id = m.request_id or r.params ->> 'media_id' = cast(m.media_id as text)))"""
# What nobody has published stays for good.
_CLIPS_DUE = " from clips c where c.tenant_id = :tenant and c.expired_at is null and c.file_key is not null and c.published_at <= :before"
_THUMBNAILS_DUE = """
  from clips c where c.tenant_id = :tenant and c.thumbnail_expired_at is null and c.thumbnail_key is not null and c.published_at <= :before"""

_MARK_MEDIA = f"""
with due as (
  select m.media_id, m.file_key, m.sha256, m.captions_key, m.captions_sha256 {_MEDIA_DUE}
   order by m.used_at limit :batch for update of m skip locked),
marked as (update media m set expired_at = :now from due d where m.tenant_id = :tenant and m.media_id = d.media_id),
leaving as (
  insert into leaving_files (tenant_id, file_key, sha256, marked_at)
  select :tenant, file_key, sha256, :now from due union select :tenant, captions_key, captions_sha256, :now from due where captions_key is not null
  on conflict do nothing)
select count(*) from due"""


def _mark_clips(due: str, key: str, sha256: str, expired: str) -> str:
    return f"""
with due as (select c.clip_id, c.{key} as file_key, c.{sha256} as sha256 {due} order by c.published_at limit :batch for update of c skip locked),
marked as (update clips c set {expired} = :now from due d where c.tenant_id = :tenant and c.clip_id = d.clip_id),
leaving as (
  insert into leaving_files (tenant_id, file_key, sha256, marked_at) select distinct cast(:tenant as uuid), file_key, sha256, cast(:now as timestamptz) from due
  on conflict do nothing)
select count(*) from due"""


@dataclass(frozen=True, slots=True)
class LeavingFile:
    """A file that some row let go. Another row may stand on the same bytes."""

    file_key: str
    sha256: str


class Leaving(Repository):
    """One tenant's bytes that are not kept any longer. Each `mark_...` is one batch; it returns how many rows it marked."""

    def mark_media(self, *, before: datetime, now: datetime, batch: int) -> int:
        """Sources that nobody has used since then."""
        return self._count(_MARK_MEDIA, before=before, now=now, batch=batch)

    def mark_clips(self, *, before: datetime, now: datetime, batch: int) -> int:
        """The files of clips that were published before then."""
        return self._count(_mark_clips(_CLIPS_DUE, "file_key", "sha256", "expired_at"), before=before, now=now, batch=batch)

    def mark_thumbnails(self, *, before: datetime, now: datetime, batch: int) -> int:
        """The thumbnails of clips that were published before then."""
        statement = _mark_clips(_THUMBNAILS_DUE, "thumbnail_key", "thumbnail_sha256", "thumbnail_expired_at")
        return self._count(statement, before=before, now=now, batch=batch)

    def let_unchecked_go(self, clip_id: UUID) -> None:
        """The file of a clip that came out and will not be delivered; the clip is as it was before it was rendered, or failed."""
        let_clip_go(self._connection, self._tenant_id, clip_id)

    def waiting(self, *, limit: int) -> list[LeavingFile]:
        """Files that are still to be deleted, the longest marked first."""
        rows = self._run(
            "select file_key, sha256 from leaving_files where tenant_id = :tenant order by marked_at, file_key limit :limit", limit=limit
        )
        return [LeavingFile(row.file_key, row.sha256) for row in rows]

    def settle(self, file: LeavingFile) -> None:
        """It is deleted, or something else stands on its bytes."""
        self._run("delete from leaving_files where tenant_id = :tenant and file_key = :key", key=file.file_key)

    def overdue(self, *, videos_before: datetime, thumbnails_before: datetime, marked_before: datetime) -> dict[str, int]:
        """How many rows are there that should have been marked, and files that should have been deleted."""
        marked = "select count(*) from leaving_files where tenant_id = :tenant and marked_at <= :before"
        return {
            "media": self._count(f"select count(*) {_MEDIA_DUE}", before=videos_before),
            "clips": self._count(f"select count(*) {_CLIPS_DUE}", before=videos_before),
            "thumbnails": self._count(f"select count(*) {_THUMBNAILS_DUE}", before=thumbnails_before),
            "leaving_files": self._count(marked, before=marked_before),
        }

    def _count(self, statement: str, **words: object) -> int:
        return int(self._run(statement, **words).scalar_one())
