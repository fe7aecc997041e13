"""A change that several accounts made at different times: adopters beside those that had not, or not yet. Gates are in `judging`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from zlib import crc32

import numpy as np

from domain.effects.changes import judging
from domain.effects.changes.bands import Bands, Bounded, bounded, simultaneous
from domain.effects.changes.detecting import wording
from domain.effects.changes.series import Posts, Series
from domain.effects.changes.staggered import Base, Bools, Cohort, Comparison, Mean, Staggered, between, by_event_time, cohorts, mean_effect, simple
from domain.effects.changes.telling import described, event_rows
from domain.effects.panel import Floats
from domain.effects.verdicts import Check, Design, Effect, Gate, Outcome

# What came before is judged by half a year, what comes after as well; the three periods before the change belong to neither.
WINDOW_WEEKS = 26
ANTICIPATION = 3
LEAST_BASE, LEAST_SINCE = 4, 3
DRAWS = 999
ESTIMAND = (
    "Mean difference in {outcome} {contrast}, over the first {weeks} weeks since, in the accounts that made this change, from how they would "
    "have done without it: net of their own level before and of how accounts of the same platform that had not changed did in the same weeks."
)
ASSUMPTIONS = (
    "Without the change, the accounts that made it would have moved like those that had not made it yet (parallel trends).",
    "Nobody's views moved in anticipation of the change, apart from the three periods before it, which are left out.",
    "Nothing else that moves views changed in those accounts at the same time.",
)


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """The figures of one feature's adopters."""

    effect: Mean
    bounded: Bounded
    dip: Bounded | None
    trend: Bounded | None
    bands: Bands | None
    permutation_p: float
    cohorts: tuple[Cohort, ...]


def several(posts: Posts, series: Series, *, outcome: Outcome, together: float, seed: int) -> tuple[judging.ChangeCandidate, list[Mapping[str, object]]]:
    """The candidate, and the rows of its event study. `together`: share of the adopters that changed something else at the time."""
    series = eligible(posts, series)
    blank = _blank(posts, series, outcome)
    found = _estimated(posts, series, np.random.default_rng([seed, crc32(f"{outcome}/{series.feature.name}".encode())]))
    if found is None:
        return judging.ChangeCandidate(blank), []
    seen = found.bounded
    effect = replace(
        blank, estimate=seen.estimate, se=seen.se, low=seen.low, high=seen.high, p=seen.p, mde=seen.mde, overlap=seen.units,
        permutation_p=found.permutation_p, placebo=found.dip.estimate if found.dip else None, placebo_p=found.dip.p if found.dip else None,
        check=_check(posts, series),
    )  # fmt: skip
    return judging.ChangeCandidate(effect, _gates(posts, series, found, together)), event_rows(found.bands, posts.weeks)


def eligible(posts: Posts, series: Series) -> Series:
    """Adopters with enough known periods before and after; the others are neither adopters nor comparison."""
    known, times = np.isfinite(series.outcomes), np.arange(series.outcomes.shape[1])[None, :] - series.adopted[:, None]
    window = WINDOW_WEEKS // posts.weeks
    base = np.sum(known & (times < -ANTICIPATION) & (times >= -ANTICIPATION - window), axis=1)
    since = np.sum(known & (times >= 0) & (times < window), axis=1)
    is_kept = (series.adopted < 0) | ((base >= LEAST_BASE) & (since >= LEAST_SINCE))
    return series.only(is_kept)


def _panel(posts: Posts, series: Series, comparison: Comparison) -> Staggered:
    window = WINDOW_WEEKS // posts.weeks
    return Staggered(series.outcomes, series.adopted, comparison, Base.MEAN, ANTICIPATION, series.strata, window)


def _estimated(posts: Posts, series: Series, rng: np.random.Generator) -> _Found | None:
    window, units = WINDOW_WEEKS // posts.weeks, len(series.adopted)
    found = cohorts(_panel(posts, series, Comparison.NOT_YET))
    effect = simple(found, units, window)
    seen = bounded(effect) if effect is not None and effect.adopters >= judging.LEAST_ADOPTERS else None
    if effect is None or seen is None:
        return None
    dip = between(found, units, -ANTICIPATION, -1)
    late, early = (mean_effect(found, units, partial(_half, window=window, is_late=is_late)) for is_late in (True, False))
    return _Found(
        effect=effect,
        bounded=seen,
        dip=bounded(dip) if dip else None,
        trend=bounded(late.less(early)) if late and early else None,
        bands=simultaneous(_common(by_event_time(found, units, within=window), effect.adopters), rng),
        permutation_p=_permutation_p(found, effect, window, rng),
        cohorts=found,
    )


