"""Channels that we made: log-normal luck of sd 0.8 that persists (0.3), no hour, title, format or change that matters, unless it says so.

Seconds are of one deep analysis on one core, the posts and their features at hand, the best of the rounds. The baseline of the large
channel is ten times the time of the tenth of it: cost that is linear in posts has a ratio of 1.

False findings are counted over channels and series without any: a channel counts where the analysis names a best slot, a series where a
change of level is found. A change that is there (in mid-history, three standard deviations of luck that persists by 0.2, beside a trend)
is found within three points of its place.
"""

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from bench.harness.rows import Row, Scale
from domain.deep.analysis import deep_analysis
from domain.deep.change_points import change_points
from domain.features.table import FeatureTable, Vocabulary, feature_table
from domain.posts import posts_frame

TITLE = "Deep analysis of channels"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LARGE, SMALL = 5_000, 500
SECONDS, SHARE, FOUND, LINEAR = 5.0, 0.05, 0.6, 1.2
MISSED = 0.07
SERIES, CHANNELS = 200, 60


def run(scale: Scale) -> list[Row]:
    small, large = (min(_seconds(posts) for _ in range(scale.rounds)) for posts in (SMALL, LARGE))
    ratio = large / (LARGE / SMALL * small)
    rows = [
        Row(name=f"{SMALL:,} posts", ours=small, unit="s"),
        Row(
            name=f"{LARGE:,} posts", ours=large, unit="s", baseline=LARGE / SMALL * small, ratio=ratio,
            bar=f"<= {SECONDS:g} s, ratio <= {LINEAR}", passed=large <= SECONDS and ratio <= LINEAR,
        ),
    ]  # fmt: skip
    rows += _null_channels(scale.rows(CHANNELS))
    for points in (60, 120):
        for persistence in (0.0, 0.3, 0.5):
            false = float(np.mean([bool(_changes(points, persistence, 0.0, seed)) for seed in range(scale.rows(SERIES))]))
            rows.append(_share(f"of {scale.rows(SERIES)} series of {points}, persistence {persistence}, with a false change", false))
    found = [_changes(120, 0.2, 3.0, seed) for seed in range(scale.rows(SERIES))]
    power = float(np.mean([any(abs(at - 60) <= 3 for at in each) for each in found]))
    rows.append(Row(name="a rise of 3 sd found, series of 120", ours=power, unit="share", bar=f">= {FOUND}", passed=power >= FOUND))
    return rows


def _null_channels(channels: int) -> list[Row]:
    found = [_analysis(200, seed) for seed in range(channels)]
    best = float(np.mean([bool(each["posting_time"]["best"]) for each in found]))
    judged = [row for each in found for row in _figures(each) if row["low"] is not None]
    missed = float(np.mean([row["low"] > 0 or row["high"] < 0 for row in judged]))
    return [
        _share(f"of {channels} channels of 200 posts, with a false best slot", best),
        Row(name=f"of their {len(judged):,} intervals, miss 0", ours=missed, unit="share", bar=f"<= {MISSED}", passed=missed <= MISSED),
    ]


def _figures(found: Any) -> list[Mapping[str, Any]]:
    """Every row of figures in an analysis."""
    if isinstance(found, list):
        return [row for value in found for row in _figures(value)]
    if not isinstance(found, Mapping):
        return []
    return [found] if "multiple_low" in found and "stands_out" in found else [row for value in found.values() for row in _figures(value)]


def _share(name: str, share: float) -> Row:
    return Row(name=name, ours=share, unit="share", bar=f"<= {SHARE}", passed=share <= SHARE)


def _changes(points: int, persistence: float, step: float, seed: int) -> list[int]:
    rng = np.random.default_rng(seed)
    values = _luck(rng, points, persistence) + 0.02 * np.arange(points)
    values[points // 2 :] += step
    return [each.at for each in change_points(values, rng)]


def _luck(rng: np.random.Generator, points: int, persistence: float) -> np.ndarray[Any, np.dtype[np.float64]]:
    values = rng.standard_normal(points)
    for at in range(1, points):
        values[at] = persistence * values[at - 1] + np.sqrt(1 - persistence**2) * values[at]
    return values


def _seconds(posts: int) -> float:
    frame, features = _channel(posts, 1)
    began = time.process_time()
    deep_analysis(frame, features, account_id=None, now=NOW, seed=1)
    return time.process_time() - began


def _analysis(posts: int, seed: int) -> Mapping[str, Any]:
    frame, features = _channel(posts, seed)
    return deep_analysis(frame, features, account_id=None, now=NOW, seed=seed)


def _channel(posts: int, seed: int) -> tuple[pd.DataFrame, FeatureTable]:
    rng = np.random.default_rng(seed)
    outcome = 9 + 0.8 * _luck(rng, posts, 0.3)
    rows = [
        {
            "video_id": f"v{post:05}", "account_id": "a", "platform": "tiktok", "format": ("short", "long")[int(rng.integers(2))],
            "posted_at": (NOW - timedelta(hours=20 * (posts - post))).replace(hour=int(rng.integers(7, 23))),
            "title": "Why " * int(rng.integers(2)) + "word " * int(rng.integers(1, 9)) + "5?" * int(rng.integers(2)),
            "duration_seconds": float(rng.integers(10, 900)), "selection": "census", "time_zone": "Europe/Berlin", "views": 1.0,
            "outcome": outcome[post], "outcome_se": 0.1, "engagement": float(rng.normal(-3, 0.4)),
        }
        for post in range(posts)
    ]  # fmt: skip
    frame = posts_frame(rows)
    return frame, feature_table(frame, Vocabulary())
