"""How far observational estimates are from randomised ones of the same feature, and by how much their intervals would have to be wider.

Both are log points; the difference is taken as it is, although one is of views and the other of clicks per impression: with equal
impressions they are the same. Random effects over pairs (DerSimonian & Laird 1986; interval after Hartung & Knapp 2001).
Under five pairs it refuses.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from domain.experiments.random_effects import between_variance

LEAST_PAIRS = 5
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimate of a feature with its standard error, log points."""

    feature: str
    estimate: float
    se: float


@dataclass(frozen=True, slots=True)
class Pair:
    """One feature, estimated both ways. `z` is their difference over its standard error."""

    feature: str
    observed: float
    observed_se: float
    experimental: float
    experimental_se: float
    difference: float
    z: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """`bias`: mean of observational less experimental; `ratio`: slope of the ones on the others; `widening`: of observational intervals."""

    pairs: tuple[Pair, ...]
    reason: str | None = None
    bias: float | None = None
    bias_low: float | None = None
    bias_high: float | None = None
    ratio: float | None = None
    ratio_low: float | None = None
    ratio_high: float | None = None
    between_sd: float | None = None
    widening: float | None = None


def calibrate(observed: Sequence[Estimate], experimental: Sequence[Estimate]) -> Calibration:
    """Pairs by feature; several randomised estimates of one feature are first pooled by their precision."""
    randomised = _by_feature(experimental)
    pairs = tuple(
        _pair(mine, randomised[mine.feature]) for mine in sorted(_by_feature(observed).values(), key=lambda each: each.feature)
        if mine.feature in randomised
    )  # fmt: skip
    if len(pairs) < LEAST_PAIRS:
        return Calibration(pairs, f"{LEAST_PAIRS} features estimated both ways are needed; there are {len(pairs)}")
    return _calibrated(pairs)


def _by_feature(found: Sequence[Estimate]) -> Mapping[str, Estimate]:
    grouped: dict[str, list[Estimate]] = {}
    for each in found:
        if math.isfinite(each.estimate) and math.isfinite(each.se) and each.se > 0:
            grouped.setdefault(each.feature, []).append(each)
    return {name: _pooled(name, several) for name, several in grouped.items()}


def _pooled(name: str, several: Sequence[Estimate]) -> Estimate:
    weights = np.array([each.se**-2 for each in several])
    return Estimate(name, float(weights @ [each.estimate for each in several] / weights.sum()), float(weights.sum() ** -0.5))


def _pair(mine: Estimate, theirs: Estimate) -> Pair:
    difference = mine.estimate - theirs.estimate
    z = difference / math.hypot(mine.se, theirs.se)
    return Pair(mine.feature, mine.estimate, mine.se, theirs.estimate, theirs.se, difference, z)


def _calibrated(pairs: tuple[Pair, ...]) -> Calibration:
    differences = np.array([each.difference for each in pairs])
    variances = np.array([each.observed_se**2 + each.experimental_se**2 for each in pairs])
    between = between_variance(differences, 1 / variances)
    weights = 1 / (variances + between)
    reach = float(stats.t.ppf(0.975, len(pairs) - 1))
    bias = float(weights @ differences / weights.sum())
    bias_se = math.sqrt(float(weights @ (differences - bias) ** 2) / ((len(pairs) - 1) * weights.sum()))
    ratio = _ratio(pairs, between, reach)
    return Calibration(
        pairs, None, bias, bias - reach * bias_se, bias + reach * bias_se, *ratio, math.sqrt(between), _widening(pairs, differences)
    )


def _ratio(pairs: tuple[Pair, ...], between: float, reach: float) -> tuple[float | None, float | None, float | None]:
    """Slope through 0 of observational on experimental, with its interval; the experimental ones' own error shrinks it a little.

    None where no experiment showed any difference: there is nothing to be a multiple of.
    """
    x, y = np.array([each.experimental for each in pairs]), np.array([each.observed for each in pairs])
    weights = 1 / (np.array([each.observed_se**2 for each in pairs]) + between)
    size = float(weights @ x**2)
    if size <= 0:
        return None, None, None
    slope = float(weights @ (x * y)) / size
    rest = float(weights @ (y - slope * x) ** 2) / (len(pairs) - 1)
    side = reach * math.sqrt(rest / size)
    return slope, slope - side, slope + side


def _widening(pairs: tuple[Pair, ...], differences: Floats) -> float:
    """Root of what the differences really are (net of the experiments' error) over what the observational errors say; at least 1."""
    said = sum(each.observed_se**2 for each in pairs)
    true = float((differences**2).sum()) - sum(each.experimental_se**2 for each in pairs)
    return math.sqrt(max(1.0, true / said))
