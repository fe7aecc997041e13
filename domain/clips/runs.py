"""Runs of whole sentences, and what a signal says of one. Which runs there are is in `choosing`, what signals measure in `signals`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Run:
    """Sentences `first` to `last` (counted from 0), and the span that is cut out for them."""

    first: int
    last: int
    start_seconds: float
    end_seconds: float

    @property
    def seconds(self) -> float:
        return self.end_seconds - self.start_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One signal: what was measured (`value`, in its own unit), how good that is (`share`, 0 to 1), and how much it weighs."""

    name: str
    value: float
    share: float
    weight: float


@dataclass(frozen=True, slots=True)
class Absent:
    """A signal that cannot be had, and why. It is left out of the score; it counts for nothing, neither good nor bad."""

    name: str
    reason: str


# What a signal says of a run: value and share, or why it cannot be told of this one.
Measured: TypeAlias = tuple[float, float] | str
Measure: TypeAlias = Callable[[Run], Measured]


def between(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low)))
