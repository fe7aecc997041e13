"""The picture of framing on the docs' page: pictures of a composed video with their windows, and below what the clip shows of them.

Made by `python -m bench.harness.framing_sheet docs/pictures/clip-framing.png`.
"""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from bench.clips_analysis import RATE, SCENES, SIZE, TONE
from domain.clips.framing import frame_clip
from domain.clips.framing.shown import place_of
from domain.clips.look import Look
from domain.clips.pieces import Piece
from domain.media import MediaLimits
from gateways.media.analysis import analyse
from gateways.media.probe import probe, recognised
from sandbox.portraits import compose

# Seconds of the benchmark's scenes: one who walks, after a cut one who wanders, one who stops and goes, one of two who speaks, two.
MOMENTS = (0.6, 2.4, 4.2, 6.8, 9.2, 13.5, 17.5)
_WIDE, _UPRIGHT, _GAP = (320, 180), (180, 320), 10
_YELLOW, _PAPER = (0, 212, 255), 255

Picture = np.ndarray[Any, np.dtype[np.uint8]]


def sheet(folder: Path) -> Picture:
    """Above the source with its windows, below the clip."""
    path = compose(folder / "scenes.mp4", SCENES, size=SIZE, rate=RATE, sound=TONE)
    source = recognised(path)
    found = analyse(source, probe(source, MediaLimits(), folder), MediaLimits(), folder)
    pieces = frame_clip(found, [(0.0, found.seconds)], Look())
    return np.hstack([_column(picture, at, pieces) for at, picture in zip(MOMENTS, _pictures(path), strict=True)])


def _pictures(path: Path) -> list[Picture]:
    wanted = {round(at * RATE) for at in MOMENTS}
    with av.open(str(path)) as media:
        return [np.asarray(each.to_ndarray(format="bgr24")) for number, each in enumerate(media.decode(video=0)) if number in wanted]


def _column(picture: Picture, at: float, pieces: Sequence[Piece]) -> Picture:
    piece = next(each for each in pieces if at < each.end_seconds)
    boxes = [_pixels(*place_of(each, at - piece.start_seconds), each.width, each.height) for each in piece.windows]
    below = [_scaled(picture[top:bottom, left:right], (_UPRIGHT[0], _UPRIGHT[1] // len(boxes))) for left, top, right, bottom in boxes]
    above = picture.copy()
    for left, top, right, bottom in boxes:
        cv2.rectangle(above, (left + 4, top + 4), (right - 4, bottom - 4), _YELLOW, 10)
    column = np.full((_WIDE[1] + _UPRIGHT[1] + 3 * _GAP, _WIDE[0] + _GAP, 3), _PAPER, np.uint8)
    column[_GAP : _GAP + _WIDE[1], : _WIDE[0]] = _scaled(above, _WIDE)
    side = (_WIDE[0] - _UPRIGHT[0]) // 2
    column[_WIDE[1] + 2 * _GAP : -_GAP, side : side + _UPRIGHT[0]] = np.vstack(below)
    return column


def _pixels(left: float, top: float, width: float, height: float) -> tuple[int, int, int, int]:
    wide, high = SIZE
    return round(left * wide), round(top * high), round((left + width) * wide), round((top + height) * high)


def _scaled(picture: Picture, size: tuple[int, int]) -> Picture:
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def main(path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="whyral-sheet-") as folder:
        cv2.imwrite(str(path), sheet(Path(folder)), [cv2.IMWRITE_PNG_COMPRESSION, 9])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
