"""Decoded pictures as small gray ones, upright and with square pixels. What is seen in them is in `faces` and `cuts`."""

from dataclasses import dataclass
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]
# Faces are looked for at this size: a face of 6 % of the height of a wide picture has 22 pixels.
LONG_SIDE = 640
THUMB = (64, 36)
_CHROMA = (32, 18)
_PLANAR = {"yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p"}


@dataclass(frozen=True, slots=True)
class Shape:
    """How pictures of a stream are shown: its size in pixels, and the quarter turns clockwise that make it upright."""

    width: int
    height: int
    turns: int

    @property
    def look(self) -> tuple[int, int]:
        """The size of a look, upright."""
        scale = min(1.0, LONG_SIDE / max(self.width, self.height))
        return max(16, round(self.width * scale)), max(16, round(self.height * scale))

    @property
    def coded_look(self) -> tuple[int, int]:
        """The same before it is turned."""
        width, height = self.look
        return (height, width) if self.turns % 2 else (width, height)


def planes(frame: av.VideoFrame, shape: Shape) -> tuple[Gray, Gray, Gray]:
    """Luma and the two chromas, 8 bits. The plainest formats are taken as they lie in memory, others are converted while scaled down."""
    if frame.format.name not in _PLANAR:
        width, height = shape.coded_look
        frame = frame.reformat(width=width + width % 2, height=height + height % 2, format="yuv420p", interpolation="BILINEAR")
    luma, first, second = (_plane(each) for each in frame.planes[:3])
    return luma, first, second


def _plane(plane: Any) -> Gray:
    return np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]


def look(luma: Gray, shape: Shape, *, is_fine: bool) -> Gray:
    """A picture to look at closely. A fine one averages all pixels; others are quick, for differences from frame to frame."""
    small = cv2.resize(luma, shape.coded_look, interpolation=cv2.INTER_AREA if is_fine else cv2.INTER_LINEAR)
    return _upright(small, shape.turns)


def thumb(quick: Gray, chromas: tuple[Gray, Gray]) -> Gray:
    """Luma and both chromas of a tiny picture in a row, for comparing whole pictures. Not turned: both sides of a comparison are alike."""
    parts = [cv2.resize(quick, THUMB, interpolation=cv2.INTER_AREA), *(_tiny(each) for each in chromas)]
    return np.concatenate([each.ravel() for each in parts])


def _tiny(chroma: Gray) -> Gray:
    return np.asarray(cv2.resize(chroma, _CHROMA, interpolation=cv2.INTER_NEAREST), np.uint8)


def _upright(picture: Any, turns: int) -> Gray:
    turned = {1: cv2.ROTATE_90_CLOCKWISE, 2: cv2.ROTATE_180, 3: cv2.ROTATE_90_COUNTERCLOCKWISE}
    return np.asarray(cv2.rotate(picture, turned[turns]) if turns else picture, np.uint8)
