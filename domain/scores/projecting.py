"""Learns from posts that were seen longer what a post's age, account and own recent growth say about its further growth.

The forecast is a median; its bounds are quantiles of what such forecasts missed on posts that they had not seen (conformal: Vovk et al.
2005, Romano et al. 2019), per bucket of age against what is asked (`stage`) and in units of the size of miss that is usual for such a post.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.scores.courses import Courses, Origins
from domain.scores.misses import bounds, median_fit, missed, size_fit
from domain.scores.pulls import Pulls, pulls_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

# Fewer cannot carry a bound that one post in ten lies beyond.
FEWEST_POSTS = 12
BUCKET_POSTS = 25
# Buckets are no narrower than this, in log stage.
BUCKET_STEP = 0.25
# Growth (log views) that nobody would call growth: keeps logs of growth finite.
LEAST_GROWTH = 1e-4
# A way up to this much longer or shorter than the one asked about (log) is as good as it.
NEAR = 0.3
# What may be wrong where only longer (or only shorter) ways were seen, per squared log of that difference: its first power is fitted.
SHAPE_ERROR = 0.15
OFF, OWN = 2, 3
# A post this many times younger or older than those learned from is not forecast.
BEYOND = 1.5


@dataclass(frozen=True, slots=True)
class Projection:
    """Log growth to come: the median and the bounds of the interval; nothing is known of posts younger or older than those learned from."""

    middle: Floats
    low: Floats
    high: Floats
    is_younger: Flags
    is_older: Flags


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """Coefficients of the median and of the log size of a miss, the ranges seen (features, excess growth, age), and bounds per bucket."""

    with_past: bool
    centre: Floats
    size: Floats
    features: tuple[Floats, Floats]
    excess: tuple[float, float]
    ages: tuple[float, float]
    pulls: Pulls
    edges: Floats
    low: Floats
    high: Floats
    shape: Floats

    def project(self, origins: Origins, account: Ints) -> Projection:
        x = np.clip(features(origins, np.zeros(len(origins)), with_past=self.with_past), *self.features)
        x[:, OFF] = 0
        bucket = np.searchsorted(self.edges, origins.age / (origins.target - origins.age))
        pull, keep = self.pulls.at(account, bucket, origins.video)
        middle, size = x @ self.centre + pull, np.exp(_size_features(x, keep, origins) @ self.size)
        low, high = (middle + bound[bucket] * size for bound in (self.low, self.high))
        shape = self.shape[bucket]
        growth = [growth_of(np.clip(each, *self.excess), origins) for each in (middle, low - shape, high + shape)]
        return Projection(growth[0], growth[1], growth[2], origins.age < self.ages[0] / BEYOND, origins.age > self.ages[1] * BEYOND)


def learn(courses: Courses, *, with_past: bool) -> Learned | None:
    """None where too few posts were seen long enough. `with_past`: every course has one, and it is used."""
    some = preferred(courses, np.abs(courses.off) <= NEAR)
    if some.posts < FEWEST_POSTS:
        return None
    origins, post = some.origins, some.origins.video
    x, y = features(origins, some.off, with_past=with_past), excess(some.growth, origins)
    edges = edges_of(some.stage, post)
    bucket = np.searchsorted(edges, some.stage)
    pulls = pulls_of(y - x @ median_fit(x, y), some.account, bucket, post)
    pull, keep = pulls.at(some.account, bucket, post)
    left, wide = missed(x, y - pull, post), _size_features(x, keep, origins)
    size = size_fit(wide, left)
    low, high = bounds(left / np.exp(wide @ size), bucket, post)
    return Learned(
        with_past, median_fit(x, y - pull), size, (x.min(axis=0), x.max(axis=0)), (float(y.min()), float(y.max())),
        (float(origins.age.min()), float(origins.age.max())), pulls, edges, low, high, _shape_errors(some.off, bucket),
    )  # fmt: skip


def features(origins: Origins, off: Floats, *, with_past: bool) -> Floats:
    """Columns: 1, usual growth, `off`; with a past also own excess, going straight on against the curve, the excess before (logs)."""
    least = smallest(origins)
    usual = np.log(origins.usual + least)
    if not with_past:
        return np.column_stack([np.ones(len(usual)), usual, off])
    before = np.maximum(origins.before, 0)
    own = np.log(before + least) - np.log(origins.usual_before + least)
    straight = np.log(before / origins.days_before * (origins.target - origins.age) + least) - usual
    then = np.log(np.maximum(origins.earlier, 0) + least) - np.log(origins.usual_earlier + least)
    return np.column_stack([np.ones(len(usual)), usual, off, own, straight, np.where(np.isfinite(then), then - own, 0)])


def _size_features(x: Floats, keep: Floats, origins: Origins) -> Floats:
    """What the size of a miss depends on: also how odd the own course was, how well the account is known, the age."""
    return np.column_stack([x, np.abs(x[:, OWN : OWN + 1]), keep, np.log(origins.age)])


def smallest(origins: Origins) -> Floats:
    """Half a view, or what nobody would call growth."""
    return 0.5 * np.exp(-origins.log_views) + LEAST_GROWTH


def excess(growth: Floats, origins: Origins) -> Floats:
    """Log of growth against what is usual for the kind. Views that a platform took away are no growth."""
    least = smallest(origins)
    return np.asarray(np.log(np.maximum(growth, 0) + least) - np.log(origins.usual + least))


def growth_of(value: Floats, origins: Origins) -> Floats:
    """The log growth that is this excess."""
    least = smallest(origins)
    return np.maximum(np.exp(value) * (origins.usual + least) - least, 0)


def preferred(courses: Courses, wanted: Flags) -> Courses:
    """At stages where enough posts are wanted ones, only those."""
    if not len(courses.origins):
        return courses
    step = _steps(courses.stage)
    step = step - step.min()
    found = np.unique(np.stack([step[wanted], courses.origins.video[wanted]]), axis=1)[0]
    is_rich = np.bincount(found, minlength=int(step.max()) + 1) >= BUCKET_POSTS
    return courses[wanted | ~is_rich[step]]


def edges_of(stage: Floats, post: Ints) -> Floats:
    """Stages that part buckets: as narrow as `BUCKET_STEP` allows, each with enough posts, the last one with what is left."""
    step, edges, heard = _steps(stage), list[float](), set[int]()
    for each in np.unique(step).tolist():
        heard.update(post[step == each].tolist())
        if len(heard) >= BUCKET_POSTS:
            edges.append(float(np.exp((each + 1) * BUCKET_STEP)))
            heard = set()
    return np.array(edges[:-1])


def _steps(stage: Floats) -> Ints:
    return np.asarray(np.floor(np.log(stage) / BUCKET_STEP), dtype=np.int64)


def _shape_errors(off: Floats, bucket: Ints) -> Floats:
    """Looking between ways that were seen costs nothing; looking off to one side of them does."""
    side = np.array([abs(float(np.median(off[bucket == each]))) for each in range(int(bucket.max()) + 1)])
    return np.asarray(SHAPE_ERROR * side * np.minimum(side, 1))


def together(courses: Sequence[Courses]) -> Courses:
    """One after the other."""
    origins = Origins(*(np.concatenate([getattr(each.origins, name) for each in courses]) for name in Origins.__slots__))
    return Courses(origins, *(np.concatenate([getattr(each, name) for each in courses]) for name in ("growth", "account", "off")))
