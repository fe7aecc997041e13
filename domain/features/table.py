"""All features of a set of posts in one table, one row per video. Each group's measuring is in its own module.

A change of any rule is a new `FEATURES_VERSION`: releases name it, so that an old figure can be replayed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from domain.features import titles
from domain.features.feature import Feature

FEATURES_VERSION = "features-1"


@dataclass(frozen=True, slots=True)
class Entity:
    """A person or a brand that a tenant wants told apart, with the other names it goes by."""

    name: str
    kind: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What measuring needs besides the posts: who counts as a person or brand, which sounds were in the charts when, pictures measured."""

    entities: tuple[Entity, ...] = ()
    # Per sound id: (moment, rank from 1) as charts were seen, oldest first.
    sound_ranks: Mapping[str, Sequence[tuple[pd.Timestamp, int]]] = field(default_factory=dict)
    # Per video id: measures of its thumbnail by name, where the image was at hand.
    thumbnails: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class FeatureTable:
    """`frame`: one row per video in the order of the posts, index `video_id`, one float column per feature (NaN: missing, never zero).

    `words`: per video what is no number, such as its language, topic label and the entities named in it.
    """

    frame: pd.DataFrame
    features: tuple[Feature, ...]
    words: pd.DataFrame
    version: str = FEATURES_VERSION


def feature_table(posts: pd.DataFrame, vocabulary: Vocabulary) -> FeatureTable:
    """Measure all features of posts (columns: `domain.posts.COLUMNS`)."""
    measured = titles.title_features(posts["title"])
    measured.index = pd.Index(posts["video_id"], name="video_id")
    named = [[each.name for each in vocabulary.entities if each.name in (title or "")] for title in posts["title"]]
    return FeatureTable(measured, titles.FEATURES, pd.DataFrame({"entities": named}, index=measured.index))
