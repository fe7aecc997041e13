"""Hashtags, sounds, lengths, controversy and thumbnails: known before, from earlier posts alone, or missing."""

import math
from typing import Any

import pandas as pd
import pytest

from domain.features.feature import Known
from domain.features.hashtags import USUAL_POSTS
from domain.features.sounds import CHART_LIFE
from domain.features.table import FeatureTable, Vocabulary, feature_table
from tests.domain.features.posts import START, posts

HOUR = pd.Timedelta(hours=1)


def column(table: FeatureTable, name: str) -> list[float | None]:
    return [None if math.isnan(value) else value for value in table.frame[name]]


def test_hashtags_of_the_platform_and_of_the_text_count_once() -> None:
    table = feature_table(posts({"title": "Bread #Oven", "hashtags": ("oven", "dough")}, {"title": "Bread"}, {}), Vocabulary())

    assert column(table, "hashtags_count") == [2.0, 0.0, None]


def test_a_hashtag_is_usual_once_the_accounts_earlier_posts_had_it_often_enough() -> None:
    table = feature_table(posts(*({"title": "Bread", "hashtags": ("oven",)} for _ in range(USUAL_POSTS + 2))), Vocabulary())

    assert column(table, "has_usual_hashtag") == [0.0] * USUAL_POSTS + [1.0, 1.0]


def test_posts_of_one_moment_are_not_each_others_past() -> None:
    together = feature_table(posts(*({"title": "x", "hashtags": ("oven",), "posted_at": START} for _ in range(6))), Vocabulary())

    assert column(together, "has_usual_hashtag") == [0.0] * 6


def test_a_sound_trends_by_the_charts_seen_before_the_posting_only() -> None:
    frame = posts({"sound_id": "s"}, {"sound_id": "s"}, {"sound_id": "t"}, {"sound_id": None})
    later = {"s": [(START + HOUR, 1)]}
    before = {"s": [(START - HOUR, 7), (START + HOUR, 1)], "t": [(START + 3 * pd.Timedelta(days=1), 4)]}

    assert column(feature_table(frame.head(1), Vocabulary(sound_ranks=later)), "has_trending_sound") == [None]
    table = feature_table(frame, Vocabulary(sound_ranks=before))
    assert column(table, "sound_rank") == [7.0, 1.0, None, None]
    assert column(table, "has_trending_sound") == [1.0, 1.0, 0.0, 0.0]


def test_an_old_chart_says_nothing_of_today() -> None:
    charts = {"s": [(START - CHART_LIFE - HOUR, 1)]}

    assert column(feature_table(posts({"sound_id": "s"}), Vocabulary(sound_ranks=charts)), "has_trending_sound") == [None]


def test_a_later_chart_changes_nothing_about_an_earlier_post() -> None:
    frame = posts({"sound_id": "s"}, {"sound_id": "t"})
    known = {"s": [(START - HOUR, 3)], "t": [(START + HOUR, 9)]}
    more = {sound: [*seen, (START + 90 * HOUR, 1)] for sound, seen in known.items()}

    first, second = (feature_table(frame, Vocabulary(sound_ranks=ranks)).frame for ranks in (known, more))

    pd.testing.assert_frame_equal(first, second)


def test_a_sound_is_reused_by_the_accounts_second_post_with_it_whatever_the_order_of_rows() -> None:
    frame = posts({"sound_id": "s"}, {"sound_id": "t"}, {"sound_id": "s"}, {"sound_id": None})
    forward = feature_table(frame, Vocabulary())
    backward = feature_table(frame.iloc[::-1].reset_index(drop=True), Vocabulary())

    assert column(forward, "is_reused_sound") == [0.0, 0.0, 1.0, None]
    assert column(backward, "is_reused_sound") == [None, 1.0, 0.0, 0.0]


def test_no_sound_is_none_only_where_the_platform_tells_sounds() -> None:
    assert column(feature_table(posts({}, {}), Vocabulary()), "has_sound") == [None, None]
    assert column(feature_table(posts({"sound_id": "s"}, {}), Vocabulary()), "has_sound") == [1.0, 0.0]


def test_lengths_are_in_one_band_and_impossible_ones_in_none() -> None:
    table = feature_table(posts(*({"duration_seconds": s} for s in (10, 15, 60, 480, 1200, 0, -5, None))), Vocabulary())
    bands = table.frame[[name for name in table.frame if str(name).startswith("lasts_")]]

    assert bands.sum(axis=1, min_count=1).tolist()[:5] == [1.0] * 5
    assert bands.iloc[5:].isna().all().all()
    assert column(table, "duration_log")[5:] == [None, None, None]
    assert table.words["duration_band"].tolist()[5:] == [None, None, None]


def test_an_unknown_format_is_in_no_contrast() -> None:
    table = feature_table(posts({"format": "short"}, {"format": "live"}, {"format": None}), Vocabulary())

    assert [column(table, name) for name in ("is_short", "is_long", "is_live")] == [[1.0, 0.0, None], [0.0, 0.0, None], [0.0, 1.0, None]]


def test_comments_per_like_are_missing_without_both_counters_and_known_only_afterwards() -> None:
    table = feature_table(posts({"likes": 10, "comments": 5}, {"likes": 0, "comments": 5}, {"likes": 10}, {"comments": 5}), Vocabulary())
    features = {feature.name: feature for feature in table.features}

    assert column(table, "comments_per_like") == [0.5, None, None, None]
    for name in ("comments_per_like", "comments_per_like_log_ratio", "is_contested"):
        assert features[name].known is Known.AFTER
        assert not features[name].is_hypothesis
        assert not features[name].is_controllable


def test_a_post_is_contested_by_its_words_and_its_viewers_together() -> None:
    calm: list[dict[str, Any]] = [{"title": "Bread", "likes": 100, "comments": 10} for _ in range(6)]
    rows = [*calm, {"title": "The scandal", "likes": 100, "comments": 40}, {"title": "Bread", "likes": 100, "comments": 40},
            {"title": "The scandal", "likes": 100, "comments": 10}, {"title": "The scandal", "likes": None, "comments": 90}]  # fmt: skip

    table = feature_table(posts(*rows), Vocabulary())

    assert column(table, "is_contested") == [0.0] * 6 + [1.0, 0.0, 0.0, None]
    assert column(table, "has_controversy_word") == [0.0] * 6 + [1.0, 0.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("title", "holds"),
    [("Ein Skandal", 1.0), ("Скандал года", 1.0), ("炎上した話", 1.0), ("Scandalous", 0.0), ("שערורייה", 1.0), ("🍞", 0.0)],
)
def test_words_of_conflict_are_whole_words_in_many_languages(title: str, holds: float) -> None:
    assert column(feature_table(posts({"title": title}), Vocabulary()), "has_controversy_word") == [holds]


def test_thumbnails_are_missing_where_no_image_was_measured() -> None:
    measures = {
        "v0000": {"faces": 2, "brightness": 0.4, "text_share": 0.1, "colourfulness": 0.3},
        "v0001": {"faces": 0, "brightness": float("nan")},
    }

    table = feature_table(posts({}, {}, {}), Vocabulary(thumbnails=measures))

    assert column(table, "thumbnail_faces") == [2.0, 0.0, None]
    assert column(table, "has_thumbnail_face") == [1.0, 0.0, None]
    assert column(table, "thumbnail_brightness") == [0.4, None, None]
    assert column(table, "thumbnail_text_share") == [0.1, None, None]
