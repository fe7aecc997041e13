"""Errors and intervals of means over units: few adopters are counted as few, and bands hold for all event times at once."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import stats

from domain.effects.changes.staggered import Mean
from domain.effects.inference import LEVEL, POWER
from domain.effects.panel import Floats
from domain.effects.resampling import BOOTSTRAPS, WEBB

LEAST_UNITS = 2


@dataclass(frozen=True, slots=True)
class Bounded:
    """A mean with its error, degrees of freedom, 95 % interval and two-sided p."""

    estimate: float
    se: float
    df: float
    low: float
    high: float
    p: float
    units: int

    @property
    def mde(self) -> float:
        """The smallest difference that is found four times in five."""
        return float((stats.t.ppf(1 - LEVEL / 2, self.df) + stats.t.ppf(POWER, self.df)) * self.se)


def corrected(mean: Mean) -> tuple[Floats, float]:
    """Each unit's share in the error, raised for few adopters and few in comparison, and Welch's degrees of freedom."""
    parts, variances, free = [], [], []
    for share in (mean.treated, mean.compared):
        units = max(int(np.count_nonzero(share)), LEAST_UNITS)
        parts.append(share * np.sqrt(units / (units - 1)))
        variances.append(float(np.sum(parts[-1] ** 2)))
        free.append(units - 1)
    total = sum(variances)
    df = total**2 / sum(v**2 / f for v, f in zip(variances, free, strict=True)) if total > 0 else float(min(free))
    return np.asarray(parts[0] + parts[1], dtype=np.float64), df


def bounded(mean: Mean) -> Bounded | None:
    """None where nothing varies, so that no error can be had, or where a single adopter has none of its own."""
    influence, df = corrected(mean)
    se = float(np.sqrt(np.sum(influence**2)))
    if mean.adopters < LEAST_UNITS or se <= 1e-12 * max(1.0, abs(mean.estimate)):
        return None
    reach = float(stats.t.ppf(1 - LEVEL / 2, df)) * se
    p = float(2 * stats.t.sf(abs(mean.estimate) / se, df))
    return Bounded(mean.estimate, se, df, mean.estimate - reach, mean.estimate + reach, p, mean.adopters)


@dataclass(frozen=True, slots=True, eq=False)
class Bands:
    """Means per event time. `level`: of each one's interval, so that they hold all together 95 times in 100.

    `before_p`: of all before the change being 0; None where there are none.
    """

    means: Mapping[int, Bounded]
    level: float
    before_p: float | None

    def interval(self, time: int) -> tuple[float, float]:
        mean = self.means[time]
        reach = float(stats.t.isf(self.level / 2, mean.units - 1)) * mean.se
        return mean.estimate - reach, mean.estimate + reach


def simultaneous(means: Mapping[int, Mean], rng: np.random.Generator, *, last_before: int = -1) -> Bands | None:
    """Multiplier bootstrap over units (Callaway & Sant'Anna 2021, algorithm 1; Webb's six points, fit for few units), sup-t bands.

    The bootstrap says how many independent questions the event times amount to; how far a mean over few adopters may stray is Student's
    to say: far out the adopters' own number counts, whatever the comparison adds. `last_before`: the last event time that the test of the
    time before looks at.
    """
    kept = {time: found for time, mean in means.items() if (found := bounded(mean)) is not None}
    if not kept:
        return None
    shares = np.column_stack([corrected(means[time])[0] / found.se for time, found in kept.items()])
    weights = rng.choice(np.concatenate([-WEBB, WEBB]), size=(BOOTSTRAPS, len(shares)))
    drawn = np.abs(weights @ shares)
    level = float(2 * stats.norm.sf(np.quantile(drawn.max(axis=1), 1 - LEVEL)))
    is_before = np.array(list(kept)) <= last_before
    if not is_before.any():
        return Bands(kept, level, None)
    least = min(_cautious_p(found) for time, found in kept.items() if time <= last_before)
    larger = np.sum(drawn[:, is_before].max(axis=1) >= stats.norm.isf(least / 2))
    return Bands(kept, level, float((1 + larger) / (1 + BOOTSTRAPS)))


def _cautious_p(mean: Bounded) -> float:
    return float(2 * stats.t.sf(abs(mean.estimate) / mean.se, mean.units - 1))
