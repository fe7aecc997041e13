"""Which pictures of a span are shown when, once parts of it are left out. Arithmetic only; filters are in `layouts`.

Every picture of the clip is taken from the place in the source that its own time asks for. So rounding to whole pictures does not add up
over many joins: picture and sound are never further apart than one picture.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from domain.clips.pieces import Piece

_MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A piece as whole pictures: `first` counts those of the span, at its constant rate; `seconds_in` is the first one's in its piece."""

    piece: Piece
    first: int
    frames: int
    seconds_in: float


def shown(pieces: Sequence[Piece], span_start_seconds: float, rate: Fraction) -> tuple[Shown, ...]:
    """One for each piece that holds a picture at all, in order. Pieces are in order and do not overlap."""
    found: list[Shown] = []
    passed, at = Fraction(0), 0
    for piece in pieces:
        begins = exact(piece.start_seconds)
        passed_before, passed = passed, passed + exact(piece.end_seconds) - begins
        until = math.ceil(passed * rate)
        if until > at:
            inside = Fraction(at) / rate - passed_before
            first = math.floor((begins - exact(span_start_seconds) + inside) * rate)
            found.append(Shown(piece=piece, first=first, frames=until - at, seconds_in=float(inside)))
        at = until
    return tuple(found)


def exact(seconds: float) -> Fraction:
    """To the microsecond, as ffmpeg counts."""
    return Fraction(round(seconds * _MICROSECONDS), _MICROSECONDS)
