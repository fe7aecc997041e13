"""The effect of a yes-or-no treatment on units that are compared with others of the same covariates, in the mean and for each of them.

Interactive double machine learning (Chernozhukov et al. 2018): cross-fitted means per arm and chances of treatment, joined by the doubly
robust score. Assumes that nothing beyond the covariates drives both treatment and outcome; where units come in clusters, that is put to
the test. No release asks it: it is for tables of units with a treatment of their own, called from outside the releases.
"""

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
from domain.effects.unit_gates import LEVEL, Mean, gates_of, mean_of, unexpected, verdict_of
from domain.effects.verdicts import Gate, Verdict

METHOD = "interactive-double-ml/1"
LEAST_CLUSTERS = 20
LEAST_PER_ARM = 20


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
    ate = mean_of(effect + pull * left, np.ones(len(effect)), units, float(alone @ doubt) / len(effect))
    share = units.treated.astype(np.float64)
    against = share * (units.y - without.mean) - (1 - share) * bounded / (1 - bounded) * (units.y - without.mean)
    lone_treated = share * (chances > 1 - RAREST)
    att = mean_of(against, share, units, float(lone_treated @ without.spread) / float(share.sum()))
    # Chernozhukov et al. 2022: the bias is bounded by the sizes of what is left of the outcome and of the weights.
    against_size = ate.estimate**2 / max(float(np.mean(left**2) * np.mean(pull**2)), 1e-300)
    strength = robustness(against_size / (1 + against_size))
    gates = gates_of(units, ate, overlap, strength, chances, left + unexpected(units, chances, effect))
    verdict, reason = verdict_of(gates)
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
