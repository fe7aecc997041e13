"""Numbers of the gate against their definitions."""

import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from domain.effects.gate import benjamini_hochberg, posts_needed, round_up
from domain.effects.inference import Figures
from domain.effects.strength import robustness
from domain.effects.verdicts import Gate


def figures(*, estimate: float, se: float) -> Figures:
    rest = dict.fromkeys(set(Figures.__dataclass_fields__) - {"estimate", "se", "is_lag_adjusted", "periods"}, 0.0)
    return Figures(estimate=estimate, se=se, is_lag_adjusted=False, periods=None, **rest)


def test_q_is_benjamini_hochberg_in_the_order_given() -> None:
    p = [0.04, 0.001, 0.2, 0.012, 0.9]

    np.testing.assert_allclose(benjamini_hochberg(p), multipletests(p, method="fdr_bh")[1])
    assert benjamini_hochberg([]) == []


@pytest.mark.parametrize("explained", [0.001, 0.02, 0.3])
def test_a_hidden_factor_as_strong_as_the_robustness_value_brings_the_estimate_to_zero(explained: float) -> None:
    value = robustness(explained)

    # Cinelli & Hazlett: bias = se * sqrt(df) * sqrt(r2_y * r2_d / (1 - r2_d)), estimate = se * sqrt(df) * sqrt(explained / (1 - explained))
    assert math.sqrt(value * value / (1 - value)) == pytest.approx(math.sqrt(explained / (1 - explained)))


def test_as_many_posts_as_are_needed_show_the_difference_four_times_in_five() -> None:
    n, se, effect = 400, 0.2, 0.3

    more = posts_needed(n, figures(estimate=effect, se=se), hypotheses=1)

    reached = se * math.sqrt(n / (n + more))
    power = stats.norm.sf(stats.norm.ppf(0.975) - effect / reached)
    assert power == pytest.approx(0.8, abs=0.02)


def test_more_hypotheses_take_more_posts() -> None:
    found = figures(estimate=0.3, se=0.2)

    assert posts_needed(400, found, hypotheses=10) > posts_needed(400, found, hypotheses=1)


@pytest.mark.parametrize(
    ("gates", "least"),
    [
        ((Gate("posts", False, 40.0, 60.0, ""),), 20),
        ((Gate("posts", True, 400.0, 60.0, ""),), 4),
        ((Gate("posts", False, 40.0, 60.0, ""), Gate("runs", False, 12.0, 24.0, "")), 40),
        ((Gate("periods", False, 1.0, 3.0, ""),), 80),
        ((Gate("periods", False, 0.0, 3.0, ""),), 4),
    ],
)
def test_one_account_needs_the_posts_that_its_gate_asks_for(gates: tuple[Gate, ...], least: int) -> None:
    assert posts_needed(40, figures(estimate=0.5, se=0.1), 1, gates) == least


@pytest.mark.parametrize(("number", "rounded"), [(1.0, 1), (7.2, 8), (43.1, 44), (1234.0, 1300), (99.5, 100)])
def test_posts_are_rounded_up_to_two_digits(number: float, rounded: int) -> None:
    assert round_up(number) == rounded
