"""Sentences as vectors, by the words that they share: TF-IDF of the transcript itself, then latent semantic analysis. No model is needed.

Words are folded, without the small words of their language, and cut to their first letters, so that inflections meet; scripts without
spaces, and Hangul, are read as pairs of characters. The latent directions are those of windows of neighbouring sentences (Deerwester et
al. 1990; windows as in Choi, Wiemer-Hastings and Moore 2001), for one sentence alone is too short to show which words go together.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse

from domain.features.language_words import CYRILLIC, LATIN
from domain.features.title_words import FIRST_PERSON, SECOND_PERSON
from domain.features.writing import fold, is_hangul, is_unspaced, tokens

Floats: TypeAlias = npt.NDArray[np.float64]

# Few sentences carry few directions: more of them tell chance neighbours, not topics.
MOST_DIRECTIONS, LEAST_DIRECTIONS, SENTENCES_PER_DIRECTION = 30, 4, 17
# Sentences on either side that a window reaches to, its weights falling evenly.
REACH = 3
STEM_LETTERS, LEAST_LETTERS = 6, 3
# A word that stands in more of the sentences tells no topic; one that stands in a single sentence ties nothing together.
MOST_SHARE, LEAST_SENTENCES = 0.5, 2


def weighed(texts: Sequence[str], language: str | None) -> "sparse.csr_matrix":
    """TF-IDF, sentences x words, rows not normalised. `language`: ISO 639-1; None: the small words of every language are left out."""
    terms = [Counter(_terms(text, language)) for text in texts]
    spread = Counter(term for row in terms for term in row)
    most = max(5.0, MOST_SHARE * len(texts))
    places = {term: place for place, term in enumerate(sorted(term for term, n in spread.items() if LEAST_SENTENCES <= n <= most))}
    rarity = {term: np.log((len(texts) + 1) / (spread[term] + 0.5)) for term in places}
    cells = [
        (row, places[term], (1 + np.log(n)) * rarity[term])
        for row, found in enumerate(terms)
        for term, n in found.items()
        if term in places
    ]
    rows, columns, values = zip(*cells, strict=True) if cells else ((), (), ())
    return sparse.csr_matrix((np.array(values, dtype=np.float64), (rows, columns)), shape=(len(texts), len(places)))


def latent(matrix: "sparse.csr_matrix") -> Floats:
    """Each row in the strongest directions of its neighbourhood's, at length 1; zeros where nothing is known of it."""
    if min(matrix.shape) == 0:
        return np.zeros((matrix.shape[0], 1))
    windows = _unit_rows(_windows(matrix.shape[0]) @ matrix)
    return unit(np.asarray(matrix @ _directions(windows).T))


def unit(vectors: Floats) -> Floats:
    """Rows at length 1; a row of zeros stays."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 1e-12, lengths, 1.0), dtype=np.float64)


def _directions(windows: "sparse.csr_matrix") -> Floats:
    wanted = min(MOST_DIRECTIONS, max(LEAST_DIRECTIONS, windows.shape[0] // SENTENCES_PER_DIRECTION))
    if min(windows.shape) <= wanted + 1:
        return np.asarray(np.linalg.svd(windows.toarray(), full_matrices=False)[2][:wanted], dtype=np.float64)
    from scipy.sparse.linalg import svds

    # A fixed start: the same words give the same directions.
    return np.asarray(svds(windows, k=wanted, v0=np.ones(min(windows.shape)), tol=1e-4)[2], dtype=np.float64)


def _windows(sentences: int) -> "sparse.csr_matrix":
    rows = np.repeat(np.arange(sentences), 2 * REACH + 1)
    steps = np.tile(np.arange(-REACH, REACH + 1), sentences)
    inside = (rows + steps >= 0) & (rows + steps < sentences)
    weights = 1 - np.abs(steps[inside]) / (REACH + 1)
    return sparse.csr_matrix((weights, (rows[inside], (rows + steps)[inside])), shape=(sentences, sentences))


def _unit_rows(matrix: "sparse.csr_matrix") -> "sparse.csr_matrix":
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1), dtype=np.float64)).ravel()
    return sparse.csr_matrix(sparse.diags_array(1 / np.where(lengths > 0, lengths, 1.0)) @ matrix)


def _terms(text: str, language: str | None) -> Iterator[str]:
    for token in tokens(fold(text)):
        if is_unspaced(token) or is_hangul(token):
            yield from (token[at : at + 2] for at in range(max(1, len(token) - 1)))
        elif len(token) >= LEAST_LETTERS and not token.isdecimal() and token not in small_words(language):
            yield token[:STEM_LETTERS]


@lru_cache(maxsize=64)
def small_words(language: str | None) -> frozenset[str]:
    """Folded words that every text of the language has; of all languages where it is unknown."""
    lists = {**LATIN, **CYRILLIC}
    chosen = [language] if language in lists else list(lists)
    persons = (each.get(name or "", "").split() for each in (FIRST_PERSON, SECOND_PERSON) for name in chosen)
    return frozenset(map(fold, frozenset().union(*(lists[name or ""] for name in chosen), *persons)))
