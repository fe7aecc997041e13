"""Readings: no peeking, no false alarms, found lifts, and no verdict where the arms did not get their shares."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from bench.harness.experiments_worlds import World, counted, side_by_side, switchback
from domain.effects.verdicts import Verdict
from domain.experiments.counts import Count
from domain.experiments.plan import Arm, Metric, Plan, Stopping
from domain.experiments.reading import FAILED_RATIO, NOT_YET, Reading, differences, read, whole_blocks
from domain.experiments.states import ExperimentState

RUNNING, STOPPED = ExperimentState.RUNNING, ExperimentState.STOPPED


def at_the_end(plan: Plan, counts: list[Count]) -> Reading:
    return read(plan, counts, state=RUNNING, is_over=True)


def found(plans: list[Plan], world: World) -> float:
    return float(np.mean([at_the_end(plan, counted(plan, world, seed)).is_decided for seed, plan in enumerate(plans)]))


def test_a_test_of_a_title_against_itself_is_rarely_decided() -> None:
    """300 A/A tests of 28 days with day noise 0.10 and drift; impressions taken for independent would decide 59 % of them."""
    plans = [switchback(seed) for seed in range(300)]

    assert found(plans, World(noise=0.10, drift=-0.02)) <= stats.binom.ppf(0.999, 300, 0.05) / 300


def test_a_lift_is_found_as_often_as_was_promised() -> None:
    plans = [switchback(seed) for seed in range(200)]

    assert 0.48 <= found(plans, World(lift=0.10)) <= 0.70
    assert found(plans, World(lift=0.20)) >= 0.95


def test_the_interval_covers_the_lift() -> None:
    readings = [at_the_end(plan, counted(plan, World(lift=0.10), seed)) for seed in range(200) for plan in [switchback(seed)]]
    bounds = [(each.comparisons[0].low or 0, each.comparisons[0].high or 0) for each in readings]

    assert np.mean([low < np.log(1.10) < high for low, high in bounds]) >= 0.91


def test_before_its_end_a_fixed_experiment_shows_progress_and_nothing_else() -> None:
    plan = switchback(1)

    reading = read(plan, counted(plan, World(lift=3.0), 1)[:20], state=RUNNING, is_over=False)

    assert reading.comparisons == ()
    assert reading.withheld == NOT_YET
    assert (reading.blocks, reading.blocks_planned, reading.is_final) == (10, 14, False)


def test_one_that_was_stopped_has_no_verdict() -> None:
    plan = switchback(1)

    reading = read(plan, counted(plan, World(lift=3.0), 1), state=STOPPED, is_over=True)

    assert reading.comparisons == ()
    assert "stopped" in str(reading.withheld)


def peeked(plan: Plan, counts: list[Count]) -> bool:
    days = range(7, plan.slots + 1)
    return any(read(plan, [each for each in counts if each.slot < day], state=RUNNING, is_over=False).is_decided for day in days)


@pytest.mark.parametrize("own_noise", [0.0, 0.08])
def test_looking_every_day_decides_no_more_often_than_was_said(own_noise: float) -> None:
    decided = [peeked(side_by_side(seed), counted(side_by_side(seed), World(own_noise=own_noise), seed)) for seed in range(80)]

    assert np.mean(decided) <= stats.binom.ppf(0.999, 80, 0.05) / 80


def test_one_that_may_be_read_at_any_time_finds_a_lift_early() -> None:
    plan = side_by_side(1)

    reading = read(plan, counted(plan, World(lift=0.20), 1)[:20], state=RUNNING, is_over=False)

    assert reading.comparisons[0].verdict is Verdict.EXPERIMENTAL


def test_arms_that_did_not_get_their_shares_have_no_verdict() -> None:
    plan = side_by_side(1, stopping=Stopping.FIXED_END)
    counts = [
        replace(each, impressions=(each.impressions or 0) * (95 if each.arm == "B" else 100) // 100) for each in counted(plan, World(), 1)
    ]

    reading = at_the_end(plan, counts)

    assert reading.ratio.p is not None
    assert reading.ratio.p < 0.001
    assert (reading.withheld, reading.comparisons) == (FAILED_RATIO, ())


def test_a_title_that_is_clicked_more_often_has_more_views_and_that_is_no_lost_share() -> None:
    plan = replace(side_by_side(1, stopping=Stopping.FIXED_END), metric=Metric.WATCH_SECONDS)
    chance = np.random.default_rng(1)
    counts = [
        replace(
            each,
            views=1_000 if each.arm == "A" else 1_200,
            watch_seconds=round((100 if each.arm == "A" else 144) * chance.normal(1_000, 20)),
        )
        for each in counted(plan, World(), 1)
    ]
    unseen = [replace(each, impressions=None) for each in counts]

    assert at_the_end(plan, counts).ratio.passed
    assert at_the_end(plan, counts).comparisons[0].verdict is Verdict.EXPERIMENTAL
    assert at_the_end(plan, unseen).ratio.p is None


def test_blocks_in_which_the_metric_cannot_be_had_are_lost_blocks() -> None:
    """Nobody watched arm B on its bad days: what is left of it was picked by how it did."""
    plan = replace(switchback(1), metric=Metric.WATCH_SECONDS)
    counts = [
        replace(each, views=0 if each.arm == "B" and each.slot < 12 else 900 + each.slot, watch_seconds=50_000 * (1 + (each.arm == "B")))
        for each in counted(plan, World(), 1)
    ]

    comparison = at_the_end(plan, counts).comparisons[0]

    assert (comparison.verdict, comparison.estimate) == (Verdict.INCONCLUSIVE, None)
    assert comparison.blocks < 0.8 * plan.blocks


def test_lost_days_are_no_end() -> None:
    plan = switchback(1)

    assert "only 10 of 14 blocks are whole" in str(at_the_end(plan, counted(plan, World(), 1)[:20]).withheld)


def test_constant_counts_are_no_certainty() -> None:
    plan = switchback(1)
    counts = [replace(each, impressions=1_000, clicks=50 if each.arm == "A" else 60) for each in counted(plan, World(), 1)]

    comparison = at_the_end(plan, counts).comparisons[0]

    assert (comparison.verdict, comparison.estimate, comparison.low) == (Verdict.INCONCLUSIVE, None, None)


def test_days_without_a_single_click_or_view_crash_nothing() -> None:
    plan = switchback(1)
    empty = [replace(each, impressions=0, clicks=0, views=0, watch_seconds=0) for each in counted(plan, World(), 1)]

    for metric in Metric:
        assert at_the_end(replace(plan, metric=metric), empty).comparisons[0].verdict is Verdict.INCONCLUSIVE


def test_several_arms_share_the_level() -> None:
    plan = replace(switchback(1, days=30), arms=(Arm("A"), Arm("B"), Arm("C")))

    reading = at_the_end(plan, counted(plan, World(), 1))

    assert [each.level for each in reading.comparisons] == [0.975, 0.975]


def test_the_order_of_the_counts_does_not_matter() -> None:
    plan = switchback(1)
    counts = counted(plan, World(lift=0.1), 1)

    assert at_the_end(plan, counts) == at_the_end(plan, counts[::-1])


def test_the_paired_test_is_scipys() -> None:
    plan = switchback(3)
    counts = counted(plan, World(lift=0.1), 3)

    mine, theirs = at_the_end(plan, counts).comparisons[0], stats.ttest_1samp(differences(plan, whole_blocks(plan, counts), "B"), 0.0)

    assert mine.p == pytest.approx(theirs.pvalue)
    assert (mine.low, mine.high) == pytest.approx(tuple(theirs.confidence_interval()))
