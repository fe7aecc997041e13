"""What is answered about media and clips."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from api.figures import MethodOut
from domain.clips.signals import Reason
from domain.media import AudioStream, SubtitleStream, VideoStream
from store.clips import Clip
from store.media import MediaFile, TranscriptFacts

METHOD_URL = "/docs/method#clips"


class VideoStreamOut(msgspec.Struct, frozen=True, kw_only=True):
    """A moving picture in the file; sizes as shown: upright, square pixels. `index` counts all streams of the file."""

    index: int
    codec: str
    width: int
    height: int
    frames_per_second: float | None

    @classmethod
    def of(cls, stream: VideoStream) -> "VideoStreamOut":
        width, height = stream.shown_size
        return cls(index=stream.index, codec=stream.codec, width=width, height=height, frames_per_second=stream.frames_per_second)


class AudioStreamOut(msgspec.Struct, frozen=True, kw_only=True):
    """A sound in the file. `language` is the file's own tag."""

    index: int
    codec: str
    channels: int
    sample_rate_hz: int
    language: str | None

    @classmethod
    def of(cls, stream: AudioStream) -> "AudioStreamOut":
        return cls(**asdict(stream))


class SubtitleStreamOut(msgspec.Struct, frozen=True, kw_only=True):
    """A subtitle track in the file."""

    index: int
    codec: str
    language: str | None
    title: str | None

    @classmethod
    def of(cls, stream: SubtitleStream) -> "SubtitleStreamOut":
        return cls(**asdict(stream))


class TranscriptOut(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the words. `source` is `upload` (captions that came with the video) or `track` (its own)."""

    source: str
    language: str | None
    cues: int
    sentences: int
    words: int

    @classmethod
    def of(cls, found: TranscriptFacts) -> "TranscriptOut":
        return cls(**asdict(found))


class MediaOut(msgspec.Struct, frozen=True, kw_only=True):
    """A video that came in. `request_id` is the work on its first clip; `transcript` is there once a run has read the words.

    From `expired_at` on its bytes are gone and `file` is null: nobody had used it for some days.
    """

    media_id: UUID
    request_id: UUID
    file_name: str | None
    file: str | None
    sha256: str
    size_bytes: int
    container: str
    duration_seconds: float
    video: list[VideoStreamOut]
    audio: list[AudioStreamOut]
    subtitles: list[SubtitleStreamOut]
    has_captions: bool
    transcript: TranscriptOut | None
    created_at: datetime
    expired_at: datetime | None = None

    @classmethod
    def of(cls, found: MediaFile, transcript: TranscriptFacts | None = None) -> "MediaOut":
        words: dict[str, Any] = {
            name: getattr(found, name)
            for name in ("media_id", "request_id", "file_name", "sha256", "size_bytes", "duration_seconds", "created_at", "expired_at")
        }
        return cls(
            **words,
            file=None if found.expired_at else f"/api/v1/media/{found.media_id}/file",
            container=found.probe.container.value,
            video=[VideoStreamOut.of(each) for each in found.probe.video],
            audio=[AudioStreamOut.of(each) for each in found.probe.audio],
            subtitles=[SubtitleStreamOut.of(each) for each in found.probe.subtitles],
            has_captions=found.captions_key is not None,
            transcript=TranscriptOut.of(transcript) if transcript else None,
        )


class ReasonOut(msgspec.Struct, frozen=True, kw_only=True):
    """One signal of the ranking: what was measured (`value`), how good that is (`share`, 0 to 1), and its weight."""

    name: str
    value: float
    share: float
    weight: float

    @classmethod
    def of(cls, reason: Reason) -> "ReasonOut":
        return cls(**asdict(reason))


class ClipOut(msgspec.Struct, frozen=True, kw_only=True):
    """A clip. The part and its reasons are there once it is `suggested`, the file and its measures once it is `rendered`.

    `ranking_score` (0 to 1) orders the candidates of one video by `reasons`; it is no forecast of views.
    From `expired_at` on its bytes are gone: it had been published.
    """

    clip_id: UUID
    media_id: UUID
    request_id: UUID
    state: str
    min_seconds: float
    max_seconds: float
    start_seconds: float | None
    end_seconds: float | None
    text: str | None
    ranking_score: float | None
    reasons: list[ReasonOut]
    method: MethodOut | None
    file: str | None
    captions: str | None
    size_bytes: int | None
    seconds: float | None
    width: int | None
    height: int | None
    loudness_lufs: float | None
    error: dict[str, Any] | None
    created_at: datetime
    rendered_at: datetime | None
    expired_at: datetime | None = None

    @classmethod
    def of(cls, clip: Clip) -> "ClipOut":
        made = ("reasons", "method", "file", "captions", "state")
        words: dict[str, Any] = {name: getattr(clip, name) for name in cls.__struct_fields__ if name not in made}
        here = f"/api/v1/clips/{clip.clip_id}"
        return cls(
            **words,
            state=clip.state.value,
            reasons=[ReasonOut.of(each) for each in clip.reasons],
            method=MethodOut(id=clip.method, url=METHOD_URL) if clip.method else None,
            file=f"{here}/file" if clip.file_key and clip.expired_at is None else None,
            captions=f"{here}/captions.vtt" if clip.captions else None,
        )


class TakenInOut(msgspec.Struct, frozen=True, kw_only=True):
    """A video that was taken in, and the first clip that is being made of it."""

    media: MediaOut
    clip: ClipOut


class ClipIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another clip of a video. Bounds are seconds, 15 to 60 unless said otherwise."""

    media_id: UUID
    min_seconds: float | None = None
    max_seconds: float | None = None
