"""What posts are about, as features: one presence per topic. Finding topics is in `topic_fitting`."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from domain.features.feature import Feature, Group, presence
from domain.features.topic_fitting import fit_topics
from domain.features.topic_model import TopicModel
from domain.features.topic_words import words_of

# Features of a topic need so many posts on either side; only the largest are asked about.
LEAST_POSTS = 5
MOST_ASKED = 6


@dataclass(frozen=True, slots=True, eq=False)
class TopicsFound:
    """`frame`: one row per post; `labels`: per post, None where no topic is clear; `model`: for the next release."""

    frame: pd.DataFrame
    features: tuple[Feature, ...]
    labels: list[str | None]
    model: TopicModel


def topic_features(video_ids: Sequence[str], texts: Sequence[str | None], earlier: TopicModel | None) -> TopicsFound:
    """Topics of posts by their texts (None: nothing to read, so missing). The same posts in any order give the same answer."""
    order = sorted(range(len(texts)), key=lambda place: str(video_ids[place]))
    words = [frozenset(words_of(texts[place] or "")) for place in order]
    model, found = fit_topics(words, earlier)
    topic: list[int | None] = [None] * len(texts)
    for place, number in zip(order, found, strict=True):
        topic[place] = number
    labels = [None if number is None else model.topics[number].label for number in topic]
    frame, features = _columns(model, topic, [text is not None for text in texts])
    return TopicsFound(frame, features, labels, model)


def _columns(model: TopicModel, topic: Sequence[int | None], readable: Sequence[bool]) -> tuple[pd.DataFrame, tuple[Feature, ...]]:
    """The largest topic is what the others are compared with: all together would say nothing that the last one does not."""
    counts = Counter(number for number in topic if number is not None)
    largest = sorted(counts, key=lambda number: (-counts[number], number))
    columns: dict[str, list[float]] = {}
    features = []
    for rank, number in enumerate(largest):
        if LEAST_POSTS <= counts[number] <= sum(readable) - LEAST_POSTS:
            name, label = f"topic:{model.topics[number].slug}", model.topics[number].label
            columns[name] = [float(mine == number) if told else float("nan") for mine, told in zip(topic, readable, strict=True)]
            than = f"'{model.topics[largest[0]].label}' or no clear topic" if rank else "all others"
            contrast = f"about '{label}', compared with {than}"
            features.append(presence(name, Group.TOPIC, contrast, is_hypothesis=0 < rank <= MOST_ASKED))
    return pd.DataFrame(columns, index=range(len(topic)), dtype="float64"), tuple(features)
