"""One frame of a media file as a JPEG: small to look at, or full size with a title, as a cover."""

from pathlib import Path
from typing import Any

import ffmpeg

from domain.media import ClipPlan, MediaLimits, Probe
from gateways.media.captions import script_of
from gateways.media.glyphs import FONTS
from gateways.media.picture import CAPTION_ENVIRONMENT, FONTS_LINK
from gateways.media.probe import Source
from gateways.media.runner import Job, run_ffmpeg

_STILL, _TITLE = "still.jpg", "title.ass"
_SMALL_QUALITY, _COVER_QUALITY = 4, 2


def still(source: Source, found: Probe, limits: MediaLimits, folder: Path, *, at_seconds: float, width: int) -> bytes:
    """The frame shown at a moment (the last one where that is past the end), scaled to a width."""
    frame = _frame(found, at_seconds).filter("scale", width, -2)
    return _jpeg(frame, source, limits, folder, _SMALL_QUALITY)


def cover(source: Source, found: Probe, limits: MediaLimits, folder: Path, *, at_seconds: float, title: str | None) -> bytes:
    """The frame in its own size, with a title inside the players' safe area. Raises Unacceptable for a title that cannot be drawn."""
    width, height = found.video[0].shown_size
    script = script_of(_titled(title, width, height)) if title else ""
    frame = _frame(found, at_seconds).filter("scale", width, height, out_range="tv").filter("format", "yuv420p").filter("setsar", 1)
    if script:
        (folder / _TITLE).write_text(script, encoding="utf-8")
        (folder / FONTS_LINK).symlink_to(FONTS)
        frame = frame.filter("setpts", 0).filter("ass", filename=_TITLE, fontsdir=FONTS_LINK)
    return _jpeg(frame, source, limits, folder, _COVER_QUALITY)


def _titled(title: str, width: int, height: int) -> ClipPlan:
    """A cover's title is drawn as a clip's hook is."""
    return ClipPlan(
        start_seconds=0.0, end_seconds=1.0, video_index=0, audio_index=None, captions=(), width=width, height=height, hook_text=title
    )


def _frame(found: Probe, at_seconds: float) -> Any:
    stream = found.video[0]
    at = max(0.0, min(at_seconds, found.duration_seconds - 1 / (stream.frames_per_second or 1)))
    return ffmpeg.input("source", ss=f"{at:.6f}")[str(stream.index)]


def _jpeg(frame: Any, source: Source, limits: MediaLimits, folder: Path, quality: int) -> bytes:
    # JFIF means BT.601 at full range, whatever the video is.
    shown = frame.filter("scale", out_range="pc", out_color_matrix="bt601")
    graph = ffmpeg.output(shown, _STILL, **{"frames:v": 1, "f": "mjpeg", "q:v": quality, "pix_fmt": "yuvj420p", "fflags": "+bitexact"})
    job = Job(arguments=graph.compile(), sources={"source": source}, folder=folder, seconds=1, environment=CAPTION_ENVIRONMENT)
    run_ffmpeg(job, limits)
    return (folder / _STILL).read_bytes()
