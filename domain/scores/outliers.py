"""Which posts took off: each one against what its account would typically reach at that age and time.

score = log views - log maturity(age) - median of the account's comparable posts, on the same scale. The naive multiple stands beside it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from math import log

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from domain.engagement import band_of
from domain.scores.adjusting import Adjusted, adjusted, fitted_curves
from domain.scores.baselines import FEWEST_PEERS, POOLED_POSTS, Baselines
from domain.scores.frames import EPOCH, SECONDS_PER_DAY, Reason, Videos, read
from domain.scores.maturity import Curve
from domain.scores.naive import naive_multiples
from domain.scores.promoted import organic_baselines

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

METHOD = "maturity-local-median/1"
OUTLIER_MULTIPLE = 3.0
# Two-sided, 95 %.
TAIL = 0.025


@dataclass(frozen=True, slots=True)
class Score:
    """A post's fair multiple with what it stands on. Without a score every figure of it is None and `reason` says why."""

    video_id: str
    account_id: str
    multiple: float | None
    low: float | None
    high: float | None
    p_outlier: float | None
    is_outlier: bool | None
    virality_band: str | None
    shrunk_multiple: float | None
    peers: int
    age_days: float | None
    snapshot_lag_days: float | None
    regime: str
    reason: str | None
    naive_multiple: float | None
    naive_band: str | None
    # Its views were bought: it has a score of its own and is in nobody else's.
    is_promoted: bool = False


@dataclass(frozen=True, slots=True)
class Scored:
    """One score per video known at `now`, by video id, and the curves that they stand on."""

    scores: tuple[Score, ...]
    curves: tuple[Curve, ...]
    method: str


def score(snapshots: pd.DataFrame, *, now: datetime) -> Scored:
    """Scores every video with a row up to `now`. The rows' columns are `frames.COLUMNS`, in any order, and `frames.PROMOTED` if known."""
    videos = read(snapshots, now=now)
    curves = fitted_curves(videos)
    grown = adjusted(videos, curves)
    baselines = baselines_of(videos, grown)
    lag_days = (now - EPOCH).total_seconds() / SECONDS_PER_DAY - videos.observed
    return Scored(_scores(videos, grown, baselines, lag_days), tuple(c for c in curves if c is not None), METHOD)


def adjusted_log_views(snapshots: pd.DataFrame, *, now: datetime) -> pd.DataFrame:
    """Columns `video_id, adjusted_log_views, standard_error, age_days, reason`: each video's latest log views as if fully grown."""
    videos = read(snapshots, now=now)
    grown = adjusted(videos, fitted_curves(videos))
    known = _without(grown.reason)
    return pd.DataFrame(
        {
            "video_id": videos.ids,
            "adjusted_log_views": np.where(known, grown.value, np.nan),
            "standard_error": np.sqrt(np.where(known, grown.variance, np.nan)),
            "age_days": grown.age,
            "reason": grown.reason,
        }
    )


def baselines_of(videos: Videos, grown: Adjusted) -> Baselines:
    """Baselines in the order of `videos`; a post that cannot be scored or whose views were bought is nobody's peer."""
    usable = np.flatnonzero(_without(grown.reason))
    order = usable[np.lexsort((videos.posted[usable], videos.group[usable]))]
    group = np.unique(videos.group[order], return_inverse=True)[1].astype(np.int64)
    local = organic_baselines(group, videos.posted[order], grown.value[order], videos.is_promoted[order])
    level, variance, spread = (np.full(len(videos.ids), np.nan) for _ in range(3))
    peers = np.zeros(len(videos.ids), dtype=np.int64)
    level[order], variance[order], spread[order], peers[order] = local.level, local.variance, local.spread, local.peers
    return Baselines(level, variance, spread, peers)


def _scores(videos: Videos, grown: Adjusted, baselines: Baselines, lag_days: Floats) -> tuple[Score, ...]:
    reason = grown.reason.copy()
    reason[_without(reason) & (baselines.peers < FEWEST_PEERS)] = Reason.TOO_FEW_PEERS
    fair, naive = _fair_columns(grown, baselines, _without(reason)), _known(naive_multiples(videos))
    accounts, cells = videos.accounts[videos.account], [videos.cells[c] for c in videos.cell]
    return tuple(
        Score(
            video_id=video,
            account_id=account,
            multiple=multiple,
            low=low,
            high=high,
            p_outlier=p_outlier,
            is_outlier=None if p_outlier is None else p_outlier >= 0.5,
            virality_band=band_of(multiple),
            shrunk_multiple=shrunk,
            peers=peers,
            age_days=age,
            snapshot_lag_days=lag,
            regime=cell.regime,
            reason=why,
            naive_multiple=simple,
            naive_band=band_of(simple),
            is_promoted=promoted,
        )
        for video, account, cell, promoted, (multiple, low, high, p_outlier, shrunk), peers, age, lag, why, simple in zip(
            videos.ids,
            accounts,
            cells,
            videos.is_promoted.tolist(),
            fair,
            baselines.peers.tolist(),
            _known(grown.age),
            _known(lag_days),
            reason,
            naive,
            strict=True,
        )
    )


def _fair_columns(grown: Adjusted, baselines: Baselines, scored: Flags) -> Iterator[tuple[float | None, ...]]:
    """Per video: multiple, low, high, P(multiple >= 3), shrunk multiple. Baseline, curve, counting and clock all widen the interval."""
    with np.errstate(invalid="ignore"):
        logs, error = grown.value - baselines.level, np.sqrt(grown.variance + baselines.variance)
        freedom = POOLED_POSTS + np.maximum(baselines.peers, 1) - 1
        half = stats.t.ppf(1 - TAIL, freedom) * error
        p_outlier = stats.t.sf((log(OUTLIER_MULTIPLE) - logs) / error, freedom)
        # Regression to the mean, for display: the part of the deviation that the spread of single posts can be expected to cause.
        keep = baselines.spread**2 / (baselines.spread**2 + error**2)
        columns = (np.exp(logs), np.exp(logs - half), np.exp(logs + half), p_outlier, np.exp(keep * logs))
    return zip(*(_known(np.where(scored, column, np.nan)) for column in columns), strict=True)


def _without(reason: NDArray[np.object_]) -> Flags:
    return np.array([why is None for why in reason], dtype=bool)


def _known(values: Floats) -> list[float | None]:
    return [value if ok else None for value, ok in zip(values.tolist(), np.isfinite(values).tolist(), strict=True)]
