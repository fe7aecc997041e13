"""The effect of a yes-or-no treatment on units that are compared with others of the same covariates, in the mean and for each of them.

Interactive double machine learning (Chernozhukov et al. 2018): cross-fitted means per arm and chances of treatment, joined by the doubly
robust score. Assumes that nothing beyond the covariates drives both treatment and outcome; where units come in clusters, that is put to
the test.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from domain.effects.covariates import Units, units_of
from domain.effects.overlap import RAREST, Overlap, is_alone, overlap_of
from domain.effects.panel import Floats, Ints
from domain.effects.stacking import Stacked, folds_of, stacked_chances, stacked_means
from domain.effects.strength import robustness
from domain.effects.verdicts import Gate, Verdict

METHOD = "interactive-double-ml/1"
LEVEL = 0.05
# One question asked by itself has no q; its own level is stricter instead.
MOST_P = 0.01
LEAST_ROBUSTNESS = 0.07
LEAST_CLUSTERS = 20
LEAST_PER_ARM = 20
# Between clusters and within them: how far apart may two answers to one question be?
MOST_APART = 2.0
MOST_APART_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class Mean:
    """An average effect with its 95 % interval, in units of the outcome."""

    estimate: float
    se: float
    low: float
    high: float
    p: float


@dataclass(frozen=True, slots=True, eq=False)
class UnitEffects:
    """What is known of a treatment. `ate` is over all units, `att` over the treated; None where nobody can be compared.

    `effects`, `lows`, `highs`: one per unit in the order given, NaN where a value was missing; 95 % each, of the unit's mean effect.
    They come from surfaces that never saw the unit's own outcome.
    """

    n: int
    treated: int
    control: int
    left_out: int
    verdict: Verdict
    reason: str | None
    ate: Mean | None
    att: Mean | None
    naive: float | None
    effects: Floats
    lows: Floats
    highs: Floats
    overlap: Overlap | None = None
    robustness_value: float | None = None
    clusters: int | None = None
    gates: tuple[Gate, ...] = ()
    learners: Mapping[str, Mapping[str, float]] | None = None
    method: str = METHOD


def unit_effects(
    outcome: "pd.Series[float] | Floats",
    treatment: "pd.Series[float] | Floats",
    covariates: pd.DataFrame | Floats,
    *,
    clusters: "pd.Series[str] | Ints | None" = None,
    seed: int,
) -> UnitEffects:
    """Effects of a 0/1 treatment. Covariates: numbers as they are, words as categories; rows with anything missing are left out.

    Raises ValueError where the treatment is anything but 0 and 1. The same rows and seed give the same figures, in any order of rows.
    """
    units = units_of(outcome, treatment, covariates, clusters)
    nothing = _nothing(units)
    if nothing.reason is not None:
        return nothing
    fold = folds_of(units.cluster, units.treated, np.random.default_rng([seed, 11]))
    if any(len(np.unique(units.treated[fold != each])) < 2 for each in np.unique(fold)):
        return replace(nothing, reason="the clusters do not mix the arms: taking one fifth away leaves one arm only")
    return _compared(units, nothing, fold, seed)


def _compared(units: Units, nothing: UnitEffects, fold: Ints, seed: int) -> UnitEffects:
    chances = stacked_chances(units.x, units.treated, fold, seed)
    overlap = overlap_of(units.x, units.treated, chances)
    if overlap.has_nobody:
        return replace(nothing, reason="no overlap: hardly a unit has counterparts in the other arm", overlap=overlap, gates=overlap.gates)
    return _answered(units, nothing, chances, overlap, stacked_means(units.x, units.y, units.treated, fold, seed))


def _nothing(units: Units) -> UnitEffects:
    treated, n = int(units.treated.sum()), len(units.y)
    reason = None
    if min(treated, n - treated) < LEAST_PER_ARM:
        reason = f"fewer than {LEAST_PER_ARM} units in one arm"
    elif np.ptp(units.y) == 0:
        reason = "the outcome is the same everywhere"
    elif units.clusters is not None and units.clusters < LEAST_CLUSTERS:
        reason = f"fewer than {LEAST_CLUSTERS} clusters"
    naive = float(units.y[units.treated == 1].mean() - units.y[units.treated == 0].mean()) if 0 < treated < n else None
    empty = np.full(units.rows, np.nan)
    return UnitEffects(
        n,
        treated,
        n - treated,
        units.rows - n,
        Verdict.INCONCLUSIVE,
        reason,
        None,
        None,
        naive,
        empty,
        empty,
        empty,
        clusters=units.clusters,
    )


def _answered(units: Units, nothing: UnitEffects, chances: Floats, overlap: Overlap, means: tuple[Stacked, Stacked]) -> UnitEffects:
    without, with_ = means
    effect, doubt = with_.mean - without.mean, np.hypot(with_.spread, without.spread)
    bounded = np.clip(chances, RAREST / 2, 1 - RAREST / 2)
    pull = np.where(units.treated == 1, 1 / bounded, -1 / (1 - bounded))
    left = units.y - np.where(units.treated == 1, with_.mean, without.mean)
    alone = is_alone(chances)
    ate = _mean(effect + pull * left, np.ones(len(effect)), units, float(alone @ doubt) / len(effect))
    share = units.treated.astype(np.float64)
    against = share * (units.y - without.mean) - (1 - share) * bounded / (1 - bounded) * (units.y - without.mean)
    lone_treated = share * (chances > 1 - RAREST)
    att = _mean(against, share, units, float(lone_treated @ without.spread) / float(share.sum()))
    # Chernozhukov et al. 2022: the bias is bounded by the sizes of what is left of the outcome and of the weights.
    against_size = ate.estimate**2 / max(float(np.mean(left**2) * np.mean(pull**2)), 1e-300)
    strength = robustness(against_size / (1 + against_size))
    gates = _gates(units, ate, overlap, strength, chances, left + pull_free(units, chances, effect))
    verdict, reason = _verdict(gates)
    reach = float(stats.norm.ppf(1 - LEVEL / 2)) * doubt
    return replace(
        nothing,
        verdict=verdict,
        reason=reason,
        ate=ate,
        att=att,
        effects=units.back(effect),
        lows=units.back(effect - reach),
        highs=units.back(effect + reach),
        overlap=overlap,
        robustness_value=strength,
        gates=gates,
        learners={"without": without.weights, "with": with_.weights},
    )


def pull_free(units: Units, chances: Floats, effect: Floats) -> Floats:
    """What treatment that was not to be expected adds to the outcome, unit by unit."""
    return np.asarray((units.treated - chances) * effect, dtype=np.float64)


def _mean(score: Floats, weight: Floats, units: Units, extrapolated: float) -> Mean:
    """The weighted mean of a score, its error by cluster. What rests on extrapolation does not average out and is added whole."""
    estimate = float(score.sum() / weight.sum())
    sums = np.bincount(units.cluster, weights=score - weight * estimate)
    groups = len(sums)
    se = math.hypot(float(np.sqrt(np.sum(sums**2) * groups / (groups - 1))) / float(weight.sum()), extrapolated)
    reach = float(stats.t.ppf(1 - LEVEL / 2, groups - 1)) * se
    p = float(2 * stats.t.sf(abs(estimate) / se, groups - 1)) if se > 0 else 1.0
    return Mean(estimate, se, estimate - reach, estimate + reach, p)


def _gates(units: Units, ate: Mean, overlap: Overlap, strength: float, chances: Floats, left: Floats) -> tuple[Gate, ...]:
    gates = (
        *overlap.gates,
        Gate("p", ate.p <= MOST_P, ate.p, MOST_P, "of no effect; one question by itself"),
        Gate(
            "robustness",
            strength >= LEAST_ROBUSTNESS,
            strength,
            LEAST_ROBUSTNESS,
            "what a hidden factor must explain of both, to explain it away",
        ),
    )
    return gates if units.clusters is None else (*gates, _within_clusters(units, chances, left))


def _within_clusters(units: Units, chances: Floats, left: Floats) -> Gate:
    """Whether clusters compared with themselves say the same: if not, it is the clusters that differ (Mundlak 1978)."""
    extra = units.treated - chances
    size = np.bincount(units.cluster)
    own, mine = (v - (np.bincount(units.cluster, weights=v) / size)[units.cluster] for v in (extra, left))
    whole, inside = float(extra @ left / (extra @ extra)), float(own @ mine / max(float(own @ own), 1e-300))
    scores = extra * (left - whole * extra) / (extra @ extra) - own * (mine - inside * own) / max(float(own @ own), 1e-300)
    se = float(np.sqrt(np.sum(np.bincount(units.cluster, weights=scores) ** 2)))
    apart = abs(whole - inside)
    is_same = apart <= MOST_APART * se or apart <= MOST_APART_SHARE * min(abs(whole), abs(inside))
    detail = f"clusters compared with themselves: {inside:.4g}; with each other as well: {whole:.4g}; in standard errors"
    return Gate("within_clusters", is_same, apart / max(se, 1e-300), MOST_APART, detail)


REASONS: Mapping[str, str] = {
    "overlap": "too many units have no counterparts in the other arm",
    "effective_units": "few units carry the whole comparison",
    "p": "the difference is not clear",
}


def _verdict(gates: tuple[Gate, ...]) -> tuple[Verdict, str | None]:
    failed = [gate.name for gate in gates if not gate.passed]
    if not failed:
        return Verdict.CAUSAL_SUPPORTED, None
    reason = next((REASONS[name] for name in failed if name in REASONS), None)
    return (Verdict.ASSOCIATIONAL, None) if reason is None else (Verdict.INCONCLUSIVE, reason)
