"""Posts that cannot carry an answer: no crash, no claim, and a reason."""

import numpy as np
import pandas as pd
import pytest

from domain.effects.changes.changes import change_candidates
from domain.effects.verdicts import CAUSAL_VERDICTS, Outcome, Verdict
from domain.posts import posts_frame
from tests.domain.effects.changes.asking import found, judged
from tests.domain.effects.changes.worlds import FEATURES, World, make_posts
from tests.domain.effects.worlds import covers, known


@pytest.mark.parametrize("outcome", list(Outcome)[:3])
def test_no_posts_no_changes(outcome: Outcome) -> None:
    empty = posts_frame([]).assign(thing_0=pd.Series(dtype="float64"))

    nothing = change_candidates(empty, FEATURES[:1], outcome=outcome, seed=0)

    assert nothing.candidates == ()
    assert nothing.sections == {"changes": [], "event_study": []}


BAD = {
    "one account": lambda posts: posts[posts["account_id"] == "a0001"],
    "four posts each": lambda posts: posts.groupby("account_id").head(4),
    "everybody changes": lambda posts: posts[posts.groupby("account_id")["thing_0"].transform("mean") > 0.2],
    "a constant outcome": lambda posts: posts.assign(outcome=1.0),
    "no outcome": lambda posts: posts.assign(outcome=np.nan),
    "no times": lambda posts: posts.assign(posted_at=pd.NaT),
    "one moment": lambda posts: posts.assign(posted_at=posts["posted_at"].iloc[0]),
    "nobody does it": lambda posts: posts.assign(thing_0=0.0),
    "everybody always does it": lambda posts: posts.assign(thing_0=1.0),
    "a feature that is missing": lambda posts: posts.assign(thing_0=np.nan),
    "unsure outcomes": lambda posts: posts.assign(outcome_se=3.0),
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("adopters", [1, 12])
def test_bad_input_gives_a_clear_answer_and_no_claim(name: str, adopters: int) -> None:
    posts = BAD[name](make_posts(World(accounts=30, posts=40, adopters=adopters, effect=2.0), 0))

    effects = judged(found(posts))

    assert not any(each.verdict in CAUSAL_VERDICTS for each in effects)
    assert all(each.reason for each in effects if each.verdict is Verdict.INCONCLUSIVE)


def test_accounts_that_post_with_long_holes_are_compared_where_they_posted() -> None:
    posts = make_posts(World(effect=0.8, adopters=15), 2)
    week = (posts["posted_at"] - posts["posted_at"].min()).dt.days // 7
    is_hole = np.random.default_rng(0).random((60, 60))[posts["account_id"].str[1:].astype(int), week] < 0.3

    effect = judged(found(posts[~is_hole]))[0]

    assert known(effect.estimate) == pytest.approx(0.8, abs=0.4)
    assert covers(effect, 0.8)
