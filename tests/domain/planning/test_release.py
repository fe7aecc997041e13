"""A release of plans: what is advised is carried, what is not supported says so, and nothing depends on the order of rows."""

import json
import math
from typing import Any

import numpy as np
import pytest

from domain.effects.verdicts import Verdict
from domain.experiments.asked import Asked, planned
from domain.experiments.plan import Arm, ExperimentKind, Metric
from domain.planning.honesty import problems_of
from domain.planning.release import Known, next_release
from tests.domain.planning import worlds
from tests.domain.planning.worlds import effect, known, posts

ADVISING = ("blueprint", "quick_wins", "suggestions")


def sections(of: Known) -> dict[tuple[str, str | None], Any]:
    return {(each.name, each.account_id): each.figures for each in next_release(of)}


@pytest.fixture(scope="module")
def planned_world() -> dict[tuple[str, str | None], Any]:
    frame = posts(question=0.3)
    return sections(known(frame, *worlds.EFFECTS, outliers=set(frame["video_id"][:12])))


def test_what_is_supported_is_advised_and_what_is_not_is_to_be_tested(planned_world: dict[Any, Any]) -> None:
    blueprint = planned_world["blueprint", "a0"]

    assert [each["feature"] for each in blueprint["do"]] == ["is_morning", "is_question"]
    assert [each["feature"] for each in blueprint["test"]] == ["has_number"]
    assert [each["feature"] for each in blueprint["no_difference"]] == ["has_emoji"]
    assert blueprint["missing"]["posts_needed"] == 140
    assert "about 140 more posts" in blueprint["missing"]["sentence"]
    assert blueprint["do"][1]["text"] == "Have a question mark in the title"
    assert blueprint["test"][0]["text"].startswith("Worth testing: ")


def test_two_parts_of_the_day_are_one_choice_and_the_stronger_verdict_makes_it(planned_world: dict[Any, Any]) -> None:
    named = [each["feature"] for each in planned_world["quick_wins", "a0"]["items"]]

    assert "is_morning" in named
    assert "is_evening" not in named


def test_another_outcome_of_the_same_feature_is_named_beside_it(planned_world: dict[Any, Any]) -> None:
    (question,) = [each for each in planned_world["quick_wins", "a0"]["items"] if each["feature"] == "is_question"]

    assert [each["outcome"] for each in question["also"]] == ["engagement"]
    assert question["effect_ids"] == [worlds.SUPPORTED[0], worlds.ENGAGED[0]]


def test_a_quick_win_says_what_it_comes_to_on_the_accounts_usual_views(planned_world: dict[Any, Any]) -> None:
    wins = planned_world["quick_wins", "a0"]
    (question,) = [each for each in wins["items"] if each["feature"] == "is_question"]
    expected, steps = question["expected"], 1 - question["usual"]

    assert expected["from"] == pytest.approx(wins["usual"]["median"])
    assert math.log(expected["to"] / expected["from"]) == pytest.approx(0.3 * steps)
    assert math.log(expected["low"] / expected["from"]) == pytest.approx((0.3 - 0.1 * 1.281552 / 1.959964) * steps)
    assert expected["low"] < expected["to"] < expected["high"]
    assert expected["text"].startswith("expect from about ")


def test_for_all_accounts_together_nothing_is_promised_in_views(planned_world: dict[Any, Any]) -> None:
    everybody = planned_world["quick_wins", None]

    assert everybody["items"]
    assert {each["expected"]["reason"] for each in everybody["items"]} == {"accounts differ in what is usual: choose one"}


def test_every_association_comes_with_the_experiment_that_would_settle_it(planned_world: dict[Any, Any]) -> None:
    (to_test,) = planned_world["blueprint", "a0"]["test"]
    body = to_test["experiment"]["body"]

    asked = Asked(
        ExperimentKind(body["kind"]), body["name"], Metric(body["metric"]), tuple(Arm(arm["name"]) for arm in body["arms"]),
        body["days"], body["lift"], seed=1, varies=body["varies"],
    )  # fmt: skip
    _, strength = planned(asked)
    assert strength.mde_lift == pytest.approx(to_test["experiment"]["mde_lift"])
    assert strength.mde_lift <= body["lift"] <= math.expm1(0.25)


@pytest.mark.parametrize("account_id", [None, "a0", "a1", "a2"])
def test_every_section_is_honest(planned_world: dict[Any, Any], account_id: str | None) -> None:
    found = [problem for name in ADVISING for problem in problems_of(name, planned_world[name, account_id], worlds.VERDICTS)]

    assert found == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"effect_ids": ["gone"]}, "effects that are not there"),
        ({"effect_ids": []}, "carried by no effect"),
        ({"text": "Numbers boost your views"}, "says 'boost'"),
        ({"action": "do"}, "advised without such a verdict"),
        ({"choice": "is_question"}, "spoken of twice"),
    ],
)
def test_a_dishonest_suggestion_is_seen(planned_world: dict[Any, Any], change: dict[str, Any], problem: str) -> None:
    wins = planned_world["quick_wins", "a0"]
    items = [{**each, **change} if each["feature"] == "has_number" else each for each in wins["items"]]

    assert problem in " ".join(problems_of("quick_wins", {**wins, "items": items}, worlds.VERDICTS))


def test_without_any_effect_the_answer_says_what_is_missing() -> None:
    found = sections(known(posts(accounts=1), effect("title_chars", Verdict.INCONCLUSIVE, None, reason="too few", posts_needed=40)))

    blueprint, wins = found["blueprint", "a0"], found["quick_wins", "a0"]
    assert blueprint["do"] == blueprint["avoid"] == blueprint["test"] == wins["items"] == []
    assert "about 40 more posts" in wins["sentence"]
    assert found["suggestions", "a0"]["items"] == []
    assert found["suggestions", "a0"]["reasons"]


@pytest.mark.parametrize("count", [0, 1, 4])
def test_few_posts_give_reasons_and_no_figures(count: int) -> None:
    found = sections(known(posts(accounts=1, count=count), *worlds.EFFECTS))

    assert found["patterns", None]["items"] == []
    if count:
        usual = found["blueprint", "a0"]["usual"]
        assert (usual["median"], usual["reason"]) == (None, f"{count} posts whose reach is known; about {5 - count} more are needed")
        assert all(each["expected"]["from"] is None for each in found["quick_wins", "a0"]["items"])


def test_constant_outcomes_and_repeated_posts_are_no_trouble() -> None:
    frame = posts(accounts=1, sd=0.0)
    twice = frame.loc[np.repeat(frame.index.to_numpy(), 2)].reset_index(drop=True)

    found = sections(known(twice, *worlds.EFFECTS))

    assert found["blueprint", "a0"]["usual"]["n"] == len(frame)
    assert found["suggestions", "a0"]["items"] == []


def test_any_order_of_rows_and_effects_gives_the_same_bytes() -> None:
    frame = posts(question=0.3)
    mixed = frame.sample(frac=1, random_state=3).reset_index(drop=True)
    flagged = set(frame["video_id"][::9])

    first, second = (
        json.dumps([(each.name, each.account_id, each.figures) for each in next_release(made)])
        for made in (known(frame, *worlds.EFFECTS, outliers=flagged), known(mixed, *reversed(worlds.EFFECTS), outliers=flagged))
    )

    assert first == second
