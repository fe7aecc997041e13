"""What is answered about media and clips."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from api.figures import MethodOut
from api.media.looks import LookIn
from domain.clips.delivery import Finding
from domain.clips.pieces import Piece
from domain.clips.runs import Reason
from domain.clips.states import ClipState
from domain.media import AudioStream, SubtitleStream, VideoStream
from store.candidates import StoredCandidate
from store.clip_rows import Clip
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
    """What is known of the words.

    `source`: `upload` (captions that came with the video), `track` (its own), `script` (yours, aligned with the sound), `speech` (heard
    by `model`, which gets `error_rate` of the words wrong on such speech, where that was measured) or `platform`.
    """

    source: str
    language: str | None
    cues: int
    sentences: int
    words: int
    model: str | None = None
    error_rate: float | None = None

    @classmethod
    def of(cls, found: TranscriptFacts) -> "TranscriptOut":
        return cls(**asdict(found))


class MediaOut(msgspec.Struct, frozen=True, kw_only=True):
    """A file that came in. `request_id` is the work that it was sent for; `transcript` is there once a run has read the words.

    `purpose`: `source` of clips, or `addition` to them (music, intro, outro): nothing is made of that, so it has no request.
    `video_id`: the post that it is the video of. From `expired_at` on its bytes are gone and `file` is null: nobody had used it for days.
    """

    media_id: UUID
    purpose: str
    request_id: UUID | None
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
    video_id: UUID | None
    origin: str
    has_script: bool
    has_heat: bool
    heat_from: Literal["workspace", "platform"] | None
    expired_at: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, found: MediaFile, transcript: TranscriptFacts | None = None) -> "MediaOut":
        words: dict[str, Any] = {
            name: getattr(found, name)
            for name in (
                "media_id",
                "request_id",
                "file_name",
                "sha256",
                "size_bytes",
                "duration_seconds",
                "created_at",
                "video_id",
                "origin",
                "expired_at",
            )
        }
        return cls(
            **words,
            file=None if found.expired_at else f"/api/v1/media/{found.media_id}/file",
            purpose=found.purpose.value,
            container=found.probe.container.value,
            video=[VideoStreamOut.of(each) for each in found.probe.video],
            audio=[AudioStreamOut.of(each) for each in found.probe.audio],
            subtitles=[SubtitleStreamOut.of(each) for each in found.probe.subtitles],
            has_captions=found.captions_key is not None,
            has_script=found.script is not None,
            has_heat=bool(found.heat or found.platform_heat),
            heat_from="workspace" if found.heat else "platform" if found.platform_heat else None,
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


class CandidateOut(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a video that could be a clip. `rank` counts from 1, the best.

    `ranking_score` (0 to 1) orders the candidates of one video by `reasons`; it is no forecast of views. `absent`: signals that could not
    be told for this video, each with why. `clips`: how many were made of it. `preview` is a small, quick film of it, `picture` a frame.
    """

    candidate_id: UUID
    media_id: UUID
    request_id: UUID
    rank: int
    start_seconds: float
    end_seconds: float
    seconds: float
    text: str
    ranking_score: float
    reasons: list[ReasonOut]
    absent: dict[str, str]
    method: MethodOut
    clips: int
    preview: str
    picture: str
    created_at: datetime

    @classmethod
    def of(cls, found: StoredCandidate) -> "CandidateOut":
        made = ("seconds", "reasons", "absent", "method", "preview", "picture")
        words: dict[str, Any] = {name: getattr(found, name) for name in cls.__struct_fields__ if name not in made}
        here = f"/api/v1/clips/candidates/{found.candidate_id}"
        return cls(
            **words,
            seconds=round(found.end_seconds - found.start_seconds, 3),
            reasons=[ReasonOut.of(each) for each in found.reasons],
            absent=dict(found.absent),
            method=MethodOut(id=found.method, url=METHOD_URL),
            preview=f"{here}/preview",
            picture=f"{here}/picture",
        )


