"""Where features do nothing, titles and contents foretell nothing: the share's interval holds 0, whatever runs luck comes in."""

import numpy as np
import pandas as pd
import pytest

from bench.harness.releases import Tenant, tenant
from bench.harness.worlds import Noise
from domain.effects.questions.asking import asked_of
from domain.effects.questions.folds import Folds
from domain.effects.questions.title_content import title_versus_content

RUN = 12
LUCK = Noise(sd=0.8, shared=1.0, run=RUN, is_aligned=False)


def foretold(accounts: int, posts: int, seed: int) -> float:
    """Low end of the share that everything together foretells, of luck that comes in runs as choices do."""
    rows, table = tenant(Tenant(accounts=accounts, posts=posts, own=0, run=RUN), seed)
    rng = np.random.default_rng(seed)
    order = rows.sort_values(["account_id", "posted_at"]).index
    luck = np.concatenate([LUCK.draw(posts, rng) for _ in range(accounts)])
    asked = asked_of(rows.assign(outcome=pd.Series(8 + luck, index=order)), table)
    return float(title_versus_content(asked.frame, asked.features, seed)["together"]["low"])


@pytest.mark.parametrize(("accounts", "posts"), [(1, 80), (12, 40)])
def test_of_luck_alone_the_share_holds_0(accounts: int, posts: int) -> None:
    assert sum(foretold(accounts, posts, seed) > 0 for seed in range(8)) <= 2


def test_what_a_fold_holds_never_decides_its_own_prediction() -> None:
    rng = np.random.default_rng(1)
    values, outcome = rng.normal(size=(100, 3)), rng.normal(size=100) + 0.0
    outcome += values[:, 0]
    fold = np.arange(100) // 20
    training = np.stack([fold != each for each in range(5)])
    columns = np.arange(3)
    other = np.where(fold == 2, 100 * rng.normal(size=100), outcome)

    one = outcome - Folds.of(outcome, values, fold, training).left(columns)
    two = other - Folds.of(other, values, fold, training).left(columns)

    np.testing.assert_allclose(one[fold == 2], two[fold == 2])
