"""How fast a post gains views now, plain and against what its account's posts gained at that age."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from domain.scores.adjusting import adjusted
from domain.scores.baselines import FEWEST_PEERS
from domain.scores.courses import back_from
from domain.scores.frames import Videos
from domain.scores.maturity import Curve
from domain.scores.outliers import baselines_of

Floats = NDArray[np.float64]


def velocities(videos: Videos, curves: Sequence[Curve | None]) -> tuple[Floats, Floats]:
    """Views per day over the newest increment, and that over the account's usual figure: the level of its comparable posts, grown along the
    curve over the same ages. NaN where a post was seen once, or the account has too few posts to compare with.
    """
    seen, speed, usual = videos.snapshots, np.full(len(videos.ids), np.nan), np.full(len(videos.ids), np.nan)
    baselines = baselines_of(videos, adjusted(videos, curves))
    for index, curve in enumerate(curves):
        mine = np.flatnonzero((videos.cell == index) & (videos.last >= 0))
        last = videos.last[mine]
        before = back_from(seen, last)
        mine, last, before = mine[before >= 0], last[before >= 0], before[before >= 0]
        days = seen.age[last] - seen.age[before]
        speed[mine] = (seen.views[last] - seen.views[before]) / days
        if curve is not None:
            own = curve.account_speeds(videos.accounts)[0][videos.account[mine]]
            level = np.where(baselines.peers[mine] >= FEWEST_PEERS, baselines.level[mine], np.nan)
            usual[mine] = (
                np.exp(level) * np.diff([np.exp(curve.log_maturity(seen.age[row], own)) for row in (before, last)], axis=0)[0] / days
            )
    return speed, np.divide(speed, usual, out=np.full(len(speed), np.nan), where=usual > 0)
