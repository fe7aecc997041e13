"""What survives screening is looked at again; randomised results count among all hypotheses, and hold estimates from posts to account."""

from dataclasses import replace

import numpy as np
import pytest

from bench.harness.releases import Tenant, changed, tenant
from bench.harness.worlds import Noise
from domain.effects.estimate import as_figures
from domain.effects.honesty import problems_of
from domain.effects.questions.calibrating import calibrated, calibration_of, calibration_section
from domain.effects.questions.summaries import gate_summary, power_summary, success_factors
from domain.effects.questions.surviving import UNCHECKED, Second, seen_again
from domain.effects.release import EffectsRelease, effects_release
from domain.effects.verdicts import Check, Design, Effect, Gate, Kind, Outcome, Shrinkage, Verdict
from domain.experiments.effects import ExperimentCandidate
from domain.experiments.packing import packed_results, results_of
from domain.experiments.wording import Basis
from domain.features.table import Vocabulary, feature_table

CLAIM = Effect(
    "is_question", "a question", "", Verdict.CAUSAL_SUPPORTED, Design.WITHIN_ACCOUNT, 900, 30, 300, 600,
    estimate=0.3, se=0.05, low=0.2, high=0.4, p=1e-6, q=1e-5, mde=0.14, gates=(Gate("q", True, 1e-5, 0.04, ""),),
)  # fmt: skip


def check(estimate: float, se: float = 0.05) -> Check:
    return Check("another method", estimate, se, estimate - 2 * se, estimate + 2 * se)


@pytest.mark.parametrize(
    ("second", "verdict"),
    [
        (check(0.28), Verdict.CAUSAL_SUPPORTED),
        (check(0.05), Verdict.ASSOCIATIONAL),
        (check(-0.28), Verdict.ASSOCIATIONAL),
        (None, Verdict.ASSOCIATIONAL),
    ],
    ids=["agrees", "too far", "other sign", "none"],
)
def test_a_claim_that_a_second_method_does_not_share_is_an_association(second: Check | None, verdict: Verdict) -> None:
    seen = seen_again(CLAIM, Second(second, ()))

    assert (seen.verdict, seen.check, seen.gates[-1].name) == (verdict, second, "double_ml")
    assert seen.gates[-1].passed is (verdict is Verdict.CAUSAL_SUPPORTED)
    assert second is not None or seen.gates[-1].detail == UNCHECKED


def test_a_pulled_estimate_is_held_against_the_own_posts_estimate() -> None:
    pulled = replace(CLAIM, estimate=0.12, shrinkage=Shrinkage(0.3, 0.05, 0.1, 0.02, 0.05, 0.1))

    assert seen_again(pulled, Second(check(0.28, 0.03), ())).verdict is Verdict.CAUSAL_SUPPORTED
    assert seen_again(pulled, Second(check(0.1, 0.03), ())).verdict is Verdict.ASSOCIATIONAL


def randomised(number: int, estimate: float) -> Effect:
    se = 0.02
    return Effect(
        f"f{number}/import-1", "a thing", "", Verdict.EXPERIMENTAL, Design.RANDOMISED, 400, 1, 200, 200, estimate=estimate, se=se,
        low=estimate - 2 * se, high=estimate + 2 * se, p=0.001, outcome=Outcome.CLICKS, kind=Kind.EXPERIMENT,
    )  # fmt: skip


def observed(number: int, estimate: float) -> Effect:
    return replace(CLAIM, feature=f"f{number}", estimate=estimate, low=estimate - 0.1, high=estimate + 0.1)


