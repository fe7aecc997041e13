"""Features of a title that its creator controls and that are known before publication. No outcome is looked at here.

A change of any rule below is a new `FEATURES_VERSION`: releases name it, so that an old figure can be replayed.
"""

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise

import pandas as pd

from domain.features.feature import Feature, FeatureKind
from domain.features.writing import HASHTAG

FEATURES_VERSION = "titles-1"

# Opening brackets count; "(" in a smiley counts as well, because telling them apart would be a guess.
BRACKETS = frozenset("([{【［（「『《〈")
QUESTION_MARKS = frozenset("?？؟¿՞;")
EMOJI_BLOCKS = ((0x1F300, 0x1FAFF), (0x1F1E6, 0x1F1FF), (0x2600, 0x27BF), (0x2B50, 0x2B55), (0x23E9, 0x23FA), (0x231A, 0x231B))
EMOJI_STYLE = "\ufe0f"
KEYCAP = "\u20e3"


def title_chars(title: str) -> float:
    return float(len(title))


def title_words(title: str) -> float:
    return float(len(title.split()))


def has_number(title: str) -> float:
    """A digit that is read as part of the title: hashtags are measured on their own, `#5` is a number and no hashtag."""
    read = HASHTAG.sub(lambda found: found[0] if found[1].isdigit() else " ", title)
    return float(any(unicodedata.category(c) == "Nd" for c in read))


def is_question(title: str) -> float:
    """A question mark anywhere: what a viewer sees, whatever the grammar. Greek `;` only counts in a Greek title."""
    marks = {c for c in title if c in QUESTION_MARKS}
    if marks == {";"}:
        return float(any("GREEK" in unicodedata.name(c, "") for c in title))
    return float(bool(marks))


def capitals_share(title: str) -> float:
    """Share of upper-case letters among the letters that have a case; 0 where none has (Japanese, Arabic ...)."""
    cased = [c for c in title if c.isupper() or c.islower()]
    return sum(c.isupper() for c in cased) / len(cased) if cased else 0.0


def has_emoji(title: str) -> float:
    if title.isascii():
        return 0.0
    return float(any(_is_emoji(c) for c in title) or any(b in (EMOJI_STYLE, KEYCAP) and not a.isspace() for a, b in pairwise(title)))


def has_bracket(title: str) -> float:
    return float(any(c in BRACKETS for c in title))


def _is_emoji(character: str) -> bool:
    # Dingbats such as a check mark are symbols people decorate with, so they count although some render as text.
    return any(low <= ord(character) <= high for low, high in EMOJI_BLOCKS)


FEATURES = (
    Feature("title_chars", FeatureKind.AMOUNT, "characters", 10.0, "a title 10 characters longer", measured="length of the title"),
    # No hypothesis of its own: it is nearly the same number as title_chars, and asking twice blurs both answers.
    Feature(
        "title_words", FeatureKind.AMOUNT, "words", 1.0, "one more word in the title", is_hypothesis=False, measured="words in the title"
    ),
    Feature("has_number", FeatureKind.PRESENCE, "share of titles", 1.0, "a digit in the title, compared with none"),
    Feature("is_question", FeatureKind.PRESENCE, "share of titles", 1.0, "a question mark in the title, compared with none"),
    Feature(
        "capitals_share",
        FeatureKind.AMOUNT,
        "share of letters",
        0.1,
        "10 percentage points more capital letters in the title",
        measured="capital letters in the title",
    ),
    Feature("has_emoji", FeatureKind.PRESENCE, "share of titles", 1.0, "an emoji in the title, compared with none"),
    Feature("has_bracket", FeatureKind.PRESENCE, "share of titles", 1.0, "a bracket in the title, compared with none"),
)
MEASURES: Mapping[str, Callable[[str], float]] = {
    "title_chars": title_chars,
    "title_words": title_words,
    "has_number": has_number,
    "is_question": is_question,
    "capitals_share": capitals_share,
    "has_emoji": has_emoji,
    "has_bracket": has_bracket,
}


def title_features(titles: Iterable[str | None]) -> pd.DataFrame:
    """One row per title and one column per feature; a missing title has missing features, never zeros."""
    rows = [_measured(title) for title in titles]
    return pd.DataFrame(rows, columns=[feature.name for feature in FEATURES], dtype="float64")


def _measured(title: str | None) -> list[float]:
    if not isinstance(title, str) or not title.strip():
        return [float("nan")] * len(FEATURES)
    composed = unicodedata.normalize("NFC", title.strip())
    return [MEASURES[feature.name](composed) for feature in FEATURES]
