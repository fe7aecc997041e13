"""How strong a hidden factor would have to be, and how strong the observed ones are. Cinelli & Hazlett 2020."""

import numpy as np

from domain.effects.panel import Floats
from domain.effects.regression import Regression

TINY = 1e-12


def partial_r2(fit: Regression) -> Floats:
    """Share of what is left of the outcome that each feature explains."""
    explained = fit.estimates**2 * fit.weight
    return np.asarray(explained / np.maximum(explained + float(fit.residuals @ fit.residuals), TINY), dtype=np.float64)


def robustness(explained: float) -> float:
    """The robustness value: what a hidden factor must explain, of choice and of outcome, to bring the estimate to 0."""
    if explained >= 1:
        return 1.0
    ratio = explained / (1 - explained)
    return float((np.sqrt(ratio**2 + 4 * ratio) - ratio) / 2)


def strongest_observed(fit: Regression, explained: Floats, column: int) -> float:
    """How strong the strongest other feature is on the robustness value's scale."""
    scale = np.sqrt(fit.weight)
    correlation = (fit.treatment.T @ fit.treatment[:, column]) / (scale * scale[column])
    strengths = np.sqrt(correlation**2 * explained)
    strengths[column] = 0.0
    return float(strengths.max(initial=0.0))
