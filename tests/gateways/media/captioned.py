"""Captions drawn over a plain ground by the runner itself, and how the tests look at what comes out."""

from pathlib import Path
from typing import Any

import numpy as np

from domain.media import ClipPlan, MediaLimits, ShownWord
from gateways.media.captions import script_of
from gateways.media.glyphs import FONTS
from gateways.media.picture import CAPTIONS, FONTS_LINK
from gateways.media.render import CAPTION_ENVIRONMENT
from gateways.media.runner import Job, run_ffmpeg

GROUND = 0x40
Frames = np.ndarray[Any, np.dtype[np.uint8]]


def drawn(text: str, folder: Path, *, width: int, height: int, frames: int, rate: int = 25) -> Frames:
    """Pictures (frames, height, width, RGB) of an ASS script on a gray ground."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CAPTIONS).write_text(text, encoding="utf-8")
    if not (folder / FONTS_LINK).exists():
        (folder / FONTS_LINK).symlink_to(FONTS)
    ground = f"color=0x{GROUND:02x}{GROUND:02x}{GROUND:02x}:s={width}x{height}:r={rate}:d={frames / rate},format=gbrp"
    graph = f"{ground},ass={CAPTIONS}:fontsdir={FONTS_LINK},format=rgb24[v]"
    words = ("ffmpeg", "-filter_complex", graph, "-map", "[v]", "-frames:v", str(frames), "-f", "rawvideo", "frames.rgb")
    job = Job(arguments=words, sources={}, folder=folder, seconds=frames / rate, environment=CAPTION_ENVIRONMENT)
    run_ffmpeg(job, MediaLimits(output_bytes=4 * 10**9))
    made = np.fromfile(folder / "frames.rgb", dtype=np.uint8).reshape(-1, height, width, 3)
    (folder / "frames.rgb").unlink()
    return made


def plan_of(*words: ShownWord, seconds: float = 10.0, **change: Any) -> ClipPlan:
    given = {"start_seconds": 0.0, "end_seconds": seconds, "video_index": 0, "audio_index": None, "captions": (), "words": words}
    return ClipPlan(**{**given, **change})


def frames_of(plan: ClipPlan, folder: Path, frames: int, rate: int = 25) -> Frames:
    return drawn(script_of(plan), folder, width=plan.width, height=plan.height, frames=frames, rate=rate)


def touched(frames: Frames) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Where anything is drawn, by frame: faint edges of letters are not counted."""
    return np.abs(frames.astype(np.int16) - GROUND).max(axis=-1) > 24


def bounds(mask: np.ndarray[Any, np.dtype[np.bool_]]) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of what is set, as shares of the frame."""
    rows, columns = np.nonzero(mask)
    height, width = mask.shape
    return columns.min() / width, rows.min() / height, (columns.max() + 1) / width, (rows.max() + 1) / height


def where_colored(frame: Frames, color: tuple[int, int, int]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.abs(frame.astype(np.int16) - np.array(color)).max(axis=-1) < 40
