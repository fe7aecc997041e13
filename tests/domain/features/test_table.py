"""The whole table: its shape, its order, what it asks, and the page that lists it."""

import json
import math
import re
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from domain.effects.questions.asking import hypothesis_of, may_be_asked
from domain.features.catalogue import CATALOGUE, FAMILIES
from domain.features.feature import Feature, FeatureKind, Group, Known
from domain.features.table import LEAST_KNOWN, LEAST_POSTS, MOST_ALIKE, Entity, FeatureTable, Vocabulary, as_rows, feature_table
from domain.features.topics import topic_features
from tests.domain.features.posts import START, posts
from tests.domain.features.test_languages import TITLES

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "features.md"
MANY = Vocabulary(entities=(Entity("Ana", "person"), Entity("Bread Co", "brand")))


def varied(count: int, seed: int = 1) -> pd.DataFrame:
    """Posts of ten accounts whose titles, descriptions, times and lengths vary."""
    rng = np.random.default_rng(seed)
    languages = list(TITLES.values())
    words = (
        "I bake",
        "Ana",
        "the SECRET",
        "10 ways",
        "how to",
        "you",
        "really?",
        "why!",
        "(part two)",
        "Bread Co:",
        "🍞",
        "sourdough",
        "chess",
        "comet",
    )
    return posts(
        *(
            {
                "account_id": f"a{rng.integers(10)}",
                "title": " ".join([*rng.choice(words, 4), *([str(rng.choice(languages))] if rng.random() < 0.3 else [])]),
                "description": " ".join(rng.choice(["subscribe", "https://example.org", "#oven", "flour", "0:00 a\n1:00 b\n2:00 c"], 20)),
                "hashtags": tuple(map(str, rng.choice(["oven", "dough", "rye"], rng.integers(3)))),
                "duration_seconds": float(rng.integers(5, 2000)),
                "format": str(rng.choice(["short", "long"])),
                "posted_at": START + pd.Timedelta(hours=int(rng.integers(0, 9000))),
                "time_zone": str(rng.choice(["Europe/Berlin", "Asia/Tokyo", "nowhere"])),
                "likes": float(rng.integers(0, 50)),
                "comments": float(rng.integers(0, 50)),
                "sound_id": str(rng.choice(["s", "t"])),
            }
            for _ in range(count)
        )
    )


@pytest.fixture(scope="module")
def table() -> FeatureTable:
    return feature_table(varied(400), MANY)


def test_there_is_one_row_per_video_in_the_order_of_the_posts_and_one_column_per_feature(table: FeatureTable) -> None:
    assert list(table.frame.index) == [f"v{number:04d}" for number in range(400)]
    assert list(table.frame.columns) == [feature.name for feature in table.features]
    assert set(table.frame.dtypes) == {np.dtype("float64")}
    assert list(table.words.index) == list(table.frame.index)


def test_about_thirty_questions_are_asked_and_only_of_what_is_controlled_and_known_before(table: FeatureTable) -> None:
    asked = [feature for feature in table.features if feature.is_hypothesis]

    assert 25 <= len(asked) <= 36
    assert all(may_be_asked(feature) for feature in asked)
    assert all(hypothesis_of(feature).step > 0 for feature in asked)
    assert 22 <= sum(feature.is_hypothesis and feature.group is not Group.THUMBNAIL for feature in CATALOGUE) <= 30


def test_no_two_questions_are_nearly_the_same_number(table: FeatureTable) -> None:
    asked = [feature.name for feature in table.features if feature.is_hypothesis]

    likeness = table.frame[asked].corr().abs().to_numpy(copy=True)
    np.fill_diagonal(likeness, 0)

    assert np.nanmax(likeness) < MOST_ALIKE


def test_a_topic_that_is_a_person_over_again_is_not_asked_about() -> None:
    subjects = ("Ana sourdough oven flour", "Chess rook pawn", "Comet nebula orbit", "Chess rook pawn")
    rows = [{"title": f"{subjects[number % 4]} {'x' * (number % 17)}"} for number in range(160)]

    features = {feature.name: feature for feature in feature_table(posts(*rows), MANY).features}

    assert features["person:ana"].is_hypothesis
    hers = next(feature for name, feature in features.items() if name.startswith("topic:") and "sourdough" in name)
    assert not hers.is_hypothesis


def test_a_feature_that_too_few_posts_have_is_no_question() -> None:
    few = varied(100)
    few.loc[few.index[: round(100 * (1 - LEAST_KNOWN)) + 1], "duration_seconds"] = np.nan
    few["description"] = "flour"
    few.loc[few.index[: LEAST_POSTS - 1], "description"] = "flour https://example.org"

    asked = {feature.name for feature in feature_table(few, Vocabulary()).features if feature.is_hypothesis}

    assert asked.isdisjoint({"duration_log", "has_link", "has_description"})
    assert "title_chars" in asked


def test_nothing_that_happened_later_changes_what_was_known_before() -> None:
    early, late = varied(200), varied(300, seed=2)
    late["posted_at"] += pd.Timedelta(days=400)
    late["video_id"] = "w" + late["video_id"]
    before = [feature.name for feature in CATALOGUE if feature.known is Known.BEFORE]

    alone = feature_table(early, Vocabulary()).frame[before]
    together = feature_table(pd.concat([early, late], ignore_index=True), Vocabulary()).frame[before]

    pd.testing.assert_frame_equal(together.iloc[:200], alone)


def test_counters_change_only_what_is_known_afterwards() -> None:
    seen, unseen = varied(200), varied(200).assign(likes=np.nan, comments=np.nan, views=1e6)
    features = feature_table(seen, Vocabulary())
    after = [feature.name for feature in features.features if feature.known is Known.AFTER]

    other = feature_table(unseen, Vocabulary())

    pd.testing.assert_frame_equal(features.frame.drop(columns=after), other.frame.drop(columns=after))
    assert other.frame[after].isna().all().all()


