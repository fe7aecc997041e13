"""What an account's other posts did beyond the usual at a like age, pulled toward nothing where they are few. A post never hears itself."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Pulls:
    """Sums of posts' means per account and bucket (`cell`, sorted); `inertia`: as many posts of no excess stand against them."""

    buckets: int
    cell: Ints
    total: Floats
    posts: Floats
    # One per post and cell, sorted: what it said itself.
    key: Ints
    said: Floats
    videos: int
    inertia: float

    def at(self, account: Ints, bucket: Ints, video: Ints) -> tuple[Floats, Floats]:
        """The pull on each post, and the share of it that is the account's own (0: nothing known of it)."""
        cell = account * self.buckets + bucket
        total, posts = _looked_up(self.cell, cell, self.total), _looked_up(self.cell, cell, self.posts)
        key = cell * self.videos + np.minimum(video, self.videos - 1)
        is_heard = video < self.videos
        own, said = _looked_up(self.key, key, np.ones(len(self.key))) * is_heard, _looked_up(self.key, key, self.said) * is_heard
        others = posts - own
        return (total - said) / (others + self.inertia), others / (others + self.inertia)


def pulls_of(left: Floats, account: Ints, bucket: Ints, video: Ints) -> Pulls:
    """From residuals of posts, a few per post."""
    buckets, videos = int(bucket.max()) + 1, int(video.max()) + 1
    bound = 2.5 * 1.4826 * float(np.median(np.abs(left)))
    key, place = np.unique((account * buckets + bucket) * videos + video, return_inverse=True)
    said = np.bincount(place, np.clip(left, -bound, bound)) / np.bincount(place)
    cell, member = np.unique(key // videos, return_inverse=True)
    posts, total = np.bincount(member).astype(np.float64), np.bincount(member, said).astype(np.float64)
    return Pulls(buckets, cell, total, posts, key, said, videos, _inertia(said, member, total, posts))


def _inertia(said: Floats, member: Ints, total: Floats, posts: Floats) -> float:
    """Variance within accounts over variance between them; without a sign of the latter, so large that nothing pulls."""
    many = posts > 1
    freedom = float((posts[many] - 1).sum())
    if many.sum() < 2 or freedom <= 0:
        return 1e9
    within = float((((said - (total / posts)[member]) ** 2)[many[member]]).sum()) / freedom
    between = float(np.mean((total / posts)[many] ** 2)) - within * float(np.mean(1 / posts[many]))
    return min(max(within, 1e-12) / max(between, 1e-12), 1e9)


def _looked_up(known: Ints, wanted: Ints, values: Floats) -> Floats:
    place = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return np.where(known[place] == wanted, values[place], 0.0)
