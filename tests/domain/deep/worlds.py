"""Channels whose posts we made, and so know: levels, growth, slots that do better or do not, luck in runs."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from domain.deep.analysis import deep_analysis
from domain.features.table import FeatureTable, Vocabulary, feature_table
from domain.posts import posts_frame

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
WORDS = ("How I bake bread", "5 tricks for a tidy desk", "Why is this so hard?", "MY NEW CAMERA (review)", "A quiet day", "Wait for it 🎉")


@dataclass(frozen=True, slots=True)
class Channel:
    """One or several accounts. `evening`: log points that posts from 18 to 20 o'clock have more; `week`: growth a week; luck is AR(1)."""

    posts: int = 300
    accounts: int = 1
    luck: float = 0.8
    momentum: float = 0.3
    evening: float = 0.0
    week: float = 0.0
    step: float = 0.0
    shorts: float = 0.0
    zone: str | None = "Europe/Berlin"
    every_hours: float = 20.0


def rows_of(channel: Channel, seed: int) -> list[dict[str, Any]]:
    rng = np.random.default_rng(seed)
    return [row for account in range(channel.accounts) for row in _account(channel, account, rng)]


def _account(channel: Channel, account: int, rng: np.random.Generator) -> list[dict[str, Any]]:
    level, luck, found = rng.normal(9, 1.5), rng.normal(0, channel.luck), []
    moment = NOW - timedelta(hours=channel.every_hours * channel.posts + 24)
    hour = 12
    for post in range(channel.posts):
        moment += timedelta(hours=channel.every_hours)
        hour = int(rng.integers(7, 23)) if rng.random() < 0.5 else hour
        posted = moment.replace(hour=hour, minute=int(rng.integers(60)))
        local = pd.Timestamp(posted).tz_convert(channel.zone or "UTC")
        luck = channel.momentum * luck + np.sqrt(1 - channel.momentum**2) * rng.normal(0, channel.luck)
        is_short = bool(rng.random() < 0.5)
        age = post * channel.every_hours / 168
        outcome = level + luck + channel.week * age + channel.evening * (18 <= local.hour < 20) + channel.shorts * is_short
        outcome += channel.step * (post >= channel.posts // 2)
        views = np.exp(outcome)
        reactions = views * 0.04 * np.exp(rng.normal(0, 0.4))
        found.append({
            "video_id": f"{account:03}-{post:05}", "account_id": f"a{account}", "platform": "tiktok",
            "format": "short" if is_short else "long",
            "posted_at": posted, "title": WORDS[int(rng.integers(len(WORDS)))] + " " * int(rng.integers(2)) + "x" * int(rng.integers(20)),
            "duration_seconds": 30.0 if is_short else float(rng.integers(60, 900)), "selection": "census", "time_zone": channel.zone,
            "is_promoted": False, "views": views, "likes": reactions, "comments": 0.0, "shares": 0.0, "outcome": outcome, "outcome_se": 0.1,
            "engagement": np.log(reactions / views),
        })  # fmt: skip
    return found


def tables(rows: list[dict[str, Any]]) -> tuple[pd.DataFrame, FeatureTable]:
    posts = posts_frame(rows)
    return posts, feature_table(posts, Vocabulary())


def analysed(channel: Channel, seed: int = 1, account_id: str | None = None) -> dict[str, Any]:
    posts, features = tables(rows_of(channel, seed))
    return dict(deep_analysis(posts, features, account_id=account_id, now=NOW, seed=seed))
