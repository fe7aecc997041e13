"""Surfaces that a mean outcome may follow: straight, with products, exponential, smooth, stepped. Weighing them is in `stacking`.

Every learner takes standardised covariates (rows x columns) and one outcome, and chooses its own strength from the rows it is given:
ridge by leave-one-out error in closed form, the kernel by marginal likelihood (Rasmussen & Williams 2006, ch. 5).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from domain.effects.panel import Floats, Ints

STRENGTHS = 10.0 ** np.arange(-4.0, 2.1, 0.5)
MOST_PRODUCTS = 300
# An exponent beyond this is no mean of anything; it also keeps squares finite.
STEEPEST = 12.0
# A product of two outliers says nothing of anybody else; the smooth surface clips likewise.
FARTHEST = 3.0
TINY = 1e-12


class Surface(Protocol):
    """A fitted mean."""

    def predict(self, x: Floats) -> Floats: ...


Learner = Callable[[Floats, Floats, int], Surface]


@dataclass(frozen=True, slots=True, eq=False)
class Straight:
    """A sum of columns, and of products of pairs of them."""

    level: float
    weights: Floats
    pairs: tuple[Ints, Ints] | None = None

    def predict(self, x: Floats) -> Floats:
        columns = x if self.pairs is None else with_products(np.clip(x, -FARTHEST, FARTHEST), self.pairs)
        return np.asarray(self.level + columns @ self.weights, dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Exponential:
    """`floor + exp(level + x weights)`, in units of `scale`: what multiplies instead of adding up."""

    scale: float
    weights: Floats

    def predict(self, x: Floats) -> Floats:
        return np.asarray(self.scale * (self.weights[0] + np.exp(self.exponent(x))), dtype=np.float64)

    def exponent(self, x: Floats) -> Floats:
        return np.asarray(np.minimum(self.weights[1] + x @ self.weights[2:], STEEPEST), dtype=np.float64)


def with_products(x: Floats, pairs: tuple[Ints, Ints]) -> Floats:
    return np.column_stack([x, x[:, pairs[0]] * x[:, pairs[1]]])


def straight(x: Floats, y: Floats, seed: int) -> Straight:  # noqa: ARG001
    """Ridge, its strength by leave-one-out error."""
    level, weights, _ = ridge(x, y)
    return Straight(level, weights)


def products(x: Floats, y: Floats, seed: int) -> Straight:  # noqa: ARG001
    """Ridge with squares and products; of many, those that go most with what the straight part leaves."""
    x = np.clip(x, -FARTHEST, FARTHEST)
    level, weights, _ = ridge(x, y)
    left = y - level - x @ weights
    first, second = np.triu_indices(x.shape[1])
    if len(first) > MOST_PRODUCTS:
        centred = left - left.mean()
        # The sum of x_i x_j r over the rows, for all pairs at once; its size under no relation is that of x_i x_j.
        together = (x * centred[:, None]).T @ x
        size = np.sqrt(np.maximum((x**2).T @ (x**2) - len(x) * ((x.T @ x) / len(x)) ** 2, TINY))
        strength = np.abs(together - centred.sum() * (x.T @ x) / len(x)) / size
        best = np.sort(np.argsort(-strength[first, second], kind="stable")[:MOST_PRODUCTS])
        first, second = first[best], second[best]
    pairs = (first.astype(np.int64), second.astype(np.int64))
    level, weights, _ = ridge(with_products(x, pairs), y)
    return Straight(level, weights, pairs)


def ridge(columns: Floats, y: Floats) -> tuple[float, Floats, float]:
    """Level, weights and leave-one-out error of the best strength. Columns are put on one scale first."""
    centre, spread = columns.mean(axis=0), columns.std(axis=0)
    scale = np.where(spread > 1e-9, spread, np.inf)
    z, r = (columns - centre) / scale, y - y.mean()
    is_tall = z.shape[1] < len(y)
    values, vectors = np.linalg.eigh(z.T @ z if is_tall else z @ z.T)
    values = np.maximum(values, 0.0)
    # Either way: fitted = U diag(values / (values + strength)) U' r.
    rotated = z @ vectors / np.sqrt(np.maximum(values, TINY)) if is_tall else vectors
    along = rotated.T @ r
    found: list[tuple[float, Floats]] = []
    for strength in STRENGTHS * len(y):
        shrunk = values / (values + strength)
        leverage = np.minimum((rotated**2) @ shrunk + 1 / len(y), 1 - 1e-6)
        error = float(np.mean(((r - rotated @ (shrunk * along)) / (1 - leverage)) ** 2))
        found.append((error, along / (values + strength)))
    best = min(found, key=lambda each: each[0])
    weights = vectors @ (best[1] * np.sqrt(values)) if is_tall else z.T @ (vectors @ best[1])
    weights = weights / scale
    return float(y.mean() - centre @ weights), np.asarray(weights, dtype=np.float64), best[0]


def exponential(strength: float) -> Learner:
    """Least squares on an exponential surface with its own floor, started from the straight fit of the logarithm."""

    def fit(x: Floats, y: Floats, seed: int) -> Exponential:  # noqa: ARG001
        from scipy.optimize import minimize

        scale = float(y.std()) or 1.0
        z = y / scale
        level, weights, _ = ridge(x, np.log(z - z.min() + 0.2))
        start = np.concatenate([[z.min() - 0.2, level], weights])

        def error(values: Floats) -> tuple[float, Floats]:
            exponent = values[1] + x @ values[2:]
            mean = np.exp(np.minimum(exponent, STEEPEST))
            off = values[0] + mean - z
            pull = np.where(exponent < STEEPEST, off * mean, 0.0)
            slope = np.concatenate([[off.sum(), pull.sum()], x.T @ pull + strength * values[2:]])
            return 0.5 * float(off @ off + strength * values[2:] @ values[2:]), slope

        found = minimize(error, start, jac=True, method="L-BFGS-B", options={"maxiter": 200})
        return Exponential(scale, np.asarray(found.x, dtype=np.float64))

    return fit


def boosted(leaves: int, rounds: int) -> Learner:
    """Gradient-boosted trees of scikit-learn: few leaves for sums of steps, more for what goes together."""

    def fit(x: Floats, y: Floats, seed: int) -> Surface:
        from sklearn.ensemble import HistGradientBoostingRegressor

        model: Surface = HistGradientBoostingRegressor(
            max_iter=rounds, learning_rate=0.1, max_leaf_nodes=leaves, min_samples_leaf=10, l2_regularization=1.0, early_stopping=False,
            random_state=seed,
        ).fit(x, y)  # fmt: skip
        return model

    return fit
