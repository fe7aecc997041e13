"""What was not measured of a post is on neither side of a comparison: unknown is not "no"."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from domain.deep.contrasts import Comparison, both
from domain.deep.scope import scope_of
from domain.deep.titles import levels, quartiles, titles
from domain.features.feature import Group, amount, presence
from domain.features.table import FeatureTable
from tests.domain.deep.worlds import NOW, Channel, rows_of, tables


def world() -> tuple[pd.DataFrame, FeatureTable]:
    """A face is unknown of every other post, and those posts do ten times as well; known faces make no difference."""
    posts, table = tables(rows_of(Channel(posts=300, luck=0.3, momentum=0.0), 1))
    chance = np.random.default_rng(2)
    is_unknown = np.arange(len(posts)) % 2 == 0
    face = np.where(is_unknown, np.nan, (chance.random(len(posts)) < 0.4).astype(float))
    posts["outcome"] = posts["outcome"] + np.log(10) * is_unknown
    name = "has_face_word"
    features = (*table.features, presence(name, Group.TITLE, "a face"))
    frame = table.frame.assign(**{name: pd.Series(face, index=posts["video_id"]).reindex(table.frame.index)})
    return posts, replace(table, frame=frame, features=features)


def test_posts_of_which_a_feature_is_unknown_are_not_what_it_is_compared_with() -> None:
    posts, table = world()
    scope = scope_of(posts, table, account_id=None, now=NOW)

    (face,) = [each for each in titles(scope)["patterns"] if each["name"] == "has_face_word"]

    assert face["low"] < 0 < face["high"]
    assert abs(face["difference"]) < 0.2
    assert face["n"] == int((scope.posts["has_face_word"] > 0).sum())


def test_a_family_with_unknowns_is_widened_as_one_and_keeps_its_order() -> None:
    posts, table = tables(rows_of(Channel(posts=200), 3))
    comparison = Comparison.of(scope_of(posts, table, account_id=None, now=NOW).posts, "outcome", by_format=True)
    chance = np.random.default_rng(1)
    kinds = {name: (chance.random(200) < 0.5).astype(float) for name in ("a", "b", "c")}
    kinds["b"][::3] = np.nan

    found = comparison.presence(kinds)

    assert [each.name for each in found] == ["a", "b", "c"]
    assert found[0].wide_low == pytest.approx(comparison.presence({"a": kinds["a"]}, among=3)[0].wide_low)
    assert found[1].n == int(np.nansum(kinds["b"]))


def test_quarters_and_words_are_unknown_where_they_were_not_measured() -> None:
    values = pd.Series([1.0, 2.0, 3.0, 4.0, np.nan] * 4)
    words = pd.Series(["en", "de", "en", "de", None] * 4)

    letters = amount("x", Group.TITLE, ("letters of the title", "one more letter"), unit="letters", step=1.0)

    assert all(np.isnan(each[4]) for each in quartiles(values, letters).values())
    assert np.isnan(levels(words)["en"][4])
    assert levels(words, may_lack=True)["en"][4] == 0


@pytest.mark.parametrize(
    ("first", "second", "expected"), [(1, 1, 1), (0, np.nan, 0), (np.nan, 0, 0), (1, np.nan, np.nan), (np.nan, 1, np.nan)]
)
def test_two_together_are_unknown_only_where_it_hangs_on_what_is_unknown(first: float, second: float, expected: float) -> None:
    np.testing.assert_equal(both(np.array([first], dtype=float), np.array([second], dtype=float)), np.array([expected], dtype=float))
