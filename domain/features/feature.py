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
    """One feature. `step` is the change that an effect is reported for: presence 0 -> 1, or so many units more.

    `measured`: of an amount, what it is an amount of. `looks_back`: it compares the post with the account's own earlier ones.
    """

    name: str
    kind: FeatureKind
    unit: str
    step: float
    contrast: str
    group: Group = Group.TITLE
    is_hypothesis: bool = True
    is_controllable: bool = True
    known: Known = Known.BEFORE
    measured: str = ""
    looks_back: bool = False

    @property
    def words(self) -> str:
        """What it is, in plain words."""
        return self.measured or subject_of(self.contrast)


def subject_of(contrast: str) -> str:
    """The contrast without what it is compared with."""
    return contrast.partition(", compared with")[0]


def presence(name: str, group: Group, contrast: str, *, of: str = "posts", is_hypothesis: bool = True) -> Feature:
    """Something that a post has or lacks, as its creator decides before publication."""
    return Feature(name, FeatureKind.PRESENCE, f"share of {of}", 1.0, contrast, group, is_hypothesis)


def amount(name: str, group: Group, words: tuple[str, str], unit: str, step: float, *, is_hypothesis: bool = True) -> Feature:
    """Something that a post has more or less of, as its creator decides before publication. `words`: what it is, and its contrast."""
    measured, contrast = words
    return Feature(name, FeatureKind.AMOUNT, unit, step, contrast, group, is_hypothesis, measured=measured)


def consequence(feature: Feature) -> Feature:
    """Known only after publication: nobody controls it, and nothing is asked about it."""
    return replace(feature, is_hypothesis=False, is_controllable=False, known=Known.AFTER)


def in_hindsight(feature: Feature) -> Feature:
    """It looks back at the account's own earlier posts."""
    return replace(feature, looks_back=True)
