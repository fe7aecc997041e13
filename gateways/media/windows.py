"""Windows as pixels: which part of the source's picture fills a part of the frame, and where it is at each picture.

A window moves in steps of one pixel of the *frame*: a crop on even pixels of the source, a little larger than needed, is scaled, and what
remains is cropped again. So a small picture that is scaled up moves as smoothly as a large one, and no picture is scaled as a whole.
"""

from bisect import bisect_right
from dataclasses import dataclass

from domain.clips.pieces import Point, Window

# What is scaled beyond the slot: room for two pixels of the source, in steps, so that windows of about a size come out as large.
_LEAST_EXTRA = 16
_EVEN_PIXELS = 2.2


@dataclass(frozen=True, slots=True)
class Slot:
    """A part of the frame that a window fills, in even pixels."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Axis:
    """One direction of a crop: of `source` pixels `cut` are scaled to `scaled`, and `slot` of these are shown."""

    source: int
    cut: int
    scaled: int
    slot: int
    shown: float

    @property
    def seen(self) -> float:
        """Of `shown`, which is what was wanted, what even numbers leave: at most a pixel of the source more or less."""
        return self.slot * self.cut / self.scaled

    def place(self, share: float) -> tuple[int, int]:
        """Where to cut in the source, and where then in what was scaled, for a window that begins at this share of the picture."""
        wanted = max(0.0, min(share * self.source + (self.shown - self.seen) / 2, self.source - self.seen))
        first = max(0, min(int(wanted / 2) * 2, even_floor(self.source) - self.cut))
        rest = round((wanted - first) * self.scaled / self.cut)
        return first, max(0, min(rest, self.scaled - self.slot))


@dataclass(frozen=True, slots=True)
class Crop:
    """How a window is cut and scaled."""

    across: Axis
    down: Axis

    @property
    def cut(self) -> tuple[int, int]:
        return self.across.cut, self.down.cut

    @property
    def scaled(self) -> tuple[int, int]:
        return self.across.scaled, self.down.scaled


@dataclass(frozen=True, slots=True)
class Framed:
    """A window cut to its slot's shape, about its own middle; `right`, `down` (shares) is how far that moved its corner."""

    crop: Crop
    window: Window
    right: float
    down: float

    def places(self, seconds_in: float) -> tuple[tuple[int, int], tuple[int, int]]:
        """Across and down: where to cut, so many seconds after the piece began."""
        left, top = place_at(self.window.path, seconds_in)
        return self.crop.across.place(left + self.right), self.crop.down.place(top + self.down)


def framed(window: Window, slot: Slot, picture: tuple[int, int], shown: tuple[int, int]) -> Framed:
    """`picture`: decoded pixels, upright; `shown`: as a player shows it (they differ where pixels are not square)."""
    wanted = slot.width / slot.height
    width, height = window.width * shown[0], window.height * shown[1]
    if width > height * wanted:
        width = height * wanted
    else:
        height = width / wanted
    shares = (width / shown[0], height / shown[1])
    axes = (_axis(share, total, side) for share, total, side in zip(shares, picture, (slot.width, slot.height), strict=True))
    return Framed(Crop(*axes), window, (window.width - shares[0]) / 2, (window.height - shares[1]) / 2)


def place_at(path: tuple[Point, ...], seconds: float) -> tuple[float, float]:
    """Between two points in a straight line, before the first and after the last where these are."""
    after = bisect_right([point.at_seconds for point in path], seconds)
    if after == 0 or after == len(path):
        point = path[min(after, len(path) - 1)]
        return point.left, point.top
    one, other = path[after - 1], path[after]
    share = (seconds - one.at_seconds) / (other.at_seconds - one.at_seconds)
    return one.left + share * (other.left - one.left), one.top + share * (other.top - one.top)


def even_floor(side: float) -> int:
    return max(2, int(side / 2) * 2)


def even(side: float) -> int:
    """Colors have half the resolution, so edges lie on even pixels."""
    return round(side / 2) * 2


def _axis(share: float, source: int, slot: int) -> Axis:
    shown = min(float(source), max(2.0, share * source))
    extra = _LEAST_EXTRA
    while extra < _EVEN_PIXELS * slot / shown:
        extra *= 2
    cut, scaled = even(shown * (slot + extra) / slot), slot + extra
    if cut > even_floor(source):
        cut, scaled = min(even_floor(source), max(2, even(shown))), slot
    return Axis(source=source, cut=cut, scaled=scaled, slot=slot, shown=shown)
