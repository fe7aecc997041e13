"""Changes of level: found where they were planted, not where there are none."""

from datetime import datetime

import numpy as np
import pytest

from domain.deep.change_points import change_points
from tests.domain.deep.worlds import Channel, analysed


def luck(rng: np.random.Generator, points: int, persistence: float) -> np.ndarray:
    values = rng.normal(0, 0.5, points)
    for at in range(1, points):
        values[at] = persistence * values[at - 1] + np.sqrt(1 - persistence**2) * values[at]
    return values


@pytest.mark.parametrize("persistence", [0.0, 0.4])
def test_a_series_with_trend_and_persistent_luck_has_no_change(persistence: float) -> None:
    series = [luck(np.random.default_rng(seed), 80, persistence) + 0.02 * np.arange(80) for seed in range(16)]

    assert sum(bool(change_points(each, np.random.default_rng(1))) for each in series) <= 2


def test_a_change_of_three_deviations_is_found_where_it_is_beside_a_trend() -> None:
    found = []
    for seed in range(12):
        series = luck(np.random.default_rng(seed), 120, 0.2) + 0.01 * np.arange(120)
        series[70:] += 1.5
        found.append(change_points(series, np.random.default_rng(1)))

    right = [each for changes in found for each in changes if abs(each.at - 70) <= 3]
    assert len(right) >= 10
    assert sum(each.low <= 1.5 <= each.high for each in right) >= 0.75 * len(right)


def test_one_hit_is_no_change() -> None:
    series = luck(np.random.default_rng(4), 100, 0.0)
    series[50] += 12.0

    assert change_points(series, np.random.default_rng(1)) == ()


@pytest.mark.parametrize(
    "series", [np.zeros(0), np.ones(100), np.arange(100.0), np.arange(10.0) % 3], ids=["none", "alike", "line", "short"]
)
def test_what_does_not_vary_or_is_short_has_no_change(series: np.ndarray) -> None:
    assert change_points(series, np.random.default_rng(1)) == ()


def test_the_change_of_a_channel_lies_between_two_posts() -> None:
    (change,) = analysed(Channel(posts=240, step=2.5, luck=0.6), seed=2)["growth"]["changes"]

    assert datetime.fromisoformat(change["after"]) < datetime.fromisoformat(change["before"])
    assert change["multiple_low"] <= np.exp(2.5) <= change["multiple_high"]
    assert analysed(Channel(posts=40, accounts=2), seed=2)["growth"]["changes_reason"] == "changes of level are told per account"
