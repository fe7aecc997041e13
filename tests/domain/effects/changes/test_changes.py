"""Dated changes in worlds whose answer we chose: found, refused, or not answered, with the reason."""

import json
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from domain.effects.changes.changes import change_candidates
from domain.effects.sentences import sentence
from domain.effects.verdicts import CAUSAL_VERDICTS, Design, Effect, Kind, Verdict
from tests.domain.effects.changes.asking import found, gate, judged, of
from tests.domain.effects.changes.worlds import World, make_posts, true_effect
from tests.domain.effects.worlds import covers, known

ONE = World(accounts=45, adopters=1, posts=150, wander=0.02, momentum=0.2)


@pytest.fixture(scope="module")
def adopted() -> list[Effect]:
    return [of(World(effect=0.6, adopters=15), seed) for seed in range(12)]


def test_a_change_of_several_accounts_is_found_with_its_size(adopted: list[Effect]) -> None:
    assert np.mean([known(each.estimate) for each in adopted]) == pytest.approx(0.6, abs=0.08)
    assert sum(covers(each, 0.6) for each in adopted) >= 10
    assert sum(each.verdict is Verdict.CAUSAL_SUPPORTED for each in adopted) >= 9


def test_an_effect_says_whose_posts_which_weeks_and_what_it_rests_on(adopted: list[Effect]) -> None:
    effect = adopted[0]

    assert (effect.kind, effect.design, effect.scope) == (Kind.CHANGE, Design.STAGGERED, None)
    assert effect.key == "reach/change/thing_0"
    assert effect.contrast in effect.estimand
    assert known(effect.n) == known(effect.treated) + known(effect.control)
    assert effect.window_from is not None
    assert effect.assumptions
    assert effect.check is not None
    assert "Since the account began to use thing 0" in sentence(effect)


def test_effects_that_grow_are_recovered() -> None:
    worlds = World(effect=0.2, growing=0.08, adopters=15)
    posts = [make_posts(worlds, seed) for seed in range(6)]

    effects = [next(each for each in judged(found(each)) if each.kind is Kind.CHANGE) for each in posts]
    misses = [known(effect.estimate) - true_effect(each, worlds) for effect, each in zip(effects, posts, strict=True)]

    assert np.mean(misses) == pytest.approx(0, abs=0.12)


def test_changes_that_do_nothing_are_hardly_ever_claimed() -> None:
    effects = [each for seed in range(8) for each in judged(found(make_posts(World(features=4), seed), features=4))]

    assert len(effects) >= 25
    assert sum(each.verdict in CAUSAL_VERDICTS for each in effects) <= 1


def test_accounts_that_change_in_a_slump_are_caught_by_the_weeks_before() -> None:
    effects = [of(World(adopters=15, reacts=True, momentum=0.6), seed) for seed in range(8)]

    assert sum(gate(each, "placebo") for each in effects) <= 1
    assert not any(each.verdict in CAUSAL_VERDICTS for each in effects)


def test_accounts_that_were_growing_before_do_not_owe_it_to_the_change() -> None:
    effects = [of(World(adopters=25, accounts=75, growth=2.5, posts=150), seed) for seed in range(5)]

    assert all(known(each.estimate) > 0.3 for each in effects)
    assert sum(gate(each, "pre_trend") for each in effects) <= 1
    assert not any(each.verdict in CAUSAL_VERDICTS for each in effects)


@pytest.fixture(scope="module")
def alone() -> list[Effect]:
    return [of(replace(ONE, effect=1.2), seed) for seed in range(10)]


def test_a_change_of_one_account_is_found_beside_others_that_did_not_change(alone: list[Effect]) -> None:
    assert {each.design for each in alone} == {Design.SYNTHETIC}
    assert np.mean([known(each.estimate) for each in alone]) == pytest.approx(1.2, abs=0.25)
    assert sum(each.verdict is Verdict.CAUSAL_SUPPORTED for each in alone) >= 4
    assert all(each.scope is not None and each.scope in each.key for each in alone)


def test_a_change_of_one_account_without_others_is_not_answered() -> None:
    posts = make_posts(replace(ONE, effect=1.2), 0)
    own = posts[posts["account_id"] == judged(found(posts))[0].scope].copy()

    (effect,) = judged(found(own))

    assert effect.verdict is Verdict.INCONCLUSIVE
    assert effect.p is None
    assert "no accounts of the same kind" in sentence(effect)


def test_one_reason_for_all_is_named_where_two_things_changed_at_once() -> None:
    posts = make_posts(World(effect=1.0, adopters=15), 1)
    twice = posts.assign(thing_1=posts["thing_0"])

    effects = judged(found(twice, features=2))

    assert len(effects) == 2
    assert not any(gate(each, "only_change") for each in effects)
    assert {each.verdict for each in effects} == {Verdict.ASSOCIATIONAL}


def test_posts_that_were_picked_by_how_they_did_are_never_causal() -> None:
    effects = [of(World(effect=1.0, adopters=15, selection=selection), 1) for selection in ("search", "trending", "manual")]

    assert {each.verdict for each in effects} == {Verdict.ASSOCIATIONAL}


def test_a_release_with_many_questions_can_still_take_a_claim_back(adopted: list[Effect]) -> None:
    candidates = found(make_posts(World(effect=0.6, adopters=15), 0)).candidates

    assert candidates[0].judged(0.2, 100).verdict is Verdict.INCONCLUSIVE
    assert adopted[0].verdict is not Verdict.INCONCLUSIVE


def test_the_event_study_and_the_changes_are_rows_of_json() -> None:
    sections = found(make_posts(World(effect=0.6), 0)).sections

    rows = json.loads(json.dumps(dict(sections), allow_nan=False))

    assert len(rows["changes"]) == 10
    assert rows["changes"][0]["share_before"] <= 0.1
    times = [row["event_time_weeks"] for row in rows["event_study"]]
    assert min(times) < 0 <= max(times)
    assert all(row["low"] <= row["estimate"] <= row["high"] for row in rows["event_study"])


def test_the_same_posts_in_another_order_or_twice_give_the_same() -> None:
    posts = make_posts(World(effect=0.6), 0)
    shuffled = pd.concat([posts, posts.iloc[:50]]).sample(frac=1, random_state=1)

    first, second = found(posts), found(shuffled)

    assert judged(first) == judged(second)
    assert first.sections == second.sections


def test_the_change_to_another_format_compares_all_of_an_accounts_posts() -> None:
    posts = make_posts(World(effect=0.8, adopters=12), 0)
    shorts = posts.assign(format=np.where(posts["thing_0"] > 0, "short", "long")).drop(columns="thing_0")

    effects = {each.feature: each for each in judged(change_candidates(shorts, (), seed=0))}

    assert known(effects["mostly_shorts"].estimate) == pytest.approx(0.8, abs=0.35)
    assert effects["mostly_shorts"].contrast == "since the account began to post mostly shorts"


def test_the_tenants_own_account_is_answered_for_itself_as_well() -> None:
    posts = make_posts(World(effect=0.6, adopters=15), 0)
    mine = found(posts).sections["changes"][0]["account_id"]

    effects = judged(found(posts.assign(is_own=posts["account_id"] == mine)))

    assert [each.scope for each in effects] == [None, mine]


def test_a_large_tenant_does_not_wait() -> None:
    posts = make_posts(World(accounts=200, posts=200, adopters=12, features=10), 0)
    began = time.process_time()

    found(posts, features=10)

    assert time.process_time() - began < 3
