"""Forecasts for keeping: how many views a post will have, with an interval that holds four times in five, or the reason why not.

How they are learned is in `projecting`. Posts whose publish time is unknown are forecast by the time since they were first seen.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from domain.scores.adjusting import fitted_curves
from domain.scores.frames import Reason, Videos, read
from domain.scores.horizons import Forecasts, Horizon, forecasts
from domain.scores.misses import LEVEL
from domain.scores.publishing import frame_of, plain
from domain.scores.velocity import velocities

METHOD = "own-course-conformal/1"
HORIZONS = (Horizon("1d", 1), Horizon("3d", 3), Horizon("7d", 7, is_age=True), Horizon("30d", 30, is_age=True))


@dataclass(frozen=True, slots=True)
class ForecastTable:
    """One row per video and horizon, by video id; a row without a forecast has its reason."""

    rows: tuple[Mapping[str, Any], ...]
    method: str


def forecast_table(snapshots: Sequence[tuple[Any, ...]], *, now: datetime, horizons: Sequence[Horizon] = HORIZONS) -> ForecastTable:
    """Rows as for `publishing.frame_of`, in any order.

    Columns: video_id, horizon, age_days and target_age_days (None without a publish time), views (newest count), predicted, low, high
    (views), level, velocity (views per day over the newest increment), velocity_multiple (against what the account's posts had at that
    age), is_promoted, reason.
    """
    frame = frame_of(snapshots)
    is_dated = frame["posted_at"].notna()
    dated, undated = frame[is_dated], _since_first_seen(frame[~is_dated], now)
    rows = [*_rows(read(dated, now=now), horizons, is_dated=True), *_rows(read(undated, now=now), horizons, is_dated=False)]
    return ForecastTable(tuple(sorted(rows, key=lambda row: str(row["video_id"]))), METHOD)


def _since_first_seen(frame: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """As if every post had been published a day before it was first seen."""
    known = frame[frame["observed_at"] <= now]
    first = known.groupby("video_id")["observed_at"].transform("min")
    return known.assign(posted_at=first - timedelta(days=1), posted_error_seconds=0)


def _rows(videos: Videos, horizons: Sequence[Horizon], *, is_dated: bool) -> list[dict[str, Any]]:
    """By horizon, then video."""
    if not len(videos.ids):
        return []
    curves = fitted_curves(videos)
    posts = _posts(videos, is_dated=is_dated)
    posts["velocity"], posts["velocity_multiple"] = velocities(videos, curves)
    rows: list[dict[str, Any]] = []
    for horizon in horizons:
        if is_dated or not horizon.is_age:
            rows += _published(posts, horizon, forecasts(videos, curves, horizon))
        else:
            rows += _published(posts, horizon, _nothing(len(videos.ids)))
    return rows


def _posts(videos: Videos, *, is_dated: bool) -> pd.DataFrame:
    """Each post as it stands: by its newest usable snapshot, else by the newest at all."""
    seen = videos.last >= 0
    age, views = videos.observed - videos.posted, videos.views.copy()
    age[seen], views[seen] = videos.snapshots.age[videos.last[seen]], videos.snapshots.views[videos.last[seen]]
    facts = {"video_id": videos.ids, "age_days": age if is_dated else np.nan, "views": views, "is_promoted": videos.is_promoted}
    return pd.DataFrame(facts)


def _nothing(count: int) -> Forecasts:
    none = np.full(count, np.nan)
    return Forecasts(none, none, none, np.full(count, Reason.NO_POSTED_AT, dtype=object))


def _published(posts: pd.DataFrame, horizon: Horizon, made: Forecasts) -> Iterator[dict[str, Any]]:
    age = posts["age_days"].to_numpy(float)
    table = posts.assign(
        target_age_days=np.where(np.isfinite(age), horizon.target(age), np.nan), predicted=made.predicted, low=made.low, high=made.high
    )
    for row, why in zip(table[horizon.concerns(age)].to_dict("records"), made.reason[horizon.concerns(age)], strict=True):
        views = None if row["views"] != row["views"] else int(row["views"])
        figures = {str(name): plain(value) for name, value in row.items()}
        yield figures | {"horizon": horizon.name, "views": views, "level": LEVEL, "reason": None if why is None else str(why)}
