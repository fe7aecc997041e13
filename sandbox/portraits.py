"""Videos of a speaker at known places: the portrait of an astronaut that scikit-image ships (NASA, public domain) on a drawn stage.

Its mouth can be moved. Where it stands in every picture is the caller's, so that whoever looks for it can be held against that.
"""

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import imageio_ffmpeg
import numpy as np

# The face in the portrait, as shares of it: left, top, right, bottom.
FACE = (0.34, 0.12, 0.54, 0.37)
_MOUTH = (0.385, 0.262, 0.485, 0.312)
_SECONDS = 120

Picture = np.ndarray[Any, np.dtype[np.uint8]]


@dataclass(frozen=True, slots=True)
class Stood:
    """A portrait in one picture: its middle (shares of the picture), its side (a share of the height), how far the mouth is open."""

    x: float
    y: float
    side: float = 0.6
    mouth: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A shot: its stage (a drawn one, by number, or a picture), how long it lasts, who stands where at a moment of it (in seconds)."""

    seconds: float
    stood: Callable[[float], Sequence[Stood]]
    stage: "int | Picture" = 0


def face_of(stood: Stood, size: tuple[int, int]) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of the face, as shares of the picture."""
    high = stood.side
    wide = high * size[1] / size[0]
    left, top = stood.x - wide / 2, stood.y - high / 2
    return left + FACE[0] * wide, top + FACE[1] * high, left + FACE[2] * wide, top + FACE[3] * high


def is_inside(face: tuple[float, float, float, float], window: tuple[float, float, float, float]) -> bool:
    """Whether a whole face (left, top, right, bottom) lies in a window (left, top, width, height)."""
    left, top, width, height = window
    return left <= face[0] and top <= face[1] and face[2] <= left + width and face[3] <= top + height


def compose(
    path: Path, scenes: Sequence[Scene], *, size: tuple[int, int] = (1920, 1080), rate: int = 30, sound: str | Path | None = None
) -> Path:
    """Write the scenes one after the other; `sound` is a file, or a source of lavfi."""
    source = ("-i", str(sound)) if isinstance(sound, Path) else ("-f", "lavfi", "-i", sound)
    heard = (*source, "-c:a", "aac", "-b:a", "64k", "-shortest") if sound else ()
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-loglevel", "error", "-y", "-f", "rawvideo", "-pix_fmt", "bgr24",
        "-s", f"{size[0]}x{size[1]}", "-r", str(rate), "-i", "-", *heard, "-c:v", "libx264", "-preset", "ultrafast", "-crf", "26",
        "-pix_fmt", "yuv420p", "-threads", "1", str(path),
    ]  # fmt: skip
    with subprocess.Popen(command, stdin=subprocess.PIPE) as encoder:  # noqa: S603 - arguments of our own
        assert encoder.stdin is not None  # noqa: S101 - it was asked for
        for scene in scenes:
            stage = _stage(size, scene.stage) if isinstance(scene.stage, int) else scene.stage
            for number in range(round(scene.seconds * rate)):
                encoder.stdin.write(drawn(stage, scene.stood(number / rate)).tobytes())
        encoder.stdin.close()
        if encoder.wait(_SECONDS) != 0:
            raise RuntimeError("the video could not be composed")
    return path


def drawn(stage: Picture, people: Sequence[Stood]) -> Picture:
    """One picture."""
    picture = stage.copy()
    height, width = picture.shape[:2]
    for each in people:
        side = max(2, round(each.side * height))
        portrait = _portrait(side, each.mouth)
        left, top = round(each.x * width - side / 2), round(each.y * height - side / 2)
        rows, columns = slice(max(0, top), min(height, top + side)), slice(max(0, left), min(width, left + side))
        picture[rows, columns] = portrait[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    return picture


_cache: dict[tuple[int, float], Picture] = {}


def _portrait(side: int, mouth: float) -> Picture:
    key = side, round(mouth, 1)
    if key not in _cache:
        if len(_cache) > 64:
            _cache.clear()
        _cache[key] = _made(*key)
    return _cache[key]


def _made(side: int, mouth: float) -> Picture:
    from skimage import data

    whole = np.asarray(cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2BGR), np.uint8)  # type: ignore[no-untyped-call]
    if mouth:
        high = whole.shape[0]
        left, top, right, bottom = (round(each * high) for each in _MOUTH)
        middle = (left + right) // 2, (top + bottom) // 2
        cv2.ellipse(whole, middle, ((right - left) // 3, max(1, round((bottom - top) / 2 * mouth))), 0, 0, 360, (30, 20, 60), -1)
    return np.asarray(cv2.resize(whole, (side, side), interpolation=cv2.INTER_AREA), np.uint8)


def _stage(size: tuple[int, int], number: int) -> Picture:
    """Soft bands of color, another for each number: nothing on it looks like a face."""
    width, height = size
    down, across = np.mgrid[0:height, 0:width].astype(np.float32)
    tone = 40 + 25 * (number * 2 % 5) + 30 * np.sin(across / width * (5 + 3 * number) + number) + 25 * np.cos(down / height * (4 + number))
    bands = np.stack([tone, tone * 0.8 + 12 * number, tone * 0.7 + 20], axis=-1)
    return np.asarray(np.clip(bands, 0, 255), np.uint8)
