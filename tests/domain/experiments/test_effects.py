"""Randomised results as effects: their verdicts, their words, outcomes of YouTube's own tests, and the calibration by them."""

from dataclasses import replace

import numpy as np
import pytest

from bench.harness.experiments_worlds import World, counted, headline_tests, switchback
from domain.effects.estimate import as_figures
from domain.effects.sentences import sentence
from domain.effects.verdicts import Design, Effect, Kind, Outcome, Verdict
from domain.errors import Unacceptable
from domain.experiments.calibration import Estimate, calibrate
from domain.experiments.effects import ExperimentCandidate, OwnTest, PooledTests, experiment_effects
from domain.experiments.pooling import Pool, PooledFeature, pool_features
from domain.experiments.publishing import pool_figures, pool_of, stated, stated_pool
from domain.experiments.reading import read
from domain.experiments.reported import ReportedOutcome, ReportedTest, Variant, check_reported, reported_effect
from domain.experiments.states import ExperimentState

WINNER = ReportedTest(
    "r1", "New title", ReportedOutcome.WINNER, (Variant("old", 0.46, "Old"), Variant("new", 0.54, "New?")), winner="new"
)  # fmt: skip


def own_test(lift: float, *, seed: int = 1, hoped: float = 0.5) -> OwnTest:
    made = switchback(seed, lift=hoped)
    return OwnTest("e1", made, read(made, counted(made, World(lift=lift), seed), state=ExperimentState.CONCLUDED, is_over=True))


def candidate(lift: float) -> ExperimentCandidate:
    found = experiment_effects([own_test(lift)])[0]
    assert isinstance(found, ExperimentCandidate)
    return found


def test_a_clear_result_is_experimental_and_speaks_of_what_was_measured() -> None:
    effect = stated(own_test(0.5))[0]

    assert (effect.verdict, effect.design, effect.kind, effect.outcome) == (
        Verdict.EXPERIMENTAL,
        Design.RANDOMISED,
        Kind.EXPERIMENT,
        Outcome.CLICKS,
    )
    assert "raised clicks per impression by" in sentence(effect)
    assert "views" not in sentence(effect)
    assert as_figures(effect)["sentence"] == sentence(effect)


def test_a_result_clearer_than_any_p_can_say_is_not_taken_for_none() -> None:
    test = own_test(0.5)
    certain = replace(test, reading=replace(test.reading, comparisons=tuple(replace(each, p=0.0) for each in test.reading.comparisons)))

    assert stated(certain)[0].verdict is Verdict.EXPERIMENTAL


def test_the_sentence_says_the_level_of_its_interval() -> None:
    made = switchback(1, alpha=0.10)
    found = OwnTest("e1", made, read(made, counted(made, World(lift=0.5), 1), state=ExperimentState.CONCLUDED, is_over=True))

    assert "(90 % interval" in sentence(stated(found)[0])


def test_among_many_hypotheses_the_verdict_hangs_on_q() -> None:
    waiting = candidate(0.12)
    assert waiting.p is not None

    assert waiting.judged(waiting.p, 1).verdict is Verdict.EXPERIMENTAL
    late = waiting.judged(0.2, 60)
    assert late.verdict is Verdict.INCONCLUSIVE
    assert "once all questions" in str(late.reason)


def test_no_lift_where_one_would_have_been_seen_is_refuted_in_words() -> None:
    effect = stated(own_test(0.0, seed=2))[0]

    assert effect.verdict is Verdict.REFUTED
    assert "no relevant difference in clicks" in sentence(effect)


def test_a_reported_winner_is_about_the_share_of_watch_time_only() -> None:
    effect = reported_effect(WINNER)

    assert (effect.verdict, effect.outcome) == (Verdict.EXPERIMENTAL_SELF_REPORTED, Outcome.WATCH_TIME)
    assert effect.estimate == pytest.approx(np.log(0.54 / 0.46))
    assert (effect.low, effect.high, effect.p) == (None, None, None)
    assert "says nothing about views" in sentence(effect)


@pytest.mark.parametrize(
    ("outcome", "verdict", "words"),
    [
        (ReportedOutcome.PERFORMED_SAME, Verdict.EXPERIMENTAL_SELF_REPORTED, "performed the same"),
        (ReportedOutcome.INCONCLUSIVE, Verdict.INCONCLUSIVE, "Cannot say yet"),
    ],
)
def test_other_outcomes_claim_no_winner(outcome: ReportedOutcome, verdict: Verdict, words: str) -> None:
    effect = reported_effect(replace(WINNER, outcome=outcome, winner=None))

    assert effect.verdict is verdict
    assert words in sentence(effect)
    assert "won" not in sentence(effect)


