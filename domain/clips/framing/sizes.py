"""How large windows are, and which part of the frame each of them fills. Where they go is in `framed` and `paths`.

Sizes of windows are shares of the source's picture, parts of the frame are shares of the frame.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.clips.look import Layout
from domain.clips.pieces import Window

# A screen above its speaker gets its natural height within these shares of the frame.
_SCREEN_SHARES = (0.25, 0.65)
# A window whose shape differs by so little from the picture's shows all of it.
_NEARLY = 0.02
# Pixels of height that a window keeps when it closes in on a small face, and how much of its height the face then has.
_LEAST_PIXELS, _FACE_SHARE = 1080, 0.16
# Of a split or a speaker's window, how many faces fit into its height.
_SPLIT_FACES, _SPEAKER_FACES = 3.2, 2.3


@dataclass(frozen=True, slots=True)
class Part:
    """A rectangle of the frame."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Shapes:
    """The source's picture and the frame, in pixels."""

    source: tuple[int, int]
    frame: tuple[int, int]

    @property
    def is_same(self) -> bool:
        """Whether the picture fills the frame as it is."""
        return abs(self._shape(self.frame) / self._shape(self.source) - 1) <= _NEARLY

    def largest(self, part: tuple[float, float] | None = None) -> tuple[float, float]:
        """The largest window that fills a part (in pixels) of the frame, or all of it."""
        ratio = self._shape(part or self.frame) / self._shape(self.source)
        return (ratio, 1.0) if ratio <= 1 else (1.0, 1 / ratio)

    def focus(self, face_height: float | None) -> tuple[float, float]:
        """As large as it fits; of a picture with pixels to spare, closer to a small face."""
        width, height = self.largest()
        if face_height is None:
            return width, height
        pixels = height * self.source[1]
        zoom = min(max(1.0, _FACE_SHARE * height / face_height), max(1.0, pixels / _LEAST_PIXELS))
        return width / zoom, height / zoom

    def half(self, face_height: float) -> tuple[float, float]:
        """A window for one of two people above each other."""
        return self._closing_in((self.frame[0], self.frame[1] / 2), face_height * _SPLIT_FACES)

    def speaker(self, face_height: float) -> tuple[float, float]:
        """A window for the one who speaks below a screen."""
        return self._closing_in((self.frame[0], self.frame[1] * (1 - self.screen_share(1.0, 1.0))), face_height * _SPEAKER_FACES)

    def screen_share(self, width: float, height: float) -> float:
        """Of the frame's height, what the screen's window gets."""
        natural = self.frame[0] * height * self.source[1] / (width * self.source[0])
        return max(_SCREEN_SHARES[0], min(_SCREEN_SHARES[1], natural / self.frame[1]))

    def parts(self, layout: Layout, windows: Sequence[Window]) -> tuple[Part, ...]:
        """What each window fills; for fit, where the whole picture stands."""
        if layout is Layout.FOCUS:
            return (Part(0.0, 0.0, 1.0, 1.0),)
        if layout is Layout.SPLIT:
            return Part(0.0, 0.0, 1.0, 0.5), Part(0.0, 0.5, 1.0, 0.5)
        if layout is Layout.SCREEN:
            upper = self.screen_share(windows[0].width, windows[0].height)
            return Part(0.0, 0.0, 1.0, upper), Part(0.0, upper, 1.0, 1 - upper)
        width, height = (min(1.0, each) for each in self._fitted())
        return (Part((1 - width) / 2, (1 - height) / 2, width, height),)

    def _fitted(self) -> tuple[float, float]:
        scale = min(self.frame[0] / self.source[0], self.frame[1] / self.source[1])
        return scale * self.source[0] / self.frame[0], scale * self.source[1] / self.frame[1]

    def _closing_in(self, part: tuple[float, float], wanted_height: float) -> tuple[float, float]:
        width, height = self.largest(part)
        scale = min(1.0, wanted_height / height)
        return width * scale, height * scale

    @staticmethod
    def _shape(size: tuple[float, float]) -> float:
        return size[0] / size[1]