def test_where_randomised_tests_contradict_estimates_from_posts_their_claims_go() -> None:
    apart = [*(observed(number, 0.3) for number in range(6)), *(randomised(number, 0.02 * (-1) ** number) for number in range(6))]
    alike = [*(observed(number, 0.3) for number in range(6)), *(randomised(number, 0.29) for number in range(6))]

    lost, kept = calibrated(apart, calibration_of(apart)), calibrated(alike, calibration_of(alike))

    assert {each.verdict for each in lost[:6]} == {Verdict.ASSOCIATIONAL}
    assert {each.verdict for each in kept[:6]} == {Verdict.CAUSAL_SUPPORTED}
    assert {each.gates[-1].name for each in (*lost[:6], *kept[:6])} == {"calibration"}
    assert lost[6:] == tuple(apart[6:])
    assert calibration_section(calibration_of(apart), lost)["effects"][0]["widened_low"] < 0


def test_under_five_features_tried_both_ways_nothing_follows() -> None:
    few = [*(observed(number, 0.3) for number in range(4)), *(randomised(number, 0.0) for number in range(4))]

    assert calibrated(few, calibration_of(few)) == tuple(few)
    assert calibration_section(calibration_of(few), few)["effects"] == []


@pytest.fixture(scope="module")
def with_experiments() -> EffectsRelease:
    posts, table = tenant(Tenant(accounts=6, posts=14, own=0, noise=Noise(sd=0.5)), 1)
    waiting = ExperimentCandidate(randomised(1, 0.2), 0.05, 0.05, Basis("20 blocks"))
    reported = replace(randomised(2, 0.1), feature="r1", verdict=Verdict.EXPERIMENTAL_SELF_REPORTED, p=None, se=None, low=None, high=None,
                       outcome=Outcome.WATCH_TIME, reason="YouTube gives no interval")  # fmt: skip
    return effects_release(posts, table, experiments=results_of(packed_results([waiting, reported])), seed=1)


def test_experiments_count_in_q_and_what_was_reported_without_p_waits_for_nobody(with_experiments: EffectsRelease) -> None:
    own, reported = with_experiments.effects[-2:]

    assert own.hypotheses == sum(each.q is not None for each in with_experiments.effects)
    assert own.q is not None
    assert own.q > 0.001
    assert {gate.name for gate in own.gates} == {"q"}
    assert (reported.verdict, reported.q) == (Verdict.EXPERIMENTAL_SELF_REPORTED, None)
    assert [problem for each in (own, reported) for problem in problems_of(as_figures(each), has_census=True, posts=84)] == []


def test_what_is_packed_of_experiments_comes_out_as_it_went_in() -> None:
    gated = replace(randomised(1, 0.25), low=0.2, high=0.3, gates=(Gate("sample_ratio", True, None, 0.001, "x"),))
    found = (ExperimentCandidate(gated, 0.05, 0.05, Basis("b")), CLAIM)

    assert results_of(packed_results(found)) == found


def test_a_summary_counts_what_each_gate_stopped_alone() -> None:
    stopped = replace(CLAIM, verdict=Verdict.ASSOCIATIONAL, gates=(*CLAIM.gates, Gate("mde", False, 1.0, 0.69, "")))

    told = gate_summary([CLAIM, stopped])

    assert {row["gate"]: (row["hypotheses"], row["passed"], row["stopped_alone"]) for row in told["gates"]} == {
        "q": (2, 2, 0),
        "mde": (1, 0, 1),
    }
    assert power_summary([CLAIM])[0]["would_see"][1] == {"difference": 0.30, "hypotheses": 1}
    assert [each["direction"] for each in success_factors([CLAIM, replace(CLAIM, estimate=-0.5, low=-0.9, high=-0.3), stopped])] == [
        "lowers",
        "raises",
    ]


def test_posts_of_several_platforms_are_asked_what_only_one_of_them_shows() -> None:
    posts, _ = tenant(Tenant(accounts=12, posts=20, own=0), 2)
    is_mute = posts["account_id"] < "a0006"
    description = posts["description"].mask(is_mute, None)
    mixed = changed(posts, platform=np.where(is_mute, "tiktok", "youtube"), description=description)
    table = feature_table(mixed, Vocabulary())

    found = {each.key: each for each in effects_release(mixed, table, seed=1).effects}

    assert found["reach/feature/has_link"].accounts == 6
    assert found["reach/feature/is_question"].accounts == 12
