"""Whether clips that ranked higher did better, by the clips that were published: a curve with intervals, or that it cannot be said yet.

An outcome is the same-age log score of a published clip (`domain.scores`), so that age and account are out of it. A ranking score orders
the candidates of one video; whether it also orders clips of different videos is what is looked at here.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
from scipy import stats

from domain.planning.calibration import LEAST_SCORED

Floats = npt.NDArray[np.float64]
LEVEL = 0.95
MOST_BINS, CLIPS_PER_BIN = 5, 8


@dataclass(frozen=True, slots=True)
class Bin:
    """Clips of neighbouring ranking scores: from, to, how many, and their mean log score with its interval (Student's t)."""

    score_from: float
    score_to: float
    n: int
    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """`correlation`: Spearman's, with its interval; None, like the curve, where there are too few clips or all ranked, or did, the same."""

    n: int
    verdict: str
    correlation: float | None = None
    low: float | None = None
    high: float | None = None
    curve: tuple[Bin, ...] = ()


def calibration(pairs: Sequence[tuple[float, float]]) -> Calibration:
    """What (ranking score, same-age log score) of published clips say together. Cannot say below 20 of them."""
    n = len(pairs)
    if n < LEAST_SCORED:
        return Calibration(n, f"cannot say yet: {n} clips have an outcome, about {LEAST_SCORED - n} more are needed")
    scores, outcomes = np.asarray(pairs, dtype=np.float64).T
    if len(set(scores)) == 1 or len(set(outcomes)) == 1:
        return Calibration(n, "cannot say: all of the clips ranked, or did, the same")
    correlation = float(stats.spearmanr(scores, outcomes).statistic)
    low, high = _interval(correlation, n)
    return Calibration(n, _verdict(low, high, n), correlation, low, high, _curve(scores, outcomes))


def _interval(correlation: float, n: int) -> tuple[float, float]:
    """Fisher's z with the error of Bonett and Wright (2000) for Spearman's."""
    bounded = min(0.9999, max(-0.9999, correlation))
    reach = NormalDist().inv_cdf((1 + LEVEL) / 2) * math.sqrt((1 + bounded**2 / 2) / (n - 3))
    return math.tanh(math.atanh(bounded) - reach), math.tanh(math.atanh(bounded) + reach)


def _verdict(low: float, high: float, n: int) -> str:
    if low > 0:
        return f"of these {n} clips, those that ranked higher did better"
    if high < 0:
        return f"of these {n} clips, those that ranked higher did worse: the ranking misleads here"
    return f"these {n} clips show no relation between ranking and outcome"


def _curve(scores: Floats, outcomes: Floats) -> tuple[Bin, ...]:
    order = np.argsort(scores, kind="stable")
    found = []
    for part in np.array_split(order, min(MOST_BINS, max(1, len(scores) // CLIPS_PER_BIN))):
        values = outcomes[part]
        reach = float(stats.t.ppf((1 + LEVEL) / 2, len(part) - 1) * values.std(ddof=1) / math.sqrt(len(part)))
        mean = float(values.mean())
        found.append(Bin(float(scores[part[0]]), float(scores[part[-1]]), len(part), mean, mean - reach, mean + reach))
    return tuple(found)
