"""Effects among parts: each with its interval, differences found where there are some, and no part made up."""

import numpy as np
import pandas as pd
import pytest

from domain.effects.divisions import Labels, labels_of
from domain.effects.heterogeneity import Division, divided, divisions_of, parts_of
from tests.domain.effects.worlds import World, hypotheses, make_panel

FOUR = World(accounts=30, posts=40, features=3, effect=0.3)


def posts_of(seed: int, difference: float, world: World = FOUR) -> tuple[pd.DataFrame, Labels]:
    """Half the posts are long; the feature does `difference` more in those. Topics differ in their level, not in the effect."""
    rng = np.random.default_rng([seed, 1])
    frame = make_panel(world, seed)
    frame["format"] = np.where(rng.random(len(frame)) < 0.5, "short", "long")
    frame["followers_first"] = np.repeat(np.exp(rng.normal(8, 2, world.accounts)), world.posts)
    topic = pd.Series(rng.choice(["news", "sport"], len(frame)))
    frame["outcome"] += difference * frame["feature_00"] * (frame["format"] == "long") + 0.7 * (topic == "sport")
    return frame, labels_of(frame, topic)


def found(seed: int, difference: float, world: World = FOUR) -> dict[str, Division]:
    frame, labels = posts_of(seed, difference, world)
    posts = divided(frame, hypotheses(world), labels, seed)
    assert posts is not None
    return {division.by: division for division in divisions_of(posts, 0)}


def test_the_intervals_of_parts_cover_the_truth() -> None:
    parts = [part for seed in range(12) for division in found(seed, 0.0).values() for part in division.parts]

    covered = [part.low <= 0.3 <= part.high for part in parts if part.low is not None and part.high is not None]
    assert len(covered) == 12 * (2 + 3 + 4 + 2)
    assert np.mean(covered) >= 0.91


def test_a_difference_between_parts_is_found_and_none_is_made_up() -> None:
    apart = [found(seed, 0.6)["format"] for seed in range(8)]
    same = [division.difference_p for seed in range(8) for division in found(seed, 0.0).values()]

    assert all(each.difference_p is not None and each.difference_p < 0.05 for each in apart)
    assert np.mean([p is not None and p < 0.05 for p in same]) <= 0.15
    longs, shorts = ([part.estimate for each in apart for part in each.parts if part.level == level] for level in ("long", "short"))
    assert np.mean(np.array(longs) - np.array(shorts)) == pytest.approx(0.6, abs=0.1)


def test_followers_that_the_posts_won_do_not_make_an_account_large() -> None:
    frame, labels = posts_of(0, 0.0)
    won = frame.groupby("account_id")["outcome"].transform("mean")

    again = labels_of(frame.assign(followers=np.exp(won)), pd.Series("news", index=frame.index))
    assert again["account size"].equals(labels["account size"])
    assert "account size" not in labels_of(frame.drop(columns="followers_first").assign(followers=np.exp(won)))


def test_q_counts_every_part_of_the_effect() -> None:
    parts = [part for division in found(0, 0.0).values() for part in division.parts if part.p is not None and part.q is not None]

    assert all(part.q >= part.p for part in parts)  # type: ignore[operator]
    assert max(part.q or 0 for part in parts) == pytest.approx(max(part.p or 0 for part in parts))


def test_one_account_has_parts_over_time() -> None:
    divisions = found(0, 0.0, World(accounts=1, posts=400, features=2, effect=0.5))

    assert set(divisions) == {"format", "period", "topic"}
    assert sum(part.estimate is not None for part in divisions["period"].parts) == 4


def test_a_part_that_shows_one_side_only_has_no_figure() -> None:
    frame, labels = posts_of(0, 0.0)
    frame.loc[frame["format"] == "long", "feature_00"] = 1.0

    posts = divided(frame, hypotheses(FOUR), {"format": labels["format"]}, 0)
    assert posts is not None
    long, short = parts_of(posts, 0)

    assert long.estimate is None
    assert long.n > 0
    assert short.estimate is not None


def test_too_few_posts_have_no_parts() -> None:
    frame, labels = posts_of(0, 0.0, World(accounts=1, posts=4))

    assert divided(frame, hypotheses(World()), labels, 0) is None
    assert "account size" not in labels


def test_posts_without_a_label_belong_to_no_part() -> None:
    frame, labels = posts_of(0, 0.0)
    some = labels["topic"].where(np.arange(len(frame)) % 4 > 0)

    posts = divided(frame, hypotheses(FOUR), {"topic": some}, 0)
    assert posts is not None

    assert sum(part.n for part in parts_of(posts, 0)) == int(some.notna().sum())
