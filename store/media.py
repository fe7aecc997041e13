"""Media as stored: the key of the bytes, what was probed, and what is said in them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from domain.clips.analysis import MediaAnalysis
from domain.clips.analysis_packing import pack, unpack
from domain.errors import NotFound
from domain.media import AudioStream, Container, Probe, Purpose, SubtitleStream, VideoStream
from domain.platforms.ytdlp import HeatMark
from domain.transcripts import Transcript
from store.repository import Repository
from store.tables.clips import media, media_analyses, transcripts


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file that came in. `request_id` is the work that it was sent for; an addition has none.

    `heat` is what the workspace told, and goes before `platform_heat`, which the platform showed (empty: it showed none; None: not known).
    """

    media_id: UUID
    request_id: UUID | None
    file_name: str | None
    file_key: str
    sha256: str
    size_bytes: int
    duration_seconds: float
    probe: Probe
    captions_key: str | None
    captions_sha256: str | None
    captions_language: str | None
    created_at: datetime
    video_id: UUID | None = None
    origin: str = "upload"
    script: str | None = None
    heat: tuple[HeatMark, ...] | None = None
    platform_heat: tuple[HeatMark, ...] | None = None
    used_at: datetime | None = None
    expired_at: datetime | None = None
    purpose: Purpose = Purpose.SOURCE


@dataclass(frozen=True, slots=True)
class TranscriptFacts:
    """A transcript in numbers."""

    source: str
    language: str | None
    cues: int
    sentences: int
    words: int


_TRANSCRIPT = tuple(Transcript.__dataclass_fields__)
_SHOWN = tuple(media.c[name] for name in MediaFile.__dataclass_fields__)


