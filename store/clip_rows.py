"""A clip as its row tells it, and as it is written into one. Reading and changing rows is in `store.clips`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa

from domain.clips.asked import Wanted
from domain.clips.delivery import Finding
from domain.clips.look import Look
from domain.clips.pieces import Piece
from domain.clips.runs import Reason
from domain.clips.states import ClipState
from domain.media import Cue, ShownWord


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
    candidate_id: UUID | None = None
    look: Look = field(default_factory=Look)
    pieces: Sequence[Piece] = ()
    shown_words: Sequence[ShownWord] = ()
    findings: Sequence[Finding] = ()
    fingerprint: Sequence[int] = ()
    thumbnail_key: str | None = None
    thumbnail_sha256: str | None = None
    video_id: UUID | None = None
    published_at: datetime | None = None
    expired_at: datetime | None = None
    thumbnail_expired_at: datetime | None = None

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A clip that is wanted of a part that is known, and how it shall look."""

    clip_id: UUID
    media_id: UUID
    request_id: UUID
    look: Look
    user_id: UUID | None


@dataclass(frozen=True, slots=True)
class Delivered:
    """A clip that was handed over: its perceptual hashes, and the parts of its video that it shows."""

    clip_id: UUID
    media_id: UUID
    fingerprint: tuple[int, ...]
    spans: tuple[tuple[float, float], ...]
    look: Look


def as_json(value: Any) -> Any:
    return msgspec.to_builtins(value)


_SHAPES: Mapping[str, Any] = {
    "reasons": tuple[Reason, ...],
    "captions": tuple[Cue, ...],
    "pieces": tuple[Piece, ...],
    "shown_words": tuple[ShownWord, ...],
    "findings": tuple[Finding, ...],
}


def clip_of(row: sa.Row[Any]) -> Clip:
    words = dict(row._mapping)
    shaped = {name: msgspec.convert(words[name] or [], shape) for name, shape in _SHAPES.items()}
    look = msgspec.convert(words["look"] or {}, Look)
    fingerprint = tuple(map(int, words["fingerprint"] or ()))
    return Clip(**{**words, **shaped, "state": ClipState(words["state"]), "look": look, "fingerprint": fingerprint})


def delivered_of(row: sa.Row[Any]) -> Delivered:
    spans = tuple((each["start_seconds"], each["end_seconds"]) for each in row.pieces or ()) or ((row.start_seconds, row.end_seconds),)
    return Delivered(row.clip_id, row.media_id, tuple(map(int, row.fingerprint)), spans, msgspec.convert(row.look or {}, Look))
