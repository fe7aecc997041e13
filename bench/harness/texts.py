"""Made-up titles and descriptions of real length. The words' frequencies follow Zipf's law, so some are in every text and most are rare.

Lengths are those of public YouTube lists: titles of 50 characters; half of the descriptions under 600, a tenth over 1,800.
"""

from collections.abc import Iterator
from itertools import islice, product

import numpy as np

VOCABULARY = 40_000
_SYLLABLES = tuple(a + b for a in "bdfgklmnprstvz" for b in "aeio")


def vocabulary() -> list[str]:
    """Most frequent first: three syllables, then four."""
    made = ("".join(parts) for length in (3, 4) for parts in product(_SYLLABLES, repeat=length))
    return list(islice(made, VOCABULARY))


class Texts:
    """Titles with descriptions, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self._words = np.array(vocabulary(), dtype=object)
        weights = 1 / (np.arange(VOCABULARY) + 2.7)
        self._share = np.cumsum(weights / weights.sum())

    def lines(self, count: int) -> Iterator[tuple[str, str]]:
        titles = self._rng.integers(3, 11, count)
        descriptions = np.clip(np.exp(self._rng.normal(np.log(75), 0.85, count)), 3, 700).astype(int)
        drawn = self._words[np.searchsorted(self._share, self._rng.random(int(titles.sum() + descriptions.sum())))].tolist()
        at = 0
        for title, description in zip(titles.tolist(), descriptions.tolist(), strict=True):
            middle, end = at + title, at + title + description
            yield " ".join(drawn[at:middle]), " ".join(drawn[middle:end])
            at = end
