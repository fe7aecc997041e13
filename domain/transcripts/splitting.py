"""Text cut into words by its script: at spaces, and where none are written (Chinese, Japanese, Thai, Lao, Khmer, Burmese) by a model.

The model is BudouX (Google, Apache-2.0): Japanese phrases, Chinese and Thai words. Lao, Khmer and Burmese have none there: they are cut
between letters into pieces of at most `LONGEST_LETTERS`, which are no words of the language.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from domain.features.writing import UNSPACED

if TYPE_CHECKING:  # what loads a model is loaded when there is something to cut
    import budoux

Splitter: TypeAlias = Callable[[str], list[str]]

LONGEST_LETTERS = 8
# A phrase of the model that is longer than this is a mistake of it, or no language.
_LONGEST_PHRASE = 16
# About ten hours of speech; what is longer is cut by letters alone, for it was made to take long.
_MOST_LETTERS = 300_000
_PUNCTUATION = "\u3000-\u3004\u3008-\u3020\u30fb-\u30fc\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
_UNSPACED = re.compile(f"[{UNSPACED}]")
_KANA = re.compile("[\u3041-\u30ff\u31f0-\u31ff]")
_THAI = re.compile("[\u0e01-\u0e5b]")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
# Characters of traditional writing that simplified writing has another for, among the commonest.
_TRADITIONAL = re.compile("[們這個來說時後對會還過樣麼學國為點嗎沒裡話讓給愛開關東車長門問間見覺聽讀寫買賣錢電腦視頻]")
_EDGE = re.compile(f"[{UNSPACED}{_PUNCTUATION}]")
_ENDED = re.compile(r"(?<=[。！？!?…])(?![」』）】〉》”’\"')\]。！？!?…])")
_CLOSING = frozenset("。、，．！？：；」』）】〉》〕］｝”’,.!?:;)]}…ー・")
_SPOKEN = re.compile(r"[^\W_]")


def splitter_of(text: str) -> Splitter:
    """Cuts tokens (no white space inside) into words, as the whole `text` that they stand in is to be read."""
    unspaced = len(_UNSPACED.findall(text))
    if not unspaced:
        return lambda token: [token]
    phrases = _phrases(_model_of(text)) if unspaced <= _MOST_LETTERS else _by_letters
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


def _phrases(model: "budoux.Parser | None") -> Splitter:
    return _by_letters if model is None else model.parse


def _model_of(text: str) -> "budoux.Parser | None":
    """By the script that most is written in; Japanese writes Han among its kana, Chinese writes no kana at all."""
    kana, thai, han = (len(each.findall(text)) for each in (_KANA, _THAI, _HAN))
    if not max(kana, thai, han):
        return None
    if thai > kana + han:
        return _model("thai")
    if kana > 0.1 * han:
        return _model("ja")
    return _model("zh-hant" if len(_TRADITIONAL.findall(text)) > 0.02 * han else "zh-hans")


@lru_cache(maxsize=4)
def _model(name: str) -> "budoux.Parser":
    import budoux

    load = {
        "ja": budoux.load_default_japanese_parser,
        "thai": budoux.load_default_thai_parser,
        "zh-hans": budoux.load_default_simplified_chinese_parser,
        "zh-hant": budoux.load_default_traditional_chinese_parser,
    }
    return load[name]()
