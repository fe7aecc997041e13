"""How a title is built and speaks: guides, lists, parts, persons, pressing words. Its plain features are in `titles`.

Hypotheses are chosen so that no two are nearly the same number: a list begins with a number, so only "number" is asked.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from domain.features.feature import Group, amount, presence
from domain.features.languages import Guess
from domain.features.power_words import power_words
from domain.features.title_words import (
    FIRST_PERSON,
    FIRST_PERSON_PIECES,
    GUIDE_PIECES,
    GUIDES,
    SECOND_PERSON,
    SECOND_PERSON_PIECES,
)
from domain.features.writing import fold, tokens

_SURENESS = replace(
    amount("language_sureness", Group.TITLE, "10 points more sure of the language", "share of the evidence", 0.1, is_hypothesis=False),
    is_controllable=False,
)
FEATURES = (
    presence("has_power_word", Group.TITLE, "a pressing word such as 'secret' or 'best' in the title, compared with none", of="titles"),
    amount("power_words", Group.TITLE, "one more pressing word in the title", "words", 1.0, is_hypothesis=False),
    presence("is_guide", Group.TITLE, "a title that begins as a guide ('how to'), compared with one that does not", of="titles"),
    presence("starts_with_number", Group.TITLE, "a title that begins with a number, as lists do", of="titles", is_hypothesis=False),
    presence("is_first_person", Group.TITLE, "'I', 'my' or 'we' in the title, compared with none", of="titles"),
    presence("addresses_viewer", Group.TITLE, "'you' or 'your' in the title, compared with none", of="titles"),
    presence("has_exclamation", Group.TITLE, "an exclamation mark in the title, compared with none", of="titles"),
    presence("is_in_parts", Group.TITLE, "a title in parts (colon, dash or bar), compared with one in one piece", of="titles"),
    presence("has_ellipsis", Group.TITLE, "a title that trails off ('...')", of="titles", is_hypothesis=False),
    _SURENESS,
)
_PARTS = re.compile(r"\S:\s|：|\s[-–—|•]+\s|\|\||｜|\s~\s|〜")
_NUMBER = re.compile(r"\W*\d[\d.,]*\+?\s*\w")
_EXCLAIMS = frozenset("!！¡‼❗❕")


def title_patterns(titles: Sequence[str | None], guesses: Sequence[Guess]) -> pd.DataFrame:
    """One row per title (composed, or None), one column per feature; a missing title has missing features."""
    rows = [_measured(title, guess) if title else [float("nan")] * len(FEATURES) for title, guess in zip(titles, guesses, strict=True)]
    return pd.DataFrame(rows, columns=[feature.name for feature in FEATURES], dtype="float64")


def _measured(title: str, guess: Guess) -> list[float]:
    folded = fold(title.replace("’", "").replace("'", ""))
    words = set(tokens(folded))
    pressing = power_words(title, guess.language)
    return [
        float(pressing > 0),
        pressing,
        float(is_guide(folded)),
        float(_NUMBER.match(title) is not None),
        float(not words.isdisjoint(FIRST_PERSON) or any(piece in folded for piece in FIRST_PERSON_PIECES)),
        float(not words.isdisjoint(SECOND_PERSON) or any(piece in folded for piece in SECOND_PERSON_PIECES)),
        float(not _EXCLAIMS.isdisjoint(title)),
        float(_PARTS.search(title) is not None),
        float("..." in title or "…" in title),
        guess.sureness,
    ]


def is_guide(folded: str) -> bool:
    """By the first words of a folded title, or by a word that marks a guide wherever it stands."""
    start = re.sub(r"^\W+", "", folded)
    return start.startswith(GUIDES) or any(piece in folded for piece in GUIDE_PIECES)
