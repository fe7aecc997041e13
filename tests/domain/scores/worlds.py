"""Simulated accounts whose hits we chose. The scorer sees the snapshots only, never the age curve or the truth."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# Per account: draws its parameters once, then says the share of the long-run views reached at each age (accounts x posts x ages).
Family = Callable[[np.random.Generator, int, Floats], Floats]
Growth = Callable[[np.random.Generator, int, int], Floats]

NOW = datetime(2026, 6, 1, tzinfo=UTC)
AGES_DAYS = np.array([1 / 24, 3 / 24, 6 / 24, 12 / 24, 1, 2, 3, 5, 7, 14, 30], dtype=float)


@dataclass(frozen=True)
class World:
    snapshots: pd.DataFrame
    multiples: pd.Series
    ages: pd.Series


@dataclass(frozen=True)
class Shape:
    """What a world is like; the defaults are the fixed generator of the issue."""

    family: Family
    growth: Growth
    accounts: int = 400
    posts: int = 80
    every_days: float = 3.0
    sigma: float = 0.9
    potential: str = "normal"
    noise: float = 0.0
    jitter: float = 0.0
    late_start: float = 0.0
    size: float = 9.0
    video_speed: float = 0.0


def per_account(rng: np.random.Generator, accounts: int, low: float, high: float) -> Floats:
    return rng.uniform(low, high, accounts)[:, None, None]


def stretched(rng: np.random.Generator, accounts: int, ages: Floats) -> Floats:
    return 1 - np.exp(-np.sqrt(ages / per_account(rng, accounts, 15, 40)))


def log_logistic(rng: np.random.Generator, accounts: int, ages: Floats) -> Floats:
    half, steep = per_account(rng, accounts, 1, 6), per_account(rng, accounts, 0.7, 1.3)
    return 1 / (1 + (ages / half) ** -steep)


def power_law(rng: np.random.Generator, accounts: int, ages: Floats) -> Floats:
    """Evergreen: it never ends."""
    return np.asarray((ages / 30) ** per_account(rng, accounts, 0.25, 0.55))


def exponential(rng: np.random.Generator, accounts: int, ages: Floats) -> Floats:
    return np.asarray(1 - np.exp(-ages / per_account(rng, accounts, 1, 5)))


def two_phases(rng: np.random.Generator, accounts: int, ages: Floats) -> Floats:
    """Subscribers within a day, then search and recommendation for weeks."""
    first = per_account(rng, accounts, 0.25, 0.6)
    slow = per_account(rng, accounts, 8, 20)
    return np.asarray(first * (1 - np.exp(-ages / 0.4)) + (1 - first) * (1 - np.exp(-((ages / slow) ** 1.5))))


def growing(rng: np.random.Generator, accounts: int, posts: int) -> Floats:
    return rng.normal(0.8, 0.6, accounts)[:, None] * np.linspace(0, 1, posts)


def steady(rng: np.random.Generator, accounts: int, posts: int) -> Floats:
    return np.zeros((accounts, posts))


def declining(rng: np.random.Generator, accounts: int, posts: int) -> Floats:
    return rng.normal(-1.5, 0.5, accounts)[:, None] * np.linspace(0, 1, posts)


def wandering(rng: np.random.Generator, accounts: int, posts: int) -> Floats:
    return np.cumsum(rng.normal(0, 0.08, (accounts, posts)), axis=1)


def stepping(rng: np.random.Generator, accounts: int, posts: int) -> Floats:
    """A break-through in the middle of the history: twice to six times the audience from one post to the next."""
    at = rng.integers(posts // 4, posts - 15, accounts)[:, None]
    return np.where(np.arange(posts) >= at, rng.uniform(0.7, 1.8, accounts)[:, None], 0.0)


def make_world(seed: int, shape: Shape) -> World:
    rng = np.random.default_rng(seed)
    level = rng.normal(shape.size, 1.0, shape.accounts)[:, None] + shape.growth(rng, shape.accounts, shape.posts)
    multiple = _potential(rng, shape)
    offset = rng.uniform(0, shape.every_days, shape.accounts)[:, None]
    age_now = offset + shape.every_days * np.arange(shape.posts)[::-1]
    ages = AGES_DAYS * np.exp(rng.normal(0, shape.jitter, (shape.accounts, shape.posts, len(AGES_DAYS))))
    speed = np.exp(rng.normal(0, shape.video_speed, (shape.accounts, shape.posts, 1)))
    share = shape.family(rng, shape.accounts, ages * speed)
    noise = rng.normal(0, shape.noise, share.shape)
    views = np.floor(np.exp(level + multiple)[:, :, None] * share * np.exp(noise)).astype(np.int64)
    tracked = age_now - shape.late_start * rng.uniform(0, shape.every_days * shape.posts, shape.accounts)[:, None]
    seen = (ages <= age_now[:, :, None]) & ((shape.late_start == 0) | (ages >= tracked[:, :, None]))
    return _frame(rng, age_now, ages, views, seen, multiple)


def _potential(rng: np.random.Generator, shape: Shape) -> Floats:
    """Log multiple of the local expectation."""
    size = (shape.accounts, shape.posts)
    if shape.potential == "heavy":
        return shape.sigma * 0.7 * rng.standard_t(3, size)
    return rng.normal(0, shape.sigma, size)


def _frame(
    rng: np.random.Generator, age_now: Floats, ages: Floats, views: NDArray[np.int64], seen: NDArray[np.bool_], multiple: Floats
) -> World:
    accounts, posts, _ = ages.shape
    account, post, snapshot = np.nonzero(seen)
    account_ids = np.array([f"a{i:04d}" for i in range(accounts)], dtype=object)
    video_ids = np.array([[f"a{i:04d}-{j:03d}" for j in range(posts)] for i in range(accounts)], dtype=object)
    posted = pd.Timestamp(NOW) - pd.to_timedelta(age_now.ravel(), unit="D")
    flat = account * posts + post
    posted_rows = posted[flat]
    frame = pd.DataFrame(
        {
            "video_id": video_ids[account, post],
            "account_id": account_ids[account],
            "platform": "tiktok",
            "format": "short",
            "posted_at": posted_rows,
            "posted_error_seconds": 0,
            "observed_at": posted_rows + pd.to_timedelta(ages[account, post, snapshot], unit="D"),
            "views": views[account, post, snapshot],
        }
    )
    index = pd.Index(video_ids.ravel())
    truth, old = pd.Series(multiple.ravel(), index=index), pd.Series(age_now.ravel(), index=index)
    return World(frame.take(rng.permutation(len(frame))), truth, old)


ISSUE = Shape(stretched, growing)
