"""A whole picture in the frame: as large as it fits, on a blurred and darker one of itself.

Sizes are computed here and not in ffmpeg's expressions, so that they can be tested.
"""

from dataclasses import dataclass
from typing import Any

from domain.media import VideoStream
from gateways.media.colors import colored
from gateways.media.windows import even

_BLURRED_AT = 4  # the background is blurred on a picture of a quarter of the width: a quarter less CPU, and nobody sees it
_DARKER = 0.75
# What differs by so little is stretched rather than framed.
_NEARLY = 0.01


@dataclass(frozen=True, slots=True)
class Placed:
    """Where the source stands in the frame, in even pixels."""

    width: int
    height: int
    left: int
    top: int


def placed(shown: tuple[int, int], frame: tuple[int, int]) -> Placed:
    """As large as it fits, in the middle."""
    scale = min(frame[0] / shown[0], frame[1] / shown[1])
    width, height = (_fitted(side * scale, most) for side, most in zip(shown, frame, strict=True))
    return Placed(width, height, even((frame[0] - width) / 2), even((frame[1] - height) / 2))


def fitted(steady: Any, stream: VideoStream, frame: tuple[int, int]) -> Any:
    """The graph from decoded pictures, upright, to frames of this size."""
    place = placed(stream.shown_size, frame)
    shown = colored(steady, stream, (place.width, place.height)).filter("setsar", 1)
    return shown if (place.width, place.height) == frame else _on_background(shown, place, frame)


def _on_background(shown: Any, place: Placed, frame: tuple[int, int]) -> Any:
    halves = shown.filter_multi_output("split")
    small = tuple(max(16, even(side / _BLURRED_AT)) for side in frame)
    covering = {"force_original_aspect_ratio": "increase", "flags": "bilinear"}
    blurred = (
        halves[0]
        .filter("scale", *small, **covering)
        .filter("crop", *small)
        .filter("gblur", sigma=f"{small[0] / 27:.2f}")
        .filter("lutyuv", y=f"(val-16)*{_DARKER}+16")
        .filter("scale", *frame, flags="bilinear")
        .filter("setsar", 1)
    )
    return blurred.overlay(halves[1], x=place.left, y=place.top)


def _fitted(side: float, most: int) -> int:
    return most if side >= most * (1 - _NEARLY) else max(2, even(side))
