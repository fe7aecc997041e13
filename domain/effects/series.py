"""Ridge on a rich set of columns, cross-fitted by account, from sums of products alone. Which columns is in `terms`.

Sums of squares and products add up over folds, so every fold's fit, every strength of the ridge and every left-out column cost one small
solve each and no pass over the posts. Plain controls are not shrunk; only what goes beyond them is.
"""

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from domain.effects.panel import Floats, Ints

STRENGTHS = 10.0 ** np.arange(-4.0, 1.1, 1.0)
# Keeps solves possible where plain controls repeat each other; a share of their own variation.
LEAST_SHRINKAGE = 1e-8
TINY = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """Per fold: sums of squares and products of all columns. `train` are those that fold's fit may see."""

    mine: Floats
    train: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Columns taken within accounts (posts x columns), which of them are shrunk, and a fold per post.

    `is_near`: folds x posts, posts that a fold's fit must not see although they are in other folds.
    """

    columns: Floats
    is_shrunk: Floats
    fold: Ints
    is_near: "np.typing.NDArray[np.bool_] | None" = None

    @property
    def folds(self) -> int:
        return int(self.fold.max()) + 1

    def sums(self) -> Sums:
        mine = np.stack([_products(self.columns[self.fold == number]) for number in range(self.folds)])
        train = mine.sum(axis=0) - mine
        if self.is_near is not None:
            train = train - np.stack([_products(self.columns[near]) for near in self.is_near])
        return Sums(mine, train)

    def residuals(self, sums: Sums, target: int, controls: Ints) -> Floats:
        """What is left of a column net of the controls, each post from fits that never saw its account."""
        left = self.columns[:, target].copy()
        for number, weights in enumerate(_chosen(sums, target, controls, self.is_shrunk[controls])):
            mine = self.fold == number
            left[mine] -= self.columns[np.ix_(mine, controls)] @ weights
        return left


def _products(rows: Floats) -> Floats:
    return np.asarray(rows.T @ rows, dtype=np.float64)


def _chosen(sums: Sums, target: int, controls: Ints, is_shrunk: Floats) -> list[Floats]:
    """Weights per fold, of the one strength that foresees left-out folds best."""
    tried = []
    for strength in STRENGTHS:
        weights = [_solve(train, target, controls, is_shrunk, float(strength)) for train in sums.train]
        tried.append((sum(_error(mine, target, controls, w) for mine, w in zip(sums.mine, weights, strict=True)), weights))
    return min(tried, key=lambda each: each[0])[1]


def _solve(train: Floats, target: int, controls: Ints, is_shrunk: Floats, strength: float) -> Floats:
    inner = train[np.ix_(controls, controls)]
    size = np.diag(inner)
    # In units of their own variation; a column that nothing is left of gets a slope of 0.
    unit = np.sqrt(np.where(size > TINY, size, 1.0))
    scaled = inner / unit[:, None] / unit
    scaled[np.diag_indices_from(scaled)] += LEAST_SHRINKAGE + strength * is_shrunk + (size <= TINY)
    return np.asarray(linalg.solve(scaled, train[controls, target] / unit, assume_a="pos") / unit, dtype=np.float64)


def _error(mine: Floats, target: int, controls: Ints, weights: Floats) -> float:
    """Squared error in the fold, from its sums."""
    along = mine[controls, target]
    return float(mine[target, target] - 2 * weights @ along + weights @ mine[np.ix_(controls, controls)] @ weights)
