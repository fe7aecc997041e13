"""Text as the dictionaries compare it: folded, cut into words, by script. Which words count is in the modules that hold the words."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a run's process is forked from one that has loaded nothing numeric
    import pandas as pd

# Scripts that put no space between words: Thai to Khmer, kana, Han. A name there is looked for as a piece of the text.
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003134f"
)
HANGUL = "\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3"
# Accents of Latin, Greek and Cyrillic, vowel points of Hebrew and Arabic, the stretched Arabic line, and marks that nobody sees.
_DROPPED = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0640\u064b-\u0655\u0670"
    "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f]"
)
# Letters that carry no separate accent to drop.
_LETTERS = (("ł", "l"), ("ø", "o"), ("đ", "d"), ("ı", "i"), ("æ", "ae"), ("œ", "oe"), ("þ", "th"), ("ŀ", "l"), ("ʼ", ""))
_PLAIN_WORD = re.compile(r"[^\W_]+", re.ASCII)
LONGEST_READ = 5_000
HASHTAG = re.compile(r"(?<![\w&#])[#＃]([\w\u0300-\u036f\u0900-\u0dff]{1,100})")


def fold(text: str) -> str:
    """Case and accents taken away, width made the same: what two spellings of one name have in common."""
    lowered = text.casefold()
    if lowered.isascii():
        return lowered
    for letter, plain in _LETTERS:
        lowered = lowered.replace(letter, plain)
    return unicodedata.normalize("NFC", _DROPPED.sub("", unicodedata.normalize("NFKD", lowered)))


def tokens(folded: str) -> list[str]:
    """Words of folded text; a run of an unspaced script is one word, and so is a run of Hangul."""
    return (_PLAIN_WORD if folded.isascii() else _word()).findall(folded)


def spans(folded: str) -> Iterator[tuple[str, int, int]]:
    """Each word with where it begins and ends."""
    return ((found.group(), found.start(), found.end()) for found in _word().finditer(folded))


def is_unspaced(text: str) -> bool:
    return re.search(f"[{UNSPACED}]", text) is not None


def is_hangul(text: str) -> bool:
    return re.fullmatch(f"[{HANGUL}]+", text) is not None


@lru_cache(maxsize=1)
def _word() -> re.Pattern[str]:
    # Vowel signs (Devanagari, Tamil ...) belong to their word, though Python's \w leaves them out.
    signs = "".join(chr(code) for code in (*range(0x300, 0xE00), *range(0x1A00, 0x2000)) if unicodedata.category(chr(code)) in ("Mn", "Mc"))
    letter = f"[^\\W_{UNSPACED}{HANGUL}]"
    return re.compile(f"{letter}+(?:[{signs}]+{letter}*)*|[{UNSPACED}]+|[{HANGUL}]+")


def said(value: object) -> str | None:
    """The text of a cell, composed; None where there is none to read."""
    if not isinstance(value, str) or not value.strip():
        return None
    return unicodedata.normalize("NFC", value.strip()[:LONGEST_READ])


def texts(column: "pd.Series[str]") -> list[str | None]:
    return [said(value) for value in column]


def hashtags_in(text: str | None) -> tuple[str, ...]:
    """Hashtags written in a text, lower case, without #; a number alone is a place in a list and no hashtag."""
    return tuple(tag.casefold() for tag in HASHTAG.findall(text or "") if not tag.isdecimal())


def slug_of(name: str) -> str:
    """A name as part of a feature's name: folded words joined by hyphens, in the name's own script."""
    return "-".join(tokens(fold(name)))
