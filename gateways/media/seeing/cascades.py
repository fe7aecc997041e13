"""OpenCV's cascades and the boxes that they answer with. Which of them are faces is decided in `faces`."""

from functools import cache
from pathlib import Path

import cv2

from gateways.media.seeing.frames import Gray

# Left, top, width and height in pixels of a look.
Box = tuple[float, float, float, float]


@cache
def _cascade(name: str) -> cv2.CascadeClassifier:
    found = cv2.CascadeClassifier(str(Path(cv2.__file__).parent / "data" / f"haarcascade_{name}.xml"))
    if found.empty():
        raise SystemExit(f"OpenCV's cascade {name} is missing")
    return found


def detected(name: str, picture: object, *, step: float, votes: int, least: int, most: int | None = None) -> list[Box]:
    bounds = {"minSize": (least, least), **({"maxSize": (most, most)} if most else {})}
    found = _cascade(name).detectMultiScale(picture, step, votes, **bounds)  # type: ignore[call-overload]  # bounds are sizes
    return [(float(left), float(top), float(width), float(height)) for left, top, width, height in found]


def profiles(picture: Gray, *, step: float, votes: int, least: int, most: int | None = None) -> list[Box]:
    """The cascade knows heads that look to one side, so the picture is mirrored as well."""
    width = picture.shape[1]
    straight = detected("profileface", picture, step=step, votes=votes, least=least, most=most)
    mirrored = detected("profileface", cv2.flip(picture, 1), step=step, votes=votes, least=least, most=most)
    return [*straight, *((width - left - wide, top, wide, high) for left, top, wide, high in mirrored)]


def scaled(box: Box, by: float) -> Box:
    return box[0] * by, box[1] * by, box[2] * by, box[3] * by


def distance(one: Box, other: Box) -> float:
    """Between the middles, in widths of the second."""
    across, down = (one[at] + one[at + 2] / 2 - other[at] - other[at + 2] / 2 for at in (0, 1))
    return max(abs(across), abs(down)) / other[2]


def overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    return width * height / (one[2] * one[3] + other[2] * other[3] - width * height)
