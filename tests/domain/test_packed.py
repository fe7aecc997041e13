"""What is packed comes out as it went in, whatever is missing."""

import json
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pandas.testing as pdt
import pytest

from domain.features.table import FeatureTable, Vocabulary, feature_table
from domain.packed import columns_of, definitions_of, features_of, measured_of, posts_of, rows_of, table_of, vocabulary_of
from domain.posts import COLUMNS, posts_frame

AT = datetime(2026, 11, 1, 12, 30, 0, 250_000, tzinfo=UTC)
TITLES = ("Why?", "3 loaves [slow]", None, "خبز 🍞", "")


def rows(*, posted: datetime | None = AT) -> list[dict[str, Any]]:
    return [
        {**dict.fromkeys(COLUMNS), "video_id": f"v{number}", "title": title, "posted_at": posted if number else None, "hashtags": ["bread"],
         "mentions": [], "views": None if number else 3, "engagement": -2.5}
        for number, title in enumerate(TITLES)
    ]  # fmt: skip


def through_json(value: Any) -> Any:
    return json.loads(json.dumps(value, default=datetime.isoformat))


def test_posts_come_out_as_they_went_in() -> None:
    pdt.assert_frame_equal(posts_of(through_json(columns_of(rows()))), posts_frame(rows()))
    assert posts_of({}).empty
    assert rows_of(columns_of(rows())) == rows()


def test_features_come_out_as_they_went_in_in_the_order_that_is_asked() -> None:
    table = feature_table(posts_frame(rows()), Vocabulary())

    packed = through_json(features_of(measured_of(table), definitions_of(table), table.version))
    again = table_of(packed, ["v3", "v0", "unknown"])

    assert (again.features, again.version) == (table.features, table.version)
    pdt.assert_frame_equal(again.frame.loc[["v0", "v3"]], table.frame.loc[["v0", "v3"]], check_index_type=False)
    assert again.frame.loc["unknown"].isna().all()
    assert list(again.frame.index) == ["v3", "v0", "unknown"]
    assert again.words["entities"].tolist()[:2] == [[], []]


def test_nothing_measured_is_an_empty_table() -> None:
    table = feature_table(posts_frame([]), Vocabulary())

    again = table_of(features_of(measured_of(table), definitions_of(table), table.version), ["v1"])

    assert isinstance(again, FeatureTable)
    assert again.frame.shape == (1, len(table.features))
    assert again.frame.isna().all(axis=None)


def test_places_in_charts_are_moments_again() -> None:
    assert vocabulary_of({"s1": [("2026-11-01T05:00:00+00:00", 3)]}).sound_ranks == {"s1": [(pd.Timestamp("2026-11-01T05:00:00Z"), 3)]}


@pytest.mark.parametrize(("value", "kept"), [(float("nan"), None), (0.1 + 0.2, 0.3), (("b", "a"), ["b", "a"]), ({"b", "a"}, ["a", "b"])])
def test_words_are_plain(value: object, kept: object) -> None:
    table = FeatureTable(pd.DataFrame(index=["v1"]), (), pd.DataFrame({"word": pd.Series([value], index=["v1"], dtype="object")}))

    assert measured_of(table) == [("v1", {}, {"word": kept})]
