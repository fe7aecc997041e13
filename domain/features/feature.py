"""What a feature of a post is: its name, unit and contrast, who controls it, and when it is known. Measuring is in the other modules."""

from dataclasses import dataclass
from enum import StrEnum


class FeatureKind(StrEnum):
    """How a feature is contrasted."""

    PRESENCE = "presence"
    AMOUNT = "amount"


class Known(StrEnum):
    """When a feature is known. What is known only after publication is a consequence at most, and never a control."""

    BEFORE = "before publication"
    AFTER = "after publication"


class Group(StrEnum):
    """What a feature is about."""

    TITLE = "title"
    DESCRIPTION = "description"
    HASHTAGS = "hashtags"
    SOUND = "sound"
    FORMAT = "format"
    TIMING = "timing"
    PEOPLE = "people"
    CONTROVERSY = "controversy"
    TOPIC = "topic"
    THUMBNAIL = "thumbnail"


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature. `step` is the change that an effect is reported for: presence 0 -> 1, or so many units more."""

    name: str
    kind: FeatureKind
    unit: str
    step: float
    contrast: str
    group: Group = Group.TITLE
    is_hypothesis: bool = True
    is_controllable: bool = True
    known: Known = Known.BEFORE
