"""From a panel to figures per feature, accounts compared with themselves. What may be published of them is in `gate`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from zlib import crc32

import numpy as np
from scipy import stats

from domain.effects.batches import batches
from domain.effects.designs import Comparison, Judged, compare
from domain.effects.panel import Floats, Panel
from domain.effects.resampling import wild_cluster
from domain.effects.strength import partial_r2, robustness, strongest_observed
from domain.effects.verdicts import Hypothesis

# From here on CR2 with its degrees of freedom is enough; below, the wild bootstrap decides.
ENOUGH_CLUSTERS = 40
# Earlier posts are adjusted for at the slightest sign that they predict the choice: missing a reaction costs more than a control.
LAG_MATTERS = 0.10
# Earlier posts, counted back: the two that are adjusted for, then the placebos (without, and beyond, that adjustment).
LAGS = ((1, 1), (2, 3), (1, 3), (4, 6))
LEAST_FREE_POSTS = 20
POWER = 0.80
LEVEL = 0.05
# Over time an error has as many degrees of freedom as the choice has runs, less these.
RUNS_OVER_DF = 2


@dataclass(frozen=True, slots=True)
class Figures:
    """What the posts say about one feature, in log points per step.

    `df`: degrees of freedom of the error; over time, runs of the choice less two. `periods`: over time, stretches that show both sides.
    `moved`: the mean estimate when choices are moved to other posts of the same account.
    """

    estimate: float
    se: float
    df: float
    low: float
    high: float
    p: float
    permutation_p: float
    placebo: float
    placebo_p: float
    lag_p: float
    is_lag_adjusted: bool
    same_sign_share: float
    remaining: float
    robustness_value: float
    strongest_observed: float
    mde: float
    moved: float = 0.0
    periods: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """One fit with its placebo, both without or both with an adjustment for earlier posts. `p` of the placebo beside it."""

    comparison: Comparison
    judged: Judged
    placebo: Judged
    permutation_p: Floats
    moved: Floats

    @classmethod
    def of(cls, comparison: Comparison, judged: Judged, placebo: Judged) -> "Answer":
        return cls(comparison, judged, placebo, *comparison.shifted(judged.fit))

    def holds(self, position: int) -> bool:
        return position in self.judged.fit.kept and position in self.placebo.fit.kept


def infer(
    panel: Panel, hypotheses: Sequence[Hypothesis], seed: int, asked: Sequence[int], *, is_timing_asked: bool = False
) -> dict[str, Figures]:
    """Figures per feature asked about that varies within accounts and copies nothing else; nothing where the posts are too few."""
    found: dict[str, Figures] = {}
    if panel.free_posts < LEAST_FREE_POSTS:
        return found
    for members, columns in batches(panel, hypotheses, asked, is_timing_asked=is_timing_asked):
        part = replace(panel, features=panel.features[:, columns])
        comparison = compare(part, seed, is_timing_asked=is_timing_asked)
        found |= _batch(comparison, {columns.index(member): hypotheses[member].feature for member in members})
    return found


def _batch(comparison: Comparison, asked: dict[int, str]) -> dict[str, Figures]:
    last, before, recent, older = (comparison.earlier(*span) for span in LAGS)
    reactions = tuple(comparison.placebo(earlier).p for earlier in (last, before))
    lag_p = {position: min(reaction.get(position, 0.0) for reaction in reactions) for position in asked}
    plain = comparison.fit()
    answers = {False: Answer.of(comparison, plain, comparison.placebo(recent))}
    if any(p < LAG_MATTERS for p in lag_p.values()):
        whitened = comparison.whitened(plain)
        answers[True] = Answer.of(whitened, whitened.fit(), comparison.placebo(older, last, before))
    found = {}
    for position, name in asked.items():
        answer = answers[lag_p[position] < LAG_MATTERS]
        if answer.holds(position) and position in plain.fit.kept:
            chosen = figures(answer, position, lag_p[position], name)
            unadjusted = answers[False]
            is_second = chosen.is_lag_adjusted and unadjusted.holds(position)
            found[name] = both_hold(chosen, figures(unadjusted, position, lag_p[position], name)) if is_second else chosen
    return found


def both_hold(chosen: Figures, other: Figures) -> Figures:
    """The chosen view as far as another one of the same posts agrees: the larger p, the larger error, an interval that holds both.

    Choosing one of two by what earlier posts show must not make false claims likelier, and p and interval must say the same.
    Two views that point either way show nothing.
    """
    return replace(
        chosen,
        low=min(chosen.low, other.low),
        high=max(chosen.high, other.high),
        se=max(chosen.se, other.se),
        mde=max(chosen.mde, other.mde),
        p=max(chosen.p, other.p) if chosen.estimate * other.estimate > 0 else 1.0,
    )


def figures(answer: Answer, position: int, lag_p: float, name: str) -> Figures:
    """The figures of one feature of a fit."""
    judged, placebo = answer.judged, answer.placebo
    fit, column = judged.fit, judged.fit.kept.index(position)
    estimate, se, df = (float(values[column]) for values in (fit.estimates, judged.se, judged.df))
    reach = float(stats.t.ppf(1 - LEVEL / 2, df))
    low, high, p = estimate - reach * se, estimate + reach * se, judged.p[position]
    if len(fit.bounds) < ENOUGH_CLUSTERS:
        wild = wild_cluster(fit, column, np.random.default_rng([answer.comparison.seed, crc32(name.encode())]))
        (low, high), p = wild.interval(se), wild.p(0.0)
    explained = partial_r2(fit)
    return Figures(
        estimate=estimate,
        se=se,
        low=low,
        high=high,
        p=p,
        df=df,
        permutation_p=float(answer.permutation_p[column]),
        moved=float(answer.moved[column]),
        placebo=float(placebo.fit.estimates[placebo.fit.kept.index(position)]),
        placebo_p=placebo.p[position],
        lag_p=lag_p,
        is_lag_adjusted=lag_p < LAG_MATTERS,
        same_sign_share=float(np.mean(np.sign(fit.without[:, column]) == np.sign(estimate))),
        remaining=float(fit.remaining[column]),
        robustness_value=robustness(float(explained[column])),
        strongest_observed=strongest_observed(fit, explained, column),
        mde=(reach + float(stats.t.ppf(POWER, df))) * se,
    )
