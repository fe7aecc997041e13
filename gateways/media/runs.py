"""Pieces as runs of pictures that the same filters draw: their windows in pixels, and the commands that move these.

The filters themselves are in `layouts`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby, pairwise

from domain.clips.look import Layout
from domain.clips.pieces import Piece
from domain.errors import FieldProblem, Unacceptable
from domain.media import ClipPlan, VideoStream
from gateways.media.colors import is_scaled_freely
from gateways.media.timeline import Shown, shown
from gateways.media.windows import Framed, Slot, even, framed

# Each run has filters of its own, and these want 10 to 40 MB: so many are in one graph.
MOST_RUNS = 10
WINDOWS: Mapping[Layout, int] = {Layout.FOCUS: 1, Layout.SPLIT: 2, Layout.SCREEN: 2, Layout.FIT: 0}
# How much of the frame a screen may take from its speaker, by height.
_SCREEN_SHARES = (0.25, 0.65)


@dataclass(frozen=True, slots=True)
class Part:
    """One piece's pictures, with its windows as pixels."""

    shown: Shown
    windows: tuple[Framed, ...]

    def arrangement(self, stream: VideoStream) -> tuple[object, ...]:
        """Parts of which this is equal can share their filters; where a window is cut, and how large, these are told on the way.

        zscale, which maps HDR and wide colors, is the exception: what it gets must keep its size.
        """
        kept = () if is_scaled_freely(stream) else tuple(each.crop.cut for each in self.windows)
        return self.shown.piece.layout, tuple(each.crop.scaled for each in self.windows), kept


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring parts that the same filters draw. `first` counts the pictures of the clip before it."""

    number: int
    first: int
    parts: tuple[Part, ...]

    @property
    def frames(self) -> int:
        return sum(part.shown.frames for part in self.parts)

    @property
    def script(self) -> str:
        return f"moves{self.number}.cmd"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring runs that one graph draws."""

    runs: tuple[Run, ...]

    @property
    def first(self) -> int:
        """How many pictures of the clip come before."""
        return self.runs[0].first

    @property
    def frames(self) -> int:
        return sum(run.frames for run in self.runs)

    @property
    def shown(self) -> tuple[Shown, ...]:
        return tuple(part.shown for run in self.runs for part in run.parts)


def demand(plan: ClipPlan) -> None:
    """Pieces in order inside the span, each with the windows of its layout; else Unacceptable, naming the piece."""
    before = plan.start_seconds
    for number, piece in enumerate(plan.pieces):
        if not (before - 1e-6 <= piece.start_seconds < piece.end_seconds <= plan.end_seconds + 1e-6):
            raise _refused(f"piece {number} is out of order, empty, or outside the span")
        if len(piece.windows) != WINDOWS[piece.layout]:
            raise _refused(f"piece {number} has {len(piece.windows)} windows; {piece.layout} takes {WINDOWS[piece.layout]}")
        if not all(_is_drawable(window.width, window.height) and window.path for window in piece.windows):
            raise _refused(f"piece {number} has a window without a size or a place")
        before = piece.end_seconds


def runs(stream: VideoStream, plan: ClipPlan, rate: Fraction) -> tuple[Run, ...]:
    parts = [_part(each, stream, (plan.width, plan.height)) for each in shown(plan.pieces, plan.start_seconds, rate)]
    found: list[Run] = []
    for _, alike in groupby(parts, key=lambda part: part.arrangement(stream)):
        found.append(Run(len(found), sum(run.frames for run in found), tuple(alike)))
    return tuple(found)


def stretches(found: Sequence[Run]) -> tuple[Stretch, ...]:
    """As few as can be, each of about as many runs; none of none."""
    count = max(1, -(-len(found) // MOST_RUNS))
    edges = [len(found) * number // count for number in range(count + 1)]
    return tuple(Stretch(tuple(found[start:end])) for start, end in pairwise(edges) if start < end)


def scripts(stream: VideoStream, plan: ClipPlan, rate: Fraction) -> dict[str, str]:
    """The files of commands that the filters name, by name: where each window is at each picture at which it moved (sendcmd's format)."""
    told = {run.script: "\n".join(_commands(run, rate)) for run in runs(stream, plan, rate)}
    return {name: commands for name, commands in told.items() if commands}


def upright(stream: VideoStream) -> tuple[int, int]:
    """Decoded pixels as the filters get them: turned, not yet made square."""
    return (stream.height, stream.width) if stream.rotation_degrees in (90, 270) else (stream.width, stream.height)


def slots(piece: Piece, frame: tuple[int, int], shown_size: tuple[int, int]) -> tuple[Slot, ...]:
    """What each of the piece's windows fills, from above."""
    width, height = frame
    if piece.layout is Layout.FOCUS:
        return (Slot(width, height),)
    if piece.layout is Layout.SPLIT:
        upper = even(height / 2)
        return Slot(width, upper), Slot(width, height - upper)
    if piece.layout is Layout.SCREEN:
        screen = piece.windows[0]
        natural = width * screen.height * shown_size[1] / (screen.width * shown_size[0])
        upper = even(max(_SCREEN_SHARES[0] * height, min(_SCREEN_SHARES[1] * height, natural)))
        return Slot(width, upper), Slot(width, height - upper)
    return ()


def _part(each: Shown, stream: VideoStream, frame: tuple[int, int]) -> Part:
    filled = slots(each.piece, frame, stream.shown_size)
    windows = (framed(one, slot, upright(stream), stream.shown_size) for one, slot in zip(each.piece.windows, filled, strict=True))
    return Part(each, tuple(windows))


def name_of(stage: str, run: Run, number: int) -> str:
    return f"crop@{stage}{run.number}x{number}"


def has_commands(run: Run, rate: Fraction) -> bool:
    """Whether anything in it moves."""
    return any(_commands(run, rate))


def _commands(run: Run, rate: Fraction) -> Iterator[str]:
    """Half a picture before each picture, so that rounding puts none on the wrong one."""
    at, before = 0, _settings(run, run.parts[0], 0.0)
    for part in run.parts:
        for frame in range(part.shown.frames):
            now = _settings(run, part, float(frame / rate))
            moves = [f"{name} {value}" for name, value in now.items() if before[name] != value]
            if moves:
                yield f"{max(0.0, float((at + frame - Fraction(1, 2)) / rate)):.6f} {', '.join(moves)};"
            before = now
        at += part.shown.frames


def _settings(run: Run, part: Part, seconds: float) -> dict[str, int]:
    """Filters and their options, as a command names them, so many seconds after the part's first picture."""
    found: dict[str, int] = {}
    for number, window in enumerate(part.windows):
        cut, rest = name_of("cut", run, number), name_of("rest", run, number)
        places = window.places(part.shown.seconds_in + seconds)
        for axis, size, side, (first, remaining) in zip("xy", "wh", window.crop.cut, places, strict=True):
            found |= {f"{cut} {size}": side, f"{cut} {axis}": first, f"{rest} {axis}": remaining}
    return found


def _is_drawable(width: float, height: float) -> bool:
    return 0 < width <= 1 and 0 < height <= 1


def _refused(detail: str) -> Unacceptable:
    return Unacceptable("the clip's pieces cannot be drawn", (FieldProblem("pieces", detail),))
