"""Title features, on titles of our own and against a public channel file whose columns are an oracle."""

import math
import os
from pathlib import Path

import pandas as pd
import pytest

from domain.features.titles import FEATURES, title_features


def measured(title: str | None) -> dict[str, float]:
    return {str(name): float(value) for name, value in title_features([title]).iloc[0].items()}


@pytest.mark.parametrize(
    ("title", "feature", "value"),
    [
        ("Ten ways to hem a coat", "has_number", 0.0),
        ("10 ways to hem a coat", "has_number", 1.0),
        ("١٠ طرق", "has_number", 1.0),
        ("Part Ⅳ", "has_number", 0.0),
        ("Hem a coat #learn4 #2024goals", "has_number", 0.0),
        ("Mistake #5", "has_number", 1.0),
        ("Why sourdough?", "is_question", 1.0),
        ("Why sourdough", "is_question", 0.0),
        ("なぜですか？", "is_question", 1.0),
        ("Γιατί;", "is_question", 1.0),
        ("Bake; then wait", "is_question", 0.0),
        ("Coffee ☕", "has_emoji", 1.0),
        ("Chess ♟️", "has_emoji", 1.0),
        ("A star ⭐", "has_emoji", 1.0),
        ("Coffee & cake ©", "has_emoji", 0.0),
        ("Repair (no cuts)", "has_bracket", 1.0),
        ("【再生】", "has_bracket", 1.0),
        ("Repair no cuts)", "has_bracket", 0.0),
        ("SHELF", "capitals_share", 1.0),
        ("Shelf", "capitals_share", 0.2),
        ("パン 10", "capitals_share", 0.0),
        ("a b  c", "title_words", 3.0),
        ("  abc ", "title_chars", 3.0),
        ("Cafe\u0301", "title_chars", 4.0),
    ],
)
def test_a_title_has_the_features_that_a_reader_sees(title: str, feature: str, value: float) -> None:
    assert measured(title)[feature] == pytest.approx(value)


@pytest.mark.parametrize("title", [None, "", "  ", float("nan")])
def test_a_missing_title_has_missing_features_and_not_zeros(title: str) -> None:
    assert all(math.isnan(value) for value in measured(title).values())


def test_no_titles_are_no_rows_with_all_columns() -> None:
    assert list(title_features([]).columns) == [feature.name for feature in FEATURES]


def test_every_feature_is_known_before_publication_and_names_its_contrast() -> None:
    assert all(feature.is_controllable and feature.known == "before publication" and feature.contrast for feature in FEATURES)
    assert {feature.step for feature in FEATURES if feature.kind == "presence"} == {1.0}


@pytest.mark.real_data
def test_a_whole_channel_agrees_with_the_columns_that_came_with_it() -> None:
    folder = os.environ.get("WHYRAL_TEST_DATA")
    if folder is None:
        pytest.skip("WHYRAL_TEST_DATA is unset: no channel file with oracle columns")
    videos = pd.read_csv(Path(folder) / "youtube_channel_5min_crafts" / "5-Minute_Crafts.csv.gz")

    features = title_features(videos["title"])

    assert len(videos) == 4978
    assert (features["title_chars"] == videos["num_chars"]).all()
    assert (features["title_words"] == videos["num_words"]).all()
    assert (features["has_number"] == videos["contain_digits"]).all()
