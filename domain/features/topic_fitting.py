"""Topics of a set of posts: non-negative factors of their TF-IDF (Lee and Seung 1999), begun at the last release's topics.

A fit that begins where the last one ended stays near it, so that topics keep their labels while posts are added; a topic that no longer
resembles itself is named anew. What a post's topic is: `topic_of_each`.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import linear_sum_assignment

from domain.features.topic_model import Topic, TopicModel
from domain.features.topic_words import Weighed, weigh
from domain.features.writing import slug_of

LEAST_POSTS = 30
MOST_TOPICS = 12
ROUNDS = 60
KEPT_WORDS = 120
LABEL_WORDS = 3
# New topics are looked for only once the posts would carry two more.
GROWS_BY = 2
# Below, what a topic was is gone: of its weight in today's words, and of its likeness to what it has become.
LEAST_LEFT, LEAST_LIKENESS = 0.2, 0.5
# Of a post's weights: the share and the size that make its topic clear, and how much less is enough to stay with the last one's.
LEAST_SHARE, LEAST_WEIGHT, STAYS = 0.4, 0.1, 0.15

Floats = npt.NDArray[np.float64]


def topics_wanted(posts: int) -> int:
    """How many topics so many posts carry: 2 from 30 posts, 3 from 100, 5 from 400, 8 from 1,600, 12 from 5,000."""
    return 0 if posts < LEAST_POSTS else int(np.clip(round(0.6 * posts**0.35), 2, MOST_TOPICS))


def fit_topics(posts: Sequence[frozenset[str]], earlier: TopicModel | None) -> tuple[TopicModel, list[int | None]]:
    """Topics of posts (words of each, in an order of their own such as by id), and each post's (None: none is clear)."""
    known = {word: weight for topic in (earlier.topics if earlier else ()) for word, weight in topic.weights.items()}
    weighed = weigh(posts, known)
    kept, start = _started(weighed, earlier.topics if earlier else (), sum(map(bool, posts)))
    if not len(start):
        return TopicModel(), [None] * len(posts)
    before = _weights(weighed.matrix, start[: len(kept)])
    factors, weights = _factorised(weighed.matrix, start, _anchors(before))
    names = _named(factors, kept, start, weighed.words)
    return TopicModel(names), topic_of_each(weights, before)


def topic_of_each(weights: Floats, before: Floats) -> list[int | None]:
    """The clearest topic of each post; where today's and the last model's differ by little, the last one's (`before`, its weights)."""
    shares, last = _shares(weights), _clearest(_shares(before), before)
    stays = np.zeros_like(shares)
    had = np.flatnonzero(last >= 0)
    stays[had, last[had]] = STAYS
    if before.shape[1]:
        # What had no clear topic stays without one until it clearly has one.
        stays[last < 0] -= STAYS / 2
    return [None if topic < 0 else int(topic) for topic in _clearest(shares + stays, weights)]


def _clearest(shares: Floats, weights: Floats) -> npt.NDArray[np.int64]:
    if not shares.shape[1]:
        return np.full(len(shares), -1)
    best = shares.argmax(axis=1)
    rows = np.arange(len(shares))
    return np.where((shares[rows, best] >= LEAST_SHARE) & (weights[rows, best] >= LEAST_WEIGHT), best, -1)


def _shares(weights: Floats) -> Floats:
    total = weights.sum(axis=1, keepdims=True)
    return np.asarray(weights / np.where(total > 0, total, 1.0), dtype=np.float64)


def _started(weighed: Weighed, earlier: Sequence[Topic], readable: int) -> tuple[list[Topic], Floats]:
    """The earlier topics that today's words still tell, and where the fit begins: at them, then at new directions where more are due."""
    found = [(topic, _row(topic, weighed.words)) for topic in earlier]
    left = [(topic, row) for topic, row in found if np.linalg.norm(row) >= LEAST_LEFT]
    kept = [topic for topic, _ in left]
    start = np.array([row / np.linalg.norm(row) for _, row in left]).reshape(len(left), len(weighed.words))
    most = min(len(weighed.words), weighed.matrix.shape[0])
    wanted = min(topics_wanted(readable), most)
    if kept and (wanted - len(kept) < GROWS_BY or not len(start)):
        return kept, start
    fresh = _fresh(weighed.matrix, wanted)
    return kept, np.vstack([start, _unlike(fresh, start)]) if len(kept) else fresh


