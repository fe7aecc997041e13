"""What no sensible person would send: a clear answer, no crash, no claim."""

import numpy as np
import pandas as pd
import pytest

from bench.harness.worlds import Accounts, Channel, Noise, Runs, accounts, channel, hypotheses
from domain.effects.candidates import candidates, judge
from domain.effects.estimate import estimate_effects
from domain.effects.verdicts import CAUSAL_VERDICTS, Effect, Hypothesis, Outcome, Verdict
from tests.domain.effects.releases import canonical

ASKED = hypotheses(2)
MANY = accounts(Accounts(accounts=8, posts=(20, 20), effect=0.4, runs=Runs(features=2)), 1)
ONE = channel(Channel(posts=80, effect=0.4, runs=Runs(features=2)), 1)


def effects(frame: pd.DataFrame) -> tuple[Effect, ...]:
    found = estimate_effects(frame, hypotheses=ASKED, seed=1)
    assert canonical(found)
    return found


@pytest.mark.parametrize("frame", [MANY, ONE], ids=["many", "one"])
def test_a_constant_outcome_gives_no_claim(frame: pd.DataFrame) -> None:
    found = effects(frame.assign(outcome=3.0))

    assert {each.verdict for each in found} == {Verdict.INCONCLUSIVE}
    assert {each.reason for each in found} == {"all comparable posts did the same"}


@pytest.mark.parametrize("frame", [MANY, ONE], ids=["many", "one"])
@pytest.mark.parametrize("value", [0.0, 1.0, np.nan])
def test_all_or_none_treated_gives_no_claim_and_says_so(frame: pd.DataFrame, value: float) -> None:
    first, second = effects(frame.assign(feature_00=value))

    assert (first.verdict, first.estimate, first.p, first.q) == (Verdict.INCONCLUSIVE, None, None, None)
    assert first.reason == ("no comparable posts" if np.isnan(value) else "all comparable posts are alike in this")
    assert first.posts_needed
    assert second.estimate is not None


def test_one_switch_is_no_answer_however_large_the_difference() -> None:
    is_late = (np.arange(len(ONE)) >= 40).astype(float)

    first = effects(ONE.assign(feature_00=is_late, outcome=ONE["outcome"] + 3 * is_late))[0]

    assert (first.verdict, first.estimate) == (Verdict.INCONCLUSIVE, None)
    assert "too few stretches of time" in str(first.reason)


def test_two_periods_with_both_sides_are_no_claim_however_large_the_difference() -> None:
    long = channel(Channel(posts=170, runs=Runs(features=2)), 1)
    tried = np.repeat([0.0, 1.0, 0.0, 1.0, 0.0], [31, 29, 42, 23, 45])

    first = effects(long.assign(feature_00=tried, outcome=long["outcome"] + 5 * tried))[0]

    assert first.verdict not in CAUSAL_VERDICTS
    assert first.periods in (None, 2)


@pytest.mark.parametrize("posts", [0, 1, 2, 4, 20])
def test_few_posts_are_inconclusive_and_name_how_many_more(posts: int) -> None:
    found = effects(ONE.iloc[:posts])

    assert {each.verdict for each in found} == {Verdict.INCONCLUSIVE}
    assert all(each.posts_needed and each.n <= posts for each in found)


def test_a_choice_that_could_have_come_in_one_order_only_has_no_answer() -> None:
    is_only_run = ((np.arange(40) >= 18) & (np.arange(40) < 22)).astype(float)

    first = effects(ONE.iloc[:40].assign(feature_00=is_only_run))[0]

    assert (first.verdict, first.estimate) == (Verdict.INCONCLUSIVE, None)
    assert first.reason


def test_fewer_than_sixty_posts_of_one_account_never_pass() -> None:
    frame = channel(Channel(posts=59, effect=3.0, noise=Noise(sd=0.3), runs=Runs(features=2, run=1)), 1)

    first = effects(frame)[0]

    assert (first.verdict, [gate.name for gate in first.gates if not gate.passed]) == (Verdict.ASSOCIATIONAL, ["posts"])


def test_a_post_that_is_there_twice_counts_once() -> None:
    assert effects(pd.concat([MANY, MANY.iloc[:30]])) == effects(MANY)


def test_a_clock_that_jumped_and_infinite_numbers_give_an_answer() -> None:
    odd = ONE.copy()
    odd.loc[odd.index[40], "posted_at"] = pd.Timestamp("1970-01-01", tz="UTC")
    odd.loc[odd.index[41], "posted_at"] = pd.Timestamp("2090-01-01", tz="UTC")
    odd.loc[odd.index[3], "outcome"] = np.inf
    odd.loc[odd.index[4], "feature_01"] = -np.inf

    assert [each.n for each in effects(odd)] == [78, 78]


def test_promoted_posts_are_left_out() -> None:
    promoted = MANY.assign(is_promoted=pd.Series([True, None, False, None] * (len(MANY) // 4), dtype=object))

    assert effects(promoted)[0].n == len(MANY) * 3 // 4


def test_a_rarely_known_feature_empties_nobody_elses_panel() -> None:
    rare = MANY.assign(feature_01=MANY["feature_01"].where(MANY["account_id"] < "a003"))

    first, second = effects(rare)

    assert (first.n, second.n) == (160, 60)
    assert second.accounts == 3


def test_a_column_that_is_not_there_is_an_open_question() -> None:
    first = estimate_effects(MANY, hypotheses=[Hypothesis("never_measured", "something, compared with none")], seed=1)[0]

    assert (first.verdict, first.n, first.reason) == (Verdict.INCONCLUSIVE, 0, "no comparable posts")


def test_more_features_than_posts_are_all_answered_and_claim_nothing() -> None:
    rng = np.random.default_rng(1)
    small = accounts(Accounts(accounts=8, posts=(15, 15), runs=Runs(features=1)), 2)
    many = pd.DataFrame(rng.integers(0, 2, (len(small), 300)).astype(float), columns=[f"f{k:04d}" for k in range(300)])
    asked = [Hypothesis(name, name) for name in many.columns]

    found = estimate_effects(pd.concat([small, many], axis=1), hypotheses=asked, seed=1)

    assert len(found) == 300
    assert not [each for each in found if each.verdict in CAUSAL_VERDICTS]


def test_outcomes_are_judged_together_and_each_has_its_own_words() -> None:
    frame = MANY.assign(engagement=np.where(MANY.index % 5 == 0, np.nan, -3.0 + 0.1 * MANY["outcome"]), retention=np.nan)

    found = judge(
        [
            each
            for outcome in (Outcome.REACH, Outcome.ENGAGEMENT, Outcome.RETENTION)
            for each in candidates(frame, ASKED, outcome=outcome, seed=1)
        ]
    )

    assert [each.n for each in found] == [160, 160, 128, 128, 0, 0]
    assert {each.hypotheses for each in found} == {4}
    assert "engagement rate" in found[2].estimand
    assert "watched share" in found[4].estimand
    assert len({each.key for each in found}) == 6
