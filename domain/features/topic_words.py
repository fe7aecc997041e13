"""What topics are made of: the words of a post that say what it is about, weighed by how rare they are (TF-IDF)."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from domain.features.language_words import CYRILLIC, LATIN
from domain.features.title_words import FIRST_PERSON, SECOND_PERSON
from domain.features.writing import fold, is_hangul, is_unspaced, tokens

MOST_WORDS = 2_000
LEAST_LETTERS = 3
# A word of more than half of all posts tells none of them apart; one of fewer than two, or one in a thousand, is no topic's.
MOST_SHARE, LEAST_SHARE, LEAST_POSTS = 0.5, 0.001, 2
# Said of posts of every kind.
_EVERYWHERE = (
    "video videos shorts short viral fyp foryou foryoupage parati trending reels tiktok youtube official channel episode part feat new any "
    "without before after already next time times day days watch way now want know really actually try make makes making made got going"
)
_PERSONS = " ".join((*FIRST_PERSON.values(), *SECOND_PERSON.values()))
IGNORED = frozenset(map(fold, frozenset().union(*LATIN.values(), *CYRILLIC.values(), _PERSONS.split(), _EVERYWHERE.split())))
_NUMERIC = re.compile(r"[\d\W]+")


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """`matrix`: posts x words, rows of length 1, or 0 where none of the words stands in the post."""

    matrix: "sparse.csr_matrix"
    words: tuple[str, ...]


def words_of(text: str) -> set[str]:
    """Words that may be a topic's, lower case with their accents; pairs of characters in scripts without spaces."""
    found: set[str] = set()
    for token in tokens(text.casefold()):
        if is_unspaced(token):
            found.update(token[place : place + 2] for place in range(len(token) - 1))
        elif (len(token) >= LEAST_LETTERS or is_hangul(token)) and not _NUMERIC.fullmatch(token) and fold(token) not in IGNORED:
            found.add(token)
    return found


def weigh(posts: Sequence[Collection[str]], known: Mapping[str, float] | None = None) -> Weighed:
    """TF-IDF of posts' words, a word counting once per post. `known`: words of earlier topics, which stay as long as they occur."""
    counts = Counter(word for words in posts for word in words)
    least, most = max(LEAST_POSTS, LEAST_SHARE * len(posts)), MOST_SHARE * len(posts)
    usable = {word: count for word, count in counts.items() if least <= count <= most or word in (known or {})}
    words = sorted(sorted(usable, key=lambda word: (-usable[word], word))[:MOST_WORDS])
    place = {word: number for number, word in enumerate(words)}
    rows = [sorted(place[word] for word in words if word in place) for words in posts]
    pointers = np.cumsum([0, *map(len, rows)])
    columns = np.array([column for row in rows for column in row], dtype=np.int64)
    idf = np.array([1 + np.log((1 + len(posts)) / (1 + usable[word])) for word in words])
    matrix = sparse.csr_matrix((idf[columns] if len(columns) else np.zeros(0), columns, pointers), shape=(len(posts), len(words)))
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1), dtype=np.float64)).ravel()
    return Weighed(sparse.csr_matrix(sparse.diags_array(1 / np.where(lengths > 0, lengths, 1.0)) @ matrix), tuple(words))
