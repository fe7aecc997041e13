"""One frame of a media file as a small JPEG."""

from pathlib import Path

import ffmpeg

from domain.media import MediaLimits, Probe
from gateways.media.probe import Source
from gateways.media.runner import Job, run_ffmpeg

_STILL = "still.jpg"


def still(source: Source, found: Probe, limits: MediaLimits, folder: Path, *, at_seconds: float, width: int) -> bytes:
    """The frame shown at a moment (the last one where that is past the end), scaled to a width."""
    stream = found.video[0]
    at = max(0.0, min(at_seconds, found.duration_seconds - 1 / (stream.frames_per_second or 1)))
    frame = ffmpeg.input("source", ss=f"{at:.6f}")[str(stream.index)].filter("scale", width, -2)
    graph = ffmpeg.output(frame, _STILL, **{"frames:v": 1, "f": "mjpeg", "q:v": 4, "pix_fmt": "yuvj420p", "fflags": "+bitexact"})
    run_ffmpeg(Job(arguments=graph.compile(), sources={"source": source}, folder=folder, seconds=1), limits)
    return (folder / _STILL).read_bytes()
