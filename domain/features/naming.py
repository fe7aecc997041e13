"""Who is named in a text: the port for taggers, and the one that looks names up in a tenant's own list. Counting is in `people`.

Names match whole words, whatever their case and accents; the longest name wins. In scripts without spaces a name is looked for as a piece.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from domain.features.vocabulary import Entity
from domain.features.writing import fold, is_hangul, is_unspaced, spans, tokens

# Korean writes these onto the word; a name of one syllable would become another word with them.
PARTICLES = ("은", "는", "이", "가", "을", "를", "의", "와", "과", "도", "에", "로", "으로", "에게", "랑", "이랑", "님", "씨", "하고")
LEAST_PIECE = 2
# Run together, a name of several words is one only in a hashtag or a mention: elsewhere it may be another word.
TAG, TAG_MARKS = "#", ("#", "@")

Span = tuple[int, int, str]


class Tagger(Protocol):
    """Says who is named in each text."""

    def tag(self, texts: Sequence[str]) -> list[tuple[str, ...]]:
        """Per text the names of the entities found, in the order in which they stand there, each once."""


class DictionaryTagger:
    """Looks for the names and aliases of a list. A name that two entities share names neither: which one is meant cannot be told."""

    def __init__(self, entities: Iterable[Entity]) -> None:
        owners: dict[tuple[str, ...], set[str]] = {}
        for entity in entities:
            for name in (entity.name, *entity.aliases):
                for form in _forms(name):
                    owners.setdefault(form, set()).add(entity.name)
        certain = {form: next(iter(names)) for form, names in owners.items() if len(names) == 1}
        self._pieces = {form[0]: name for form, name in certain.items() if is_unspaced(form[0])}
        self._words: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for form, name in certain.items():
            if not is_unspaced(form[0]):
                self._words.setdefault(form[0], []).append((form, name))
        self._first = frozenset(word.removeprefix(TAG) for word in self._words)

    def tag(self, texts: Sequence[str]) -> list[tuple[str, ...]]:
        return [self._named(fold(text)) for text in texts]

    def _named(self, folded: str) -> tuple[str, ...]:
        found = sorted((*self._by_words(folded), *self._by_pieces(folded)), key=lambda span: (span[0] - span[1], span[0], span[2]))
        taken: list[Span] = []
        for start, end, name in found:
            if all(end <= other_start or start >= other_end for other_start, other_end, _ in taken):
                taken.append((start, end, name))
        return tuple(dict.fromkeys(name for _, _, name in sorted(taken)))

    def _by_words(self, folded: str) -> Iterator[Span]:
        if not self._words or self._first.isdisjoint(tokens(folded)):
            return
        words = list(spans(folded))
        for position, (word, start, _) in enumerate(words):
            if word not in self._first:
                continue
            for form, name in self._words.get(word, ()):
                following = words[position : position + len(form)]
                if tuple(each[0] for each in following) == form:
                    yield start, following[-1][2], name
            if folded[start - 1 : start] in TAG_MARKS:
                yield from ((start - 1, start + len(word), name) for _, name in self._words.get(TAG + word, ()))

    def _by_pieces(self, folded: str) -> Iterator[Span]:
        for piece, name in self._pieces.items():
            start = folded.find(piece)
            while start >= 0:
                if _is_whole(folded, start, start + len(piece)):
                    yield start, start + len(piece), name
                start = folded.find(piece, start + 1)


def without_names(texts: Sequence[str | None], named: Sequence[tuple[str, ...] | None], entities: Iterable[Entity]) -> list[str | None]:
    """Each text without the words of those whom it names: what a post is about, apart from who is in it."""
    words = {entity.name: frozenset(word for name in (entity.name, *entity.aliases) for word in _words_of(name)) for entity in entities}
    return [
        text if text is None or not names else _without(text, frozenset().union(*(words.get(name, frozenset()) for name in names)))
        for text, names in zip(texts, named, strict=True)
    ]


def _words_of(name: str) -> Iterator[str]:
    """Every word of every form, also run together in a hashtag or mention; in unspaced scripts the piece."""
    for form in _forms(name):
        yield from (word.removeprefix(TAG) for word in form)


def _without(text: str, words: frozenset[str]) -> str:
    folded = fold(text)
    for piece in sorted((word for word in words if is_unspaced(word)), key=len, reverse=True):
        folded = folded.replace(piece, " ")
    kept = list(folded)
    for word, start, end in spans(folded):
        if word in words:
            kept[start:end] = " " * (end - start)
    return "".join(kept)


def _forms(name: str) -> Iterator[tuple[str, ...]]:
    """The ways a name is written: its words, run together in a hashtag, with Korean particles; as it stands in unspaced scripts."""
    folded = fold(name).strip()
    if is_unspaced(folded):
        if len(folded) >= LEAST_PIECE:
            yield (folded,)
        return
    words = tuple(tokens(folded))
    if not words:
        return
    yield words
    if len(words) > 1:
        yield (TAG + "".join(words),)
    if is_hangul(words[-1]) and len("".join(words)) >= LEAST_PIECE:
        yield from ((*words[:-1], words[-1] + particle) for particle in PARTICLES)


def _is_whole(folded: str, start: int, end: int) -> bool:
    """Whether no letter of a spaced script is cut off at either end: a piece may begin or end with Latin letters."""
    return not _runs_on(folded[start - 1 : start], folded[start]) and not _runs_on(folded[end : end + 1], folded[end - 1])


def _runs_on(outside: str, edge: str) -> bool:
    return outside.isalnum() and edge.isalnum() and not is_unspaced(outside) and not is_unspaced(edge)
