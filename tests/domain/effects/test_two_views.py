"""With and without an adjustment for earlier posts: what is published of the two says the same in its p and in its interval."""

from dataclasses import replace

import numpy as np
import pytest

from bench.harness.worlds import Accounts, Channel, Noise, Runs, accounts, channel, hypotheses
from domain.effects.inference import Figures, both_hold, infer
from domain.effects.over_time import infer_over_time
from domain.effects.panel import build_panel

ASKED = range(12)


def contradicts(each: Figures) -> bool:
    """Whether 0 is outside the interval at p > 0.05, but for what draws round to."""
    return each.p > 0.055 and not each.low <= 0 <= each.high


def test_over_time_no_interval_leaves_out_0_while_p_does_not() -> None:
    world = Channel(effect=0.3, noise=Noise(sd=0.7), runs=Runs(features=12))
    found = [
        each
        for seed in range(4, 8)
        for each in infer_over_time(build_panel(channel(world, seed), hypotheses(12)), hypotheses(12), seed, list(ASKED)).values()
    ]

    assert sum(each.is_lag_adjusted for each in found) >= 5
    assert not [each for each in found if contradicts(each)]


def test_among_few_accounts_no_interval_leaves_out_0_while_p_does_not() -> None:
    world = Accounts(accounts=12, posts=(30, 30), effect=0.3, reaction=1.0, noise=Noise(ar=0.5), runs=Runs(features=12))
    found = [
        each
        for seed in range(2)
        for each in infer(build_panel(accounts(world, seed), hypotheses(12)), hypotheses(12), seed, list(ASKED)).values()
    ]

    assert sum(each.is_lag_adjusted for each in found) >= 5
    assert not [each for each in found if contradicts(each)]


def test_two_views_that_point_either_way_show_nothing() -> None:
    panel = build_panel(channel(Channel(posts=240, effect=0.8, runs=Runs(features=2)), 1), hypotheses(2))
    one = infer_over_time(panel, hypotheses(2), 1, [0])["feature_00"]
    other = replace(one, estimate=-one.estimate, low=-one.high, high=-one.low)

    found = both_hold(one, other)

    assert found.p == 1.0
    assert found.high == pytest.approx(one.high)
    assert found.low == pytest.approx(-one.high)
    assert np.sign(both_hold(one, one).low) == np.sign(one.low)
