"""Least squares with weights that are shares: none below 0, with sum 1. Lawson & Hanson 1974, chapter 23."""

import numpy as np
from scipy.optimize import nnls

from domain.effects.panel import Floats

STEPS_PER_COLUMN = 50


def shares(columns: Floats, target: Floats, heavy: float) -> Floats:
    """The w that minimise |columns w - target|; `heavy`: how much the demand that they add up to one weighs, as one more row."""
    count = columns.shape[1]
    stacked = np.vstack([columns, np.full((1, count), heavy)])
    weights, _ = nnls(stacked, np.append(target, heavy), maxiter=STEPS_PER_COLUMN * count)
    return np.asarray(weights / weights.sum(), dtype=np.float64)
