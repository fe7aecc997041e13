"""Looks for whole faces in the pictures of a small video and prints in which parts of each one they are, as JSON.

Run by path in a process of its own, therefore it imports nothing of ours: a C library reads pictures that nobody vouches for.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import av
import cv2

# Faces that are narrower than this share of the frame are of the crowd; none that small are looked for where larger ones are.
_LARGE, _LEAST = 0.1, 0.05
_STEP, _NEIGHBOURS = 1.2, 3
_CASCADES = Path(cv2.__file__).with_name("data")


def found_in(path: str) -> list[list[tuple[float, float, float, float]]]:
    """Per picture: left, top, right, bottom of each face, as shares of the frame."""
    cv2.setNumThreads(1)
    cascades = [
        cv2.CascadeClassifier(str(_CASCADES / name)) for name in ("haarcascade_frontalface_alt2.xml", "haarcascade_profileface.xml")
    ]
    with av.open("file:" + path, format="matroska", container_options={"protocol_whitelist": "file"}) as media:
        return [_faces(frame.to_ndarray(format="gray"), cascades) for frame in media.decode(video=0)]


def _faces(picture: Any, cascades: Sequence[Any]) -> list[tuple[float, float, float, float]]:
    """Large ones in half the size, which costs a quarter; else all."""
    half = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return _seen(half, cascades, _LARGE) or _seen(picture, cascades, _LEAST)


def _seen(picture: Any, cascades: Sequence[Any], least: float) -> list[tuple[float, float, float, float]]:
    """Seen from the front, else from the side, to the left or to the right."""
    height, width = picture.shape
    even = cv2.equalizeHist(picture)
    for cascade, is_turned in ((cascades[0], False), (cascades[1], False), (cascades[1], True)):
        shown = cv2.flip(even, 1) if is_turned else even
        found = cascade.detectMultiScale(shown, _STEP, _NEIGHBOURS, minSize=(round(width * least),) * 2)
        if len(found):
            lefts = [(width - x - w if is_turned else x, y, w, h) for x, y, w, h in (map(int, each) for each in found)]
            return [(x / width, y / height, (x + w) / width, (y + h) / height) for x, y, w, h in lefts]
    return []


if __name__ == "__main__":
    try:
        sys.stdout.write(json.dumps(found_in(sys.argv[1])))
    except (av.FFmpegError, ValueError, cv2.error) as error:
        sys.exit(f"{type(error).__name__}: {error}")
