"""What outliers share: a planted share is found with its interval, none is where there is none, an account's habit is no pattern."""

import numpy as np
import pytest
from scipy import stats

from domain.planning.patterns import judged, lacking, p_in_runs, p_within, patterns_of, wilson
from domain.planning.release import next_release
from tests.domain.planning import worlds
from tests.domain.planning.worlds import known, measured, posts


def test_under_ten_outliers_nothing_is_told_but_how_many_are_needed() -> None:
    frame = posts(accounts=1)
    made = next_release(known(frame, outliers=set(frame["video_id"][:9])))
    (section,) = [each.figures for each in made if (each.name, each.account_id) == ("patterns", None)]

    assert section["items"] == []
    assert section["reason"] == "9 outliers are known; what they share can be told from 10 on, about 1 more"
    assert lacking(10) is None


def test_a_share_that_was_planted_is_found() -> None:
    frame = posts(accounts=4, count=100)
    table = measured(frame)
    chance = np.random.default_rng(2)
    asks = table.frame["is_question"].to_numpy() > 0
    flags = chance.random(len(frame)) < np.where(asks, 0.3, 0.05)
    joined = frame.join(table.frame, on="video_id")

    found = {each.feature: each for each in judged(patterns_of(joined, table.features, dict(zip(frame["video_id"], flags, strict=True))))}

    question = found["is_question"]
    assert question.stands_out
    assert question.share == pytest.approx((asks & flags).sum() / flags.sum())
    assert question.difference_low > 0.2
    assert question.lift_low is not None
    assert question.lift_low > 1
    assert "more often than elsewhere" in question.sentence
    assert found["title_chars"].sentence.startswith("Length of the title above the account's median: ")
    assert not found["has_number"].stands_out


def test_where_outliers_share_nothing_few_patterns_stand_out() -> None:
    standing_out = releases = 0
    for seed in range(8):
        frame = posts(accounts=4, count=60, seed=seed)
        table = measured(frame)
        flags = np.random.default_rng(seed).random(len(frame)) < 0.1
        found = judged(
            patterns_of(frame.join(table.frame, on="video_id"), table.features, dict(zip(frame["video_id"], flags, strict=True)))
        )
        releases += bool(found)
        standing_out += any(each.stands_out for each in found)

    assert releases >= 7
    assert standing_out <= 1


def test_runs_that_meet_by_luck_are_no_pattern() -> None:
    """One channel, its habit and its outliers in runs of five, of no relation: post by post, nearly one in five would be clear."""
    chance, one = np.random.default_rng(1), np.zeros(200, dtype=np.int64)
    p = []
    for _ in range(400):
        habit, luck = (np.repeat(chance.standard_normal(40), 5) for _ in range(2))
        reach = 0.8 * luck + 0.6 * chance.standard_normal(200)
        p.append([each(habit > 0.3, reach > np.quantile(reach, 0.88), one) for each in (p_within, p_in_runs)])
    post_by_post, in_runs = np.mean(np.array(p) < 0.05, axis=0)

    assert post_by_post > 0.13
    assert in_runs < 0.12


def test_posts_that_are_alike_in_nothing_lose_no_evidence() -> None:
    chance, one = np.random.default_rng(1), np.zeros(400, dtype=np.int64)
    habit = chance.random(400) < 0.4
    outliers = chance.random(400) < np.where(habit, 0.2, 0.08)

    assert p_in_runs(habit, outliers, one) == pytest.approx(p_within(habit, outliers, one), rel=0.5)


def test_the_habit_of_an_account_with_many_outliers_is_no_pattern() -> None:
    frame = posts(accounts=2, count=100)
    table = measured(frame)
    is_first = (frame["account_id"] == "a0").to_numpy()
    joined = frame.assign(is_question=np.where(np.arange(len(frame)) % 10 == 0, ~is_first, is_first).astype(float))
    flags = np.random.default_rng(4).random(len(frame)) < np.where(is_first, 0.4, 0.05)
    asked = [each for each in table.features if each.name == "is_question"]

    (found,) = judged(patterns_of(joined, asked, dict(zip(frame["video_id"], flags, strict=True))))

    assert found.difference > 0.2
    assert not found.stands_out


def test_features_known_only_afterwards_are_in_no_pattern() -> None:
    frame = posts(accounts=1)
    table = measured(frame)
    found = patterns_of(
        frame.join(table.frame, on="video_id"), table.features, {video: n < 20 for n, video in enumerate(frame["video_id"])}
    )

    assert found
    assert not {"is_contested", "comments_per_like"} & {each.feature for each in found}


def test_a_pattern_is_linked_to_what_its_feature_was_found_to_be_worth() -> None:
    frame = posts(accounts=1, count=100)
    flagged = set(frame["video_id"][:20])
    found = {each.name: each.figures for each in next_release(known(frame, *worlds.EFFECTS, outliers=flagged)) if each.account_id is None}
    by_feature = {each["feature"]: each["effect"] for each in found["patterns"]["items"]}

    assert (by_feature["is_question"]["effect_id"], by_feature["is_question"]["verdict"]) == (worlds.SUPPORTED[0], "causal-supported")


@pytest.mark.parametrize("seed", range(6))
def test_the_exact_test_of_one_account_is_fishers(seed: int) -> None:
    chance = np.random.default_rng(seed)
    shown, flags = chance.random(60) < 0.3, chance.random(60) < 0.25
    table = np.array([[(shown & flags).sum(), (~shown & flags).sum()], [(shown & ~flags).sum(), (~shown & ~flags).sum()]])

    assert p_within(shown, flags, np.zeros(60, dtype=np.int64)) == pytest.approx(stats.fisher_exact(table).pvalue, rel=1e-9)


@pytest.mark.parametrize(("count", "n", "low", "high"), [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (81, 263, 0.2553, 0.3662)])
def test_shares_have_the_interval_of_wilson(count: int, n: int, low: float, high: float) -> None:
    assert wilson(count, n) == pytest.approx((low, high), abs=1e-4)


def test_a_code_that_no_post_has_changes_nothing() -> None:
    shown = np.tile([True] * 8 + [False] * 8, 4)
    flags = np.tile([True] * 7 + [False] * 9, 4)
    accounts = np.repeat([0, 1, 2, 3], 16)

    assert p_in_runs(shown, flags, accounts) == p_in_runs(shown, flags, 2 * accounts + 1) < 0.2
