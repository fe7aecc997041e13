"""One horizon at a time: what can be learned for it from each kind of post, and what that says about the posts as they stand."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.scores.courses import Courses, courses_to, origins_at
from domain.scores.frames import EPOCH, SECONDS_PER_DAY, Cell, Reason, Videos
from domain.scores.maturity import Curve
from domain.scores.projecting import Learned, learn, together
from domain.scores.regimes import end_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

# A kind of which fewer posts were seen that far is learned together with the other kinds.
OWN_POSTS = 60
# More posts of a kind would only cost time.
MOST_POSTS = 3000


@dataclass(frozen=True, slots=True)
class Horizon:
    """`days` after the newest snapshot, or (`is_age`) at that age: then only of posts that are younger."""

    name: str
    days: float
    is_age: bool = False

    def target(self, age: Floats) -> Floats:
        return np.full(len(age), self.days) if self.is_age else age + self.days

    def concerns(self, age: Floats) -> Flags:
        return ~(age >= self.days) if self.is_age else np.ones(len(age), dtype=bool)


@dataclass(frozen=True, slots=True)
class Forecasts:
    """In the order of `videos`: whole views to come and their bounds, NaN where `reason` says why."""

    predicted: Floats
    low: Floats
    high: Floats
    reason: NDArray[np.object_]


def forecasts(videos: Videos, curves: Sequence[Curve | None], horizon: Horizon) -> Forecasts:
    """Curves in the order of `videos.cells`. No forecast is below the newest count."""
    found = [np.full(len(videos.ids), np.nan) for _ in range(3)]
    reason = videos.reason.copy()
    learned = _learned(videos, curves, horizon)
    for index, curve in enumerate(curves):
        mine = np.flatnonzero((videos.cell == index) & (videos.last >= 0))
        if curve is None:
            reason[mine] = Reason.NO_CURVE
            continue
        mine = mine[horizon.concerns(videos.snapshots.age[videos.last[mine]])]
        reason[mine] = Reason.TOO_FEW_COURSES
        for model in learned[index]:
            _fill(found, reason, videos, curve, model, mine, horizon)
        crossing = mine[_crosses(videos, videos.cells[index], mine, horizon)]
        reason[crossing] = Reason.REGIME_BREAK
    unknown = np.array([why is not None for why in reason], dtype=bool)
    predicted, low, high = (np.where(unknown, np.nan, each) for each in found)
    return Forecasts(predicted, low, high, reason)


def _fill(  # noqa: PLR0913 - one model's share of a table
    found: list[Floats], reason: NDArray[np.object_], videos: Videos, curve: Curve, model: Learned, mine: Ints, horizon: Horizon
) -> None:
    seen, last = videos.snapshots, videos.last[mine]
    origins = origins_at(videos, curve, last, horizon.target(seen.age[last]))
    fits = (np.isfinite(origins.before) == model.with_past) & np.array([why is not None for why in reason[mine]], dtype=bool)
    mine, origins = mine[fits], origins[fits]
    projection = model.project(origins, videos.account[mine])
    for target, growth in zip(found, (projection.middle, projection.low, projection.high), strict=True):
        target[mine] = np.rint(np.exp(origins.log_views + growth) - 0.5)
    reason[mine] = None
    reason[mine[projection.is_younger]] = Reason.TOO_RECENT
    reason[mine[projection.is_older]] = Reason.TOO_FEW_COURSES


def _learned(videos: Videos, curves: Sequence[Curve | None], horizon: Horizon) -> list[tuple[Learned, ...]]:
    """Per kind: from its own posts where enough of them were seen that far, else from all kinds together."""
    courses = [None if curve is None else _courses(videos, curve, index, horizon) for index, curve in enumerate(curves)]
    some = [each for each in courses if each is not None]
    needs_all = any(each.posts < OWN_POSTS for each in some)
    shared = _models(together(some)) if needs_all else ()
    return [() if each is None else _models(each) if each.posts >= OWN_POSTS else shared for each in courses]


def _models(courses: Courses) -> tuple[Learned, ...]:
    """The best one first: a post seen for the first time is best likened to others when they were, else to any of that age."""
    has_past = np.isfinite(courses.origins.before)
    models = learn(courses[has_past], with_past=True), learn(courses[~has_past], with_past=False), learn(courses, with_past=False)
    return tuple(model for model in models if model is not None)


def _courses(videos: Videos, curve: Curve, index: int, horizon: Horizon) -> Courses:
    """Of organic posts; of at most `MOST_POSTS`, the same ones each time."""
    heard = np.flatnonzero((videos.cell == index) & (videos.last >= 0) & ~videos.is_promoted)
    heard = heard[:: 1 + (len(heard) - 1) // MOST_POSTS]
    chosen = np.zeros(len(videos.ids), dtype=bool)
    chosen[heard] = True
    rows = np.flatnonzero(chosen[videos.snapshots.video])
    rows = rows[horizon.concerns(videos.snapshots.age[rows])]
    return courses_to(videos, curve, rows, horizon.target(videos.snapshots.age[rows]))


def _crosses(videos: Videos, cell: Cell, mine: Ints, horizon: Horizon) -> Flags:
    """By then a view will be another thing."""
    end = end_of(cell.platform, cell.format, cell.regime)
    if end is None:
        return np.zeros(len(mine), dtype=bool)
    ends = (end - EPOCH).total_seconds() / SECONDS_PER_DAY
    return videos.posted[mine] + horizon.target(videos.snapshots.age[videos.last[mine]]) >= ends
