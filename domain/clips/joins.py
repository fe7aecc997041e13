"""Where a clip's sound is cut, and how long it is faded at each cut: never longer than what was removed there allows.

A cut in the picture alone, from one layout to the next, is none in the sound.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from domain.clips.pieces import Piece

# Longer fades are heard as such; they may take so much of what was removed, of which the rest stays unheard.
LONGEST_FADE_SECONDS = 0.22
_REMOVED_SHARE = 0.25
_NOTHING_SECONDS = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Sound without a cut, in seconds of the source.

    It sounds beyond its own ends by half of the fade there. `fade_seconds` is that to the next part (0 at the end).
    """

    start_seconds: float
    end_seconds: float
    fade_in_seconds: float = 0.0
    fade_seconds: float = 0.0

    @property
    def seconds(self) -> float:
        return self.end_seconds - self.start_seconds

    @property
    def sounds_from(self) -> float:
        return self.start_seconds - self.fade_in_seconds / 2

    @property
    def sounds_until(self) -> float:
        return self.end_seconds + self.fade_seconds / 2


def parts_of(pieces: Sequence[Piece]) -> tuple[Part, ...]:
    """The pieces' sound; put together with its fades, it is as long as the pieces are."""
    spans: list[tuple[float, float]] = []
    for piece in pieces:
        if spans and piece.start_seconds - spans[-1][1] <= _NOTHING_SECONDS:
            spans[-1] = (spans[-1][0], piece.end_seconds)
        else:
            spans.append((piece.start_seconds, piece.end_seconds))
    fades = [_fade(one, other) for one, other in pairwise(spans)]
    starts_faded, ends_faded = ([0.0, *fades], [*fades, 0.0]) if spans else ([], [])
    return tuple(
        Part(start_seconds=start, end_seconds=end, fade_in_seconds=before, fade_seconds=after)
        for (start, end), before, after in zip(spans, starts_faded, ends_faded, strict=True)
    )


def _fade(one: tuple[float, float], other: tuple[float, float]) -> float:
    removed = other[0] - one[1]
    return min(LONGEST_FADE_SECONDS, _REMOVED_SHARE * removed, one[1] - one[0], other[1] - other[0])
