"""Fits a maturity curve on what single posts gained between their own snapshots. No family of curves is assumed.

Only growth within a post counts, so neither the size nor the luck of a post enters; what a curve is used for is in `outliers`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import nnls

from domain.scores.frames import Cell
from domain.scores.maturity import DECIMALS, Curve

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# A factor of 1.35 in age from knot to knot: fine enough that a straight line between knots is off by < 1 %.
KNOT_STEP = 0.3
FEWEST_VIDEOS = 5
# More posts would only cost time: the differences between accounts already outweigh what is unsure about the pooled curve.
MOST_VIDEOS = 8000
ROUNDS = 3
# Where there are no snapshots between two knots the curve goes straight on; this holds it there and moves nothing that was seen.
SMOOTHING = 1e-4
# A course that differs from the pooled one by more than this many robust standard deviations counts for less.
HUBER = 2.0


@dataclass(frozen=True, slots=True)
class Pairs:
    """Two snapshots of one post: from `young` to `old` (log days) it gained `gain` (log views)."""

    account: Ints
    video: Ints
    young: Floats
    old: Floats
    gain: Floats
    # Counting alone makes few views uncertain.
    noise: Floats

    def kept(self) -> Ints:
        """The pairs of every k-th post, so that at most `MOST_VIDEOS` posts remain; the same ones each time."""
        rank = np.cumsum(np.diff(self.video, prepend=-1) != 0) - 1
        step = 1 + (len(_firsts(self.video)) - 1) // MOST_VIDEOS
        return np.flatnonzero(rank % step == 0)

    def thinned(self) -> "Pairs":
        some = self.kept()
        return Pairs(*(getattr(self, name)[some] for name in self.__slots__))


def fit_curve(cell: Cell, steps: Pairs, spans: Pairs, names: NDArray[np.object_]) -> Curve | None:
    """`steps` join neighbouring snapshots, `spans` each snapshot with the post's last one. None where too few posts were seen twice."""
    knots = _knots(spans)
    if knots is None:
        return None
    steps = steps.thinned()
    design = _design(knots, steps)
    log_share, weights = _pooled(design, steps)
    covariance = _clustered(design, steps, weights, log_share)
    shape, speeds, errors, spread = _speeds(knots, spans, log_share)
    some = spans.thinned()
    across = _design(knots, some)
    drift = _drift(across, some.gain - across @ log_share - speeds[some.account] * (across @ shape), some)
    seen = np.flatnonzero(np.bincount(spans.account, minlength=len(speeds)))
    return Curve(
        cell=cell,
        knots=_kept(knots),
        log_share=_kept(log_share),
        covariance=tuple(_kept(row) for row in covariance),
        drift=_kept(drift),
        speed_shape=_kept(shape),
        speed_spread=round(float(spread), DECIMALS),
        speeds=tuple((str(names[a]), round(float(speeds[a]), DECIMALS), round(float(errors[a]), DECIMALS)) for a in seen),
        videos=len(_firsts(spans.video)),
        accounts=len(seen),
    )


def _kept(values: Floats) -> tuple[float, ...]:
    return tuple(float(v) + 0.0 for v in np.round(values, DECIMALS))


def _firsts(video: Ints) -> Ints:
    """Where each video's pairs begin; they are sorted by video."""
    return np.flatnonzero(np.diff(video, prepend=-1))


def _knots(spans: Pairs) -> Floats | None:
    """Even in log age, from the youngest to the oldest age that enough posts were seen at."""
    youngest = np.sort(_per_video(np.minimum, spans.video, spans.young))
    oldest = np.sort(_per_video(np.maximum, spans.video, spans.old))
    if len(youngest) < FEWEST_VIDEOS:
        return None
    low, high = youngest[FEWEST_VIDEOS - 1], oldest[-FEWEST_VIDEOS]
    if high - low < KNOT_STEP:
        return None
    return np.linspace(low, high, 1 + int(np.ceil((high - low) / KNOT_STEP)))


def _per_video(best: np.ufunc, video: Ints, values: Floats) -> Floats:
    return np.asarray(best.reduceat(values, _firsts(video))) if len(video) else np.zeros(0)


def _design(knots: Floats, pairs: Pairs) -> sparse.csr_array:
    """Row times knot values = what the curve grows between the two ages of a pair."""
    count, columns, values = len(knots), [], []
    for ages, sign in ((pairs.young, -1.0), (pairs.old, 1.0)):
        where = np.clip((ages - knots[0]) / (knots[1] - knots[0]), 0, count - 1)
        left = np.minimum(where.astype(np.int64), count - 2)
        columns += [left, left + 1]
        values += [sign * (1 - where + left), sign * (where - left)]
    starts = 4 * np.arange(len(pairs.gain) + 1)
    return sparse.csr_array((np.stack(values, axis=1).ravel(), np.stack(columns, axis=1).ravel(), starts), shape=(len(pairs.gain), count))


def _monotone(design: sparse.csr_array, wanted: Floats, weights: Floats) -> Floats:
    """Weighted least squares over curves that never fall, zero at the last knot."""
    count = design.shape[1]
    climb = -(np.arange(count)[:, None] <= np.arange(count - 1)[None, :]).astype(float)
    weighted = design.multiply(weights[:, None]).tocsr()
    gram = climb.T @ (design.T @ weighted).toarray() @ climb
    bend = np.diff(np.eye(count - 1), axis=0)
    gram += SMOOTHING * np.trace(gram) / (count - 1) * (bend.T @ bend + 1e-6 * np.eye(count - 1))
    factor = np.linalg.cholesky(gram)
    rises, _ = nnls(factor.T, np.linalg.solve(factor, climb.T @ (weighted.T @ wanted)))
    return np.asarray(climb @ rises)


