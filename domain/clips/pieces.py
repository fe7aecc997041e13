"""The pieces that a clip is put together of: parts of the source, each with its layout and the windows that are cut out of the picture.

Where windows go is decided in `domain.clips.framing`, which parts stay in `domain.clips.cutting`; drawing them is in `gateways.media`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.clips.look import Layout


@dataclass(frozen=True, slots=True)
class Point:
    """Where a window's left upper corner is (shares of the picture), so many seconds after its piece began."""

    at_seconds: float
    left: float
    top: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A part of the picture; its size (shares of the picture) stays, its place moves from point to point in straight lines."""

    width: float
    height: float
    path: tuple[Point, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of the source (its seconds).

    `windows`: one for focus, two for split (upper, lower) and screen (screen, speaker), none for fit.
    """

    start_seconds: float
    end_seconds: float
    layout: Layout = Layout.FIT
    windows: tuple[Window, ...] = ()

    @property
    def seconds(self) -> float:
        return self.end_seconds - self.start_seconds


def on_clip(pieces: Sequence[Piece], source_seconds: float) -> float:
    """When, in the clip's own time, a moment of the source is shown; one that was cut out becomes the place of the cut."""
    passed = 0.0
    for piece in pieces:
        if source_seconds < piece.end_seconds:
            return passed + max(0.0, source_seconds - piece.start_seconds)
        passed += piece.seconds
    return passed