@pytest.mark.parametrize(
    "change",
    [
        {"winner": None},
        {"winner": "other"},
        {"winner": "old"},
        {"outcome": ReportedOutcome.INCONCLUSIVE},
        {"variants": (Variant("old", 0.5), Variant("new", 0.6))},
        {"variants": (Variant("new", 1.0),)},
    ],
)
def test_an_outcome_that_contradicts_itself_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(Unacceptable):
        check_reported(replace(WINNER, **change))  # type: ignore[arg-type]


@pytest.mark.parametrize(("is_own", "verdict"), [(True, Verdict.EXPERIMENTAL), (False, Verdict.EXPERIMENTAL_SELF_REPORTED)])
def test_pooled_features_say_whose_tests_they_are(is_own: bool, verdict: Verdict) -> None:
    pool = pool_features(headline_tests(150, 0.4, broken=3))
    effects = {each.feature.partition("/")[0]: each for each in stated_pool(PooledTests("i1", pool, is_own))}

    assert effects["is_question"].verdict is verdict
    assert effects["has_emoji"].verdict is Verdict.INCONCLUSIVE
    assert pool.excluded >= 3
    assert f"{pool.excluded} of 150" in effects["is_question"].gates[0].detail
    assert pool_of(pool_figures(pool)).features[0].feature == pool.features[0].feature


def test_keys_of_all_results_differ() -> None:
    pool = pool_features(headline_tests(30, 0.4))
    found = experiment_effects([own_test(0.1)], [WINNER], [PooledTests("i1", pool, True), PooledTests("i2", pool, True)])
    keys = [each.key if isinstance(each, Effect) else each.judged(1.0, 1).key for each in found]

    assert len(set(keys)) == len(keys)


def pairs(n: int, bias: float, *, sd: float = 0.0, seed: int = 1) -> tuple[list[Estimate], list[Estimate]]:
    chance = np.random.default_rng(seed)
    truth = 0.3 * chance.standard_normal(n)
    observed = truth + bias + sd * chance.standard_normal(n) + 0.05 * chance.standard_normal(n)
    experimental = truth + 0.05 * chance.standard_normal(n)
    names = [f"f{number}" for number in range(n)]
    return (
        [Estimate(name, float(value), 0.05) for name, value in zip(names, observed, strict=True)],
        [Estimate(name, float(value), 0.05) for name, value in zip(names, experimental, strict=True)],
    )


def test_fewer_than_five_pairs_calibrate_nothing() -> None:
    found = calibrate(*pairs(4, 0.2))

    assert (found.bias, found.widening, len(found.pairs)) == (None, None, 4)
    assert "there are 4" in str(found.reason)


def test_a_bias_that_we_chose_is_found() -> None:
    found = [calibrate(*pairs(12, 0.20, seed=seed)) for seed in range(40)]

    assert np.mean([each.bias for each in found]) == pytest.approx(0.20, abs=0.01)
    assert np.mean([(each.bias_low or 0) < 0.20 < (each.bias_high or 0) for each in found]) >= 0.85


def test_estimates_that_agree_need_no_wider_intervals_and_others_do() -> None:
    good = np.mean([calibrate(*pairs(12, 0.0, seed=seed)).widening or 0 for seed in range(40)])
    bad = np.mean([calibrate(*pairs(12, 0.0, sd=0.2, seed=seed)).widening or 0 for seed in range(40)])

    assert good < 1.3
    assert bad == pytest.approx(np.hypot(0.2, 0.05) / 0.05, rel=0.15)


def test_experiments_that_all_showed_nothing_are_no_ground_for_a_ratio() -> None:
    names = [f"feature_{number}" for number in range(6)]

    found = calibrate([Estimate(name, 0.1, 0.05) for name in names], [Estimate(name, 0.0, 0.05) for name in names])

    assert (found.ratio, found.ratio_low, found.ratio_high) == (None, None, None)
    assert found.bias == pytest.approx(0.1)


def test_where_many_tests_fail_the_ratio_check_nothing_is_claimed_of_the_others() -> None:
    """Each failing test is left out; too many of them, and whatever drew the arms is not to be trusted."""
    found = PooledFeature("is_question", "a question", 40, 80, 40, 0.3, 0.03, 0.24, 0.36, 1e-9, 0.08, 0.0)
    few, many = (PooledTests("i", Pool(50, 100, failed, 0.1, (found,)), is_own=True) for failed in (1, 20))

    (sound,), (doubtful,) = stated_pool(few), stated_pool(many)

    assert sound.verdict is Verdict.EXPERIMENTAL
    assert doubtful.verdict is Verdict.INCONCLUSIVE
    assert {gate.name: gate.passed for gate in doubtful.gates} == {"sample_ratio": False, "q": True}
    assert doubtful.gates[0].value == pytest.approx(0.4)
