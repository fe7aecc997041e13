"""Answers that lean on no formula for the error: the wild cluster bootstrap, and shifting a feature along its account's own history."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from domain.effects.panel import Floats
from domain.effects.regression import Regression

BOOTSTRAPS = 999
# So few draws cannot say how small a small p is, and q among hundreds of hypotheses asks for that.
MORE_BOOTSTRAPS = 19_999
WORTH_MORE = 0.01
PERMUTATIONS = 499
BISECTIONS = 40
# In errors from the estimate; what is not rejected out there is rejected nowhere.
WIDEST = 1000
# Below this many accounts two-point weights repeat themselves (2^G patterns); Webb's six points do not.
FEW_FOR_TWO_POINTS = 12
WEBB = np.sqrt(np.array([0.5, 1.0, 1.5]))
LEVEL = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class WildCluster:
    """Wild cluster bootstrap with the null imposed (WCR). Scores are linear in the tested value, so any value is cheap to test."""

    estimate: float
    spread: float
    drawn: tuple[Floats, Floats, Floats]
    numerator: tuple[Floats, Floats]

    def p(self, value: float) -> float:
        """Two-sided p of the hypothesis that the effect is `value`."""
        statistic = abs(self.estimate - value) / max(self.spread, 1e-150)
        squared, product, slopes = self.drawn
        spreads = np.sqrt(np.maximum(squared - 2 * value * product + value**2 * slopes, 1e-300))
        moved = np.abs(self.numerator[0] - value * self.numerator[1]) / spreads
        return float((1 + np.sum(moved >= statistic * (1 - 1e-12))) / (1 + len(moved)))

    def interval(self, se: float) -> tuple[float, float]:
        """The values that are not rejected at 5 %; infinite where so few accounts reject nothing on that side."""
        return edge(self.p, self.estimate, -se), edge(self.p, self.estimate, se)


def edge(p: Callable[[float], float], estimate: float, step: float) -> float:
    """The last value on the side of `step` that a test does not reject at 5 %; infinite where it rejects none."""
    if step == 0 or not math.isfinite(step):
        # Every draw is the same: nothing can be rejected.
        return math.copysign(math.inf, step)
    inside, outside, away = estimate, estimate + step, step
    while p(outside) >= LEVEL:
        # Counted in steps: one that is lost in the rounding of the estimate would lead nowhere.
        away *= 3
        inside, outside = outside, estimate + away
        if abs(away) > WIDEST * abs(step):
            return math.copysign(math.inf, step)
    for _ in range(BISECTIONS):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if p(middle) >= LEVEL else (inside, middle)
    return outside


def wild_cluster(fit: Regression, column: int, rng: np.random.Generator) -> WildCluster:
    """Draw for one feature, and draw more where p is small; every account's residuals keep or change their sign together."""
    found = _wild_cluster(fit, column, _weights(len(fit.bounds), BOOTSTRAPS, rng))
    return found if found.p(0.0) > WORTH_MORE else _wild_cluster(fit, column, _weights(len(fit.bounds), MORE_BOOTSTRAPS, rng))


def _wild_cluster(fit: Regression, column: int, weights: Floats) -> WildCluster:
    loading = fit.treatment[:, column] / fit.weight[column]
    starts = [start for start, _ in fit.bounds]
    base = np.add.reduceat(loading * fit.restricted(column), starts)
    slope = np.add.reduceat(loading * fit.treatment[:, column], starts)
    along = np.add.reduceat(fit.basis * loading[:, None], starts)
    # Restricted residuals of (outcome - value * feature) are these minus value times the feature's own.
    pull_base = np.add.reduceat(fit.basis * fit.restricted(column)[:, None], starts)
    pull_slope = np.add.reduceat(fit.basis * fit.treatment[:, [column]], starts)
    drawn_base = weights * base - (weights @ pull_base) @ along.T
    drawn_slope = weights * slope - (weights @ pull_slope) @ along.T
    # The observed error is of the unrestricted fit, whatever value is tested.
    scores = np.add.reduceat(loading * fit.residuals, starts)
    return WildCluster(
        estimate=float(fit.estimates[column]),
        spread=float(np.sqrt(np.sum(scores**2))),
        drawn=(np.sum(drawn_base**2, axis=1), np.sum(drawn_base * drawn_slope, axis=1), np.sum(drawn_slope**2, axis=1)),
        numerator=(weights @ base, weights @ slope),
    )


def _weights(accounts: int, draws: int, rng: np.random.Generator) -> Floats:
    points = np.concatenate([-WEBB, WEBB]) if accounts < FEW_FOR_TWO_POINTS else np.array([-1.0, 1.0])
    return np.asarray(rng.choice(points, size=(draws, accounts)), dtype=np.float64)


def shifted_p(fit: Regression, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Per feature: p, and the mean estimate, when each account's feature is moved along its history by a random number of posts.

    The sum over accounts is measured by their spread. Moving whole histories keeps the runs that creators post in; shuffling posts would
    break them and call chance a finding.
    """
    features = len(fit.estimates)
    draws = rng.random((PERMUTATIONS, len(fit.bounds)))
    total, squares = np.zeros((PERMUTATIONS, features)), np.zeros((PERMUTATIONS, features))
    observed = np.zeros((len(fit.bounds), features))
    restricted = fit.residuals[:, None] + fit.treatment * fit.estimates
    for cluster, (start, end) in enumerate(fit.bounds):
        products = _all_shifts(fit.treatment[start:end], restricted[start:end])
        observed[cluster] = products[0]
        moved = products[(draws[:, cluster] * (end - start)).astype(int)]
        total += moved
        squares += moved**2
    statistic = np.abs(observed.sum(axis=0)) / np.sqrt(np.maximum(np.sum(observed**2, axis=0), 1e-300))
    shifted = np.abs(total) / np.sqrt(np.maximum(squares, 1e-300))
    p = (1 + np.sum(shifted >= statistic * (1 - 1e-9), axis=0)) / (1 + PERMUTATIONS)
    return p, np.mean(total, axis=0) / fit.weight


def _all_shifts(treatment: Floats, residuals: Floats) -> Floats:
    """Row s: the sum of products after moving the treatment s posts along, round the end."""
    spectrum = np.conj(np.fft.rfft(treatment, axis=0)) * np.fft.rfft(residuals, axis=0)
    return np.asarray(np.fft.irfft(spectrum, n=len(treatment), axis=0), dtype=np.float64)
