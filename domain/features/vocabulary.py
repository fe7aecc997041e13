"""What measuring needs besides the posts. Gathering it is the services' work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from domain.features.topic_model import TopicModel

if TYPE_CHECKING:  # a run's process is forked from one that has loaded nothing numeric
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Entity:
    """A person or a brand that a tenant wants told apart, with the other names it goes by. `kind`: person or brand."""

    name: str
    kind: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Who counts as a person or brand, which sounds were in the charts when, pictures measured, and the topics of the last release."""

    entities: tuple[Entity, ...] = ()
    # Per sound id: (moment, rank from 1) as charts were seen, oldest first.
    sound_ranks: Mapping[str, Sequence[tuple["pd.Timestamp", int]]] = field(default_factory=dict)
    # Per video id: measures of its thumbnail, where the image was at hand: faces (count), brightness, text_share (shares, 0 to 1),
    # colourfulness (Hasler and Suesstrunk 2003, over 100). Others are left aside.
    thumbnails: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    # The last release's topics, which keep their labels.
    topics: TopicModel | None = None
