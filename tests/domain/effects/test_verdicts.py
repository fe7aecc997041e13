"""What each verdict may say."""

import json
import re
from dataclasses import replace

import pytest

from domain.effects.estimate import estimate_effects
from domain.effects.sentences import sentence
from domain.effects.verdicts import CAUSAL_VERDICTS, Design, Effect, Outcome, Shrinkage, Verdict
from domain.effects.words import assumptions_of, estimand_of
from tests.domain.effects.releases import canonical
from tests.domain.effects.worlds import World, hypotheses, make_panel

CAUSAL_WORDS = re.compile(
    r"\b(rais|lower|caus|effect|affect|because|due|driv|lead|led|impact|boost|increas|decreas|lift|gain|improv|work|mak|bring|produc|result)",
    re.I,
)
EFFECT = Effect(
    feature="is_question",
    contrast="a question mark in the title, compared with none",
    estimand=estimand_of(Design.WITHIN_ACCOUNT, "a question mark in the title, compared with none"),
    verdict=Verdict.CAUSAL_SUPPORTED,
    design=Design.WITHIN_ACCOUNT,
    n=1600,
    accounts=40,
    treated=500,
    control=1100,
    estimate=0.35,
    low=0.25,
    high=0.45,
    posts_needed=1200,
    reason="the interval holds both a relevant difference and none",
)


@pytest.mark.parametrize("verdict", Verdict)
def test_only_causal_verdicts_speak_of_cause_and_consequence(verdict: Verdict) -> None:
    for estimate in (0.35, -0.35, None):
        said = sentence(replace(EFFECT, verdict=verdict, estimate=estimate))

        assert bool(CAUSAL_WORDS.search(said)) is (verdict in CAUSAL_VERDICTS and estimate is not None), said


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("verdict", Verdict)
def test_each_outcome_has_its_own_words_and_the_pull_is_said(verdict: Verdict, outcome: Outcome) -> None:
    pulled = Shrinkage(own=0.7, own_se=0.2, others=0.1, others_se=0.1, between_sd=0.2, weight=0.6)

    said = sentence(replace(EFFECT, verdict=verdict, outcome=outcome, shrinkage=pulled))

    assert ("views" in said) is (outcome is Outcome.REACH and verdict is not Verdict.INCONCLUSIVE)
    assert "Own posts alone say +101 %, the tracked accounts +11 %; own posts count for 60%." in said
    assert bool(CAUSAL_WORDS.search(said)) is (verdict in CAUSAL_VERDICTS), said


def test_what_an_effect_rests_on_has_no_causal_word() -> None:
    for design in (Design.WITHIN_ACCOUNT, Design.WITHIN_TIME):
        for text in assumptions_of(design, is_lag_adjusted=True, is_pooled=True):
            assert not CAUSAL_WORDS.search(text), text


@pytest.mark.parametrize("verdict", [verdict for verdict in Verdict if verdict is not Verdict.INCONCLUSIVE])
def test_every_answer_comes_with_its_interval_and_n(verdict: Verdict) -> None:
    said = sentence(replace(EFFECT, verdict=verdict))

    assert "95 % interval +28 % to +57 %; 1,600 posts of 40 accounts" in said
    assert "42 %" in said


def test_the_sentence_says_which_way() -> None:
    assert "raised views by 42 %" in sentence(EFFECT)
    assert "lowered views by 30 %" in sentence(replace(EFFECT, estimate=-0.35, low=-0.45, high=-0.25))


@pytest.mark.parametrize(
    ("log_points", "views", "rate"),
    [
        (0.003, "0.3 % more views", "the engagement rate 0.3 % above the others'"),
        (-0.003, "0.3 % fewer views", "the engagement rate 0.3 % below the others'"),
        (-0.0004, "as many views as the others", "the engagement rate the same as the others'"),
        (0.0, "as many views as the others", "the engagement rate the same as the others'"),
        (0.35, "42 % more views", "the engagement rate 42 % above the others'"),
    ],
)
def test_small_figures_have_a_decimal_and_nothing_has_no_sign(log_points: float, views: str, rate: str) -> None:
    made = replace(EFFECT, verdict=Verdict.ASSOCIATIONAL, estimate=log_points, low=-0.0002, high=0.008)
    said = [sentence(replace(made, outcome=outcome)) for outcome in (Outcome.REACH, Outcome.ENGAGEMENT)]

    assert f"such posts had {views} (95 % interval 0 % to +0.8 %;" in said[0]
    assert f"such posts had {rate} (" in said[1]


def test_a_refuted_difference_is_told_to_a_tenth_of_a_per_cent() -> None:
    refuted = replace(EFFECT, verdict=Verdict.REFUTED, outcome=Outcome.ENGAGEMENT, estimate=0.003, low=-0.002, high=0.008)

    assert "no relevant difference in the engagement rate, 0.3 % above the others' (95 % interval -0.2 % to +0.8 %;" in sentence(refuted)
    assert "no relevant difference in the engagement rate, the same as the others' (" in sentence(replace(refuted, estimate=-1e-5))


def test_an_open_question_names_the_posts_it_needs() -> None:
    assert sentence(replace(EFFECT, verdict=Verdict.INCONCLUSIVE)).endswith("About 1,200 more posts are needed.")


def test_a_side_without_bound_is_said_and_not_made_up() -> None:
    assert "95 % interval no bound to +57 %" in sentence(replace(EFFECT, low=None))


def test_what_is_stored_of_an_association_has_no_causal_word() -> None:
    world = World(effect=0.5, selection="trending")

    figures = json.loads(canonical(estimate_effects(make_panel(world, 1), hypotheses=hypotheses(world), seed=1)))[0]

    assert figures["verdict"] == "associational"
    texts = [figures["sentence"], figures["estimand"], figures["contrast"], *(gate["detail"] for gate in figures["gates"])]
    assert [text for text in texts if CAUSAL_WORDS.search(text)] == []
