"""What a feature of a post is: its name, unit and contrast, who controls it, and when it is known. Measuring is in the other modules."""

from dataclasses import dataclass, replace
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


def presence(name: str, group: Group, contrast: str, *, of: str = "posts", is_hypothesis: bool = True) -> Feature:
    """Something that a post has or lacks, as its creator decides before publication."""
    return Feature(name, FeatureKind.PRESENCE, f"share of {of}", 1.0, contrast, group, is_hypothesis)


def amount(name: str, group: Group, contrast: str, unit: str, step: float, *, is_hypothesis: bool = True) -> Feature:
    """Something that a post has more or less of, as its creator decides before publication."""
    return Feature(name, FeatureKind.AMOUNT, unit, step, contrast, group, is_hypothesis)


def consequence(feature: Feature) -> Feature:
    """Known only after publication: nobody controls it, and nothing is asked about it."""
    return replace(feature, is_hypothesis=False, is_controllable=False, known=Known.AFTER)
