"""How far things differ beyond their own errors."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def between_variance(estimates: Floats, weights: Floats) -> float:
    """By moments (DerSimonian & Laird 1986); `weights`: one over each estimate's variance. 0 where errors alone are enough."""
    centre = float(weights @ estimates / weights.sum())
    scale = float(weights.sum() - (weights**2).sum() / weights.sum())
    return max(0.0, (float(weights @ (estimates - centre) ** 2) - (len(estimates) - 1)) / scale) if scale > 0 else 0.0
