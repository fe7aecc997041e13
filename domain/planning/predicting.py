"""Views that a post will have at an age: the account's usual level, what supported effects change, and how far posts stray.

In logs a prediction is normal with a spread of its own on either side (two-piece normal): median, 10 % and 90 % quantile say it all.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from domain.log_points import multiple
from domain.planning.evidence import Z95, Evidence
from domain.planning.levels import LEVEL, Z_LEVEL, Usual
from domain.scores.maturity import Curve

HORIZONS: Mapping[str, float] = {"7d": 7.0, "30d": 30.0}
FULLY_GROWN = "fully grown"
# A curve that ends this much earlier than an age says nothing about it.
BEYOND = 1.25


@dataclass(frozen=True, slots=True)
class Change:
    """What a feature of a draft changes against the account's usual posts, by a supported effect. Log points, with its standard error.

    `counted`: the value as far as the account's posts reach.
    """

    effect_id: str
    feature: str
    value: float
    usual: float
    log_points: float
    se: float
    counted: float


@dataclass(frozen=True, slots=True)
class Growth:
    """Log share of the long run that is reached at an age, and its variance; or why it is unknown."""

    log_share: float | None = None
    variance: float = 0.0
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Prediction:
    """Views at a horizon. Without figures where `reason` says why. The interval holds with the chance `level`."""

    horizon: str
    median: float | None = None
    low: float | None = None
    high: float | None = None
    level: float = LEVEL
    reason: str | None = None


def growth_to(curve: Curve | None, account_id: str, days: float) -> Growth:
    """How much of its long run a post of this account has at that age. Source: the maturity curves of the scores."""
    if curve is None:
        return Growth(reason="nothing says yet how such posts grow")
    if days > math.exp(curve.knots[-1]) * BEYOND:
        return Growth(reason="no such post was seen for so long")
    age, oldest = np.array([days]), np.array([math.exp(curve.knots[-1])])
    speed, error = curve.account_speeds(np.array([account_id], dtype=object))
    shape = float(curve.hats(age).at(np.array(curve.speed_shape))[0])
    variance = float(curve.fit_variance(age, oldest)[0] + curve.drift_variance(age)[0] + shape**2 * error[0])
    return Growth(float(curve.log_maturity(age, speed)[0]), variance)


def changes(
    evidence: Iterable[Evidence],
    values: Mapping[str, float | None],
    means: Mapping[str, float | None],
    ranges: Mapping[str, tuple[float, float]],
) -> tuple[Change, ...]:
    """Of supported effects on reach whose feature is known of the draft and of the account's posts; one choice counts once.

    An amount beyond the range of the account's posts counts as the end of that range: how the effect goes on there nobody saw.
    """
    found = []
    for each in evidence:
        value, mean = values.get(each.feature), means.get(each.feature)
        if each.is_causal and each.outcome == "reach" and each.estimate is not None and value is not None and mean is not None:
            least, most = (value, value) if each.is_presence else ranges.get(each.feature, (mean, mean))
            counted = min(max(value, least), most)
            steps = (counted - mean) / each.step
            found.append(Change(each.effect_id, each.feature, value, mean, steps * each.estimate, abs(steps) * _se(each), counted))
    return tuple(found)


def _se(each: Evidence) -> float:
    """Where one side of the interval has no bound, the standard error stands."""
    if each.low is not None and each.high is not None:
        return (each.high - each.low) / (2 * Z95)
    return each.se or 0.0


def predict(usual: Usual, made: Sequence[Change], growth: Growth, horizon: str) -> Prediction:
    """The median moves by the changes and by growth; their errors widen what single posts stray by, in quadrature."""
    if usual.level is None or usual.low is None or usual.high is None:
        return Prediction(horizon, reason=usual.reason)
    if growth.log_share is None:
        return Prediction(horizon, reason=growth.reason)
    middle = usual.level + sum(each.log_points for each in made) + growth.log_share
    more = Z_LEVEL**2 * (growth.variance + sum(each.se**2 for each in made))
    low = middle - math.sqrt((usual.level - usual.low) ** 2 + more)
    high = middle + math.sqrt((usual.high - usual.level) ** 2 + more)
    return Prediction(horizon, multiple(middle), multiple(low), multiple(high))


def position(prediction: Mapping[str, Any], views: float) -> float:
    """The probability that the prediction gave to fewer views than came (probability integral transform), 0 to 1."""
    middle, low, high = (math.log(prediction[name]) for name in ("median", "low", "high"))
    miss = math.log(max(views, 0.5)) - middle
    spread = ((high - middle) if miss >= 0 else (middle - low)) / Z_LEVEL
    return float(stats.norm.cdf(miss / spread))


def pinball(prediction: Mapping[str, Any], views: float) -> float:
    """Mean pinball loss, log points, of the 10 %, 50 % and 90 % quantiles (Koenker and Bassett 1978); lower is better."""
    seen = math.log(max(views, 0.5))
    tail = (1 - prediction["level"]) / 2
    quantiles = ((tail, prediction["low"]), (0.5, prediction["median"]), (1 - tail, prediction["high"]))
    losses = [(level if seen >= math.log(bound) else level - 1) * (seen - math.log(bound)) for level, bound in quantiles]
    return sum(losses) / len(losses)
