"""Predictions against what came: views at an age, hits, and a curve that shows who is too sure of himself."""

import numpy as np
import pytest

from domain.planning.calibration import calibration, due, scored, views_at
from domain.planning.predicting import pinball

MADE = {"horizon": "7d", "median": 1000.0, "low": 500.0, "high": 2000.0, "level": 0.8}


def test_views_at_an_age_lie_between_the_counts_around_it() -> None:
    assert views_at([(4.0, 100), (8.0, 400)], 7.0) == pytest.approx(100 * 4 ** (np.log(7 / 4) / np.log(2)))
    assert views_at([(7.0, 250)], 7.0) == pytest.approx(250)
    assert views_at([(4.0, 100)], 7.0) is None
    assert views_at([(1.0, 100), (20.0, 400)], 7.0) == "no two counts close enough to that age"
    assert views_at([(20.0, 400)], 7.0) == "no two counts close enough to that age"


def test_a_horizon_is_scored_once_it_has_passed() -> None:
    assert due(6.9, []) == []
    assert due(31.0, []) == ["7d", "30d"]
    assert due(31.0, ["7d"]) == ["30d"]


def test_a_prediction_is_a_hit_inside_its_interval() -> None:
    inside, outside, median = (scored(MADE, views) for views in (600.0, 2001.0, 1000.0))

    assert (inside.is_hit, outside.is_hit) == (True, False)
    assert median.position == pytest.approx(0.5)
    assert outside.position == pytest.approx(0.9, abs=0.001)
    assert scored(MADE, "why").reason == "why"
    assert scored({**MADE, "median": None}, 5.0).reason == "nothing was predicted"


def test_the_loss_is_least_for_what_was_said() -> None:
    losses = [pinball(MADE, views) for views in (0, 100, 500, 1000, 2000, 10_000)]

    assert min(losses) == losses[3]


def test_under_twenty_there_is_no_curve() -> None:
    found = calibration([0.5] * 19, [True] * 19, [0.1] * 19)

    assert found == {"n": 19, "reason": "19 predictions are scored; calibration is shown from 20 on, about 1 more"}


def test_a_curve_shows_who_is_calibrated_and_who_is_too_sure() -> None:
    even = np.random.default_rng(1).random(400)
    sure = np.clip(0.5 + 1.8 * (even - 0.5), 0, 1)

    good, bad = (calibration(list(each), [0.1 < one < 0.9 for one in each], [0.1] * 400) for each in (even, sure))

    assert all(each["low"] <= each["quantile"] <= each["high"] for each in good["curve"])
    assert good["hits"]["low"] <= 0.8 <= good["hits"]["high"]
    assert bad["hits"]["high"] < 0.8
    assert not all(each["low"] <= each["quantile"] <= each["high"] for each in bad["curve"])
    assert sum(each["count"] for each in good["bins"]) == 400