def _row(topic: Topic, words: Iterable[str]) -> Floats:
    return np.array([topic.weights.get(word, 0.0) for word in words], dtype=np.float64)


def _unlike(fresh: Floats, kept: Floats) -> Floats:
    """New directions that are none of the kept topics: what is left when each of those has taken the one that is most like it."""
    _, taken = linear_sum_assignment(-(kept @ fresh.T))
    return fresh[np.setdiff1d(np.arange(len(fresh)), taken)]


def _fresh(matrix: "sparse.csr_matrix", topics: int) -> Floats:
    from sklearn.decomposition import NMF

    if not topics:
        return np.zeros((0, matrix.shape[1]))
    # No tolerance: a fixed number of rounds is the same work, and the same answer, everywhere. Where few words are told exactly, the
    # error that is reported at the end, which nobody reads, is the root of what rounding left, at times below nought.
    with np.errstate(invalid="ignore"):
        model = NMF(topics, init="nndsvd", tol=0, max_iter=ROUNDS, random_state=0).fit(matrix)
    return _unit(model.components_)


def _anchors(before: Floats) -> Floats:
    """How much each earlier topic weighs beside today's posts: as much as the posts that it had."""
    clearest = _clearest(_shares(before), before)
    return np.sqrt(np.bincount(clearest[clearest >= 0], minlength=before.shape[1]).astype(np.float64))


def _factorised(matrix: "sparse.csr_matrix", start: Floats, anchors: Floats) -> tuple[Floats, Floats]:
    """(topics x words of length 1, posts x topics). Earlier topics stand among the posts, each with the weight of its anchor."""
    from sklearn.decomposition import non_negative_factorization

    anchored = sparse.vstack([matrix, sparse.csr_matrix(anchors[:, None] * start[: len(anchors)])], format="csr")
    weights = np.vstack([_weights(matrix, start), np.eye(len(anchors), len(start)) * anchors[:, None]])
    _, factors, _ = non_negative_factorization(
        anchored, weights, start.copy(), n_components=len(start), init="custom", tol=0, max_iter=ROUNDS
    )
    factors = _unit(factors)
    return factors, _weights(matrix, factors)


def _weights(matrix: "sparse.csr_matrix", factors: Floats) -> Floats:
    from sklearn.decomposition import non_negative_factorization

    if not len(factors):
        return np.zeros((matrix.shape[0], 0))
    found, _, _ = non_negative_factorization(
        matrix, H=factors, n_components=len(factors), init="custom", update_H=False, tol=0, max_iter=ROUNDS
    )
    return np.asarray(found, dtype=np.float64)


def _unit(factors: Floats) -> Floats:
    lengths = np.linalg.norm(factors, axis=1, keepdims=True)
    return np.asarray(factors / np.where(lengths > 0, lengths, 1.0), dtype=np.float64)


def _named(factors: Floats, kept: Sequence[Topic], start: Floats, words: Sequence[str]) -> tuple[Topic, ...]:
    """Today's topics: those that resemble what they were keep label and slug."""
    topics: list[Topic] = []
    slugs = {topic.slug for topic in kept}
    for number, row in enumerate(factors):
        order = sorted(map(int, np.flatnonzero(row > 0)), key=lambda place: (-round(row[place], 10), words[place]))[:KEPT_WORDS]
        weights = {words[place]: round(float(row[place]), 10) for place in order}
        if number < len(kept) and float(row @ start[number]) >= LEAST_LIKENESS:
            topics.append(Topic(kept[number].label, kept[number].slug, weights))
            continue
        strongest = list(weights)[:LABEL_WORDS]
        base = slug_of(" ".join(strongest)) or "unnamed"
        slug = next(name for name in (base, *(f"{base}~{again}" for again in range(2, 99))) if name not in slugs)
        slugs.add(slug)
        topics.append(Topic(" · ".join(strongest), slug, weights))
    return tuple(topics)
