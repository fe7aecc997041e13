"""The topics that a release found, as they are stored with it and given to the next. Finding them is in `topic_fitting`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MODEL_VERSION = "tfidf-nmf-1"


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic: its label (strongest words), its name in columns, and its strongest words with their weights (length 1 in all)."""

    label: str
    slug: str
    weights: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class TopicModel:
    """Topics in the order in which they were first found. Plain values only."""

    topics: tuple[Topic, ...] = ()
    version: str = MODEL_VERSION

    def as_json(self) -> dict[str, Any]:
        """JSON values; `topic_model_of` reads them back."""
        topics = [{"label": topic.label, "slug": topic.slug, "weights": dict(topic.weights)} for topic in self.topics]
        return {"version": self.version, "topics": topics}


def topic_model_of(values: Mapping[str, Any]) -> TopicModel:
    """The model as it was stored. KeyError where the values are of something else."""
    topics = (
        Topic(each["label"], each["slug"], {str(term): float(weight) for term, weight in each["weights"].items()})
        for each in values["topics"]
    )
    return TopicModel(tuple(topics), values["version"])
