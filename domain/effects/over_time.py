"""From a panel to figures per feature, posts compared over time and with other histories that could have been chosen."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from zlib import crc32

import numpy as np
from scipy import stats

from domain.effects.inference import LAG_MATTERS, LEAST_FREE_POSTS, LEVEL, POWER, RUNS_OVER_DF, Figures, both_hold
from domain.effects.panel import Floats, Panel
from domain.effects.reactions import NOTHING_LEFT, TINY, earlier, reaction
from domain.effects.regression import orthonormal
from domain.effects.runs import Histories, arranged, histories, runs_of, stretches
from domain.effects.strength import robustness
from domain.effects.timeline import Timeline, is_whitening_better, timelines
from domain.effects.verdicts import Hypothesis

# Other features are held equal where they clearly go along with the choice or the outcome; one for so many posts at most.
POSTS_PER_PARTNER = 40
CLEAR = 2.8
SCREENING_DRAWS = 99
LEAST_PER_SIDE = 2
QUANTILE = float(stats.norm.ppf(1 - LEVEL / 2))


@dataclass(frozen=True, slots=True, eq=False)
class Screened:
    """How clearly each feature (row) goes along with each other one, and with the outcome, in spreads of other histories."""

    together: Floats
    outcome: Floats

    def partners(self, position: int, forced: set[int], most: int) -> list[int]:
        """The strongest clear ones, and those that must be there, the strongest last."""
        strength = np.maximum(self.together[position], self.outcome)
        strength[[position, *forced]] = 0.0
        order = np.argsort(-strength, kind="stable")[:most]
        return sorted({*forced, *(int(other) for other in order if strength[other] > CLEAR)} - {position})


def infer_over_time(
    panel: Panel, hypotheses: Sequence[Hypothesis], seed: int, asked: Sequence[int], *, is_timing_asked: bool = False
) -> dict[str, Figures]:
    """Figures per feature that varies over time and copies none before it; nothing where posts, or other histories, are too few."""
    if panel.n - panel.absorbed() - panel.calendar.shape[1] < LEAST_FREE_POSTS:
        return {}
    plain, whitened = timelines(panel, is_timing_asked=is_timing_asked)
    calm = whitened if is_whitening_better(panel, plain, whitened) else plain
    screened = _screened(panel, plain, hypotheses, seed)
    by_name = {hypothesis.feature: position for position, hypothesis in enumerate(hypotheses)}
    found = {}
    for position in asked:
        forced = {by_name[factor] for factor in hypotheses[position].factors}
        partners = screened.partners(position, forced, panel.n // POSTS_PER_PARTNER)
        lag_p = reaction(panel, plain, position)
        name = hypotheses[position].feature
        views = [_View.of(panel, timeline, position, partners) for timeline in ([calm, whitened] if lag_p < LAG_MATTERS else [calm])]
        if min(view.remaining for view in views) > NOTHING_LEFT:
            drawn = [view.histories(panel, np.random.default_rng([seed, 2, crc32(name.encode())])) for view in views]
            placebos = earlier(panel, plain, position)
            first, *last = (_figures(panel, *each, placebos, lag_p) for each in zip(views, drawn, strict=True))
            figures = both_hold(last[0], first) if last else first
            if math.isfinite(figures.high - figures.low):
                found[name] = replace(figures, permutation_p=figures.p)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _View:
    """One feature's comparison: its column net of time (`whole`) and of partners too (`treatment`), the outcome net of both."""

    timeline: Timeline
    raw: Floats
    whole: Floats
    treatment: Floats
    outcome: Floats
    basis: Floats
    partners: Floats
    remaining: float

    @classmethod
    def of(cls, panel: Panel, timeline: Timeline, position: int, partners: list[int]) -> "_View":
        whole, beside = timeline.features[:, position], orthonormal(timeline.features[:, partners])
        treatment, outcome = (values - beside @ (beside.T @ values) for values in (whole, timeline.outcome))
        filtered = timeline.raw[:, position]
        spread = float(np.sum((filtered - filtered.mean()) ** 2))
        share = float(treatment @ treatment) / spread if spread > 0 and not _copies(timeline, position, partners) else 0.0
        return cls(
            timeline=timeline,
            raw=panel.features[:, position],
            whole=whole,
            treatment=treatment,
            outcome=outcome,
            basis=np.column_stack([timeline.basis, beside]),
            partners=timeline.features[:, partners],
            remaining=min(share, 1.0),
        )

    def histories(self, panel: Panel, rng: np.random.Generator) -> Histories:
        def measure(rows: Floats) -> tuple[Floats, Floats, Floats]:
            seen = self.timeline.filtered(rows.T, panel).T
            spread = np.einsum("dn,dn->d", seen, seen) - np.sum((seen @ self.basis) ** 2, axis=1)
            return seen @ self.outcome, seen @ self.treatment, spread

        return histories(self.raw, panel.bounds, measure, rng)


