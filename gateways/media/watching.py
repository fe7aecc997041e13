"""The one pass over a finished clip: its picture, small and gray, and its sound go through ffmpeg's detectors. `measures` reads them.

Captions are painted over before the picture is judged: a marked word that moves on a picture that stands still would hide that it does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import ffmpeg

from domain.clips.delivery import CaptionBox
from domain.media import Probe

BLACK, FROZEN, SILENT = "black.txt", "frozen.txt", "silent.txt"
TIMES, HASHES, FACES = "times.txt", "hashes.raw", "faces.mkv"
# Difference hash: each of 8 rows compares 9 places with their neighbours.
HASH_WIDTH, HASH_HEIGHT, HASHES_PER_SECOND = 9, 8, 1
FACES_PER_SECOND = 2
_WIDTH = 270
# Twice as wide: in a square cut out of a wide picture a face that framing follows may be 7 % of the frame.
_FACES_WIDTH = 540
# A clip of 1080 x 1920 in a quarter of its size; -60 dB is a mean difference of a quarter of a step of 255.
_FROZEN_DB, _SILENT_DB = -60, -50
# Shorter than what is judged, so that one can see how near a clip came.
_BLACK_SECONDS, _FROZEN_SECONDS, _SILENT_SECONDS = 0.2, 1.0, 1.0
# Captions that cover more of the frame than this are not painted over: nothing would be left to look at.
_MOST_COVERED = 0.6
_SLACK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Watching:
    """What to run, and which files beside the last one it writes."""

    graph: Any
    beside: tuple[str, ...]


def watching(found: Probe, captions: Sequence[CaptionBox], *, has_faces: bool) -> Watching:
    """The graph over the input `clip`. The last output holds the times of every picture and every piece of sound."""
    clip, video = ffmpeg.input("clip"), found.video[0]
    # A picture that is said to last for months would be repeated for as long.
    ends = found.duration_seconds + _SLACK_SECONDS
    width, height = video.shown_size
    small, larger = ((wide, max(2, round(height * wide / width / 2) * 2)) for wide in (_WIDTH, _FACES_WIDTH))
    whole = clip[str(video.index)].filter_multi_output("split", 2)
    branches = whole[0].filter("scale", *small, flags="area").filter("format", "gray").filter_multi_output("split", 2)
    hashes = branches[1].filter("fps", HASHES_PER_SECOND).filter("trim", end=ends).filter("scale", HASH_WIDTH, HASH_HEIGHT, flags="area")
    streams = [_watched(branches[0], captions, small), *(_heard(clip[str(each.index)]) for each in found.audio[:1])]
    outputs = [hashes.output(HASHES, f="rawvideo")]
    if has_faces:
        faces = whole[1].filter("fps", FACES_PER_SECOND).filter("trim", end=ends).filter("scale", *larger, flags="area")
        outputs.append(faces.filter("format", "gray").output(FACES, **{"c:v": "ffv1"}))
    else:
        outputs.append(whole[1].filter("trim", end_frame=1).output("-", f="null"))
    times = ffmpeg.output(*streams, TIMES, **{"f": "framecrc", "fps_mode": "passthrough", "enc_time_base:v": "1:90000"})
    return Watching(ffmpeg.merge_outputs(*outputs, times), (HASHES, FACES) if has_faces else (HASHES,))


def _watched(picture: Any, captions: Sequence[CaptionBox], size: tuple[int, int]) -> Any:
    for left, top, wide, high in _painted(captions, size):
        picture = picture.filter("drawbox", x=left, y=top, w=wide, h=high, color="black", t="fill")
    black = picture.filter("blackdetect", d=_BLACK_SECONDS).filter("metadata", mode="print", file=BLACK)
    frozen = black.filter("freezedetect", n=f"{_FROZEN_DB}dB", d=_FROZEN_SECONDS).filter("metadata", mode="print", file=FROZEN)
    return frozen.filter("scale", 16, 16, flags="neighbor")


def _painted(captions: Sequence[CaptionBox], size: tuple[int, int]) -> Iterator[tuple[int, int, int, int]]:
    """One box around all of them, in pixels, a little larger."""
    if not captions:
        return
    left, top = min(each.left for each in captions) - 0.01, min(each.top for each in captions) - 0.01
    wide, high = max(each.right for each in captions) - left + 0.01, max(each.bottom for each in captions) - top + 0.01
    if wide * high <= _MOST_COVERED:
        yield max(0, round(left * size[0])), max(0, round(top * size[1])), round(wide * size[0]), round(high * size[1])


def _heard(sound: Any) -> Any:
    silent = sound.filter("silencedetect", n=f"{_SILENT_DB}dB", d=_SILENT_SECONDS).filter("ametadata", mode="print", file=SILENT)
    return silent.filter("ebur128", peak="true", framelog="quiet")
