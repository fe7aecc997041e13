"""Clips as stored: what was asked for, what was chosen and why, and the file that came out. States are in `domain.clips.states`."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from domain.clips.asked import Wanted
from domain.clips.choosing import METHOD, Candidate
from domain.clips.signals import Reason
from domain.clips.states import WAITING, ClipState
from domain.errors import NotFound
from domain.media import Cue, RenderedClip
from store.repository import Repository
from store.tables.clips import clips
from store.tables.requests import requests


@dataclass(frozen=True, slots=True)
class Clip:
    """One clip. What is not known yet is None; `state` and `error` tell of its request where that failed or was canceled."""

    clip_id: UUID
    media_id: UUID
    request_id: UUID
    state: ClipState
    min_seconds: float
    max_seconds: float
    start_seconds: float | None
    end_seconds: float | None
    text: str | None
    ranking_score: float | None
    reasons: Sequence[Reason]
    method: str | None
    captions: Sequence[Cue]
    file_key: str | None
    sha256: str | None
    size_bytes: int | None
    seconds: float | None
    width: int | None
    height: int | None
    loudness_lufs: float | None
    error: dict[str, Any] | None
    created_at: datetime
    rendered_at: datetime | None
    thumbnail_key: str | None
    thumbnail_sha256: str | None
    published_at: datetime | None
    expired_at: datetime | None
    thumbnail_expired_at: datetime | None

    @property
    def kept(self) -> list[tuple[str | None, str | None]]:
        """Hash and key of every file of its own."""
        return [(self.sha256, self.file_key), (self.thumbnail_sha256, self.thumbnail_key)]

    @property
    def wanted(self) -> Wanted:
        return Wanted(self.min_seconds, self.max_seconds)

    @property
    def span(self) -> tuple[float, float] | None:
        """The part that was chosen."""
        return None if self.start_seconds is None or self.end_seconds is None else (self.start_seconds, self.end_seconds)


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
        """Clips that no run has brought to an end, newest first."""
        of_one = [clips.c.media_id == media_id] if media_id else []
        return self._found(clips.c.state.in_(WAITING), *of_one)

    def suggest(self, clip_id: UUID, candidate: Candidate, captions: Sequence[Cue]) -> None:
        self._update(
            clip_id,
            state=ClipState.SUGGESTED, start_seconds=candidate.start_seconds, end_seconds=candidate.end_seconds, text=candidate.text,
            ranking_score=candidate.ranking_score, reasons=_as_json(candidate.reasons), method=METHOD, captions=_as_json(captions), error=None,
        )  # fmt: skip

    def begin_rendering(self, clip_id: UUID) -> None:
        self._update(clip_id, state=ClipState.RENDERING)

    def finish(self, clip_id: UUID, rendered: RenderedClip) -> None:
        self._update(
            clip_id,
            state=ClipState.RENDERED, file_key=rendered.key, sha256=rendered.sha256, size_bytes=rendered.size_bytes, seconds=rendered.seconds,
            width=rendered.width, height=rendered.height, loudness_lufs=rendered.loudness_lufs, error=None, rendered_at=sa.func.clock_timestamp(),
        )  # fmt: skip

    def fail(self, clip_id: UUID, error: dict[str, Any]) -> None:
        self._update(clip_id, state=ClipState.FAILED, error=error)

    def delete(self, clip_id: UUID) -> None:
        self._run(clips.delete().where(clips.c.tenant_id == self._tenant_id, clips.c.clip_id == clip_id))

    def _found(self, *where: sa.ColumnElement[bool], limit: int | None = None, lock: bool = False) -> list[Clip]:
        found = sa.select(*_SHOWN).select_from(_FROM).where(clips.c.tenant_id == self._tenant_id, *where)
        found = found.order_by(clips.c.created_at.desc(), clips.c.clip_id.desc()).limit(limit)
        return [_clip(row) for row in self._run(found.with_for_update(of=clips) if lock else found)]

    def _update(self, clip_id: UUID, **values: object) -> None:
        """Raises NotFound where somebody deleted it meanwhile."""
        change = clips.update().where(clips.c.tenant_id == self._tenant_id, clips.c.clip_id == clip_id)
        if self._run(change.values(**values)).rowcount == 0:
            raise NotFound("clip", clip_id)


def _as_json(items: Sequence[Any]) -> Any:
    return json.loads(json.dumps([asdict(each) for each in items]))


def _clip(row: sa.Row[Any]) -> Clip:
    words = dict(row._mapping)
    reasons = tuple(Reason(**each) for each in words["reasons"] or ())
    captions = tuple(Cue(**each) for each in words["captions"] or ())
    return Clip(**{**words, "state": ClipState(words["state"]), "reasons": reasons, "captions": captions})
