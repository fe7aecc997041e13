"""Units that adopt at different times: group-time effects (Callaway & Sant'Anna 2021) and their means. Intervals are in `bands`.

Nobody who has adopted already ever serves as comparison, which is what two-way fixed effects get wrong (Goodman-Bacon 2021).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from domain.effects.panel import Floats, Ints

NEVER = -1

Bools = npt.NDArray[np.bool_]


class Comparison(StrEnum):
    """Whom adopters are compared with."""

    NEVER = "never-treated"
    NOT_YET = "not-yet-treated"


class Base(StrEnum):
    """What a unit's own level before is: the last untouched period, or the mean of all of them (less noise, and it bears holes)."""

    LAST = "last period before"
    MEAN = "mean of the periods before"


@dataclass(frozen=True, slots=True, eq=False)
class Staggered:
    """Units x periods, NaN where unknown. `adopted`: position of the first treated period per unit, `NEVER` for none.

    The last `anticipation` periods before adoption are no base: they show whether something was under way; `base_periods` is how many
    before those are (None: all). Units are compared within their stratum only (a platform, a format), where strata are given.
    """

    outcomes: Floats
    adopted: Ints
    comparison: Comparison = Comparison.NOT_YET
    base: Base = Base.LAST
    anticipation: int = 0
    strata: Ints | None = None
    base_periods: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Cohort:
    """The units of a stratum that adopted in one period.

    `effects`: members x periods, each one's change since its base less the comparison's mean change. `deviations`: units x periods, the
    comparison's own distance from that mean, 0 for whoever is none (`is_compared`); `compared`: how many they are, per period.
    """

    adopted: int
    members: Ints
    effects: Floats
    deviations: Floats
    is_compared: Bools
    compared: Ints

    @property
    def event_times(self) -> Ints:
        return np.arange(self.effects.shape[1]) - self.adopted


@dataclass(frozen=True, slots=True, eq=False)
class Mean:
    """A mean of group-time effects. `treated`, `compared`: each unit's share in its error, as adopter and as comparison.

    The variance is the sum of squares over units of both together: a unit's periods stay together (clustered).
    """

    estimate: float
    treated: Floats
    compared: Floats
    adopters: int

    @property
    def influence(self) -> Floats:
        return np.asarray(self.treated + self.compared, dtype=np.float64)

    @property
    def se(self) -> float:
        """Without correction for few units; `bands.bounded` has it."""
        return float(np.sqrt(np.sum(self.influence**2)))

    def less(self, other: "Mean") -> "Mean":
        """The difference of two means of the same panel."""
        return Mean(
            self.estimate - other.estimate,
            self.treated - other.treated,
            self.compared - other.compared,
            min(self.adopters, other.adopters),
        )


def cohorts(panel: Staggered) -> tuple[Cohort, ...]:
    """One per adoption date that leaves a base, and stratum; members without any base period known are left out."""
    strata = np.zeros(len(panel.adopted), dtype=np.int64) if panel.strata is None else panel.strata
    keys = sorted({(int(date), int(own)) for date, own in zip(panel.adopted, strata, strict=True) if date - panel.anticipation > 0})
    found = (_cohort(panel, date, strata == own) for date, own in keys)
    return tuple(each for each in found if len(each.members))


def _cohort(panel: Staggered, date: int, is_inside: Bools) -> Cohort:
    change = panel.outcomes - _base(panel, date)[:, None]
    is_member = (panel.adopted == date) & is_inside & np.isfinite(change).any(axis=1)
    is_compared = _comparable(panel, date) & is_inside[:, None] & np.isfinite(change)
    compared = np.sum(is_compared, axis=0)
    mean = np.where(compared > 0, np.sum(change, axis=0, where=is_compared) / np.maximum(compared, 1), np.nan)
    deviations = np.where(is_compared, change - mean, 0.0)
    return Cohort(date, np.flatnonzero(is_member), change[is_member] - mean, deviations, is_compared, compared)


def _base(panel: Staggered, date: int) -> Floats:
    end = date - panel.anticipation
    start = end - 1 if panel.base is Base.LAST else 0 if panel.base_periods is None else max(end - panel.base_periods, 0)
    before = panel.outcomes[:, start:end]
    count = np.sum(np.isfinite(before), axis=1)
    return np.where(count > 0, np.nansum(before, axis=1) / np.maximum(count, 1), np.nan)


def _comparable(panel: Staggered, date: int) -> Bools:
    """Units x periods: who has not adopted by then, nor by the cohort's base, and is not about to."""
    periods = np.arange(panel.outcomes.shape[1])
    is_never = np.repeat((panel.adopted == NEVER)[:, None], len(periods), axis=1)
    if panel.comparison is Comparison.NEVER:
        return is_never
    latest = np.maximum(periods, date - 1 - panel.anticipation) + panel.anticipation
    is_later = (panel.adopted[:, None] > latest) & (panel.adopted != date)[:, None]
    return np.asarray(is_never | is_later, dtype=np.bool_)


def mean_effect(found: Sequence[Cohort], units: int, is_counted: Callable[[Cohort], Bools]) -> Mean | None:
    """The mean over all adopters' periods that count, each the same; None where there is none.

    With cells counted as they are, the chance of belonging to a cohort is in the error as well (the weights' own influence function).
    """
    counted = [(each, np.flatnonzero(is_counted(each))) for each in found]
    cells = sum(int(np.isfinite(each.effects[:, columns]).sum()) for each, columns in counted)
    if cells == 0:
        return None
    estimate = float(sum(float(np.nansum(each.effects[:, columns])) for each, columns in counted) / cells)
    treated, compared = np.zeros(units), np.zeros(units)
    adopters = 0
    for cohort, columns in counted:
        effects = cohort.effects[:, columns]
        known = np.isfinite(effects)
        treated[cohort.members] += np.sum(effects - estimate, axis=1, where=known) / cells
        compared -= cohort.deviations[:, columns] @ (known.sum(axis=0) / np.maximum(cohort.compared[columns], 1) / cells)
        adopters += int(known.any(axis=1).sum())
    return Mean(estimate, treated, compared, adopters)


def simple(found: Sequence[Cohort], units: int, horizon: int | None = None) -> Mean | None:
    """All periods since adoption, or the first `horizon` of them."""
    return between(found, units, 0, np.inf if horizon is None else horizon - 1)


def between(found: Sequence[Cohort], units: int, first: float, last: float) -> Mean | None:
    """Event times from `first` to `last`."""
    return mean_effect(found, units, lambda cohort: (cohort.event_times >= first) & (cohort.event_times <= last))


def by_event_time(found: Sequence[Cohort], units: int, *, within: float = np.inf) -> dict[int, Mean]:
    """Per period since adoption (0: the first with it), up to so many before and after."""
    times = sorted({int(time) for cohort in found for time in cohort.event_times if -within <= time < within})
    means = {time: between(found, units, time, time) for time in times}
    return {time: mean for time, mean in means.items() if mean is not None}
