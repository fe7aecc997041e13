"""Topics: found where they are, stable while posts are added, the same in any order, and honest about posts without one."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from domain.features.topic_fitting import LEAST_POSTS, topics_wanted
from domain.features.topic_model import TopicModel, topic_model_of
from domain.features.topic_words import words_of
from domain.features.topics import TopicsFound, topic_features

SUBJECTS = {
    "bread": "sourdough flour dough oven crust yeast knead loaf bakery rye",
    "chess": "opening endgame rook bishop pawn gambit checkmate castling tactics blitz",
    "garden": "tomatoes compost pruning seeds roses harvest soil greenhouse weeds watering",
    "bikes": "chain pedals saddle brakes wheel spokes gravel cycling derailleur helmet",
    "stars": "telescope comet nebula saturn eclipse galaxy meteor orbit jupiter aurora",
}
FILLERS = "simple quiet honest small great perfect".split()  # noqa: SIM905


def made(count: int, seed: int, words: dict[str, str] = SUBJECTS) -> tuple[list[str], list[str], list[str]]:
    """Ids, titles and their true subjects."""
    rng = np.random.default_rng(seed)
    subjects = [str(rng.choice(list(words))) for _ in range(count)]
    titles = [" ".join([*rng.choice(words[each].split(), 3, replace=False), str(rng.choice(FILLERS))]) for each in subjects]
    return [f"v{number:05d}" for number in range(count)], titles, subjects


def refits(ids: Sequence[str], titles: Sequence[str | None], first: int) -> list[TopicsFound]:
    """A fit of the first posts, and two more, each with 5 % new posts and the model before it."""
    found, size, model = [], first, None
    for _ in range(3):
        found.append(topic_features(ids[:size], titles[:size], model))
        model, size = topic_model_of(json.loads(json.dumps(found[-1].model.as_json()))), round(size * 1.05)
    return found


def kept(before: TopicsFound, after: TopicsFound) -> float:
    """Share of the videos that have the same label again, among those that have one in either."""
    pairs = [pair for pair in zip(before.labels, after.labels, strict=False) if any(pair)]
    return float(np.mean([a == b for a, b in pairs]))


def test_subjects_that_are_there_are_found() -> None:
    ids, titles, subjects = made(600, seed=1)

    found = topic_features(ids, titles, None)

    table = pd.crosstab(pd.Series(found.labels, dtype=object), subjects)
    assert table.max(axis=1).sum() / len(ids) >= 0.9
    assert len(found.model.topics) == topics_wanted(600)


@pytest.mark.parametrize("seed", range(3))
def test_videos_keep_their_labels_over_two_refits_with_new_posts(seed: int) -> None:
    ids, titles, _ = made(700, seed=seed)

    first, second, third = refits(ids, titles, 600)

    assert min(kept(first, second), kept(second, third), kept(first, third)) >= 0.95
    assert [topic.slug for topic in first.model.topics] == [topic.slug for topic in third.model.topics]


@pytest.mark.real_data
def test_a_real_channel_and_real_lists_keep_their_labels_over_two_refits(real_data: Path) -> None:
    channel = pd.read_csv(real_data / "youtube_channel_5min_crafts" / "5-Minute_Crafts.csv.gz").sort_values(
        "active_since_days", ascending=False
    )
    listed = pd.read_csv(real_data / "youtube_trending_2017" / "FRvideos.csv.gz").drop_duplicates("video_id")

    for videos, least_labelled in ((channel, 0.6), (listed, 0.1)):
        ids, titles = list(videos["video_id"].astype(str)), list(videos["title"])
        found = refits(ids, titles, int(len(ids) / 1.05**2))

        assert min(kept(*pair) for pair in ((found[0], found[1]), (found[1], found[2]), (found[0], found[2]))) >= 0.95
        assert np.mean([label is not None for label in found[2].labels]) >= least_labelled


def test_a_new_subject_is_found_once_there_are_enough_posts_for_more_topics() -> None:
    ids, titles, _ = made(100, seed=3, words={name: SUBJECTS[name] for name in ("bread", "chess", "stars")})
    more_ids, more_titles, subjects = made(500, seed=4)

    first = topic_features(ids, titles, None)
    second = topic_features([*ids, *(f"w{each}" for each in more_ids)], [*titles, *more_titles], first.model)

    assert len(second.model.topics) > len(first.model.topics)
    assert {topic.slug for topic in first.model.topics} <= {topic.slug for topic in second.model.topics}
    garden = [label for label, subject in zip(second.labels[100:], subjects, strict=True) if subject == "garden"]
    assert pd.Series(garden, dtype=object).value_counts(normalize=True).iloc[0] >= 0.8


def test_a_model_of_other_words_is_begun_anew() -> None:
    ids, titles, _ = made(200, seed=5)
    foreign = topic_features(ids, [f"{title[::-1]} xx" for title in titles], None).model

    assert topic_features(ids, titles, foreign).model == topic_features(ids, titles, None).model


def test_the_order_of_rows_changes_nothing() -> None:
    ids, titles, _ = made(200, seed=6)
    order = np.random.default_rng(1).permutation(len(ids))

    forward = topic_features(ids, titles, None)
    shuffled = topic_features([ids[place] for place in order], [titles[place] for place in order], None)

    assert shuffled.model == forward.model
    assert [forward.labels[place] for place in order] == shuffled.labels


@pytest.mark.parametrize("titles", [[], ["bread oven"], ["bread oven"] * 200, [None] * 200, ["🍞"] * 200, ["a b c"] * 200])
def test_few_or_wordless_or_equal_posts_have_no_topics(titles: list[str | None]) -> None:
    found = topic_features([str(number) for number in range(len(titles))], titles, None)

    assert found.model == TopicModel()
    assert found.labels == [None] * len(titles)
    assert found.features == ()


@pytest.mark.parametrize("words", [2, 3, 4])
def test_posts_of_a_few_words_only_are_told_apart_without_ado(words: int) -> None:
    known = ["bread", "oven", "flour", "yeast"][:words]
    for seed in range(6):
        stands = np.random.default_rng(seed).random((50, words)) < 0.6
        titles = [" ".join(word for word, there in zip(known, row, strict=True) if there) for row in stands]

        found = topic_features([f"v{number:02d}" for number in range(50)], titles, None)

        # A word of most titles tells none of them apart.
        assert len(found.model.topics) <= words
        assert all(label is None or title for label, title in zip(found.labels, titles, strict=True))


def test_too_few_posts_for_topics_are_no_question() -> None:
    assert [topics_wanted(posts) for posts in (0, LEAST_POSTS - 1, LEAST_POSTS, 100, 400, 1600, 5000, 10**6)] == [0, 0, 2, 3, 5, 8, 12, 12]


def test_the_largest_topic_is_what_the_others_are_compared_with_and_no_question_itself() -> None:
    ids, titles, _ = made(600, seed=7)

    found = topic_features(ids, [*titles[:-1], None], None)

    asked = [feature for feature in found.features if feature.is_hypothesis]
    reference = found.features[0]
    assert not reference.is_hypothesis
    assert all(feature.contrast.count("compared with") == 1 for feature in asked)
    assert found.frame[reference.name].sum() == max(found.frame.sum())
    assert found.frame.iloc[-1].isna().all()


def test_words_of_every_script_are_read_and_small_words_are_not() -> None:
    assert words_of("How to bake the best Sourdough with me in 2026") == {"bake", "sourdough"}
    assert words_of("料理教室") == {"料理", "理教", "教室"}
    assert words_of("рецепт хлеба") == {"рецепт", "хлеба"}
    assert words_of("وصفة الخبز") == {"وصفة", "الخبز"}
    assert words_of("🍞🍞 !!") == set()