def _copies(timeline: Timeline, position: int, partners: list[int]) -> bool:
    """Whether an earlier feature says the same: the first of two copies is answered."""
    earlier = orthonormal(timeline.features[:, [other for other in partners if other < position]])
    column = timeline.features[:, position]
    left = column - earlier @ (earlier.T @ column)
    return float(left @ left) <= NOTHING_LEFT * float(column @ column)


def _screened(panel: Panel, plain: Timeline, hypotheses: Sequence[Hypothesis], seed: int) -> Screened:
    columns = np.column_stack([plain.features, plain.outcome])
    scale = np.sqrt(np.maximum(np.sum(columns**2, axis=0), TINY))
    strength = np.zeros((panel.features.shape[1], columns.shape[1]))
    for position, hypothesis in enumerate(hypotheses):
        raw = panel.features[:, position]
        if scale[position] ** 2 <= NOTHING_LEFT * max(float(np.sum((raw - raw.mean()) ** 2)), TINY):
            continue
        rng = np.random.default_rng([seed, 3, crc32(hypothesis.feature.encode())])
        drawn = arranged(raw, panel.bounds, SCREENING_DRAWS, rng) @ columns
        usual = np.sqrt(np.mean((drawn - drawn.mean(axis=0)) ** 2, axis=0))
        strength[position] = np.abs(plain.features[:, position] @ columns) / np.maximum(usual, TINY * scale)
    return Screened(np.maximum(strength[:, :-1], strength[:, :-1].T), strength[:, -1])


def _figures(
    panel: Panel, view: _View, drawn: Histories, placebos: tuple[tuple[float, float], tuple[float, float]], lag_p: float
) -> Figures:
    (low, high), p = drawn.interval(), drawn.tail_p()
    # The error that the interval amounts to: with few runs it is wider than the drawn spread.
    se = (high - low) / (2 * QUANTILE)
    is_lag_adjusted = lag_p < LAG_MATTERS
    placebo, placebo_p = placebos[is_lag_adjusted]
    return Figures(
        estimate=drawn.estimate,
        se=se,
        df=float(max(runs_of(view.raw, panel.bounds) - RUNS_OVER_DF, 1)),
        low=low,
        high=high,
        p=p,
        permutation_p=p,
        placebo=placebo,
        placebo_p=placebo_p,
        lag_p=lag_p,
        is_lag_adjusted=is_lag_adjusted,
        same_sign_share=_same_sign(panel, view, drawn.estimate),
        remaining=view.remaining,
        robustness_value=robustness(_explained(view.treatment, view.outcome)),
        strongest_observed=_strongest(view),
        mde=(QUANTILE + float(stats.norm.ppf(POWER))) * se,
        moved=float(np.mean(drawn.outcome)) / drawn.weight,
        periods=stretches(view.raw, panel.bounds, LEAST_PER_SIDE),
    )


def _explained(column: Floats, outcome: Floats) -> float:
    size = float(column @ column) * float(outcome @ outcome)
    return float(column @ outcome) ** 2 / size if size > TINY else 0.0


def _strongest(view: _View) -> float:
    """How strong the strongest other feature is, on the robustness value's scale."""
    pairs = [_explained(other, view.whole) * _explained(other, view.timeline.outcome) for other in view.partners.T]
    return float(np.sqrt(max(pairs, default=0.0)))


def _same_sign(panel: Panel, view: _View, estimate: float) -> float:
    """Share of the two halves of the time that agree with the whole."""
    products = view.treatment * view.outcome
    is_late = panel.days > np.median(panel.days)
    return float(np.mean([np.sign(products[half].sum()) == np.sign(estimate) for half in (is_late, ~is_late)]))
