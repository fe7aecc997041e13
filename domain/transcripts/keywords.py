"""What a talk is about, by its words: those that are said often, and in some parts more than in others (TF-IDF over its own parts).

No corpus of other talks enters: a word that any talk has is kept out by lists only (`domain.features.language_words`, and the spoken
English below), so in languages without a list common words come through.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from domain.features.language_words import CYRILLIC, LATIN
from domain.features.title_words import FIRST_PERSON, SECOND_PERSON
from domain.features.writing import fold, is_hangul, is_unspaced, tokens
from domain.transcripts.splitting import Splitter, splitter_of

PART_WORDS = 100
MOST_KEYWORDS, LEAST_COUNT = 12, 2
LEAST_LETTERS = 3
# Two words that stand together so often, and in so large a share of the rarer one's places, are one name.
PAIR_COUNT, PAIR_SHARE = 3, 0.5
_SPOKEN = (
    "but nor off out our not how why who all um uh uhm erm hmm yeah yep yes okay ok well oh ah hey hi hello like just really very "
    "actually basically literally right know mean think thing things stuff kind sort lot lots bit going gonna want wanna got get "
    "gets getting goes went come comes came say says said saying see look looking let lets make makes made making take takes took "
    "put use used using also even still much many one two first last next back there here where because been being had has having "
    "were would could should may might must shall these those them then than some any each other another such only own same too "
    "again once over under after before between through during while until down away around always never ever maybe perhaps "
    "something anything nothing everything someone anyone everyone somebody everybody dont doesnt didnt isnt arent wasnt werent "
    "wont wouldnt couldnt shouldnt cant cannot havent hasnt hadnt thats theres heres whats its hes shes theyre weve theyve youve "
    "ive im ill youll theyll id youd wed theyd youre gotta whatever whether though although yet since both either neither quite "
    "almost already today now time way good great nice little big him himself herself itself themselves your yours ours theirs "
    "whose whom done doing did does am us me my mine per via else"
)
_PERSONS = " ".join((*FIRST_PERSON.values(), *SECOND_PERSON.values()))
_IGNORED = frozenset(map(fold, frozenset().union(*LATIN.values(), *CYRILLIC.values(), _PERSONS.split(), _SPOKEN.split())))
_NUMERIC = re.compile(r"[\d\W]+")
_APOSTROPHES = str.maketrans("", "", "'’ʼ")
# Of French, Italian, Catalan: l'eau, qu'il, dell'arte.
_ELISION = re.compile(r"(?<!\w)(?:\w|qu|gl|un|dell|nell|all|sull|dall|jusqu|lorsqu|puisqu)['’ʼ](?=\w)", re.IGNORECASE)
_KANA_ONLY = re.compile("[\u3041-\u309f]+")
# Particles at the end of Japanese phrases.
_PARTICLES = re.compile("(?<=[\u4e00-\u9fff\u30a1-\u30ff])[\u3041-\u309f]{1,3}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyword:
    """A word, or two that belong together, as mostly written; how often it is said, and its score (1 for the first one)."""

    text: str
    count: int
    score: float


def keywords_of(sentences: Sequence[str], *, most: int = MOST_KEYWORDS) -> tuple[Keyword, ...]:
    """The keywords of what is said, best first: count times log((1 + parts) / (1 + parts with it)) + 1. None is said only once."""
    split = splitter_of(" ".join(sentences))
    spoken = [list(_content(sentence, split)) for sentence in sentences]
    counts, written = _counted(spoken)
    spread = _spread(spoken)
    parts = max((max(each) for each in spread.values()), default=0) + 1
    scores = {word: count * (1 + math.log((1 + parts) / (1 + len(spread[word])))) for word, count in counts.items() if count >= LEAST_COUNT}
    best = sorted(scores, key=lambda word: (-scores[word], word))[:most]
    return tuple(Keyword(text=written[word], count=counts[word], score=round(scores[word] / scores[best[0]], 4)) for word in best)


def _content(sentence: str, split: Splitter) -> Iterator[str | None]:
    """The words of a sentence that may be its subject; None stands for those that are not."""
    for token in sentence.split():
        for piece in split(token):
            for found in tokens(_ELISION.sub("", piece).translate(_APOSTROPHES)):
                word = _PARTICLES.sub("", found)
                yield word if _is_content(word) else None


def _is_content(word: str) -> bool:
    if is_unspaced(word):
        return len(word) > 1 and _KANA_ONLY.fullmatch(word) is None
    return (len(word) >= LEAST_LETTERS or is_hangul(word)) and not _NUMERIC.fullmatch(word) and fold(word) not in _IGNORED


def _pairs(words: Sequence[str | None]) -> Iterator[tuple[str, str]]:
    for first, second in pairwise(words):
        if first and second and fold(first) != fold(second) and not is_unspaced(first + second):
            yield first, second


def _counted(spoken: Sequence[Sequence[str | None]]) -> tuple[dict[str, int], dict[str, str]]:
    """How often each word and pair is said, and how it is mostly written. What is said as part of a pair counts for the pair alone."""
    forms: dict[str, Counter[str]] = {}
    for words in spoken:
        for word in filter(None, words):
            forms.setdefault(fold(word), Counter())[word] += 1
    counts = {key: each.total() for key, each in forms.items()}
    written = {key: min(each, key=lambda form: (-each[form], form)) for key, each in forms.items()}
    pairs = Counter((fold(first), fold(second)) for words in spoken for first, second in _pairs(words))
    for (first, second), count in sorted(pairs.items(), key=lambda item: (-item[1], not _are_names(written, item[0]), item[0])):
        rarer = min(counts[first], counts[second])
        if count >= PAIR_COUNT and PAIR_SHARE * rarer <= count <= rarer:
            counts[f"{first} {second}"] = count
            written[f"{first} {second}"] = f"{written[first]} {written[second]}"
            counts[first], counts[second] = counts[first] - count, counts[second] - count
    return counts, written


def _are_names(written: Mapping[str, str], pair: tuple[str, str]) -> bool:
    return all(written[word][:1].isupper() for word in pair)


def _spread(spoken: Sequence[Sequence[str | None]]) -> dict[str, set[int]]:
    """In which parts of the talk each word and pair is said."""
    found: dict[str, set[int]] = {}
    passed = 0
    for words in spoken:
        part = passed // PART_WORDS
        for key in (*map(fold, filter(None, words)), *(f"{fold(first)} {fold(second)}" for first, second in _pairs(words))):
            found.setdefault(key, set()).add(part)
        passed += len(words)
    return found
