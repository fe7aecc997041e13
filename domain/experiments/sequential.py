"""Intervals that may be looked at after every day: a normal-mixture confidence sequence, the inverse of the mixture sequential ratio test.

Source: Johari, Koomen, Pekelis & Walsh, "Always valid inference: continuous monitoring of A/B tests", Operations Research 70 (2022);
Howard, Ramdas, McAuliffe & Sekhon, "Time-uniform, nonparametric, nonasymptotic confidence sequences", Annals of Statistics 49 (2021).
With probability 1 - alpha the true difference is inside at all times at once, as far as the normal approximation of the counts holds.
"""

import math


def half_width(variance: float, alpha: float, mixing_sd: float) -> float:
    """Half the width of the interval around a difference whose variance is known; 0 variance gives 0, no information infinity."""
    if variance <= 0:
        return 0.0
    if not math.isfinite(variance):
        return math.inf
    ratio = (variance + mixing_sd**2) / variance
    return math.sqrt(variance * ratio / (ratio - 1) * (2 * math.log(1 / alpha) + math.log(ratio)))


def p_value(difference: float, variance: float, mixing_sd: float) -> float:
    """1 over the mixture likelihood ratio, at most 1. The smallest one so far is the always-valid p."""
    if variance <= 0 or not math.isfinite(variance):
        return 1.0
    total = variance + mixing_sd**2
    log_ratio = 0.5 * math.log(variance / total) + mixing_sd**2 * difference**2 / (2 * variance * total)
    return math.exp(-max(log_ratio, 0.0))
