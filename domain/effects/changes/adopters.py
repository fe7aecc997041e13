"""The figures of a change that several accounts made: adopters beside those that had not, or not yet. What they permit is in `several`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from domain.effects.changes import judging
from domain.effects.changes.bands import Bands, Bounded, bounded, simultaneous
from domain.effects.changes.series import Posts, Series
from domain.effects.changes.staggered import (
    Base,
    Bools,
    Cohort,
    Comparison,
    Mean,
    Staggered,
    between,
    by_event_time,
    cohorts,
    mean_effect,
    simple,
)
from domain.effects.panel import Floats

# What came before is judged by half a year, what comes after as well; the three periods before the change belong to neither.
WINDOW_WEEKS = 26
ANTICIPATION = 3
LEAST_BASE, LEAST_SINCE = 4, 3
DRAWS = 999


@dataclass(frozen=True, slots=True, eq=False)
class Adopted:
    """`dip`: the periods left out just before the change; `trend`: the later half of those before them less the earlier half."""

    effect: Mean
    bounded: Bounded
    dip: Bounded | None
    trend: Bounded | None
    bands: Bands | None
    permutation_p: float
    # The same beside accounts that never made the change only.
    never: Bounded | None

    @property
    def same_sign_share(self) -> float:
        """Share of the adopters that can be left out without changing the sign."""
        shares = self.effect.treated[self.effect.treated != 0]
        without = self.effect.estimate - shares * len(shares) / max(len(shares) - 1, 1)
        return float(np.mean(np.sign(without) == np.sign(self.effect.estimate))) if len(shares) else 0.0


def window_of(posts: Posts) -> int:
    """Half a year, in periods."""
    return WINDOW_WEEKS // posts.weeks


def eligible(posts: Posts, series: Series) -> Series:
    """Adopters with enough known periods before and after; the others are neither adopters nor comparison."""
    known, times = np.isfinite(series.outcomes), np.arange(series.outcomes.shape[1])[None, :] - series.adopted[:, None]
    window = window_of(posts)
    base = np.sum(known & (times < -ANTICIPATION) & (times >= -ANTICIPATION - window), axis=1)
    since = np.sum(known & (times >= 0) & (times < window), axis=1)
    return series.only((series.adopted < 0) | ((base >= LEAST_BASE) & (since >= LEAST_SINCE)))


def adopted_figures(series: Series, window: int, rng: np.random.Generator) -> Adopted | None:
    """None where too few adopters have anybody to be compared with, or nothing varies."""
    units = len(series.adopted)
    found = _cohorts(series, window, Comparison.NOT_YET)
    effect = simple(found, units, window)
    seen = bounded(effect) if effect is not None and effect.adopters >= judging.LEAST_ADOPTERS else None
    if effect is None or seen is None:
        return None
    dip = between(found, units, -ANTICIPATION, -1)
    late, early = (mean_effect(found, units, partial(_half, window=window, is_late=is_late)) for is_late in (True, False))
    never = simple(_cohorts(series, window, Comparison.NEVER), units, window)
    return Adopted(
        effect=effect,
        bounded=seen,
        dip=bounded(dip) if dip else None,
        trend=bounded(late.less(early)) if late and early else None,
        bands=simultaneous(_common(by_event_time(found, units, within=window), effect.adopters), rng),
        permutation_p=_permutation_p(found, effect, window, rng),
        never=bounded(never) if never else None,
    )


def _cohorts(series: Series, window: int, comparison: Comparison) -> tuple[Cohort, ...]:
    return cohorts(Staggered(series.outcomes, series.adopted, comparison, Base.MEAN, ANTICIPATION, series.strata, window))


def _half(cohort: Cohort, *, window: int, is_late: bool) -> Bools:
    """The later or the earlier half of the periods that a cohort is measured from."""
    length = min(window, cohort.adopted - ANTICIPATION)
    times = cohort.event_times
    middle = -ANTICIPATION - length // 2
    is_half = (times >= middle) & (times < -ANTICIPATION) if is_late else (times >= -ANTICIPATION - length) & (times < middle)
    return np.asarray(is_half, dtype=np.bool_)


def _common(means: Mapping[int, Mean], adopters: int) -> dict[int, Mean]:
    """Event times that most adopters were seen at: a mean over two of them has next to no error of its own to go by."""
    return {time: mean for time, mean in means.items() if mean.adopters >= max(adopters / 2, LEAST_SINCE)}


def _permutation_p(found: Sequence[Cohort], effect: Mean, window: int, rng: np.random.Generator) -> float:
    """The adopters' dates given to accounts that were only ever compared with, drawn at random: how often they show as much."""
    pseudo, observed, least = [], [], np.inf
    for cohort in found:
        since = (cohort.event_times >= 0) & (cohort.event_times < window)
        others = _means(np.where(cohort.is_compared, cohort.deviations, np.nan)[effect.treated == 0][:, since])
        own = _means(cohort.effects[:, since])
        if len(others) > 1:
            observed.append(own)
            pseudo.append(rng.choice(others, size=(len(own), DRAWS)))
            least = min(least, len(others))
    count = sum(len(own) for own in observed)
    if count < judging.LEAST_ADOPTERS:
        return 1.0
    # Those drawn are measured from a mean that they share; the adopters' comparison has an error of its own.
    drawn = _studentised(np.concatenate(pseudo)) * np.sqrt(1 + count / least)
    statistic = np.abs(_studentised(np.concatenate(observed)[:, None]))
    return float((1 + np.sum(np.abs(drawn) >= statistic * (1 - 1e-9))) / (1 + DRAWS))


def _means(values: Floats) -> Floats:
    """Per unit, over the periods known; units with fewer than three are left out."""
    known = np.sum(np.isfinite(values), axis=1)
    return np.asarray((np.nansum(values, axis=1) / np.maximum(known, 1))[known >= LEAST_SINCE], dtype=np.float64)


def _studentised(values: Floats) -> Floats:
    spread = np.std(values, axis=0, ddof=1) / np.sqrt(len(values))
    return np.asarray(values.mean(axis=0) / np.maximum(spread, 1e-12), dtype=np.float64)
