"""Where a long sound may be cut: in the quietest moment of a window, so that no word falls on a cut. Files: `gateways.speech`."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    Levels = np.ndarray[Any, np.dtype[np.float64]]

FRAME_SECONDS = 0.02
# A pause between words; a single frame is also quiet inside a plosive.
PAUSE_SECONDS = 0.24


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a sound, in seconds."""

    start_seconds: float
    end_seconds: float

    @property
    def seconds(self) -> float:
        return self.end_seconds - self.start_seconds


def pieces(samples: Iterable[bytes], *, rate_hz: int, longest_seconds: float) -> tuple[Span, ...]:
    """The sound in order, cut where it is quietest. No piece is longer; none but the last is shorter than half of that.

    `samples`: 16 bit, little-endian, one channel, in blocks of whole frames of 20 ms (the last one may be shorter).
    """
    levels, seconds = _levels(samples, rate_hz)
    cuts = [0.0]
    while seconds - cuts[-1] > longest_seconds:
        cuts.append(_quietest(levels, cuts[-1] + longest_seconds / 2, cuts[-1] + longest_seconds))
    return tuple(Span(start, end) for start, end in zip(cuts, [*cuts[1:], seconds], strict=True) if end > start)


def _levels(samples: Iterable[bytes], rate_hz: int) -> "tuple[Levels, float]":
    """The power of every frame, and how long it all is."""
    import numpy as np

    size, found, count = round(FRAME_SECONDS * rate_hz), [np.zeros(0)], 0
    for block in samples:
        values = np.frombuffer(block, dtype="<i2").astype(np.float64)
        count += len(values)
        whole = len(values) // size * size
        found.append((values[:whole].reshape(-1, size) ** 2).mean(axis=1))
        if whole < len(values):
            found.append(np.array([(values[whole:] ** 2).mean()]))
    return np.concatenate(found), count / rate_hz


def _quietest(levels: "Levels", after: float, before: float) -> float:
    """The middle of the quietest pause that lies between two moments; the last of those that are equally quiet."""
    import numpy as np

    width = round(PAUSE_SECONDS / FRAME_SECONDS)
    window = levels[round(after / FRAME_SECONDS) : round(before / FRAME_SECONDS)]
    heights = np.convolve(window, np.ones(width), mode="valid") / width
    last = len(heights) - 1 - int(np.argmin(heights[::-1]))
    return after + (last + width / 2) * FRAME_SECONDS
