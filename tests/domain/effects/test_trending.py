"""Real lists that were selected on the outcome: nothing causal may come of them."""

import gzip
import math
import os
from collections.abc import Hashable, Mapping
from pathlib import Path

import pandas as pd
import pytest

from domain.effects.verdicts import Verdict
from tests.domain.effects.releases import Post, estimate_title_effects


@pytest.mark.real_data
@pytest.mark.parametrize("country", ["US", "FR"])
def test_a_trending_list_is_associational_or_inconclusive_at_most(country: str) -> None:
    folder = os.environ.get("WHYRAL_TEST_DATA")
    if folder is None:
        pytest.skip("WHYRAL_TEST_DATA is unset: no trending lists")
    with gzip.open(Path(folder) / "youtube_trending_2017" / f"{country}videos.csv.gz", "rt", encoding="utf-8") as file:
        listed = pd.read_csv(file).drop_duplicates("video_id", keep="last")

    effects = estimate_title_effects([post(row) for row in listed.to_dict("records")], seed=1)

    assert {effect.verdict for effect in effects} <= {Verdict.ASSOCIATIONAL, Verdict.INCONCLUSIVE}
    assert effects[0].n > 100
    assert effects[0].estimate is not None


def post(row: Mapping[Hashable, object]) -> Post:
    return Post(
        video_id=str(row["video_id"]),
        account_id=str(row["channel_title"]),
        platform="youtube",
        format=None,
        posted_at=pd.Timestamp(str(row["publish_time"])).to_pydatetime(),
        title=str(row["title"]),
        outcome=math.log(int(str(row["views"]))),
        outcome_se=None,
        selection="trending",
    )