def _half(cohort: Cohort, *, window: int, is_late: bool) -> Bools:
    """The later or the earlier half of the periods that a cohort is measured from."""
    length = min(window, cohort.adopted - ANTICIPATION)
    times = cohort.event_times
    middle = -ANTICIPATION - length // 2
    return (times >= middle) & (times < -ANTICIPATION) if is_late else (times >= -ANTICIPATION - length) & (times < middle)


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
    if sum(len(own) for own in observed) < judging.LEAST_ADOPTERS:
        return 1.0
    drawn = _studentised(np.concatenate(pseudo))
    # Those drawn are measured from a mean that they share; the adopters' comparison has an error of its own.
    drawn *= np.sqrt(1 + len(np.concatenate(observed)) / least)
    statistic = np.abs(_studentised(np.concatenate(observed)[:, None]))
    return float((1 + np.sum(np.abs(drawn) >= statistic * (1 - 1e-9))) / (1 + DRAWS))


def _means(values: Floats) -> Floats:
    """Per unit, over the periods known; units with fewer than three are left out."""
    known = np.sum(np.isfinite(values), axis=1)
    return np.asarray((np.nansum(values, axis=1) / np.maximum(known, 1))[known >= LEAST_SINCE], dtype=np.float64)


def _studentised(values: Floats) -> Floats:
    spread = np.std(values, axis=0, ddof=1) / np.sqrt(len(values))
    return np.asarray(values.mean(axis=0) / np.maximum(spread, 1e-12), dtype=np.float64)


def _gates(posts: Posts, series: Series, found: _Found, together: float) -> tuple[Gate, ...]:
    estimate = max(abs(found.bounded.estimate), 1e-12)
    dip, trend, bands = found.dip, found.trend, found.bands
    # A trend goes on: from the middle of the time before to the middle of the time since it covers this many of its halves.
    far = 2 + 2 * ANTICIPATION * posts.weeks / WINDOW_WEEKS
    before = [p for p in (trend.p if trend else None, bands.before_p if bands else None) if p is not None]
    return (
        Gate("census", posts.is_census, float(posts.is_census), 1.0, "every post of the window is known, not only those that did well"),
        judging.least("accounts", len(series.adopted), judging.LEAST_ACCOUNTS, "accounts that changed or are compared with"),
        judging.least("adopters", found.bounded.units, judging.LEAST_ADOPTERS, "accounts that made the change, known before and after"),
        judging.least("comparison", int(np.sum(series.adopted < 0)), judging.LEAST_COMPARED, "accounts that never made it"),
        judging.most("only_change", together, judging.MOST_TOGETHER, "share of the accounts that changed something else within four weeks"),
        judging.quiet(
            "pre_trend", min(len(before) * min(before), 1.0) if trend and before else None, far * abs(trend.estimate if trend else 0.0) / estimate,
            "the accounts moved apart before the change already; carried on to the time since",
        ),
        judging.quiet("placebo", dip.p if dip else None, abs(dip.estimate if dip else 0.0) / estimate, "the last three periods before the change"),
        judging.permutation_gate("permutation", found.permutation_p, "the same dates in accounts that did not change do as well"),
        judging.least("leave_one_out", _same_sign(found.effect), 1.0, "share of the accounts without each of which the sign is the same"),
        judging.mde_gate(found.bounded.mde, estimate),
    )  # fmt: skip


def _same_sign(effect: Mean) -> float:
    shares = effect.treated[effect.treated != 0]
    without = effect.estimate - shares * len(shares) / max(len(shares) - 1, 1)
    return float(np.mean(np.sign(without) == np.sign(effect.estimate))) if len(shares) else 0.0


def _check(posts: Posts, series: Series) -> Check | None:
    """The same beside accounts that never made the change only."""
    effect = simple(cohorts(_panel(posts, series, Comparison.NEVER)), len(series.adopted), WINDOW_WEEKS // posts.weeks)
    seen = bounded(effect) if effect is not None else None
    return Check("never-treated comparison", seen.estimate, seen.se, seen.low, seen.high) if seen else None


def _blank(posts: Posts, series: Series, outcome: Outcome) -> Effect:
    adopters = int(np.sum(series.adopted >= 0))
    never = len(series.adopted) - adopters
    contrast = wording(series.feature)
    few = adopters < judging.LEAST_ADOPTERS
    return replace(
        described(posts, series, outcome, None),
        contrast=contrast,
        estimand=ESTIMAND.format(outcome=outcome.value, contrast=contrast, weeks=WINDOW_WEEKS),
        design=Design.STAGGERED,
        assumptions=ASSUMPTIONS,
        overlap=adopters,
        reason="too few accounts made this change, known long enough before and after" if few or never else "no account to compare with",
    )
