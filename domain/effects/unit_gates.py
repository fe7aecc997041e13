"""The mean of a score with its error, the gates of unit effects, and the verdict that follows. Estimating is in `units`."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import stats

from domain.effects.covariates import Units
from domain.effects.overlap import Overlap
from domain.effects.panel import Floats
from domain.effects.verdicts import Gate, Verdict

LEVEL = 0.05
# One question asked by itself has no q; its own level is stricter instead.
MOST_P = 0.01
LEAST_ROBUSTNESS = 0.07
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


def mean_of(score: Floats, weight: Floats, units: Units, extrapolated: float) -> Mean:
    """The weighted mean of a score, its error by cluster. What rests on extrapolation does not average out and is added whole."""
    estimate = float(score.sum() / weight.sum())
    sums = np.bincount(units.cluster, weights=score - weight * estimate)
    groups = len(sums)
    se = math.hypot(float(np.sqrt(np.sum(sums**2) * groups / (groups - 1))) / float(weight.sum()), extrapolated)
    reach = float(stats.t.ppf(1 - LEVEL / 2, groups - 1)) * se
    p = float(2 * stats.t.sf(abs(estimate) / se, groups - 1)) if se > 0 else 1.0
    return Mean(estimate, se, estimate - reach, estimate + reach, p)


def unexpected(units: Units, chances: Floats, effect: Floats) -> Floats:
    """What treatment that was not to be expected adds to the outcome, unit by unit."""
    return np.asarray((units.treated - chances) * effect, dtype=np.float64)


def gates_of(units: Units, ate: Mean, overlap: Overlap, strength: float, chances: Floats, left: Floats) -> tuple[Gate, ...]:
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


def verdict_of(gates: tuple[Gate, ...]) -> tuple[Verdict, str | None]:
    failed = [gate.name for gate in gates if not gate.passed]
    if not failed:
        return Verdict.CAUSAL_SUPPORTED, None
    reason = next((REASONS[name] for name in failed if name in REASONS), None)
    return (Verdict.ASSOCIATIONAL, None) if reason is None else (Verdict.INCONCLUSIVE, reason)
