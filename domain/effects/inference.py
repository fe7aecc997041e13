"""From a panel to figures per feature. What may be published of them is in `gate`; the comparisons are in `designs`."""

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from scipy import stats

from domain.effects.designs import Comparison, Judged, compare
from domain.effects.panel import Floats, Panel
from domain.effects.regression import Regression
from domain.effects.resampling import wild_cluster
from domain.effects.strength import partial_r2, robustness, strongest_observed
from domain.effects.verdicts import Design, Hypothesis

# From here on CR2 with its degrees of freedom is enough; below, the wild bootstrap decides.
ENOUGH_CLUSTERS = 40
# Earlier posts are adjusted for at the slightest sign that they predict the choice: missing a reaction costs more than a control.
LAG_MATTERS = 0.20
# Earlier posts, counted back: the two that are adjusted for, then the placebos (without, and beyond, that adjustment).
LAGS = ((1, 1), (2, 3), (1, 3), (4, 6))
LEAST_FREE_POSTS = 20
POWER = 0.80
LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class Figures:
    """What the posts say about one feature, in log points per step."""

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


@dataclass(frozen=True, slots=True, eq=False)
class _Answer:
    """One fit with its placebo, both without or both with an adjustment for earlier posts."""

    judged: Judged
    placebo: Judged
    permutation_p: Floats

    @classmethod
    def of(cls, comparison: Comparison, judged: Judged, placebo: Judged) -> "_Answer":
        return cls(judged, placebo, comparison.shifted(judged.fit)[0])

    def holds(self, position: int) -> bool:
        return position in self.judged.fit.kept and position in self.placebo.fit.kept


def infer(panel: Panel, hypotheses: Sequence[Hypothesis], seed: int) -> dict[str, Figures]:
    """Figures per feature that varies within accounts and copies nothing else; nothing where the posts are too few."""
    if panel.free_posts < LEAST_FREE_POSTS:
        return {}
    comparison = compare(panel, seed)
    last, before, recent, older = (comparison.earlier(*span) for span in LAGS)
    reactions = tuple(comparison.placebo(earlier).p for earlier in (last, before))
    answers = {
        False: _Answer.of(comparison, comparison.fit(), comparison.placebo(recent)),
        True: _Answer.of(comparison, comparison.fit(last, before), comparison.placebo(older, last, before)),
    }
    found: dict[str, Figures] = {}
    for position, hypothesis in enumerate(hypotheses):
        lag_p = min(reaction.get(position, 0.0) for reaction in reactions)
        answer = answers[lag_p < LAG_MATTERS]
        if answer.holds(position):
            found[hypothesis.feature] = _figures(comparison, answer, position, lag_p, hypothesis.feature)
    return found


def _figures(comparison: Comparison, answer: _Answer, position: int, lag_p: float, name: str) -> Figures:
    judged, placebo = answer.judged, answer.placebo
    fit, column = judged.fit, judged.fit.kept.index(position)
    estimate, se, df = (float(values[column]) for values in (fit.estimates, judged.se, judged.df))
    reach = float(stats.t.ppf(1 - LEVEL / 2, df))
    low, high, p = estimate - reach * se, estimate + reach * se, judged.p[position]
    if comparison.design is Design.WITHIN_ACCOUNT and len(fit.bounds) < ENOUGH_CLUSTERS:
        wild = wild_cluster(fit, column, np.random.default_rng([comparison.seed, crc32(name.encode())]))
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
        placebo=float(placebo.fit.estimates[placebo.fit.kept.index(position)]),
        placebo_p=placebo.p[position],
        lag_p=lag_p,
        is_lag_adjusted=lag_p < LAG_MATTERS,
        same_sign_share=_same_sign(comparison, fit, column),
        remaining=float(fit.remaining[column]),
        robustness_value=robustness(float(explained[column])),
        strongest_observed=strongest_observed(fit, explained, column),
        mde=(reach + float(stats.t.ppf(POWER, df))) * se,
    )


def _same_sign(comparison: Comparison, fit: Regression, column: int) -> float:
    """Share of accounts that can be left out without changing the sign.

    In the design over time: share of the two halves that agree with the whole.
    """
    sign = np.sign(fit.estimates[column])
    if comparison.design is Design.WITHIN_ACCOUNT:
        return float(np.mean(np.sign(fit.without[:, column]) == sign))
    products = fit.treatment[:, column] * fit.restricted(column)
    is_late = comparison.panel.days > np.median(comparison.panel.days)
    return float(np.mean([np.sign(products[half].sum()) == sign for half in (is_late, ~is_late)]))
