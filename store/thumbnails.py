"""What was measured of thumbnails, or why nothing was. When to try again is in `domain.thumbnails`."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from domain.thumbnails import METHOD, Failure, Picture, as_vocabulary, next_try
from store.repository import Repository

# Platforms sign addresses and serve a picture from several hosts: the same path is the same picture.
_PICTURE = "md5(regexp_replace(v.thumbnail_url, '^[a-zA-Z]+://[^/]*|[?#].*$', '', 'g'))"
_WITH_THUMBNAIL = "v.tenant_id = %(tenant)s and v.thumbnail_url is not null and not v.is_removed"
_DUE = f"""
select v.video_id, v.thumbnail_url, {_PICTURE} as picture, case when t.picture = {_PICTURE} then t.tries else 0 end as tries
  from videos v left join video_thumbnails t on t.tenant_id = v.tenant_id and t.video_id = v.video_id
 where {_WITH_THUMBNAIL} and (t.video_id is null or t.picture <> {_PICTURE} or t.next_try_at <= %(now)s or (t.reason is null and t.method <> %(method)s))"""
_PUT = """
insert into video_thumbnails (tenant_id, video_id, picture, method, sha256, width, height, brightness, contrast, colourfulness, faces,
    text_share, measured_at, reason, tries, tried_at, next_try_at)
select :tenant, v.video_id, :picture, :method, :sha256, :width, :height, :brightness, :contrast, :colourfulness, :faces, :text_share,
    :measured_at, :reason, :tries, :tried_at, :next_try_at from videos v where v.tenant_id = :tenant and v.video_id = :video_id
on conflict (tenant_id, video_id) do update set picture = excluded.picture, method = excluded.method, sha256 = excluded.sha256,
  width = excluded.width, height = excluded.height, brightness = excluded.brightness, contrast = excluded.contrast,
  colourfulness = excluded.colourfulness, faces = excluded.faces, text_share = excluded.text_share, measured_at = excluded.measured_at,
  reason = excluded.reason, tries = excluded.tries, tried_at = excluded.tried_at, next_try_at = excluded.next_try_at"""
_UNMEASURED = dict.fromkeys(("sha256", "width", "height", "brightness", "contrast", "colourfulness", "faces", "text_share", "measured_at"))


@dataclass(frozen=True, slots=True)
class DueThumbnail:
    """A thumbnail to look at. `tries`: how often the same picture was looked at in vain."""

    video_id: UUID
    url: str
    picture: str
    tries: int


@dataclass(frozen=True, slots=True)
class LookedAt:
    """The picture that a video shows now: its hash and size in pixels, or the reason why it was not measured."""

    sha256: str | None
    width: int | None
    height: int | None
    measured_at: datetime | None
    reason: str | None


class Thumbnails(Repository):
    """One tenant's measured thumbnails; one row per video, of the picture that was looked at last."""

    def due(self, *, now: datetime, limit: int) -> list[DueThumbnail]:
        """Of the newest posts first: never looked at, replaced since, to be tried again, or measured by another method."""
        rows = self._read(f"{_DUE} order by v.posted_at desc nulls last, v.video_id limit %(limit)s", now=now, method=METHOD, limit=limit)
        return [DueThumbnail(*row) for row in rows]

    def count_due(self, *, now: datetime) -> int:
        return int(self._read(f"select count(*) from ({_DUE}) d", now=now, method=METHOD)[0][0])

    def put(self, due: DueThumbnail, found: Picture | Failure, *, now: datetime) -> None:
        """In the place of what was known of it before; of a video that is gone by now nothing is kept."""
        words: dict[str, object] = {"video_id": due.video_id, "picture": due.picture, "method": METHOD, "tries": due.tries + 1}
        if isinstance(found, Picture):
            words |= {"sha256": found.sha256, **asdict(found.measures), "measured_at": now, "reason": None, "next_try_at": None}
        else:
            again = next_try(due.tries + 1, now=now, may_pass=found.may_pass)
            words |= {**_UNMEASURED, "reason": found.reason[:500], "next_try_at": again}
        self._run(_PUT, tried_at=now, **words)

    def of_video(self, video_id: UUID) -> LookedAt | None:
        """None where nobody has looked, or the picture was replaced since."""
        rows = self._read(
            "select t.sha256, t.width, t.height, t.measured_at, t.reason from videos v"
            " join video_thumbnails t on t.tenant_id = v.tenant_id and t.video_id = v.video_id"
            f" where v.tenant_id = %(tenant)s and v.video_id = %(video_id)s and t.picture = {_PICTURE}",
            video_id=video_id,
        )
        return LookedAt(*rows[0]) if rows else None

    def vocabulary(self) -> Mapping[str, Mapping[str, float]]:
        """Per video the measures of the thumbnail that it has now, as features read them."""
        rows = self._read(
            "select v.video_id::text, t.faces, t.brightness, t.text_share, t.colourfulness from videos v"
            " join video_thumbnails t on t.tenant_id = v.tenant_id and t.video_id = v.video_id"
            f" where {_WITH_THUMBNAIL} and t.measured_at is not null and t.method = %(method)s and t.picture = {_PICTURE} order by v.video_id",
            method=METHOD,
        )
        return as_vocabulary([(row[0], row[1], row[2], row[3], row[4]) for row in rows])

    def reasons(self) -> dict[str, int]:
        """How many thumbnails were measured ("measured"), and how many were not, by the reason."""
        rows = self._read(
            "select coalesce(reason, 'measured') as outcome, count(*) from video_thumbnails where tenant_id = %(tenant)s"
            " group by 1 order by 2 desc, 1 limit 50"
        )
        return {row[0]: row[1] for row in rows}

    def broken(self) -> int:
        """Rows whose measures cannot be: shares outside 0 to 1, negative figures."""
        found = self._read(
            "select count(*) from video_thumbnails where tenant_id = %(tenant)s and reason is null and not (brightness between 0 and 1"
            " and contrast between 0 and 1.01 and text_share between 0 and 1 and colourfulness >= 0 and faces >= 0 and least(width, height) > 0)"
        )
        return int(found[0][0])
