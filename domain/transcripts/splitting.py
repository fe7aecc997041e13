"""Text cut into words by its script: at spaces, and where none are written (Chinese, Japanese, Thai, Lao, Khmer, Burmese) by a model.

The model is in `domain.phrasing`. Lao, Khmer and Burmese have none there: they are cut between letters into pieces of at most
`LONGEST_LETTERS`, which are no words of the language.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import TypeAlias

from domain.features.writing import UNSPACED
from domain.phrasing import model_of

Splitter: TypeAlias = Callable[[str], list[str]]

LONGEST_LETTERS = 8
# A phrase of the model that is longer than this is a mistake of it, or no language.
_LONGEST_PHRASE = 16
# About ten hours of speech; what is longer is cut by letters alone, for it was made to take long.
_MOST_LETTERS = 300_000
_PUNCTUATION = "\u3000-\u3004\u3008-\u3020\u30fb-\u30fc\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
_UNSPACED = re.compile(f"[{UNSPACED}]")
_EDGE = re.compile(f"[{UNSPACED}{_PUNCTUATION}]")
_ENDED = re.compile(r"(?<=[。！？!?…])(?![」』）】〉》”’\"')\]。！？!?…])")
_CLOSING = frozenset("。、，．！？：；」』）】〉》〕］｝”’,.!?:;)]}…ー・")
_SPOKEN = re.compile(r"[^\W_]")


def splitter_of(text: str) -> Splitter:
    """Cuts tokens (no white space inside) into words, as the whole `text` that they stand in is to be read."""
    unspaced = len(_UNSPACED.findall(text))
    if not unspaced:
        return lambda token: [token]
    model = model_of(text) if unspaced <= _MOST_LETTERS else None
    phrases = model.parse if model else _by_letters
    return lambda token: list(_cut(token, phrases)) if _UNSPACED.search(token) else [token]


def are_joined(before: str, after: str) -> bool:
    """Whether two words that follow one another are written without a space, told by the script at their edges."""
    return _EDGE.match(before[-1:]) is not None and _EDGE.match(after[:1]) is not None


def count_words(text: str) -> int:
    """How many words are said in a text: marks alone are none."""
    split = splitter_of(text)
    return sum(is_word(word) for token in text.split() for word in split(token))


def is_word(text: str) -> bool:
    """Whether there is a letter or digit in it: marks and emoji alone are not said."""
    return _SPOKEN.search(text) is not None


def _cut(token: str, phrases: Splitter) -> Iterator[str]:
    for part in _ENDED.split(token):
        for phrase in phrases(part):
            is_long = len(phrase) > _LONGEST_PHRASE and _UNSPACED.search(phrase)
            yield from _by_letters(phrase) if is_long else [phrase]


def _by_letters(token: str) -> list[str]:
    """Pieces of a few letters, none torn from its marks and closing signs."""
    found, piece = [], ""
    for letter in token:
        is_bound = unicodedata.category(letter) in ("Mn", "Mc", "Me", "Cf") or letter in _CLOSING or not _EDGE.match(letter)
        if len(piece) >= LONGEST_LETTERS and (not is_bound or len(piece) >= 2 * _LONGEST_PHRASE):
            found.append(piece)
            piece = ""
        piece += letter
    return [*found, piece] if piece else found