def _pooled(design: sparse.csr_array, steps: Pairs) -> tuple[Floats, Floats]:
    """The typical course: posts that leave it far behind (or stand still) are held in check."""
    gap = np.maximum(steps.old - steps.young, 0.05)
    base = 1 / (gap + steps.noise)
    weights = base
    log_share = _monotone(design, steps.gain, weights)
    for _ in range(ROUNDS - 1):
        left = (steps.gain - design @ log_share) * np.sqrt(base)
        scale = 1.4826 * np.median(np.abs(left)) + 1e-9
        weights = base / np.maximum(1, np.abs(left) / (HUBER * scale))
        log_share = _monotone(design, steps.gain, weights)
    return log_share, weights


def _clustered(design: sparse.csr_array, steps: Pairs, weights: Floats, log_share: Floats) -> Floats:
    """Covariance of the curve: posts of one account mature alike, so accounts count, not posts."""
    count = design.shape[1]
    left = (steps.gain - design @ log_share) * weights
    one_account = bool((steps.account == steps.account[0]).all())
    index = steps.video if one_account else steps.account
    clusters = len(_firsts(np.sort(index)))
    member = sparse.csr_array((left, (index, np.arange(len(index)))), shape=(int(index.max()) + 1, len(index)))
    scores = (member @ design).toarray()[:, :-1]
    gram = (design.T @ design.multiply(weights[:, None]).tocsr()).toarray()[:-1, :-1]
    gram += SMOOTHING * np.trace(gram) / (count - 1) * np.eye(count - 1)
    bread = np.linalg.inv(gram)
    covariance = np.zeros((count, count))
    covariance[:-1, :-1] = bread @ scores.T @ scores @ bread * clusters / max(clusters - 1, 1)
    return covariance


def _speeds(knots: Floats, spans: Pairs, log_share: Floats) -> tuple[Floats, Floats, Floats, float]:
    """One number per account, times a shape that the data choose; it begins as a shift in time and is then refitted."""
    accounts = int(spans.account.max()) + 1
    shape = np.gradient(log_share)
    shape = shape - shape[-1]
    nothing = np.zeros(accounts)
    if np.count_nonzero(np.bincount(spans.account)) < FEWEST_VIDEOS or not np.any(shape):
        return shape, nothing, nothing, 0.0
    across = _design(knots, spans)
    left = spans.gain - across @ log_share
    speeds, errors, spread = _shrunk(across @ shape, left, spans, accounts)
    if spread == 0:
        return shape, speeds, errors, spread
    some = spans.kept()
    shape = _shape(across[some], left[some], speeds[spans.account[some]])
    return shape, *_shrunk(across @ shape, left, spans, accounts)


def _shape(across: sparse.csr_array, left: Floats, speed: Floats) -> Floats:
    count = across.shape[1]
    scaled = across.multiply(speed[:, None]).tocsr()
    gram = (scaled.T @ scaled).toarray()[:-1, :-1]
    bend = np.diff(np.eye(count), 2, axis=0)[:, :-1]
    gram += SMOOTHING * 10 * np.trace(gram) / count * (bend.T @ bend + 1e-3 * np.eye(count - 1))
    return np.append(np.linalg.solve(gram, (scaled.T @ left)[:-1]), 0.0)


def _shrunk(along: Floats, left: Floats, spans: Pairs, accounts: int) -> tuple[Floats, Floats, float]:
    """Least squares per account, its error from the differences between posts, then partial pooling."""
    total = np.bincount(spans.account, along * along, minlength=accounts)
    known = total > 1e-9
    raw = np.divide(np.bincount(spans.account, along * left, minlength=accounts), total, out=np.zeros(accounts), where=known)
    miss = np.bincount(spans.video, along * (left - raw[spans.account] * along))
    first = _firsts(spans.video)
    owner, miss = spans.account[first], miss[spans.video[first]]
    posts = np.bincount(owner, minlength=accounts)
    squares = np.bincount(owner, miss * miss, minlength=accounts) * posts / np.maximum(posts - 1, 1)
    error = np.divide(squares, total**2, out=np.full(accounts, np.inf), where=known & (posts > 1))
    usable = np.isfinite(error)
    if usable.sum() < FEWEST_VIDEOS:
        return np.zeros(accounts), np.zeros(accounts), 0.0
    spread = max(0.0, (1.4826 * float(np.median(np.abs(raw[usable])))) ** 2 - float(np.median(error[usable])))
    keep = np.divide(spread, spread + error, out=np.zeros(accounts), where=usable & (spread + error > 0))
    return raw * keep, spread * (1 - keep), spread


def _drift(across: sparse.csr_array, left: Floats, spans: Pairs) -> Floats:
    """How far single posts still move between an age and their last snapshot, beyond counting noise."""
    cap = np.quantile(np.abs(left), 0.99)
    squares = np.maximum(np.minimum(np.abs(left), cap) ** 2 - spans.noise, 0)
    return -_monotone(across, squares, np.ones(len(left)))
