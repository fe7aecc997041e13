"""How much of a post's luck its predecessors foretell, and taking that part out: autoregressive whitening of each account's posts in order.

Whitened least squares is generalised least squares (Prais & Winsten 1954). It is also what keeps creators who react to past luck from
bending an estimate: whatever is foretold by earlier posts is gone, and a choice cannot react to what had not happened yet.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from domain.effects.panel import Floats, Ints

# Posts looked back on, and the lags whose covariances tell how much.
ORDER = 3
LAGS = 6
# Nearer to 1 a whitened level would have no information left.
MOST_PARTIAL = 0.9
# Accounts beyond these say nothing new about what all have in common.
MOST_ACCOUNTS = 300
TINY = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Whitening:
    """Row k of `weights`: what is taken of 1, 2 ... posts back where there are only k earlier posts; `scale` makes all equally sure."""

    weights: Floats
    scale: Floats

    def of(self, values: Floats, account: Ints) -> Floats:
        """Each column less what the same account's earlier posts foretell. Rows are ordered by account and time."""
        starts = np.flatnonzero(np.diff(account, prepend=-1))
        place = np.minimum(np.arange(len(account)) - starts[account], ORDER)
        left = values.copy(order="K")
        for back in range(1, ORDER + 1):
            left[back:] -= self.weights[place[back:], back - 1, None] * values[:-back]
        return np.asarray(left * self.scale[place][:, None], dtype=np.float64)


def whitening(residuals: Floats, bounds: Sequence[tuple[int, int]], taken: Sequence[Floats]) -> Whitening:
    """Fitted to residuals. `taken`: per account an orthonormal basis of what was taken out of its posts before, which hides covariance."""
    seen, mixing = np.zeros(LAGS + 1), np.zeros((LAGS + 1, LAGS + 1))
    step = max(1, len(bounds) // MOST_ACCOUNTS)
    for (start, end), basis in list(zip(bounds, taken, strict=True))[::step]:
        part = residuals[start:end]
        seen += np.array([float(part[lag:] @ part[: len(part) - lag]) if lag < len(part) else 0.0 for lag in range(LAGS + 1)])
        mixing += _mixing(basis)
    covariance = np.linalg.lstsq(mixing, seen, rcond=None)[0]
    return _durbin(np.asarray(covariance, dtype=np.float64))


def _mixing(basis: Floats) -> Floats:
    """Row l, column k: the expected sum of products l posts apart in residuals, per unit of true covariance k posts apart."""
    posts = len(basis)
    moved = np.zeros((LAGS + 1, *basis.shape))
    moved[0] = basis
    for lag in range(1, min(LAGS, posts - 1) + 1):
        moved[lag, lag:] += basis[:-lag]
        moved[lag, :-lag] += basis[lag:]
    halved = moved * np.where(np.arange(LAGS + 1) == 0, 1.0, 0.5)[:, None, None]
    inner = np.einsum("tq,ltr->lqr", basis, halved)
    outer = np.einsum("tq,ktr->kqr", basis, moved)
    direct = np.diag(np.maximum(posts - np.arange(LAGS + 1.0), 0.0))
    return np.asarray(direct - 2 * np.einsum("ltq,ktq->lk", halved, moved) + np.einsum("lqr,krq->lk", inner, outer), dtype=np.float64)


def _durbin(covariance: Floats) -> Whitening:
    """Weights of every order up to `ORDER` (Durbin 1960)."""
    weights, unexplained = np.zeros((ORDER + 1, ORDER)), np.ones(ORDER + 1)
    if covariance[0] <= TINY:
        return Whitening(weights, np.ones(ORDER + 1))
    correlation = covariance / covariance[0]
    for order in range(1, ORDER + 1):
        before = weights[order - 1, : order - 1]
        partial = (correlation[order] - before @ correlation[order - 1 : 0 : -1]) / unexplained[order - 1]
        partial = float(np.clip(partial, -MOST_PARTIAL, MOST_PARTIAL))
        weights[order, : order - 1] = before - partial * before[::-1]
        weights[order, order - 1] = partial
        unexplained[order] = unexplained[order - 1] * (1 - partial**2)
    return Whitening(weights, np.sqrt(unexplained[-1] / unexplained))


def long_run(scores: Floats, bounds: Sequence[tuple[int, int]], reach: Callable[[int], int]) -> Floats:
    """Variance of each column's sum where neighbouring posts of an account may share their luck (Newey & West 1987); never below 0.

    `reach`: of how many posts back, for an account of so many posts.
    """
    variance = np.einsum("ij,ij->j", scores, scores)
    for start, end in bounds:
        mine, far = scores[start:end], reach(end - start)
        for back in range(1, min(far, end - start - 1) + 1):
            variance += 2 * (1 - back / (far + 1)) * np.einsum("ij,ij->j", mine[back:], mine[:-back])
    return np.asarray(np.maximum(variance, 0.0), dtype=np.float64)
