"""Whether captions stand where they may: inside what players leave free, and not on faces. Drawing them is in `gateways.media`."""

from collections.abc import Sequence

from domain.clips.delivery import CaptionBox
from domain.clips.look import SafeArea
from domain.media import Obstacle


def outside(box: CaptionBox, area: SafeArea) -> float:
    """By how much of the frame a caption stands out of the area, at the side where it does most; 0 or less where it does not."""
    return max(area.left - box.left, area.top - box.top, box.right - (1 - area.right), box.bottom - (1 - area.bottom))


def covered(box: CaptionBox, obstacles: Sequence[Obstacle]) -> float:
    """The share of a face that a caption covers while both are shown; of several, the largest."""
    return max((_share(box, each) for each in obstacles if _meets(box, each)), default=0.0)


def _meets(box: CaptionBox, face: Obstacle) -> bool:
    return box.start_seconds < face.end_seconds and face.start_seconds < box.end_seconds


def _share(box: CaptionBox, face: Obstacle) -> float:
    width, height = face.right - face.left, face.bottom - face.top
    wide = max(0.0, min(box.right, face.right) - max(box.left, face.left))
    high = max(0.0, min(box.bottom, face.bottom) - max(box.top, face.top))
    return wide * high / (width * height) if width > 0 and height > 0 else 0.0
