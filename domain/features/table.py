"""All features of a set of posts in one table, one row per video. Each group's measuring is in its own module.

A change of any rule is a new `FEATURES_VERSION`: releases name it, so that an old figure can be replayed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from domain.features import controversy, descriptions, formats, hashtags, sounds, thumbnails, timing, title_patterns, titles
from domain.features.catalogue import CATALOGUE, FAMILIES
from domain.features.feature import Feature, FeatureKind
from domain.features.naming import DictionaryTagger, Tagger, without_names
from domain.features.people import Named, people_features
from domain.features.reading import Read, read
from domain.features.topic_model import TopicModel
from domain.features.topics import TopicsFound, topic_features
from domain.features.vocabulary import Entity, Vocabulary

__all__ = ["FEATURES_VERSION", "Entity", "FeatureTable", "Vocabulary", "as_rows", "feature_table"]

FEATURES_VERSION = "features-1"
# A feature is asked among the posts where it is known (`domain.effects.families`); of a smaller part of them nobody wants to know.
LEAST_KNOWN = 0.1
# A presence that fewer posts show, or lack, is no question yet.
LEAST_POSTS = 5
# Correlation from which a column made of a tenant's own names or topics is another one over again.
MOST_ALIKE = 0.95
SIGNIFICANT_DIGITS = 10


@dataclass(frozen=True, slots=True, eq=False)
class FeatureTable:
    """`frame`: one row per video in the order of the posts, index `video_id`, one float column per feature (NaN: missing, never zero).

    `words`: per video what is no number: `language`, `topic`, `entities` (tuple of names), `time_zone` that was used,
    `is_time_zone_assumed`, `duration_band`; None where missing. `topics` belongs into the `Vocabulary` of the next release.
    """

    frame: pd.DataFrame
    features: tuple[Feature, ...]
    words: pd.DataFrame
    version: str = FEATURES_VERSION
    topics: TopicModel = field(default_factory=TopicModel)


def feature_table(posts: pd.DataFrame, vocabulary: Vocabulary, *, tagger: Tagger | None = None) -> FeatureTable:
    """Measure all features of posts (columns: `domain.posts.COLUMNS`); a repeated video counts once, where it first stands.

    A feature of the answer is a hypothesis if it is one at all, is known of enough of these posts, and they differ in it.
    """
    found = read(posts)
    named = _named(tagger or DictionaryTagger(vocabulary.entities), found)
    people, of_people = people_features(vocabulary.entities, named)
    topics = topic_features(found.video_ids, without_names(found.about, named, vocabulary.entities), vocabulary.topics)
    frame = pd.concat([*_measured(found, vocabulary), people, topics.frame], axis=1)
    features = {each.name: each for each in (*CATALOGUE, *of_people, *topics.features)}
    frame = frame[list(features)].set_axis(pd.Index(found.posts["video_id"], name="video_id"))
    asked = _distinct([_asked(feature, frame[feature.name]) for feature in features.values()], frame)
    return FeatureTable(frame, asked, _words(found, named, topics), topics=topics.model)


def _measured(found: Read, vocabulary: Vocabulary) -> list[pd.DataFrame]:
    posts = found.posts
    return [
        titles.title_features(found.titles),
        title_patterns.title_patterns(found.titles, found.guesses),
        descriptions.description_features(posts["description"]),
        hashtags.hashtag_features(found.order.timelines, found.tags),
        sounds.sound_features(posts, found.order, vocabulary.sound_ranks),
        formats.format_features(posts),
        timing.timing_features(found.order, found.zones),
        controversy.controversy_features(posts, found.whole),
        thumbnails.thumbnail_features(found.video_ids, vocabulary.thumbnails),
    ]


def _named(tagger: Tagger, found: Read) -> Named:
    return [names if text else None for names, text in zip(tagger.tag([text or "" for text in found.whole]), found.whole, strict=True)]


def _asked(feature: Feature, values: "pd.Series[float]") -> Feature:
    known = values.dropna()
    fewest = int(min((known > 0).sum(), (known <= 0).sum())) if feature.kind is FeatureKind.PRESENCE else LEAST_POSTS
    is_open = len(known) >= LEAST_KNOWN * len(values) and fewest >= LEAST_POSTS and known.nunique() > 1
    return replace(feature, is_hypothesis=feature.is_hypothesis and is_open)


def _distinct(features: Sequence[Feature], frame: pd.DataFrame) -> tuple[Feature, ...]:
    """A topic that is nearly a person, or either that is nearly something else, is not asked about a second time."""
    likeness = frame[[feature.name for feature in features if feature.is_hypothesis]].corr().abs()
    kept: list[Feature] = []
    for feature in features:
        before = [each.name for each in kept if each.is_hypothesis]
        is_copy = (
            feature.is_hypothesis and feature.name.startswith(tuple(FAMILIES)) and likeness.loc[feature.name, before].max() >= MOST_ALIKE
        )
        kept.append(replace(feature, is_hypothesis=feature.is_hypothesis and not is_copy))
    return tuple(kept)


def _words(found: Read, named: Named, topics: TopicsFound) -> pd.DataFrame:
    columns: dict[str, list[Any]] = {
        "language": [guess.language for guess in found.guesses],
        "topic": topics.labels,
        "entities": [names or () for names in named],
        "time_zone": [zone.key if zone else "UTC" for zone in found.zones],
        "is_time_zone_assumed": [zone is None for zone in found.zones],
        "duration_band": list(formats.duration_bands(found.posts)),
    }
    return pd.DataFrame(columns, index=pd.Index(found.posts["video_id"], name="video_id"), dtype=object)


def as_rows(table: FeatureTable) -> list[tuple[str, dict[str, float | None], dict[str, Any]]]:
    """Per video: its id, its figures and its words as JSON values; floats to ten digits, None where missing."""
    names = list(table.frame.columns)
    figures = [{name: _number(value) for name, value in zip(names, row, strict=True)} for row in table.frame.to_numpy().tolist()]
    words = [
        {str(name): list(value) if isinstance(value, tuple) else value for name, value in row.items()}
        for row in table.words.to_dict("records")
    ]
    return list(zip(map(str, table.frame.index), figures, words, strict=True))


def _number(value: float) -> float | None:
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}") if value == value else None
