"""What posts did after a moment: from each snapshot (an origin) how far the post had grown by a later one, and how it had grown before.

Nothing is estimated here; `projecting` learns from these rows what a post's own past says about its future.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from domain.scores.frames import Snapshots, Videos
from domain.scores.maturity import Curve

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

# An increment counts from this far back: a tenth of the age, at most half a day. Over less, counting says more than growth.
LOOK_BACK_SHARE, LOOK_BACK_DAYS = 0.1, 0.5
# What a post did on a way that is so many times longer or shorter still says something about the way asked about.
WIDEST = 8.0
SMOOTHINGS = 3


@dataclass(frozen=True, slots=True)
class Origins:
    """One row per origin. Growth is in log views; `before` and `earlier` are the two increments that led here (NaN: not seen)."""

    video: Ints
    age: Floats
    target: Floats
    log_views: Floats
    # What the curve of its kind grows from the age to the target, and over the two increments.
    usual: Floats
    before: Floats
    usual_before: Floats
    days_before: Floats
    earlier: Floats
    usual_earlier: Floats

    def __getitem__(self, some: Ints | Flags) -> "Origins":
        return Origins(*(getattr(self, name)[some] for name in self.__slots__))

    def __len__(self) -> int:
        return len(self.video)


@dataclass(frozen=True, slots=True)
class Courses:
    """Origins with the log growth that followed until `origins.target`; `off` is how much longer that way was than the one asked (log)."""

    origins: Origins
    growth: Floats
    account: Ints
    off: Floats

    def __getitem__(self, some: Flags) -> "Courses":
        return Courses(self.origins[some], self.growth[some], self.account[some], self.off[some])

    @property
    def stage(self) -> Floats:
        """Age over the days asked about: grows with the age, and without bound towards the age asked about."""
        return self.origins.age / (self.origins.target - self.origins.age) * np.exp(self.off)

    @property
    def posts(self) -> int:
        return len(np.unique(self.origins.video))


def courses_to(videos: Videos, curve: Curve, rows: Ints, target: Floats) -> Courses:
    """`rows` are snapshots of this curve's kind, `target` the age asked about; rows without a later snapshot of use are left out."""
    seen = videos.snapshots
    end = _ends(seen, rows, target)
    rows, target, end = rows[end >= 0], target[end >= 0], end[end >= 0]
    origins = origins_at(videos, curve, rows, seen.age[end])
    off = np.log((seen.age[end] - seen.age[rows]) / (target - seen.age[rows]))
    return Courses(origins, seen.log_views[end] - origins.log_views, videos.account[origins.video], off)


def origins_at(videos: Videos, curve: Curve, rows: Ints, target: Floats) -> Origins:
    """`rows` are snapshots of this curve's kind, `target` the age asked about."""
    seen = videos.snapshots
    one = back_from(seen, rows)
    two = np.where(one >= 0, back_from(seen, np.maximum(one, 0)), -1)
    level = [np.where(each >= 0, _smooth(curve, seen.age[each]), np.nan) for each in (rows, one, two)]
    logs = [np.where(each >= 0, np.log(seen.views[each] + 0.5), np.nan) for each in (rows, one, two)]
    return Origins(
        video=seen.video[rows],
        age=seen.age[rows],
        target=target,
        log_views=logs[0],
        usual=np.maximum(_smooth(curve, target) - level[0], 0),
        before=logs[0] - logs[1],
        usual_before=level[0] - level[1],
        days_before=np.where(one >= 0, seen.age[rows] - seen.age[one], np.nan),
        earlier=logs[1] - logs[2],
        usual_earlier=level[1] - level[2],
    )


def back_from(seen: Snapshots, rows: Ints) -> Ints:
    """The snapshot that the newest increment counts from; -1 where there is none."""
    age = seen.age[rows]
    found = _newest_until(seen, seen.video[rows], age - np.minimum(LOOK_BACK_SHARE * age, LOOK_BACK_DAYS))
    return np.where((found >= 0) & (seen.video[found] == seen.video[rows]), found, -1)


def _ends(seen: Snapshots, rows: Ints, target: Floats) -> Ints:
    """The later snapshot of the post whose distance from the origin is most like the target's; -1 where none is like it."""
    way = target - seen.age[rows]
    low = np.maximum(_newest_until(seen, seen.video[rows], target), rows)
    high = np.minimum(low + 1, len(seen.age) - 1)
    off_low, off_high = (_off(seen, rows, each, way) for each in (low, high))
    return np.where(np.minimum(off_low, off_high) <= np.log(WIDEST), np.where(off_low <= off_high, low, high), -1)


def _off(seen: Snapshots, rows: Ints, end: Ints, way: Floats) -> Floats:
    done = np.where(seen.video[end] == seen.video[rows], seen.age[end] - seen.age[rows], 0)
    ratio = np.divide(done, way, out=np.zeros(len(rows)), where=done > 0)
    return np.where(ratio > 0, np.abs(np.log(np.where(ratio > 0, ratio, 1))), np.inf)


def _newest_until(seen: Snapshots, video: Ints, age: Floats) -> Ints:
    """The last snapshot up to this one's age; of an earlier video where there is none. A second more or less is the same moment."""
    wide = float(max(seen.age.max(initial=0), age.max(initial=0))) + 2
    return np.searchsorted(seen.video * wide + seen.age, video * wide + np.maximum(age, -1) + 1e-5, side="right") - 1


def _smooth(curve: Curve, age: Floats) -> Floats:
    """The curve without the steps that sparse snapshots leave in it: what matters here are differences over short ways."""
    rises = np.diff(np.array(curve.log_share))
    for _ in range(SMOOTHINGS):
        rises = np.convolve(np.pad(rises, 1, mode="edge"), (0.25, 0.5, 0.25), mode="valid")
    log_share = np.append(-np.cumsum(rises[::-1])[::-1], 0.0)
    within = PchipInterpolator(curve.knots, log_share)(np.clip(np.log(age), curve.knots[0], curve.knots[-1]))
    return np.asarray(within - curve.unseen_growth(age))