class Media(Repository):
    """One tenant's media and their transcripts."""

    def add(self, *, media_id: UUID, request_id: UUID | None, file: Mapping[str, object], probe: Probe, user_id: UUID | None) -> MediaFile:
        self._insert(
            media,
            {"media_id": media_id, "request_id": request_id, "duration_seconds": probe.duration_seconds, "probe": _as_json(asdict(probe)),
             "created_by": user_id, **file},
        )  # fmt: skip
        return self.get(media_id)

    def get(self, media_id: UUID, *, lock: bool = False) -> MediaFile:
        found = sa.select(*_SHOWN).where(media.c.tenant_id == self._tenant_id, media.c.media_id == media_id)
        row = self._run(found.with_for_update() if lock else found).first()
        if row is None:
            raise NotFound("media", media_id)
        return _media(row)

    def of_video(self, video_id: UUID) -> MediaFile | None:
        """The newest file of a post whose bytes are kept."""
        m = media.c
        found = sa.select(*_SHOWN).where(m.tenant_id == self._tenant_id, m.video_id == video_id, m.expired_at.is_(None))
        row = self._run(found.order_by(m.created_at.desc(), m.media_id.desc()).limit(1)).first()
        return _media(row) if row else None

    def all_of_video(self, video_id: UUID, *, limit: int) -> list[MediaFile]:
        """The files of a post, newest first, also those whose bytes are gone."""
        found = sa.select(*_SHOWN).where(media.c.tenant_id == self._tenant_id, media.c.video_id == video_id)
        return [_media(row) for row in self._run(found.order_by(media.c.created_at.desc(), media.c.media_id.desc()).limit(limit))]

    def put_script(self, media_id: UUID, script: str, language: str | None) -> None:
        """What is said, in writing. The transcript is made anew from it."""
        of_media = sa.and_(media.c.tenant_id == self._tenant_id, media.c.media_id == media_id)
        if self._run(media.update().where(of_media).values(script=script, captions_language=language)).rowcount == 0:
            raise NotFound("media", media_id)
        self._run(transcripts.delete().where(transcripts.c.tenant_id == self._tenant_id, transcripts.c.media_id == media_id))

    def put_heat(self, media_id: UUID, heat: Sequence[HeatMark]) -> None:
        """How much its stretches are watched again; none takes back what was told before, and the platform's counts. Raises NotFound."""
        of_media = sa.and_(media.c.tenant_id == self._tenant_id, media.c.media_id == media_id)
        if self._run(media.update().where(of_media).values(heat=msgspec.to_builtins(heat) if heat else sa.null())).rowcount == 0:
            raise NotFound("media", media_id)

    def put_analysis(self, media_id: UUID, analysis: MediaAnalysis) -> None:
        values = {"version": analysis.version, "packed": pack(analysis), "cuts": len(analysis.cuts), "samples": len(analysis.samples)}
        statement = insert(media_analyses).values(tenant_id=self._tenant_id, media_id=media_id, **values)
        self._run(statement.on_conflict_do_update(index_elements=["tenant_id", "media_id"], set_=values))

    def analysis(self, media_id: UUID) -> MediaAnalysis | None:
        """What a look at it saw, once a run has looked."""
        a = media_analyses.c
        packed = self._run(sa.select(a.packed).where(a.tenant_id == self._tenant_id, a.media_id == media_id)).scalar_one_or_none()
        return None if packed is None else unpack(packed)

    def touch(self, media_id: UUID) -> None:
        """It is used: its days begin anew. A row that was let go stays let go, whichever of the two came first."""
        change = media.update().where(media.c.tenant_id == self._tenant_id, media.c.media_id == media_id, media.c.expired_at.is_(None))
        self._run(change.values(used_at=sa.func.clock_timestamp()))

    def page(self, *, limit: int, before: tuple[datetime, UUID] | None = None) -> list[MediaFile]:
        """Newest first, strictly before the given position."""
        found = sa.select(*_SHOWN).where(media.c.tenant_id == self._tenant_id)
        if before is not None:
            found = found.where(sa.tuple_(media.c.created_at, media.c.media_id) < sa.tuple_(*map(sa.literal, before)))
        return [_media(row) for row in self._run(found.order_by(media.c.created_at.desc(), media.c.media_id.desc()).limit(limit))]

    def delete(self, media_id: UUID) -> None:
        """The row, its transcript and its clips. Their bytes are the caller's business."""
        self._run(media.delete().where(media.c.tenant_id == self._tenant_id, media.c.media_id == media_id))

    def put_transcript(self, media_id: UUID, transcript: Transcript) -> None:
        words = {**_as_json(asdict(transcript)), "words": transcript.words}
        statement = insert(transcripts).values(tenant_id=self._tenant_id, media_id=media_id, **words)
        self._run(statement.on_conflict_do_update(index_elements=["tenant_id", "media_id"], set_=words))

    def transcript(self, media_id: UUID) -> Transcript | None:
        """What is said, once a run has read it."""
        t = transcripts.c
        shown = sa.select(*(t[name] for name in _TRANSCRIPT))
        row = self._run(shown.where(t.tenant_id == self._tenant_id, t.media_id == media_id)).first()
        return _transcript(row) if row else None

    def facts(self, media_ids: Sequence[UUID]) -> dict[UUID, TranscriptFacts]:
        """Transcripts in numbers, where there are some: the words themselves may be many."""
        t = transcripts.c
        shown = sa.select(
            t.media_id,
            t.source,
            t.language,
            sa.func.jsonb_array_length(t.cues).label("cues"),
            sa.func.jsonb_array_length(t.sentences).label("sentences"),
            t.words,
        )
        rows = self._run(shown.where(t.tenant_id == self._tenant_id, t.media_id.in_(media_ids)))
        return {row.media_id: TranscriptFacts(row.source, row.language, row.cues, row.sentences, row.words) for row in rows}


def _as_json(words: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(words, default=str))
    return found


def _media(row: sa.Row[Any]) -> MediaFile:
    words = dict(row._mapping)
    heat = {name: msgspec.convert(words[name], tuple[HeatMark, ...] | None) for name in ("heat", "platform_heat")}
    return MediaFile(**{**words, "probe": _probe(words["probe"]), "purpose": Purpose(words["purpose"]), **heat})


def _probe(words: Mapping[str, Any]) -> Probe:
    video = tuple(VideoStream(**{**each, "sample_aspect": Fraction(each["sample_aspect"])}) for each in words["video"])
    return Probe(
        container=Container(words["container"]),
        duration_seconds=words["duration_seconds"],
        size_bytes=words["size_bytes"],
        video=video,
        audio=tuple(AudioStream(**each) for each in words["audio"]),
        subtitles=tuple(SubtitleStream(**each) for each in words["subtitles"]),
    )


def _transcript(row: sa.Row[Any]) -> Transcript:
    return msgspec.convert({str(name): value for name, value in row._mapping.items()}, Transcript)
