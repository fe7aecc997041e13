"""Fits that a few odd posts do not move, and how far they are off on posts that they had not seen. Knows nothing of views or time."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEVEL = 0.8
FOLDS = 5
ROUNDS = 20
# How firmly coefficients are held toward 0, in rows that would be missed by one unit.
HOLD = 5.0


def median_fit(x: Floats, y: Floats) -> Floats:
    """Least absolute deviations by reweighted least squares; the first column is the constant and is not held."""
    hold = np.diag(np.append(0.0, HOLD * x[:, 1:].var(axis=0)))
    found: Floats = np.zeros(x.shape[1])
    weight = np.ones(len(y))
    for _ in range(ROUNDS):
        heavy = x * weight[:, None]
        # Columns that never vary (posts that all went the same way) would leave nothing to solve.
        little = 1e-9 * weight.sum() * np.eye(x.shape[1])
        found = np.asarray(np.linalg.solve(heavy.T @ x + hold + little, heavy.T @ y), dtype=np.float64)
        weight = 1 / np.maximum(np.abs(y - x @ found), 1e-3)
    return found


def missed(x: Floats, y: Floats, post: Ints) -> Floats:
    """What a fit on four fifths of the posts leaves of the rest."""
    fold = np.unique(post, return_inverse=True)[1] % FOLDS
    left = np.zeros(len(y))
    for each in range(FOLDS):
        out = fold == each
        left[out] = y[out] - x[out] @ median_fit(x[~out], y[~out])
    return left


def size_fit(x: Floats, left: Floats) -> Floats:
    """Coefficients of the log size of a miss."""
    size = np.abs(left)
    logs = np.log(size + 0.1 * np.median(size) + 1e-6)
    hold = np.diag(np.append(0.0, np.full(x.shape[1] - 1, 2 * HOLD))) + 1e-9 * np.eye(x.shape[1])
    return np.asarray(np.linalg.solve(x.T @ x + hold, x.T @ logs), dtype=np.float64)


def bounds(relative: Floats, bucket: Ints, post: Ints) -> tuple[Floats, Floats]:
    """Per bucket the quantiles that hold `LEVEL`; with few posts further out, by the rank that the next post would need (conformal)."""
    found = np.zeros((2, int(bucket.max()) + 1))
    for each in np.unique(bucket):
        mine = bucket == each
        posts = len(np.unique(post[mine]))
        tail = max(0.0, ((1 - LEVEL) / 2 * (posts + 1) - 1) / max(posts - 1, 1))
        found[:, each] = np.quantile(relative[mine], [tail, 1 - tail])
    return np.minimum(found[0], 0), np.maximum(found[1], 0)
