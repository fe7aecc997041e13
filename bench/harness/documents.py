"""Made-up documents, and long sources composed of them, for whom the places where one topic gives way to the next are known.

A document has a topic: words of its own (made of syllables, Zipf's frequencies, inflected at random), words that a few other topics share,
words of everyday that all use, and the function words of English. It has sections, which shift its words a little, and says again what it
has just said (a cache; Katz 1996 on burstiness). Nothing marks where a document begins: no title, no number, no opening phrase.
"""

import random
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass


def _listed(words: str) -> list[str]:
    return words.split()


_FUNCTION = _listed(
    "the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which one you were all her "
    "she there would their we him been has when who will no more if out so up said what its about than into them can only other time new "
    "some could these two may first then do any like my now over such our man me even most made after also well many must through years"
)
_ONSETS = _listed("b br c ch cl d dr f fl g gr h j k l m n p pl pr qu r s sc sh sl sp st t th tr v w z")
_VOWELS = _listed("a e i o u ai ea ee io oa ou")
_CODAS = ["", "", "n", "r", "l", "s", "t", "m", "nd", "st", "ck", "rt"]
_ENDINGS = ("", "", "", "", "s", "s", "ed", "ing", "er", "ly")


LEAST_WORDS = 1_500


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How hard a world of documents is. Shares are of content words; lengths are in words."""

    own_share: float = 0.45
    neighbour_share: float = 0.15
    repeat_share: float = 0.25
    content_share: float = 0.48
    section_words: tuple[int, int] = (150, 700)
    section_shift: float = 0.5
    sentence_words: tuple[int, int] = (5, 40)
    topic_words: int = 220
    everyday_words: int = 900


@dataclass(frozen=True, slots=True)
class Composed:
    """Sentences, and the first sentence of every document but the first."""

    sentences: tuple[str, ...]
    boundaries: tuple[int, ...]


class World:
    """Topics and the words that they share; the same seed makes the same world."""

    def __init__(self, seed: int, *, topics: int = 40, style: Style = Style()) -> None:
        self._style, self._random = style, random.Random(seed)
        self._everyday = self._words(style.everyday_words)
        pools = [self._words(120) for _ in range(max(3, topics // 4))]
        self._topics = [
            (self._words(style.topic_words), [word for pool in self._random.sample(pools, 3) for word in pool]) for _ in range(topics)
        ]

    def document(self, topic: int, words: int) -> list[str]:
        """Sentences of a topic's document, at least so many words."""
        own, neighbours = self._topics[topic]
        found: list[str] = []
        recent: list[str] = []
        said, until, section = 0, 0, own
        while said < words:
            if said >= until:
                until = said + self._random.randint(*self._style.section_words)
                section = self._random.sample(own, len(own) // 4)
            length = self._length()
            found.append(self._sentence(length, section, own, neighbours, recent))
            said += length
        return found

    def composed(self, lengths: Sequence[int]) -> Composed:
        """A source of so many words of one document after another, each of another topic and of 1,500 words or more."""
        order = self._random.sample(range(len(self._topics)), len(lengths))
        sentences: list[str] = []
        boundaries: list[int] = []
        for topic, words in zip(order, lengths, strict=True):
            boundaries.append(len(sentences))
            sentences += self._part(self.document(topic, max(words, LEAST_WORDS)), words)
        return Composed(tuple(sentences), tuple(boundaries[1:]))

    def _part(self, document: list[str], words: int) -> list[str]:
        """Neighbouring sentences of a document, from anywhere in it, with so many words where it has them."""
        counts = [len(sentence.split()) for sentence in document]
        latest = next((at for at in range(len(counts), -1, -1) if sum(counts[at:]) >= words), 0)
        first = self._random.randint(0, latest)
        last = next((at for at in range(first, len(counts)) if sum(counts[first : at + 1]) >= words), len(counts) - 1)
        return document[first : last + 1]

    def _length(self) -> int:
        least, most = self._style.sentence_words
        return min(most, max(least, round(self._random.lognormvariate(2.7, 0.5))))

    def _sentence(self, length: int, section: list[str], own: list[str], neighbours: list[str], recent: list[str]) -> str:
        words = []
        for _ in range(length):
            if self._random.random() >= self._style.content_share:
                words.append(_zipf(self._random, _FUNCTION))
                continue
            words.append(self._content(section, own, neighbours, recent) + self._random.choice(_ENDINGS))
        return " ".join(words).capitalize() + "."

    def _content(self, section: list[str], own: list[str], neighbours: list[str], recent: list[str]) -> str:
        style, draw = self._style, self._random.random()
        if recent and draw < style.repeat_share:
            return self._random.choice(recent[-60:])
        draw = self._random.random()
        if draw < style.own_share:
            word = _zipf(self._random, section if self._random.random() < style.section_shift else own)
        elif draw < style.own_share + style.neighbour_share:
            word = _zipf(self._random, neighbours)
        else:
            word = _zipf(self._random, self._everyday)
        recent.append(word)
        return word

    def _words(self, count: int) -> list[str]:
        return ["".join(self._syllable() for _ in range(self._random.choice((1, 2, 2, 3)))) for _ in range(count)]

    def _syllable(self) -> str:
        return self._random.choice(_ONSETS) + self._random.choice(_VOWELS) + self._random.choice(_CODAS)


def _zipf(source: random.Random, words: Sequence[str]) -> str:
    """A word by its rank: the r-th as often as 1/r, nearly."""
    return words[min(len(words) - 1, int(len(words) ** source.random()) - 1)]


def pk(true: Sequence[int], found: Sequence[int], sentences: int) -> float:
    """Pk (Beeferman, Berger and Lafferty 1999): how often two sentences, half a mean segment apart, are wrongly put together or apart.

    Boundaries are the first sentences of segments but the first. 0 is best; 0.5 is what no boundary, or any, gets.
    """
    apart = max(1, round(sentences / (len(true) + 1) / 2))
    wrong = [
        (bisect_right(true, at) == bisect_right(true, at + apart)) != (bisect_right(found, at) == bisect_right(found, at + apart))
        for at in range(sentences - apart)
    ]
    return sum(wrong) / len(wrong)
