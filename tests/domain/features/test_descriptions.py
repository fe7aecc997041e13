"""Descriptions: what is there, what is not, and what is unknown."""

import math

import pandas as pd
import pytest

from domain.features.descriptions import FEATURES, description_features


def measured(text: str | None) -> dict[str, float]:
    return {str(name): float(value) for name, value in description_features(pd.Series([text], dtype=object)).iloc[0].items()}


CHAPTERS = "My film\n0:00 Start\n1:30 Dough\n12:05 Oven\n1:02:03 End"


@pytest.mark.parametrize(
    ("text", "feature", "value"),
    [
        ("", "has_description", 0.0),
        ("", "description_chars", 0.0),
        ("Some words", "has_description", 1.0),
        ("see https://example.org/a and www.example.org/b", "description_links", 2.0),
        ("no links. Really.", "has_link", 0.0),
        ("bit.ly/3abc", "has_link", 1.0),
        ("#bread #Bread #oven #1", "description_hashtags", 2.0),
        (CHAPTERS, "has_chapters", 1.0),
        (CHAPTERS.replace("0:00", "0:10"), "has_chapters", 0.0),
        ("0:00 Start\n1:00 End", "has_chapters", 0.0),
        ("0:00 a\n2:00 b\n1:00 c", "has_chapters", 0.0),
        ("We meet at 10:30", "has_chapters", 0.0),
        ("Please SUBSCRIBE!", "has_call_to_action", 1.0),
        ("Suscríbete al canal", "has_call_to_action", 1.0),
        ("Подписывайтесь на канал", "has_call_to_action", 1.0),
        ("チャンネル登録お願いします", "has_call_to_action", 1.0),
        ("اشترك في القناة", "has_call_to_action", 1.0),
        ("A film about bread", "has_call_to_action", 0.0),
        ("Unsubscribed people", "has_call_to_action", 0.0),
    ],
)
def test_a_description_has_the_features_that_a_reader_sees(text: str, feature: str, value: float) -> None:
    assert measured(text)[feature] == value


def test_a_platform_without_descriptions_has_missing_features() -> None:
    assert all(math.isnan(value) for value in measured(None).values())
    assert list(description_features(pd.Series([], dtype=object)).columns) == [feature.name for feature in FEATURES]
