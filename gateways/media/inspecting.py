"""A finished clip, decoded from end to end once, and measured. What must be true of it is judged in `domain.clips.gate`."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from domain.clips.delivery import CaptionBox, Inspection
from domain.errors import OutOfResources, SourceRefused, Unacceptable, Unwanted
from domain.media import ClipPlan, MediaLimits, Probe
from gateways.media.confined import never
from gateways.media.drawn import drawn_captions
from gateways.media.faces_promised import Shown, faces_shown, promises_face
from gateways.media.loudness import Heard, heard_in
from gateways.media.measures import Extent, extents, hashes, spans
from gateways.media.probe import Source, probe, recognised
from gateways.media.runner import LOG, Job, run_ffmpeg
from gateways.media.watching import BLACK, FROZEN, HASHES, SILENT, TIMES, watching

_ERROR = re.compile(r"\[(?:error|fatal|panic)\] (.*)")
_WORDS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspecting:
    """One clip to look at. `script`: its captions as they were drawn (ASS). `lead_seconds`: how long what comes before it lasts."""

    path: Path
    plan: ClipPlan
    limits: MediaLimits
    folder: Path
    script: str = ""
    lead_seconds: float = 0.0
    is_unwanted: Callable[[], bool] = never


def inspect(job: Inspecting) -> Inspection:
    """Decode it to its end. What cannot be opened or decoded is an answer as well: `is_decodable` is False, and `trouble` says why.

    Raises Unwanted, SourceUnavailable (disk full, time up) and OutOfResources.
    """
    try:
        source = recognised(job.path)
        found = probe(source, job.limits, job.folder, is_unwanted=job.is_unwanted)
    except Unacceptable as error:
        return _unmeasured(error.problems[0].detail if error.problems else error.detail)
    captions = drawn_captions(job.script, (job.plan.width, job.plan.height), job.plan.seconds, job.limits, job.folder)
    try:
        said = _watch(job, source, found, captions)
    except OutOfResources:
        raise
    except SourceRefused:
        return _unmeasured(_trouble((job.folder / LOG).read_text(encoding="utf-8", errors="replace")) or "it does not decode")
    measured = _measured(job, found, said, captions)
    if job.is_unwanted():
        raise Unwanted("the look at the clip: nobody wants it any more")
    return measured


def _watch(job: Inspecting, source: Source, found: Probe, captions: tuple[CaptionBox, ...]) -> str:
    todo = watching(found, captions, has_faces=promises_face(job.plan))
    return run_ffmpeg(
        Job(
            arguments=todo.graph.compile(),
            sources={"clip": source},
            folder=job.folder,
            seconds=found.duration_seconds,
            says_much=True,
            beside=todo.beside,
        ),
        job.limits,
        is_unwanted=job.is_unwanted,
    )


def _measured(job: Inspecting, found: Probe, said: str, captions: tuple[CaptionBox, ...]) -> Inspection:
    times, heard = extents(job.folder / TIMES), _loudness(found, said)
    picture, sound = times.get(0), times.get(1)
    if picture is None:
        return _unmeasured(_trouble(said) or "no picture of it can be decoded")
    faces = _faces(job) if promises_face(job.plan) else None
    trouble = _trouble(said) or _missing(found, sound)
    width, height = found.video[0].shown_size
    return Inspection(
        width=width,
        height=height,
        seconds=found.duration_seconds,
        video_seconds=round(picture.seconds, 3),
        audio_seconds=round(sound.seconds, 3) if sound else 0.0,
        offset_seconds=round(sound.start_seconds - picture.start_seconds, 4) if sound else 0.0,
        is_decodable=trouble is None,
        black=spans(job.folder / BLACK, "black", picture.end_seconds),
        frozen=spans(job.folder / FROZEN, "freeze", picture.end_seconds),
        silent=spans(job.folder / SILENT, "silence", sound.end_seconds if sound else 0.0),
        loudness_lufs=heard.lufs if heard else None,
        peak_dbtp=heard.peak_dbtp if heard else None,
        face_share=faces.share if faces else None,
        fingerprint=hashes(job.folder / HASHES),
        trouble=trouble,
        faceless=faces.faceless if faces else (),
        captions=captions,
    )


def _faces(job: Inspecting) -> Shown | None:
    return faces_shown(job.plan, job.limits, job.folder, lead_seconds=job.lead_seconds, is_unwanted=job.is_unwanted)


def _loudness(found: Probe, said: str) -> Heard | None:
    """None for silence, and where there is no sound."""
    if not found.audio or "Summary:" not in said:
        return None
    heard = heard_in(said)
    return None if heard.is_silent else heard


def _missing(found: Probe, sound: Extent | None) -> str | None:
    return "its sound cannot be decoded" if found.audio and sound is None else None


def _trouble(said: str) -> str | None:
    """The first errors that ffmpeg spoke of while it went on."""
    found = dict.fromkeys(_ERROR.findall(said))
    return f"it does not decode cleanly: {'; '.join(found)[:_WORDS]}" if found else None


def _unmeasured(trouble: str) -> Inspection:
    return Inspection(
        width=0, height=0, seconds=0.0, video_seconds=0.0, audio_seconds=0.0, offset_seconds=0.0, is_decodable=False, black=(), frozen=(),
        silent=(), loudness_lufs=None, peak_dbtp=None, face_share=None, fingerprint=(), trouble=trouble,
    )  # fmt: skip
