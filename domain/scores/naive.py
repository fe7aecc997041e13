"""The multiple that everybody shows: views over the mean of the account's other videos. Fair to nobody; it stands beside the score."""

import numpy as np
from numpy.typing import NDArray

from domain.scores.frames import Videos

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

FEWEST_OTHERS = 3


def naive_multiples(videos: Videos) -> Floats:
    """NaN without views or where the mean is zero. An account with fewer than 3 others is held against its platform (ANA-09)."""
    platforms = np.unique([c.platform for c in videos.cells], return_inverse=True)[1].astype(np.int64)
    platform = platforms[videos.cell]
    account_mean, others = _mean_of_others(videos.account, videos.views, videos.is_promoted)
    platform_mean, elsewhere = _mean_of_others(platform, videos.views, videos.is_promoted)
    mean = np.where(others >= FEWEST_OTHERS, account_mean, np.where(elsewhere > 0, platform_mean, np.nan))
    usable = np.isfinite(mean) & (mean > 0)
    return np.where(usable, videos.views / np.where(usable, mean, 1.0), np.nan)


def _mean_of_others(group: Ints, views: Floats, is_promoted: Flags) -> tuple[Floats, Floats]:
    known = np.isfinite(views) & ~is_promoted
    total, count = np.bincount(group, np.where(known, views, 0)), np.bincount(group, known)
    others = np.asarray(count[group] - known, dtype=np.float64)
    rest = total[group] - np.where(known, views, 0)
    return np.divide(rest, others, out=np.full(len(views), np.nan), where=others > 0), others
