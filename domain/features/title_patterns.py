"""How a title is built and speaks: guides, lists, parts, persons, pressing words. Its plain features are in `titles`.

Hypotheses are chosen so that no two are nearly the same number: a list begins with a number, so only "number" is asked.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import pandas as pd

from domain.features.feature import Group, amount, presence
from domain.features.languages import Guess
from domain.features.power_words import power_words
from domain.features.title_words import FIRST_PERSON, GUIDES, SECOND_PERSON, UNKNOWN_READS
from domain.features.writing import fold, is_hangul, is_unspaced, tokens

_SURENESS = replace(
    amount(
        "language_sureness",
        Group.TITLE,
        ("sureness of the title's language", "10 points more sure of the language"),
        "share of the evidence",
        0.1,
        is_hypothesis=False,
    ),
    is_controllable=False,
)
FEATURES = (
    presence("has_power_word", Group.TITLE, "a pressing word such as 'secret' or 'best' in the title, compared with none", of="titles"),
    amount(
        "power_words",
        Group.TITLE,
        ("pressing words in the title", "one more pressing word in the title"),
        "words",
        1.0,
        is_hypothesis=False,
    ),
    presence("is_guide", Group.TITLE, "a title that begins as a guide ('how to'), compared with one that does not", of="titles"),
    presence("starts_with_number", Group.TITLE, "a title that begins with a number, as lists do", of="titles", is_hypothesis=False),
    presence("is_first_person", Group.TITLE, "'I', 'my' or 'we' in the title, compared with none", of="titles"),
    presence("addresses_viewer", Group.TITLE, "'you' or 'your' in the title, compared with none", of="titles"),
    presence("has_exclamation", Group.TITLE, "an exclamation mark in the title, compared with none", of="titles"),
    presence("is_in_parts", Group.TITLE, "a title in parts (colon, dash or bar), compared with one in one piece", of="titles"),
    presence("has_ellipsis", Group.TITLE, "a title that trails off ('...')", of="titles", is_hypothesis=False),
    _SURENESS,
)
PERSONS: Mapping[str, Mapping[str, str]] = {"first": FIRST_PERSON, "second": SECOND_PERSON}
_PARTS = re.compile(r"\S:\s|：|\s[-–—|•]+\s|\|\||｜|\s~\s|〜")
_NUMBER = re.compile(r"\W*\d[\d.,]*\+?\s*\w")
_EXCLAIMS = frozenset("!！¡‼❗❕")


def title_patterns(titles: Sequence[str | None], guesses: Sequence[Guess]) -> pd.DataFrame:
    """One row per title (composed, or None), one column per feature; a missing title has missing features."""
    rows = [_measured(title, guess) if title else [float("nan")] * len(FEATURES) for title, guess in zip(titles, guesses, strict=True)]
    return pd.DataFrame(rows, columns=[feature.name for feature in FEATURES], dtype="float64")


def _measured(title: str, guess: Guess) -> list[float]:
    folded = fold(title.replace("’", "").replace("'", ""))
    words, language = set(tokens(folded)), guess.language or UNKNOWN_READS
    pressing = power_words(title, guess.language)
    return [
        float(pressing > 0),
        pressing,
        float(is_guide(folded, language)),
        float(_NUMBER.match(title) is not None),
        float(_says("first", language, words, folded)),
        float(_says("second", language, words, folded)),
        float(not _EXCLAIMS.isdisjoint(title)),
        float(_PARTS.search(title) is not None),
        float("..." in title or "…" in title),
        guess.sureness,
    ]


def is_guide(folded: str, language: str) -> bool:
    """By how the folded title begins; in scripts that put it last, by what stands in it."""
    marks = _guides(language)
    return any(_is_piece(mark) and mark in folded for mark in marks) or re.sub(r"^\W+", "", folded).startswith(marks)


@lru_cache(maxsize=64)
def _guides(language: str) -> tuple[str, ...]:
    return tuple(fold(mark) for mark in GUIDES.get(language, ()))


def _says(person: str, language: str, words: Collection[str], folded: str) -> bool:
    spaced, pieces = _persons(person, language)
    return not spaced.isdisjoint(words) or any(piece in folded for piece in pieces)


@lru_cache(maxsize=128)
def _persons(person: str, language: str) -> tuple[frozenset[str], frozenset[str]]:
    words = frozenset(fold(word) for word in PERSONS[person].get(language, "").split())
    pieces = frozenset(filter(_is_piece, words))
    return words - pieces, pieces


def _is_piece(word: str) -> bool:
    """Whether it is looked for inside words, as it has none of its own: unspaced scripts, and Hangul that takes endings."""
    return is_unspaced(word) or is_hangul(word.replace(" ", ""))
