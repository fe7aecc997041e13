"""Clips looked at picture by picture."""

from itertools import pairwise
from typing import Any

import av
import cv2
import numpy as np

from gateways.media.seeing.cascades import detected

YELLOW = (0xFF, 0xD4, 0x00)
Picture = np.ndarray[Any, np.dtype[np.uint8]]


def frames(file: Any, *, every_seconds: float = 0.25) -> list[Picture]:
    """RGB, 270 x 480."""
    found, due = list[Picture](), 0.0
    with av.open(file) as media:
        for frame in media.decode(video=0):
            if frame.time is not None and frame.time >= due:
                found.append(np.asarray(frame.reformat(270, 480, "rgb24").to_ndarray(), np.uint8))
                due += every_seconds
    return found


def face_of(picture: Picture) -> tuple[float, float, float, float] | None:
    gray = cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGB2GRAY)
    return max(detected("frontalface_alt2", gray, step=1.1, votes=2, least=27), key=lambda box: box[2], default=None)


def marked_rows(picture: Picture) -> list[int]:
    """The rows of the pixels of the box around the spoken word, the topmost 2 % of them, which may be noise, left out."""
    rows = sorted(map(int, np.nonzero(np.abs(picture.astype(int) - YELLOW).max(axis=2) < 40)[0]))
    return rows[len(rows) // 50 :]


def cuts(pictures: list[Picture]) -> int:
    """How often the upper half of the picture changes as a whole."""
    return sum(float(np.abs(one[:240].astype(int) - other[:240]).mean()) > 20 for one, other in pairwise(pictures))
