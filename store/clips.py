"""Clips as stored: asked for, chosen, rendered, judged. What a row holds is in `store.clip_rows`, states are in `domain.clips.states`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from domain.clips.asked import Wanted
from domain.clips.candidates import Candidate
from domain.clips.choosing import METHOD
from domain.clips.delivery import Finding
from domain.clips.states import WAITING, ClipState
from domain.errors import NotFound
from domain.media import ClipPlan, RenderedClip
from store.candidates import StoredCandidate
from store.clip_rows import Clip, Delivered, Wish, as_json, clip_of, delivered_of
from store.repository import Repository
from store.tables.clips import clips
from store.tables.requests import requests

_OF_REQUEST = sa.and_(clips.c.state.in_(WAITING), requests.c.state.in_(("failed", "canceled")))
_BORROWED: dict[str, sa.ColumnElement[Any]] = {
    "state": sa.case((_OF_REQUEST, requests.c.state), else_=clips.c.state),
    "error": sa.func.coalesce(clips.c.error, sa.case((clips.c.state.in_(WAITING), requests.c.error))),
}
_SHOWN = tuple(_BORROWED[name].label(name) if name in _BORROWED else clips.c[name] for name in Clip.__dataclass_fields__)
_FROM = clips.outerjoin(requests, sa.and_(requests.c.tenant_id == clips.c.tenant_id, requests.c.request_id == clips.c.request_id))


class Clips(Repository):
    """One tenant's clips."""

    def add(self, *, clip_id: UUID, media_id: UUID, request_id: UUID, wanted: Wanted, user_id: UUID | None) -> Clip:
        self._insert(
            clips,
            {"clip_id": clip_id, "media_id": media_id, "request_id": request_id, "state": ClipState.ASKED, "created_by": user_id,
             "min_seconds": wanted.min_seconds, "max_seconds": wanted.max_seconds},
        )  # fmt: skip
        return self.get(clip_id)

    def accept(self, wish: Wish, candidate: StoredCandidate) -> Clip:
        """A clip of a candidate. It stays as it was suggested, whatever becomes of the candidate."""
        return self._wish(wish, (candidate.start_seconds, candidate.end_seconds), candidate.text, {
            "candidate_id": candidate.candidate_id, "ranking_score": candidate.ranking_score, "reasons": as_json(candidate.reasons),
            "method": candidate.method,
        })  # fmt: skip

    def cut(self, wish: Wish, span: tuple[float, float], text: str) -> Clip:
        """A clip of a part that its user chose; nothing ranked it."""
        return self._wish(wish, span, text, {})

    def _wish(self, wish: Wish, span: tuple[float, float], text: str, more: Mapping[str, object]) -> Clip:
        seconds = span[1] - span[0]
        self._insert(clips, {
            "clip_id": wish.clip_id, "media_id": wish.media_id, "request_id": wish.request_id, "state": ClipState.SUGGESTED,
            "look": as_json(wish.look), "created_by": wish.user_id, "min_seconds": seconds, "max_seconds": seconds,
            "start_seconds": span[0], "end_seconds": span[1], "text": text, **more,
        })  # fmt: skip
        return self.get(wish.clip_id)

    def get(self, clip_id: UUID, *, lock: bool = False) -> Clip:
        found = self._found(clips.c.clip_id == clip_id, lock=lock)
        if not found:
            raise NotFound("clip", clip_id)
        return found[0]

    def page(
        self, *, limit: int, before: tuple[datetime, UUID] | None = None, media_id: UUID | None = None, state: ClipState | None = None
    ) -> list[Clip]:
        """Newest first, strictly before the given position."""
        where: list[sa.ColumnElement[bool]] = []
        if media_id is not None:
            where.append(clips.c.media_id == media_id)
        if state is not None:
            where.append(_BORROWED["state"] == state)
        if before is not None:
            where.append(sa.tuple_(clips.c.created_at, clips.c.clip_id) < sa.tuple_(*map(sa.literal, before)))
        return self._found(*where, limit=limit)

    def of_media(self, media_id: UUID, *, lock: bool = False) -> list[Clip]:
        return self._found(clips.c.media_id == media_id, lock=lock)

    def of_request(self, request_id: UUID) -> list[Clip]:
        return self._found(clips.c.request_id == request_id)

    def waiting(self, media_id: UUID | None = None) -> list[Clip]:
        """Clips that no run has brought to an end and that are still wanted, newest first."""
        of_one = [clips.c.media_id == media_id] if media_id else []
        return self._found(clips.c.state.in_(WAITING), _BORROWED["state"] != ClipState.CANCELED, *of_one)

    def suggest(self, clip_id: UUID, candidate: Candidate) -> None:
        self._update(
            clip_id,
            state=ClipState.SUGGESTED, start_seconds=candidate.start_seconds, end_seconds=candidate.end_seconds, text=candidate.text,
            ranking_score=candidate.ranking_score, reasons=as_json(candidate.reasons), method=METHOD, error=None,
        )  # fmt: skip

    def begin_rendering(self, clip_id: UUID, plan: ClipPlan) -> None:
        """What is made from now on: its pieces, and its captions as they are drawn."""
        self._update(
            clip_id,
            state=ClipState.RENDERING, pieces=as_json(plan.pieces), captions=as_json(plan.captions), shown_words=as_json(plan.words), error=None,
        )  # fmt: skip

    def came_out(self, clip_id: UUID, rendered: RenderedClip) -> None:
        """The file is there, and nobody has checked it yet."""
        self._update(
            clip_id,
            state=ClipState.CHECKING, file_key=rendered.key, sha256=rendered.sha256, size_bytes=rendered.size_bytes, seconds=rendered.seconds,
            width=rendered.width, height=rendered.height, loudness_lufs=rendered.loudness_lufs, error=None, rendered_at=sa.func.clock_timestamp(),
        )  # fmt: skip

    def judge(self, clip_id: UUID, state: ClipState, findings: Sequence[Finding], fingerprint: Sequence[int]) -> None:
        """Rendered, or blocked by what was found."""
        self._update(clip_id, state=state, findings=as_json(findings), fingerprint=[str(each) for each in fingerprint])

    def cover(self, clip_id: UUID, key: str, sha256: str) -> None:
        self._update(clip_id, thumbnail_key=key, thumbnail_sha256=sha256)

    def became(self, clip_id: UUID, video_id: UUID, published_at: datetime) -> None:
        """It was published as this post."""
        self._update(clip_id, video_id=video_id, published_at=published_at)

    def delivered(self, *, but: UUID, limit: int = 500) -> list[Delivered]:
        """The newest other clips that were delivered: what a new one may be a copy of."""
        c = clips.c
        found = sa.select(c.clip_id, c.media_id, c.fingerprint, c.pieces, c.start_seconds, c.end_seconds, c.look).where(
            c.tenant_id == self._tenant_id, c.clip_id != but, c.state == ClipState.RENDERED, c.fingerprint.is_not(None)
        )
        return [delivered_of(row) for row in self._run(found.order_by(c.created_at.desc()).limit(limit))]

    def outcomes(self) -> list[tuple[float, float]]:
        """Of every clip that became a post with a score: how it ranked, and the natural logarithm of the post's multiple."""
        rows = self._run(
            "select clips.ranking_score, ln(scores.multiple) as reached from clips join scores using (tenant_id, video_id)"
            " where clips.tenant_id = :tenant and clips.ranking_score is not null and scores.multiple > 0 order by clips.clip_id"
        )
        return [(row.ranking_score, row.reached) for row in rows]

    def fail(self, clip_id: UUID, error: dict[str, Any]) -> None:
        self._update(clip_id, state=ClipState.FAILED, error=error)

    def revive(self, clip_ids: Sequence[UUID]) -> None:
        """Failed clips, as they were before anything was made of them."""
        c = clips.c
        before = sa.case((c.start_seconds.is_(None), ClipState.ASKED), else_=ClipState.SUGGESTED)
        chosen = clips.update().where(c.tenant_id == self._tenant_id, c.clip_id.in_(clip_ids))
        self._run(chosen.values(state=before, error=None))

    def delete(self, clip_id: UUID) -> None:
        self._run(clips.delete().where(clips.c.tenant_id == self._tenant_id, clips.c.clip_id == clip_id))

    def _found(self, *where: sa.ColumnElement[bool], limit: int | None = None, lock: bool = False) -> list[Clip]:
        found = sa.select(*_SHOWN).select_from(_FROM).where(clips.c.tenant_id == self._tenant_id, *where)
        found = found.order_by(clips.c.created_at.desc(), clips.c.clip_id.desc()).limit(limit)
        return [clip_of(row) for row in self._run(found.with_for_update(of=clips) if lock else found)]

    def _update(self, clip_id: UUID, **values: object) -> None:
        """Raises NotFound where somebody deleted it meanwhile."""
        change = clips.update().where(clips.c.tenant_id == self._tenant_id, clips.c.clip_id == clip_id)
        if self._run(change.values(**values)).rowcount == 0:
            raise NotFound("clip", clip_id)
