"""Plans and tables whose truth we chose."""

from dataclasses import replace
from typing import Any

import numpy as np

from domain.experiments.arms import ASKED, ArmTable
from domain.experiments.asked import Asked, HistoryDay
from domain.experiments.plan import Arm, ExperimentKind, Metric

BASE = Asked(
    ExperimentKind.SWITCHBACK, "Title of the tour", Metric.CLICK_RATE, (Arm("A", "The tour"), Arm("B", "Is this the tour?")), 28, 0.20, 7,
    day_noise=0.10, impressions=20_000, base_rate=0.05,
)  # fmt: skip


def asked(**more: Any) -> Asked:
    return replace(BASE, **more)


def history(days: int = 60, *, noise: float = 0.1, trend: float = 0.02, seed: int = 1) -> tuple[HistoryDay, ...]:
    """Days of a growing video: click rate and views with this log-sd around a trend."""
    chance = np.random.default_rng(seed)
    luck = np.exp(trend * np.arange(days) + noise * chance.standard_normal(days))
    return tuple(HistoryDay(100_000, round(5_000 * each), round(1_000 * each), 60_000.0) for each in luck)


def headline_tests(
    tests: int, effect: float, *, arms: int = 4, arm_sd: float = 0.2, slope_sd: float = 0.0, broken: int = 0, seed: int = 1
) -> ArmTable:
    """Tests of headlines in which a question mark is worth `effect`; the first `broken` of them lost half of one arm's impressions."""
    chance = np.random.default_rng(seed)
    test = np.repeat(np.arange(tests), arms)
    features = np.zeros((tests * arms, len(ASKED)))
    names = [feature.name for feature in ASKED]
    features[:, names.index("is_question")] = asks = chance.integers(2, size=tests * arms)
    features[:, names.index("title_chars")] = chance.integers(20, 60, size=tests * arms)
    seen = chance.poisson(3_000, size=tests * arms)
    seen[: broken * arms : arms] //= 2
    level, slope = np.log(0.015) + 0.5 * chance.standard_normal(tests), effect + slope_sd * chance.standard_normal(tests)
    rate = np.exp(level[test] + slope[test] * asks + arm_sd * chance.standard_normal(tests * arms))
    clicks = chance.binomial(seen, np.minimum(rate, 0.5))
    return ArmTable(test, test, seen.astype("float64"), clicks.astype("float64"), features)
