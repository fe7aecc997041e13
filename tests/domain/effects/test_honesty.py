"""What may not be published as it is, and that what may is let through: a check that stops everything stops the engine."""

from dataclasses import replace

import pytest

from domain.effects.estimate import as_figures
from domain.effects.honesty import problems_of
from domain.effects.verdicts import Design, Effect, Gate, Kind, Verdict
from domain.experiments.reported import ReportedOutcome, ReportedTest, Variant, reported_effect

BESIDE_DONORS = ("census", "placebo", "placebo_in_time", "placebo_in_space", "q")
ONE_CHANGE = Effect(
    "posts_daily", "since the account began to post about daily", "", Verdict.CAUSAL_SUPPORTED, Design.SYNTHETIC, 90, 20, 40, 50,
    estimate=0.4, se=0.1, low=0.2, high=0.6, p=0.001, q=0.01, kind=Kind.CHANGE,
    gates=tuple(Gate(name, True, 0.0, 1.0, "") for name in BESIDE_DONORS),
)  # fmt: skip


def told(*shares: float, outcome: ReportedOutcome = ReportedOutcome.WINNER) -> ReportedTest:
    variants = tuple(Variant(f"v{number}", share) for number, share in enumerate(shares))
    return ReportedTest("r1", "New title", outcome, variants, winner="v0" if outcome is ReportedOutcome.WINNER else None)


def problems(effect: Effect) -> list[str]:
    return problems_of(as_figures(effect), has_census=True, posts=100)


def test_a_change_of_one_account_is_permuted_among_its_donors() -> None:
    assert problems(ONE_CHANGE) == []


@pytest.mark.parametrize("lacking", BESIDE_DONORS)
def test_a_change_of_one_account_needs_each_of_its_placebos(lacking: str) -> None:
    effect = replace(ONE_CHANGE, gates=tuple(gate for gate in ONE_CHANGE.gates if gate.name != lacking))

    assert problems(effect) == [f"causal without the gates {lacking}"]


@pytest.mark.parametrize("outcome", ReportedOutcome)
def test_what_a_platform_told_without_an_interval_may_be_shown_as_told(outcome: ReportedOutcome) -> None:
    assert problems(reported_effect(told(0.6, 0.4, outcome=outcome))) == []


def test_an_arm_that_nobody_watched_is_no_claim_too_much() -> None:
    assert problems(reported_effect(told(1.0, 0.0))) == []


def test_a_randomised_result_that_has_an_error_needs_its_interval() -> None:
    bare = replace(reported_effect(told(0.6, 0.4)), se=0.1)

    assert problems(bare) == ["no interval"]