class FindingOut(msgspec.Struct, frozen=True, kw_only=True):
    """One check before delivery: what was measured, its limit, in words; `picture` is the frame to look at, where there is one."""

    name: str
    is_passed: bool
    value: float | None
    limit: float | None
    detail: str
    at_seconds: float | None
    picture: str | None

    @classmethod
    def of(cls, found: Finding, clip_id: UUID) -> "FindingOut":
        picture = f"/api/v1/clips/{clip_id}/checks/{found.name}/picture" if found.at_seconds is not None else None
        return cls(**asdict(found), picture=picture)


class PieceOut(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the video that is in the clip (seconds of the video), its layout, and where its windows begin (shares of the picture)."""

    start_seconds: float
    end_seconds: float
    layout: str
    windows: list[dict[str, float]]

    @classmethod
    def of(cls, piece: Piece) -> "PieceOut":
        windows = [
            {"width": each.width, "height": each.height, "left": each.path[0].left, "top": each.path[0].top} for each in piece.windows
        ]
        return cls(start_seconds=piece.start_seconds, end_seconds=piece.end_seconds, layout=piece.layout.value, windows=windows)


class ClipOut(msgspec.Struct, frozen=True, kw_only=True):
    """A clip. The part and its reasons are there once it is `suggested`, the file and its measures once it is `rendered`.

    `ranking_score` (0 to 1) orders the candidates of one video by `reasons`; it is no forecast of views. `checks` are made before a clip
    is delivered: one that fails leaves it `blocked`, without a file. `video_id` is the post that it became; some days after that, from
    `expired_at` on, its bytes are gone.
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
    candidate_id: UUID | None
    look: LookIn
    pieces: list[PieceOut]
    checks: list[FindingOut]
    file: str | None
    thumbnail: str | None
    captions: str | None
    size_bytes: int | None
    seconds: float | None
    width: int | None
    height: int | None
    loudness_lufs: float | None
    error: dict[str, Any] | None
    created_at: datetime
    rendered_at: datetime | None
    video_id: UUID | None
    published_at: datetime | None
    expired_at: datetime | None

    @classmethod
    def of(cls, clip: Clip) -> "ClipOut":
        made = ("reasons", "method", "file", "captions", "state", "look", "pieces", "checks", "thumbnail")
        words: dict[str, Any] = {name: getattr(clip, name) for name in cls.__struct_fields__ if name not in made}
        here = f"/api/v1/clips/{clip.clip_id}"
        return cls(
            **words,
            state=clip.state.value,
            reasons=[ReasonOut.of(each) for each in clip.reasons],
            method=MethodOut(id=clip.method, url=METHOD_URL) if clip.method else None,
            look=LookIn.of(clip.look),
            pieces=[PieceOut.of(each) for each in clip.pieces],
            checks=[FindingOut.of(each, clip.clip_id) for each in clip.findings],
            file=f"{here}/file" if clip.state is ClipState.RENDERED and clip.expired_at is None else None,
            thumbnail=f"{here}/thumbnail" if clip.thumbnail_key and clip.thumbnail_expired_at is None else None,
            captions=f"{here}/captions.vtt" if clip.captions else None,
        )


class TakenInOut(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was taken in, and the first clip that is being made of it; null for an addition, and where only candidates are wanted."""

    media: MediaOut
    clip: ClipOut | None


class ClipIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another clip of a video. Bounds are seconds, 15 to 60 unless said otherwise."""

    media_id: UUID
    min_seconds: float | None = None
    max_seconds: float | None = None


class PostIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The post that a clip became: a video of the catalogue."""

    video_id: UUID


class CalibrationOut(msgspec.Struct, frozen=True, kw_only=True):
    """Clips that became posts: `correlation` of their ranking scores with the posts' same-age log scores (Spearman's, 95 % interval).

    `curve`: by ranking score, how many, and their mean log score with its 95 % interval. `verdict` says it in words.
    """

    n: int
    verdict: str
    correlation: float | None
    low: float | None
    high: float | None
    curve: list[dict[str, float]]
