"""Where one topic gives way to the next: change points of the mean of sentence vectors, found by dynamic programming.

Cost of a topic: the squared distances of its sentences from their mean (kernel change points with a cosine kernel: Arlot, Celisse and
Harchaoui 2019; over sentences: Alemi and Ginsparg 2015). Each further topic costs a penalty, read from the vectors themselves:

    penalty = STRICTNESS x (sum over lags of how much more alike sentences so far apart are than any two)

For topics of L sentences that sum is half of what a boundary between two of them saves, so a boundary must save most of what a typical one
of this source does: sections inside of long topics do not, while short topics still do. Where nothing lasts the sum is noise; the penalty
is then raised until shuffled copies of the source are left whole (permutation). Nothing is fitted, and no number of topics is given.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from domain.clips.topics import Topics
from domain.clips.vectors import Floats, latent, unit, weighed

STRICTNESS = 1.5
# Fewer sentences are no topic; fewer than twice as many are not divided at all.
LEAST_SENTENCES = 3
SHUFFLES = 3
# More sentences than this are read in groups: four hours of talk have some 2,000.
MOST_UNITS = 2_400
_FURTHEST_LAG, _NOTHING = 500, 0.02
_HALVINGS = 7


def topics_of(texts: Sequence[str], language: str | None, vectors: Sequence[Sequence[float]] | None = None) -> Topics:
    """The topics of sentences in order. `vectors`: one per sentence where a model made them (any length), else they are made of the words.

    Raises ValueError where there is not one vector per sentence.
    """
    if vectors is not None:
        if len(vectors) != len(texts):
            raise ValueError(f"{len(vectors)} vectors for {len(texts)} sentences")
        given = unit(np.asarray(vectors, dtype=np.float64).reshape(len(texts), -1))
        return segment(given, lambda order: given[order])
    if len(texts) < 2 * LEAST_SENTENCES:
        return Topics(len(texts))
    words = weighed(texts, language)
    return segment(latent(words), lambda order: latent(words[order]))


def segment(vectors: Floats, shuffled: Callable[[npt.NDArray[np.int64]], Floats]) -> Topics:
    """The topics of rows at length 1. `shuffled`: the vectors as they would be, were the sentences in this order."""
    if len(vectors) < 2 * LEAST_SENTENCES or not vectors.any():
        return Topics(len(vectors))
    size = -(-len(vectors) // MOST_UNITS)
    units = _grouped(vectors, size)
    costs = _costs(units)
    nulls = (_costs(_grouped(shuffled(order), size)) for order in _orders(len(vectors)))
    penalty = _calibrated(STRICTNESS * lasting(units), nulls)
    starts = _best(costs, penalty)
    return Topics(len(vectors), tuple(size * each for each in starts), tuple(_saved(costs, starts, penalty)))


def lasting(vectors: Floats) -> float:
    """How much more alike neighbours are than any two, summed over lags up to the first at which they are not."""
    n = len(vectors)
    total = vectors.sum(axis=0)
    own = float((vectors**2).sum())
    any_two = (float(total @ total) - own) / (n * (n - 1))
    found = 0.0
    for lag in range(1, min(n // 2, _FURTHEST_LAG)):
        excess = float((vectors[lag:] * vectors[:-lag]).sum()) / (n - lag) - any_two
        if excess <= _NOTHING * own / n:
            break
        found += excess
    return found


def _orders(sentences: int) -> Iterator[npt.NDArray[np.int64]]:
    source = np.random.default_rng(0)
    return (source.permutation(sentences) for _ in range(SHUFFLES))


def _grouped(vectors: Floats, size: int) -> Floats:
    return vectors if size == 1 else unit(np.add.reduceat(vectors, np.arange(0, len(vectors), size)))


def _calibrated(penalty: float, nulls: Iterator[Floats]) -> float:
    """The least penalty, from this one on, that leaves every shuffled copy whole, to a hundredth of itself."""
    penalty = max(penalty, _NOTHING)
    for costs in nulls:
        if not _best(costs, penalty):
            continue
        low, high = penalty, 2 * penalty
        while _best(costs, high):
            low, high = high, 2 * high
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if _best(costs, middle) else (low, middle)
        penalty = high
    return penalty


def _costs(vectors: Floats) -> Floats:
    """Cell (end, start): minus the squared length of a run's sum over its length; what the squares add is the same for every division."""
    sums = np.vstack([np.zeros(vectors.shape[1]), np.cumsum(vectors, axis=0)])
    products = sums @ sums.T
    squares = np.diag(products).copy()
    places = np.arange(len(sums))
    lengths = np.maximum(1, places[:, None] - places[None, :])
    return np.asarray((2 * products - squares[:, None] - squares[None, :]) / lengths, dtype=np.float64)


def _best(costs: Floats, penalty: float) -> list[int]:
    """Where topics begin (but the first), in the division with the least cost and penalties."""
    n = len(costs) - 1
    totals, before = np.full(n + 1, np.inf), np.zeros(n + 1, dtype=np.int64)
    totals[0] = -penalty
    for end in range(LEAST_SENTENCES, n + 1):
        ways = totals[: end - LEAST_SENTENCES + 1] + costs[end, : end - LEAST_SENTENCES + 1]
        before[end] = ways.argmin()
        totals[end] = ways[before[end]] + penalty
    starts, at = [], int(before[n])
    while at > 0:
        starts.append(at)
        at = int(before[at])
    return starts[::-1]


def _saved(costs: Floats, starts: Sequence[int], penalty: float) -> Iterator[float]:
    """What each boundary saves while its neighbours stay."""
    edges = [0, *starts, len(costs) - 1]
    for low, at, high in zip(edges, edges[1:], edges[2:], strict=False):
        yield float(costs[high, low] - costs[at, low] - costs[high, at]) / penalty
