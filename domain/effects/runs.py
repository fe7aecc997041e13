"""Other histories that could have been chosen: what one account's own choices are compared with, where there are no clusters.

Choices of presence come in runs. Their runs are put in another order, those with and those without the feature each among themselves:
how often and how long is kept, and only when is left to chance. If runs of luck begin and end where runs of choices do, they still do
so. Amounts are moved in blocks. Randomisation inference: Fisher 1935; Rosenbaum 2002, chapter 2.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from domain.effects.panel import Floats
from domain.effects.regression import Bounds
from domain.effects.resampling import edge

# Draws for every feature, and for those that are not far from a claim; many posts draw fewer, and their tail is the normal one.
FIRST_DRAWS = 399
MOST_DRAWS = 9999
LEAST_DRAWS = 1999
MOST_NUMBERS = 4_000_000
WORTH_MORE = 0.15
LEAST_BLOCK = 5
# Fewer exceedances than this count too coarsely.
LEAST_EXCEEDING = 10


@dataclass(frozen=True, slots=True, eq=False)
class Histories:
    """Sums of the outcome and of the actual choice over drawn histories, and each drawn history's own spread."""

    observed: float
    weight: float
    outcome: Floats
    own: Floats
    spread: Floats

    @property
    def estimate(self) -> float:
        return self.observed / self.weight

    @property
    def se(self) -> float:
        """The spread of what the drawn histories show once the estimated effect is taken out, at the actual history's weight."""
        moved = (self.outcome - self.estimate * self.own) / self.spread
        return float(np.sqrt(np.mean(moved**2) / self.weight))

    def p(self, value: float) -> float:
        """Two-sided p of the hypothesis that the effect is `value`."""
        exceeding, _ = self._exceeding(value)
        return float((1 + exceeding) / (1 + len(self.outcome)))

    def tail_p(self) -> float:
        """Of no effect. Where hardly any drawn history does as well, a normal tail (free of the count's floor) unless more were counted."""
        exceeding, moved = self._exceeding(0.0)
        if exceeding >= LEAST_EXCEEDING or len(moved) < LEAST_DRAWS:
            return self.p(0.0)
        distance = abs(self.observed) / np.sqrt(self.weight * np.mean(moved**2))
        return float(max(2 * stats.norm.sf(distance), exceeding / len(moved)))

    def interval(self) -> tuple[float, float]:
        """The values that are not rejected at 5 %."""
        return edge(self.p, self.estimate, -self.se), edge(self.p, self.estimate, self.se)

    def _exceeding(self, value: float) -> tuple[int, Floats]:
        moved = (self.outcome - value * self.own) / self.spread
        observed = abs(self.observed - value * self.weight) / np.sqrt(self.weight)
        return int(np.sum(np.abs(moved) >= observed * (1 - 1e-9))), moved


def histories(
    column: Floats, bounds: Bounds, measure: Callable[[Floats], tuple[Floats, Floats, Floats]], rng: np.random.Generator
) -> Histories:
    """Draw until the p is known well enough. `measure`: per history (row) its sums with outcome and actual choice, and its spread."""
    observed, weight, _ = (float(values[0]) for values in measure(column[None, :]))
    first = _drawn(column, bounds, measure, rng, FIRST_DRAWS)
    found = Histories(observed, weight, *first)
    if found.p(0.0) > WORTH_MORE:
        return found
    more = min(max(3 * MOST_NUMBERS // len(column), LEAST_DRAWS), MOST_DRAWS) - FIRST_DRAWS
    rest = _drawn(column, bounds, measure, rng, more)
    return Histories(observed, weight, *(np.concatenate(pair) for pair in zip(first, rest, strict=True)))


def _drawn(
    column: Floats, bounds: Bounds, measure: Callable[[Floats], tuple[Floats, Floats, Floats]], rng: np.random.Generator, draws: int
) -> tuple[Floats, Floats, Floats]:
    most = max(MOST_NUMBERS // len(column), 1)
    parts = [measure(arranged(column, bounds, min(most, draws - start), rng)) for start in range(0, draws, most)]
    outcome, own, spread = (np.concatenate(values) for values in zip(*parts, strict=True))
    # A history that nothing is left of, once time is taken out, shows nothing.
    return outcome, own, np.sqrt(np.maximum(spread, 1e-9 * max(float(spread.max(initial=0.0)), 1e-300)))


def arranged(column: Floats, bounds: Bounds, draws: int, rng: np.random.Generator) -> Floats:
    """So many other histories as rows, each account's own choices in another order."""
    order = _runs_in_another_order if len(np.unique(column)) <= 2 else _blocks_in_another_order
    return np.column_stack([order(column[start:end], draws, rng) for start, end in bounds])


def _runs_in_another_order(column: Floats, draws: int, rng: np.random.Generator) -> Floats:
    starts = np.flatnonzero(np.diff(column, prepend=column[0] - 1.0))
    lengths, values = np.diff(starts, append=len(column)), column[starts]
    drawn = np.empty((draws, len(lengths)), dtype=np.int64)
    for side in (0, 1):
        mine = lengths[side::2]
        drawn[:, side::2] = mine[np.argsort(rng.random((draws, len(mine))), axis=1)]
    rows = np.repeat(np.tile(values, draws), drawn.ravel()).reshape(draws, len(column))
    is_backward = rng.random(draws) < 0.5
    rows[is_backward] = rows[is_backward, ::-1]
    return rows


def _blocks_in_another_order(column: Floats, draws: int, rng: np.random.Generator) -> Floats:
    length = max(LEAST_BLOCK, round(np.sqrt(len(column))))
    turned = (np.arange(len(column)) + rng.integers(len(column), size=(draws, 1))) % len(column)
    blocks = np.arange(len(column)) // length
    place = np.argsort(rng.random((draws, int(blocks[-1]) + 1)), axis=1)[:, blocks]
    return np.asarray(np.take_along_axis(column[turned], np.argsort(place, axis=1, kind="stable"), axis=1), dtype=np.float64)


def runs_of(column: Floats, bounds: Bounds) -> int:
    """Stretches of posts with the same choice, over all accounts."""
    return sum(1 + int(np.count_nonzero(np.diff(column[start:end]))) for start, end in bounds)


def stretches(column: Floats, bounds: Sequence[tuple[int, int]], least: int) -> int:
    """Separate stretches of time that each show both sides (above its mean, and not) with at least so many posts; none shares a run."""
    is_above = column > column.mean()
    found = 0
    for start, end in bounds:
        seen, closed_with = [0, 0], None
        for above in is_above[start:end].tolist():
            if above is closed_with:
                continue
            closed_with = None
            seen[above] += 1
            if min(seen) >= least:
                found, seen, closed_with = found + 1, [0, 0], above
    return found