def test_no_posts_are_no_rows_with_all_columns() -> None:
    empty = feature_table(posts(), MANY)

    assert list(empty.frame.columns) == [feature.name for feature in CATALOGUE]
    assert len(empty.frame) == len(empty.words) == 0
    assert not any(feature.is_hypothesis for feature in empty.features)
    assert as_rows(empty) == []


def test_one_post_of_which_nothing_is_known_has_nothing_but_missing_features() -> None:
    bare = feature_table(posts({"posted_at": None}), Vocabulary())

    assert bare.frame.drop(columns="language_sureness").isna().all().all()
    assert bare.words.iloc[0].to_dict() == {
        "language": None, "topic": None, "entities": (), "time_zone": "UTC", "is_time_zone_assumed": True, "duration_band": None,
    }  # fmt: skip


@pytest.mark.parametrize("count", [1, 4])
def test_few_posts_are_measured_and_nothing_is_asked_about_presences(count: int) -> None:
    few = feature_table(varied(count), MANY)

    assert len(few.frame) == count
    assert not any(feature.is_hypothesis for feature in few.features if feature.kind is FeatureKind.PRESENCE)


def test_of_a_repeated_video_the_row_with_most_views_counts() -> None:
    frame = varied(50).assign(views=20.0)
    twice = pd.concat([frame.assign(title="other", views=10.0), frame], ignore_index=True)

    pd.testing.assert_frame_equal(feature_table(twice, MANY).frame, feature_table(frame, MANY).frame)


def test_rows_in_another_order_are_the_same_rows() -> None:
    frame = varied(150)
    shuffled = frame.sample(frac=1, random_state=3).reset_index(drop=True)

    one, other = feature_table(frame, MANY), feature_table(shuffled, MANY)

    pd.testing.assert_frame_equal(other.frame.loc[one.frame.index, one.frame.columns], one.frame)
    assert other.features == one.features


def test_twelve_languages_and_emoji_alone_are_measured() -> None:
    titles = [*TITLES.values(), "🍞🍞", "‏🍞‏", "​"]

    found = feature_table(posts(*({"title": title} for title in titles)), MANY)

    assert list(found.words["language"])[:-3] == list(TITLES)
    assert list(found.words["language"])[-3:] == [None] * 3
    assert found.frame["title_chars"].notna().all()


def test_rows_are_json_with_none_for_what_is_missing(table: FeatureTable) -> None:
    rows = as_rows(table)

    video, figures, words = json.loads(json.dumps(rows[0], allow_nan=False))
    assert video == "v0000"
    assert set(figures) == set(table.frame.columns)
    assert figures["has_sound"] == 1.0
    assert figures["thumbnail_faces"] is None
    assert set(words) == {"language", "topic", "entities", "time_zone", "is_time_zone_assumed", "duration_band"}
    assert isinstance(words["entities"], list)


def test_the_entities_of_a_video_are_words_and_columns(table: FeatureTable) -> None:
    named = table.words["entities"].map(lambda names: "Ana" in names)

    assert named.any()
    assert (table.frame["person:ana"] == named.astype(float)).all()
    assert next(feature for feature in table.features if feature.name == "brand:bread-co").group is Group.PEOPLE


class Sees:
    """A tagger that is no dictionary."""

    def tag(self, texts: Sequence[str]) -> list[tuple[str, ...]]:
        return [("Ana",) for _ in texts]


def test_another_tagger_takes_the_dictionarys_place() -> None:
    found = feature_table(posts({"title": "Bread"}, {}), MANY, tagger=Sees())

    assert found.words["entities"].tolist() == [("Ana",), ()]
    assert found.frame["people_count"].isna().tolist() == [False, True]


def test_five_thousand_posts_take_two_seconds_and_their_topics_less_than_three() -> None:
    part = varied(500)
    frame = pd.concat([part.assign(video_id=f"{copy}-" + part["video_id"]) for copy in range(10)], ignore_index=True)
    texts = list(frame["title"])
    topic_features(list(frame["video_id"])[:100], texts[:100], None)

    started = time.process_time()
    topic_features(list(frame["video_id"]), texts, None)
    topics = time.process_time() - started
    feature_table(frame, MANY)
    whole = time.process_time() - started - topics

    assert topics <= 3
    assert whole - topics <= 2


@pytest.mark.parametrize("feature", CATALOGUE, ids=lambda feature: feature.name)
def test_every_feature_says_what_it_is(feature: Feature) -> None:
    assert feature.contrast
    assert feature.unit
    assert feature.step > 0
    assert feature.step == 1.0 or feature.kind is FeatureKind.AMOUNT
    assert math.isfinite(feature.step)
    assert may_be_asked(feature) or not feature.is_hypothesis


def test_names_are_told_once() -> None:
    names = [feature.name for feature in CATALOGUE]

    assert len(set(names)) == len(names)
    assert not any(name.startswith(tuple(FAMILIES)) for name in names)


def test_the_page_of_features_is_the_catalogue() -> None:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    told = [
        found.groups()
        for line in lines
        if (found := re.fullmatch(r"\| `([a-z_0-9]+)` \| (.+?) \| (.+?) \| (yes|no) \| (before|after) \| (yes|no) \|", line))
    ]
    yes = {True: "yes", False: "no"}

    made = [
        (each.name, each.group.value, each.unit, yes[each.is_controllable], each.known.value.split()[0], yes[each.is_hypothesis])
        for each in CATALOGUE
    ]
    assert told == made
    assert all(f"`{prefix}" in "\n".join(lines) for prefix in FAMILIES)
