"""One frame of a media file as a JPEG: small to look at, or full size, as a cover."""

from pathlib import Path
from typing import Any

import ffmpeg

from domain.media import MediaLimits, Probe
from gateways.media.probe import Source
from gateways.media.runner import Job, run_ffmpeg

_STILL = "still.jpg"
_SMALL_QUALITY, _COVER_QUALITY = 4, 2


def still(source: Source, found: Probe, limits: MediaLimits, folder: Path, *, at_seconds: float, width: int) -> bytes:
    """The frame shown at a moment (the last one where that is past the end), scaled to a width."""
    frame = _frame(found, at_seconds).filter("scale", width, -2)
    return _jpeg(frame, source, limits, folder, _SMALL_QUALITY)


def first_picture(source: Source, found: Probe, limits: MediaLimits, folder: Path) -> bytes:
    """The first frame in its own size."""
    return _jpeg(_frame(found, 0.0), source, limits, folder, _COVER_QUALITY)


def _frame(found: Probe, at_seconds: float) -> Any:
    stream = found.video[0]
    at = max(0.0, min(at_seconds, found.duration_seconds - 1 / (stream.frames_per_second or 1)))
    return ffmpeg.input("source", ss=f"{at:.6f}")[str(stream.index)]


def _jpeg(frame: Any, source: Source, limits: MediaLimits, folder: Path, quality: int) -> bytes:
    # JFIF means BT.601 at full range, whatever the video is.
    shown = frame.filter("scale", out_range="pc", out_color_matrix="bt601")
    graph = ffmpeg.output(shown, _STILL, **{"frames:v": 1, "f": "mjpeg", "q:v": quality, "pix_fmt": "yuvj420p", "fflags": "+bitexact"})
    job = Job(arguments=graph.compile(), sources={"source": source}, folder=folder, seconds=1)
    run_ffmpeg(job, limits)
    return (folder / _STILL).read_bytes()
