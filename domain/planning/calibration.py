"""Predictions held against what came: views at the age that was predicted, whether the interval held them, and how far to trust the next.

A prediction was written down before its video was out. It is scored once, when the video has been seen at that age.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from domain.planning.levels import LEVEL
from domain.planning.patterns import wilson
from domain.planning.predicting import HORIZONS, pinball, position

LEAST_SCORED = 20
QUANTILES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
BINS = 10
# Between two counts further apart than this (factor of age) nobody knows the views at an age in between.
FURTHEST = 2.0


@dataclass(frozen=True, slots=True)
class ScoredPrediction:
    """What came of one prediction at one horizon. `position`: the probability it gave to fewer views; or why it cannot be told."""

    horizon: str
    views: float | None = None
    is_hit: bool | None = None
    position: float | None = None
    pinball: float | None = None
    reason: str | None = None


def due(age_days: float, scored: Sequence[str]) -> list[str]:
    """Horizons that a video of this age has passed and that were not scored."""
    return [horizon for horizon, days in HORIZONS.items() if age_days >= days and horizon not in scored]


def views_at(history: Sequence[tuple[float, int]], days: float) -> float | str | None:
    """Views at an age, of (age in days, views) in order: between the counts around it, linear in logs.

    None while no count has come since; the reason where the counts around it are too far apart.
    """
    before = [each for each in history if 0 < each[0] <= days]
    after = [each for each in history if each[0] >= days]
    if not after:
        return None
    if not before or after[0][0] / before[-1][0] > FURTHEST:
        return "no two counts close enough to that age"
    (age0, views0), (age1, views1) = before[-1], after[0]
    share = 0.0 if age1 == age0 else math.log(days / age0) / math.log(age1 / age0)
    return math.exp((1 - share) * math.log(max(views0, 0.5)) + share * math.log(max(views1, 0.5)))


def scored(prediction: Mapping[str, Any], views: float | str) -> ScoredPrediction:
    """One prediction (horizon, median, low, high, level) against the views that came."""
    horizon = prediction["horizon"]
    if isinstance(views, str):
        return ScoredPrediction(horizon, reason=views)
    if prediction["median"] is None:
        return ScoredPrediction(horizon, views, reason="nothing was predicted")
    is_hit = prediction["low"] <= views <= prediction["high"]
    return ScoredPrediction(horizon, views, is_hit, position(prediction, views), pinball(prediction, views))


def calibration(positions: Sequence[float], hits: Sequence[bool], losses: Sequence[float]) -> dict[str, Any]:
    """Of the predictions of one horizon. `curve`: how often fewer views came than each predicted quantile; `bins`: positions by tenths.

    Intervals hold 95 % (Wilson). Nothing under 20 scored predictions.
    """
    n = len(positions)
    if n < LEAST_SCORED:
        lacking = LEAST_SCORED - n
        return {"n": n, "reason": f"{n} predictions are scored; calibration is shown from {LEAST_SCORED} on, about {lacking} more"}
    found = np.asarray(positions, dtype=np.float64)
    counts = np.bincount(np.minimum((found * BINS).astype(int), BINS - 1), minlength=BINS)
    return {
        "n": n, "reason": None, "level": LEVEL, "hits": _share(sum(hits), n), "mean_pinball": float(np.mean(losses)),
        "curve": [{"quantile": each, **_share(int((found <= each).sum()), n)} for each in QUANTILES],
        "bins": [{"from": place / BINS, "to": (place + 1) / BINS, **_share(int(count), n)} for place, count in enumerate(counts)],
    }  # fmt: skip


def _share(count: int, n: int) -> dict[str, Any]:
    low, high = wilson(count, n)
    return {"n": n, "count": count, "share": count / n, "low": low, "high": high}
