"""A plan says what it can see, and one that cannot see what is hoped for is refused with what would do."""

import math

import numpy as np
import pytest
from scipy import stats

from domain.errors import Unacceptable
from domain.experiments.asked import Asked, planned
from domain.experiments.plan import Arm, ExperimentKind, Metric, NoiseSource, Stopping, plan_of, registered
from domain.experiments.power import mde, ncp_needed, slots_needed, t_power
from domain.experiments.schedule import schedule
from store.experiments import _json
from tests.domain.experiments.made import asked, history


def refused(wanted: Asked) -> dict[str, str]:
    with pytest.raises(Unacceptable) as error:
        planned(wanted)
    return {each.pointer: each.detail for each in error.value.problems}


def test_a_plan_that_cannot_see_what_is_hoped_for_is_refused_with_what_would_do() -> None:
    problems = refused(asked(lift=0.10))

    assert problems["/days"].startswith("42 days")
    assert problems["/lift"] == "hope for 12.8% or more"
    planned(asked(lift=0.10, slots=42))
    planned(asked(lift=0.128))


def test_what_no_length_can_show_says_so() -> None:
    assert refused(asked(lift=0.01))["/days"] == "not even 730 days would do"


@pytest.mark.parametrize("alpha", [1e-5, 1e-4, 1e-3, 0.05, 0.2])
@pytest.mark.parametrize("power", [0.5, 0.8, 0.99])
def test_the_effect_that_is_needed_is_found_with_few_blocks_and_a_small_alpha_too(alpha: float, power: float) -> None:
    for df in (3, 4, 6, 13, 90):
        assert t_power(ncp_needed(df, alpha, power), df, alpha) == pytest.approx(power, abs=5e-5)


def test_power_is_the_same_where_the_series_ends_in_nothing() -> None:
    critical = float(stats.t.ppf(1 - 5e-4, 13))
    chance = np.random.default_rng(8)
    drawn = (chance.standard_normal(400_000) + 9) / np.sqrt(chance.chisquare(13, 400_000) / 13)

    assert t_power(9, 13, 1e-3) == pytest.approx(float(np.mean(np.abs(drawn) > critical)), abs=2e-3)
    assert [t_power(ncp, 3, 1e-5) for ncp in (20, 40, 80)] == sorted(t_power(ncp, 3, 1e-5) for ncp in (20, 40, 80))


def test_power_is_that_of_the_paired_test() -> None:
    """28 days at noise 0.10, measured in a simulation of clicks: a lift of 10 % is found in 59 %, one of 20 % in 98 %."""
    plan, strength = planned(asked(lift=0.20))

    assert strength.power_at_lift == pytest.approx(0.98, abs=0.02)
    se = mde(plan) / ncp_needed(13, 0.05, 0.8)
    assert t_power(math.log(1.1) / se, 13, 0.05) == pytest.approx(0.59, abs=0.03)


def test_the_length_that_is_told_is_the_shortest_that_does() -> None:
    plan, _ = planned(asked(lift=0.20))
    fewest = slots_needed(plan)

    assert fewest == 16
    planned(asked(lift=0.20, slots=fewest))
    refused(asked(lift=0.20, slots=fewest - 2))


def test_noise_comes_from_neighbouring_days_so_that_a_trend_is_no_noise() -> None:
    plan, strength = planned(asked(day_noise=None, history=history(365), lift=0.5))

    assert plan.noise.source is NoiseSource.HISTORY
    assert plan.noise.log_sd == pytest.approx(0.10, abs=0.02)
    assert "365 days of history" in strength.assumptions[0]


def test_without_any_history_the_noise_is_an_assumption_and_said_to_be() -> None:
    plan, strength = planned(asked(day_noise=None, lift=0.5))

    assert plan.noise.source is NoiseSource.ASSUMED
    assert "an assumption" in strength.assumptions[0]


@pytest.mark.parametrize("days", [[], [0] * 40])
def test_a_history_that_says_nothing_is_refused(days: list[int]) -> None:
    history_days = tuple(each for each in history(5) for _ in days) or history(10)

    assert "/history" in refused(asked(day_noise=None, history=history_days[:10]))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"arms": (Arm("A"),)}, "/arms"),
        ({"arms": (Arm("A"), Arm("A"))}, "/arms"),
        ({"slots": 27}, "/days"),
        ({"slots": 4}, "/days"),
        ({"kind": ExperimentKind.CHOICE, "slots": 7}, "/posts"),
        ({"kind": ExperimentKind.TITLE, "metric": Metric.VIEWS}, "/metric"),
        ({"stopping": Stopping.ALWAYS_VALID}, "/stopping"),
        ({"impressions": None}, "/impressions"),
    ],
)
def test_a_plan_that_makes_no_sense_names_the_field(change: dict[str, object], field: str) -> None:
    assert field in refused(asked(**change))


def test_every_block_shows_every_arm_once_in_an_order_of_chance() -> None:
    plan, _ = planned(asked(slots=60, arms=(Arm("A"), Arm("B"), Arm("C")), lift=0.5))
    drawn = [slot.arm for slot in schedule(plan)]
    blocks = [tuple(drawn[at : at + 3]) for at in range(0, 60, 3)]

    assert all(sorted(str(arm) for arm in block) == ["A", "B", "C"] for block in blocks)
    assert len(set(blocks)) > 3
    assert schedule(plan) == schedule(plan)
    assert schedule(plan) != schedule(planned(asked(slots=60, arms=plan.arms, lift=0.5, seed=8))[0])


def test_a_registered_plan_comes_back_as_it_was_and_any_change_changes_its_hash() -> None:
    plan, _ = planned(asked())

    assert plan_of(_json(plan)) == plan
    assert registered(plan) != registered(planned(asked(alpha=0.04))[0])
