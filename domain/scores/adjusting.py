"""Makes posts of unequal age comparable: log views as if fully grown, and what that step leaves open. No baselines here."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from domain.scores.fitting import Pairs, fit_curve
from domain.scores.frames import YOUNGEST_DAYS, Reason, Videos
from domain.scores.maturity import Curve

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Too recent: the curve alone leaves open whether the post is three times above or three times below.
CURVE_ERROR_LIMIT = log(3) / 1.96


@dataclass(frozen=True, slots=True)
class Adjusted:
    """Per video: log views as if fully grown, and the variance that the curve adds to it; NaN where unknown."""

    value: Floats
    variance: Floats
    age: Floats
    reason: NDArray[np.object_]


def fitted_curves(videos: Videos) -> Sequence[Curve | None]:
    """One per cell, in the order of `videos.cells`; None where too few posts were seen twice. Bought views say nothing about growth."""
    seen, cell = videos.snapshots, videos.cell[videos.snapshots.video]
    age, views = np.log(seen.age), seen.log_views
    last = videos.last[seen.video]

    def pairs(young: Ints, old: Ints) -> Pairs:
        noise = 1 / (seen.views[young] + 1) + 1 / (seen.views[old] + 1)
        video = seen.video[young]
        return Pairs(videos.account[video], video, age[young], age[old], views[old] - views[young], noise)

    rows, is_organic = np.arange(len(age)), ~videos.is_promoted[seen.video]
    chained = rows[:-1][(seen.video[1:] == seen.video[:-1]) & (age[1:] > age[:-1]) & is_organic[:-1]]
    spanned = rows[(age[last] > age) & is_organic]
    return [
        fit_curve(videos.cells[index], pairs(a, a + 1), pairs(b, last[b]), videos.accounts)
        for index in range(len(videos.cells))
        for a, b in [(chained[cell[chained] == index], spanned[cell[spanned] == index])]
    ]


def adjusted(videos: Videos, curves: Sequence[Curve | None]) -> Adjusted:
    """A post whose age leaves too much open is marked `TOO_RECENT` and counts nowhere, not as a peer either."""
    count = len(videos.ids)
    seen = videos.last >= 0
    age = np.where(seen, videos.snapshots.age[videos.last] if seen.any() else np.nan, np.nan)
    value, variance, reason = np.full(count, np.nan), np.full(count, np.nan), videos.reason.copy()
    for index, curve in enumerate(curves):
        mine = np.flatnonzero(seen & (videos.cell == index))
        if curve is None:
            reason[mine] = Reason.NO_CURVE
        elif len(mine):
            value[mine], variance[mine] = _as_if_grown(videos, curve, mine, age[mine])
    reason[np.nan_to_num(variance) > CURVE_ERROR_LIMIT**2] = Reason.TOO_RECENT
    # Counting makes few views uncertain; that is no matter of age.
    counting = np.where(seen, 1 / (videos.snapshots.views[videos.last] + 1), np.nan) if seen.any() else variance
    return Adjusted(value, variance + counting, age, reason)


def _as_if_grown(videos: Videos, curve: Curve, mine: Ints, age: Floats) -> tuple[Floats, Floats]:
    """Adjusted log views and the variance of the adjustment."""
    speeds, speed_errors = curve.account_speeds(videos.accounts)
    speed, speed_error = speeds[videos.account[mine]], speed_errors[videos.account[mine]]
    value = videos.snapshots.log_views[videos.last[mine]] - curve.log_maturity(age, speed)
    usual = _usual(videos.group[mine], np.where(videos.is_promoted[mine], np.nan, age), age)
    shape = np.array(curve.speed_shape)
    apart = curve.hats(age).at(shape) - curve.hats(usual).at(shape)
    drift = np.abs(curve.drift_variance(age) - curve.drift_variance(usual))
    guessed = (curve.unseen_growth(age) / 2) ** 2
    clock = _clock_variance(curve, age, videos.error_days[mine])
    return value, curve.fit_variance(age, usual) + speed_error * apart**2 + drift + guessed + clock


def _usual(group: Ints, age: Floats, otherwise: Floats) -> Floats:
    """The median age of the account's comparable posts: only growth between it and the post's own age needs the curve."""
    usual = np.asarray(pd.Series(age).groupby(group).transform("median"), dtype=float)
    return np.where(np.isfinite(usual), usual, otherwise)


def _clock_variance(curve: Curve, age: Floats, error_days: Floats) -> Floats:
    """An age known to +-e may stand anywhere between: half the growth over that range is two standard deviations."""
    ends = [curve.log_maturity(np.maximum(age + sign * error_days, YOUNGEST_DAYS)) for sign in (-1.0, 1.0)]
    return np.where(error_days > 0, ((ends[1] - ends[0]) / 4) ** 2, 0.0)
