"""Media that the tests make themselves, with ffmpeg, and how they look at what comes out."""

import subprocess
from pathlib import Path
from typing import Any

import av
import numpy as np

from domain.media import ClipPlan
from gateways.media.loudness import Heard, heard_in
from gateways.media.runner import binary

SMALL = {"width": 270, "height": 480}
X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
# Red in the upper left corner, blue in the lower right one, gray elsewhere: shows how a picture is turned.
MARKED = "color=gray:s=320x180:r=25:d=2,drawbox=0:0:80:60:red:fill,drawbox=240:120:80:60:blue:fill"
MOVING = "testsrc2=s=320x180:r=25:d=2"
RED, BLUE, GRAY = (255, 0, 0), (0, 0, 255), (128, 128, 128)


def ffmpeg(*arguments: str) -> str:
    """What it said. Fails the test where it fails."""
    run = subprocess.run((binary(), "-hide_banner", "-nostdin", "-y", *arguments), capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    return run.stderr


def made(path: Path, video: str, *arguments: str, sound: str | None = None, filters: str = "null") -> Path:
    """A file of a lavfi picture, and a lavfi sound where one is wanted."""
    heard = ("-f", "lavfi", "-i", sound) if sound else ()
    ffmpeg("-f", "lavfi", "-i", video, *heard, "-vf", filters, *X264, *arguments, str(path))
    return path


def frames(path: Path) -> list[np.ndarray[Any, Any]]:
    """Every picture as RGB."""
    with av.open(str(path)) as media:
        return [frame.to_ndarray(format="rgb24") for frame in media.decode(video=0)]


def first_frame(path: Path) -> np.ndarray[Any, Any]:
    with av.open(str(path)) as media:
        return next(media.decode(video=0)).to_ndarray(format="rgb24")


def color_at(picture: np.ndarray[Any, Any], x: float, y: float) -> tuple[int, int, int]:
    """The mean color of a few pixels around a place, as shares of width and height."""
    height, width, _ = picture.shape
    row, column = int(y * height), int(x * width)
    red, green, blue = picture[max(0, row - 2) : row + 3, max(0, column - 2) : column + 3].reshape(-1, 3).mean(axis=0)
    return round(red), round(green), round(blue)


def is_near(found: tuple[int, int, int], wanted: tuple[int, int, int], *, within: int = 24) -> bool:
    return all(abs(one - other) <= within for one, other in zip(found, wanted, strict=True))


def loudness(path: Path) -> Heard:
    """Measured by another call than the renderer's own, on the finished file."""
    return heard_in(ffmpeg("-nostats", "-i", str(path), "-map", "0:a:0", "-af", "ebur128=peak=true:framelog=quiet", "-f", "null", "-"))


def boxes(path: Path) -> list[str]:
    """The names of a file's outermost boxes, in order."""
    content, at, names = path.read_bytes(), 0, []
    while at < len(content):
        names.append(content[at + 4 : at + 8].decode("ascii"))
        at += int.from_bytes(content[at : at + 4], "big")
    return names


def plan(**change: Any) -> ClipPlan:
    """Two seconds of a file with one picture and one sound, small."""
    words = {"start_seconds": 0.0, "end_seconds": 2.0, "video_index": 0, "audio_index": 1, "captions": (), **SMALL}
    return ClipPlan(**{**words, **change})


def video_of(path: Path) -> tuple[av.video.stream.VideoStream, av.audio.stream.AudioStream]:
    """The streams of a clip."""
    media = av.open(str(path))
    return media.streams.video[0], media.streams.audio[0]
