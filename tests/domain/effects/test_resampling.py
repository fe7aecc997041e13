"""The wild cluster bootstrap and the shifted histories, against what they are said to be."""

import math

import numpy as np
import pytest

from domain.effects.designs import compare
from domain.effects.gate import MOST_Q
from domain.effects.panel import Floats, build_panel
from domain.effects.regression import Regression
from domain.effects.resampling import PERMUTATIONS, edge, shifted_p, wild_cluster
from tests.domain.effects.worlds import World, hypotheses, make_panel


def fitted(world: World, seed: int) -> Regression:
    return compare(build_panel(make_panel(world, seed), hypotheses(world)), seed=1).fit().fit


def test_the_bootstrap_interval_holds_exactly_the_values_that_are_not_rejected() -> None:
    fit = fitted(World(accounts=20, posts=20, effect=0.4), seed=3)

    wild = wild_cluster(fit, 0, np.random.default_rng(1))
    low, high = wild.interval(float(fit.se[0]))

    assert low < fit.estimates[0] < high
    assert wild.p(low + 0.01) >= 0.05 > wild.p(low - 0.01)
    assert wild.p(high - 0.01) >= 0.05 > wild.p(high + 0.01)


def test_the_bootstrap_agrees_with_cr2_where_clusters_are_many() -> None:
    fit = fitted(World(accounts=60, posts=20, effect=0.4), seed=3)

    low, high = wild_cluster(fit, 0, np.random.default_rng(1)).interval(float(fit.se[0]))

    assert high - low == pytest.approx(2 * 2.0 * fit.se[0], rel=0.15)


def test_the_bootstrap_rejects_a_true_null_about_one_time_in_twenty() -> None:
    world = World(accounts=10, posts=12)

    rejected = [wild_cluster(fitted(world, seed), 0, np.random.default_rng(seed)).p(0.0) < 0.05 for seed in range(100)]

    assert 0.01 <= np.mean(rejected) <= 0.10


def test_a_clear_effect_of_few_accounts_can_be_clear_among_hundreds_of_questions() -> None:
    fit = fitted(World(accounts=24, posts=30, effect=0.8), seed=3)

    assert wild_cluster(fit, 0, np.random.default_rng(1)).p(0.0) * 500 <= MOST_Q


def test_shifting_compares_with_each_history_moved_along_its_own_account() -> None:
    fit = fitted(World(accounts=6, posts=12), seed=3)
    draws = np.random.default_rng(9).random((PERMUTATIONS, 6))

    def statistic(parts: list[float]) -> float:
        return abs(sum(parts)) / float(np.sqrt(np.sum(np.square(parts))))

    def products(shares: Floats) -> list[float]:
        moved = [
            np.roll(fit.treatment[start:end, 0], int(part * (end - start))) for (start, end), part in zip(fit.bounds, shares, strict=True)
        ]
        return [float(part @ fit.restricted(0)[start:end]) for part, (start, end) in zip(moved, fit.bounds, strict=True)]

    shifted = np.array([statistic(products(draw)) for draw in draws])
    observed = statistic(products(np.zeros(6)))

    p, moved = shifted_p(fit, np.random.default_rng(9))

    assert p[0] == pytest.approx((1 + np.sum(shifted >= observed * (1 - 1e-9))) / (1 + PERMUTATIONS))
    assert abs(moved[0]) < 0.25 * fit.se[0]


def test_an_error_that_is_lost_in_the_rounding_of_its_estimate_has_no_end() -> None:
    assert edge(lambda value: float(value == 1.0), 1.0, 1e-20) == math.inf
    assert edge(lambda value: float(value == 1.0), 1.0, -1e-20) == -math.inf
