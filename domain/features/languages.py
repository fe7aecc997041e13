"""Which language a text is in, by its script and small words, and how sure that is. No language is named where the text does not tell.

Short titles often do not: then the description is read too, and where that does not tell either, the language is missing.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from domain.features.language_words import ARABIC_LETTERS, CYRILLIC, LATIN, LETTERS
from domain.features.writing import fold, tokens

LEAST_SURE = 0.6
LETTERS_READ = 400
# "com" is a word in Portuguese.
_ADDRESS = re.compile(r"\S*\w[./@]\w\S*")
# By code points, in the order in which ties are decided: kana before Han, because Japanese uses both.
SCRIPTS: Mapping[str, str] = {
    "kana": "\u3040-\u30ff",
    "hangul": "\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3",
    "han": "\u3400-\u4dbf\u4e00-\u9fff",
    "arabic": "\u0620-\u06ff\u0750-\u077f",
    "hebrew": "\u05d0-\u05ea",
    "greek": "\u0370-\u03ff\u1f00-\u1fff",
    "thai": "\u0e01-\u0e5b",
    "devanagari": "\u0900-\u097f",
    "bengali": "\u0980-\u09ff",
    "tamil": "\u0b80-\u0bff",
    "cyrillic": "\u0400-\u04ff",
    "latin": "A-Za-z\u00c0-\u024f\u1e00-\u1eff",
}
# One language writes nearly all of what is posted in this script.
ALONE: Mapping[str, str] = {
    "kana": "ja",
    "hangul": "ko",
    "han": "zh",
    "hebrew": "he",
    "greek": "el",
    "thai": "th",
    "bengali": "bn",
    "tamil": "ta",
}
# Hindi shares its script with Marathi and Nepali, whose small words are not looked at: less sure.
HINDI_SURE = 0.7
_SHARES = 0.2


@dataclass(frozen=True, slots=True)
class Guess:
    """A language (ISO 639-1), or none, and how sure: its share of the evidence for it and for the next best, 0 to 1."""

    language: str | None
    sureness: float


def language_of(title: str | None, description: str | None = None) -> Guess:
    """The title alone where it tells, else the title with the start of the description."""
    first = _guess(title or "")
    if first.sureness >= LEAST_SURE or not description:
        return _or_none(first)
    second = _guess(f"{title or ''} {_ADDRESS.sub(' ', description[:LETTERS_READ])}")
    return _or_none(second if second.sureness > first.sureness else first)


def _or_none(guess: Guess) -> Guess:
    return guess if guess.sureness >= LEAST_SURE else Guess(None, guess.sureness)


def _guess(text: str) -> Guess:
    counts = {"latin": 0} | _letters(text)
    total = sum(counts.values())
    if not total:
        return Guess(None, 0.0)
    # Japanese has kana between its Han; a few Latin names do not make a Korean title English.
    script = "kana" if counts.get("kana", 0) >= _SHARES * total else max(counts, key=lambda name: counts[name] if name != "kana" else -1)
    share = (counts[script] + (counts.get("han", 0) if script == "kana" else 0)) / total
    found = _in_script(script, text)
    return Guess(found.language, found.sureness * share)


def _in_script(script: str, text: str) -> Guess:
    if script in ALONE:
        return Guess(ALONE[script], 1.0)
    if script == "devanagari":
        return Guess("hi", HINDI_SURE)
    if script == "arabic":
        return next((Guess(name, 0.9) for name, letters in ARABIC_LETTERS.items() if set(letters) & set(text)), Guess("ar", 0.9))
    return _by_words(LATIN if script == "latin" else CYRILLIC, text)


def _by_words(words: Mapping[str, frozenset[str]], text: str) -> Guess:
    """Small words and letters, each weighed by how few languages have it; half a word stands for what was not seen."""
    weights, score = _weights(tuple(words)), dict.fromkeys(words, 0.0)
    for token in dict.fromkeys(tokens(fold(text))):
        for language, weight in weights.get(token, ()):
            score[language] += weight
    letters = set(text.casefold())
    for language in words:
        score[language] += float(bool(letters & set(LETTERS.get(language, ""))))
    (best, most), (_, second) = sorted(score.items(), key=lambda item: (-item[1], item[0]))[:2]
    return Guess(best if most else None, most / (most + second + 0.5))


@lru_cache(maxsize=2)
def _weights(languages: tuple[str, ...]) -> dict[str, tuple[tuple[str, float], ...]]:
    words = LATIN if "en" in languages else CYRILLIC
    owners = Counter(fold(word) for group in words.values() for word in group)
    found: dict[str, list[tuple[str, float]]] = {}
    for language, group in words.items():
        # One Latin letter is a name's initial, a file size, a French elision, a Spanish "and": it tells nothing.
        for word in {fold(each) for each in group if len(each) > 1 or "en" not in languages}:
            found.setdefault(word, []).append((language, 1.0 / owners[word] ** 2))
    return {word: tuple(sorted(pairs)) for word, pairs in found.items()}


def _letters(text: str) -> dict[str, int]:
    """How many letters of each script."""
    if text.isascii():
        return {"latin": sum(map(str.isalpha, text))}
    return {name: len(re.findall(f"[{points}]", text)) for name, points in SCRIPTS.items()}
