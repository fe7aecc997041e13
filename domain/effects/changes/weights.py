"""Weights of a simplex: shares of columns that together come as near as possible to a target. What they weigh is in `synthetic`."""

from enum import StrEnum

import numpy as np

from domain.effects.convex import shares
from domain.effects.panel import Floats

# As in the authors' package (synthdid): a first search, then the small weights go, then a long search.
FIRST_STEPS, STEPS = 100, 10_000
SMALL_SHARE = 0.25
# How much heavier than the fit the demand weighs that the weights add up to one.
SUM_WEIGHT = 1e4


class Solver(StrEnum):
    """`frank-wolfe` stops and thins out as the authors' package does; `exact` is the optimum itself, and a hundred times faster."""

    FRANK_WOLFE = "frank-wolfe"
    EXACT = "exact"


def simplex_weights(columns: Floats, target: Floats, penalty: float, solver: Solver, *, tolerance: float) -> Floats:
    """The w >= 0 with sum 1 that minimise |columns w - target|^2 / rows + penalty^2 |w|^2.

    Frank-Wolfe stops once a step gains no more than tolerance^2. Arkhangelsky et al. 2021, equations 4 and 6.
    """
    if columns.shape[1] == 1 or not np.any(columns - columns[:, :1]):
        return np.full(columns.shape[1], 1 / columns.shape[1])
    if solver is Solver.EXACT:
        return _exact(columns, target, penalty)
    even = np.full(columns.shape[1], 1 / columns.shape[1])
    first = _frank_wolfe(columns, target, penalty, even, (tolerance, FIRST_STEPS))
    large = np.where(first > SMALL_SHARE * first.max(), first, 0.0)
    return _frank_wolfe(columns, target, penalty, large / large.sum(), (tolerance, STEPS))


def _exact(columns: Floats, target: Floats, penalty: float) -> Floats:
    rows, count = columns.shape
    # Moving columns and target alike changes nothing where weights add up to one, and keeps the numbers small.
    middle = columns.mean(axis=1)
    columns, target = columns - middle[:, None], target - middle
    heavy = SUM_WEIGHT * np.sqrt(rows) * max(float(np.abs(columns).max()), penalty)
    return shares(np.vstack([columns, penalty * np.sqrt(rows) * np.eye(count)]), np.append(target, np.zeros(count)), heavy)


def _frank_wolfe(columns: Floats, target: Floats, penalty: float, weights: Floats, until: tuple[float, int]) -> Floats:
    rows = len(target)
    ridge = rows * penalty**2
    tolerance, steps = until
    misfit = columns @ weights - target
    before = np.inf
    for _ in range(steps):
        slope = columns.T @ misfit + ridge * weights
        best = int(np.argmin(slope))
        move = -weights
        move[best] += 1.0
        shift = columns @ move
        curve = float(shift @ shift + ridge * (move @ move))
        length = min(max(-float(slope @ move) / curve, 0.0), 1.0) if curve > 0 else 0.0
        weights, misfit = weights + length * move, misfit + length * shift
        now = float(penalty**2 * (weights @ weights) + misfit @ misfit / rows)
        if before - now <= tolerance**2:
            break
        before = now
    return weights
