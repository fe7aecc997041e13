"""Plans and tables whose truth we chose."""

from dataclasses import replace
from typing import Any

import numpy as np

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
