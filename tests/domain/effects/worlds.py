"""Worlds whose answer we chose: account quality confounds, features come in runs, creators may react to past hits."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from domain.effects.panel import Floats
from domain.effects.verdicts import Effect, Hypothesis


@dataclass(frozen=True, slots=True)
class World:
    """How a panel is made. `reaction` is how much one log point of past luck moves the log odds of the choice."""

    accounts: int = 40
    posts: int = 40
    features: int = 1
    effect: float = 0.0
    quality: float = 1.5
    luck: float = 0.8
    momentum: float = 0.0
    reaction: float = 0.0
    stickiness: float = 0.0
    selection: str = "census"


def known(value: float | None) -> float:
    """A figure that must be there."""
    assert value is not None
    return value


def covers(effect: Effect, truth: float) -> bool:
    """Whether the published interval holds the truth; a side without bound holds everything."""
    return (effect.low is None or effect.low <= truth) and (effect.high is None or truth <= effect.high)


def hypotheses(world: World) -> tuple[Hypothesis, ...]:
    return tuple(
        Hypothesis(f"feature_{number:02d}", f"feature {number} in the title, compared with none") for number in range(world.features)
    )


def make_panel(world: World, seed: int) -> pd.DataFrame:
    """One row per post; only the first feature does something."""
    rng = np.random.default_rng(seed)
    shape = (world.accounts, world.posts)
    quality = rng.normal(0, world.quality, world.accounts)
    slope = rng.normal(0.4, 0.5, world.accounts)
    luck = rng.normal(0, world.luck, shape)
    for post in range(1, world.posts):
        luck[:, post] += world.momentum * luck[:, post - 1]
    choices = _choices(world, quality, luck, rng)
    outcome = 8 + quality[:, None] + slope[:, None] * np.linspace(0, 1, world.posts) + world.effect * choices[:, :, 0] + luck
    start = pd.Timestamp("2026-09-01", tz="UTC")
    days = np.arange(world.posts)[None, :] * 2.0 + rng.uniform(0, 1.9, shape)
    number = np.arange(world.accounts * world.posts)
    frame = pd.DataFrame(
        {
            "video_id": [f"v{i:06d}" for i in number],
            "account_id": [f"a{i // world.posts:04d}" for i in number],
            "platform": np.where(number // world.posts % 2 == 0, "tiktok", "instagram"),
            "format": "short",
            "posted_at": start + pd.to_timedelta(days.ravel(), unit="D"),
            "outcome": outcome.ravel(),
            "outcome_se": 0.05,
            "selection": world.selection,
        }
    )
    columns = {f"feature_{k:02d}": choices[:, :, k].ravel() for k in range(world.features)}
    return pd.concat([frame, pd.DataFrame(columns)], axis=1)


def _choices(world: World, quality: Floats, luck: Floats, rng: np.random.Generator) -> Floats:
    leaning = rng.normal(0, 1, (world.accounts, world.features)) + 0.8 * quality[:, None]
    choices = np.zeros((world.accounts, world.posts, world.features))
    for post in range(world.posts):
        past = luck[:, post - 1] if post else np.zeros(world.accounts)
        chance = 1 / (1 + np.exp(-(0.6 * leaning - 0.3 + world.reaction * past[:, None])))
        fresh = rng.random((world.accounts, world.features)) < np.clip(chance, 0.08, 0.92)
        keeps = rng.random((world.accounts, world.features)) < world.stickiness
        choices[:, post] = np.where(keeps & (post > 0), choices[:, post - 1], fresh)
    return choices


def make_bent_panel(accounts: int, posts: int, effect: float, seed: int, *, bend: float = 1.0) -> pd.DataFrame:
    """Hour and duration act together: late long posts and early short ones are both watched more and titled with a question more.

    `feature_00` is that question; `duration` is an amount; neither the hour nor the duration by itself matters.
    """
    rng = np.random.default_rng(seed)
    frame = make_panel(World(accounts=accounts, posts=posts, features=1), seed)
    hour = frame["posted_at"].dt.hour.to_numpy() + frame["posted_at"].dt.minute.to_numpy() / 60
    duration = rng.normal(0, 1, len(frame)) + np.repeat(rng.normal(0, 0.5, accounts), posts)
    together = bend * np.sin(2 * np.pi * hour / 24) * duration
    asks = (rng.random(len(frame)) < 1 / (1 + np.exp(-1.5 * together))).astype(float)
    return frame.assign(feature_00=asks, duration=duration, outcome=frame["outcome"] + effect * asks + 0.5 * together)


BENT = (
    Hypothesis("feature_00", "a question in the title, compared with none"),
    Hypothesis("duration", "a minute more", is_presence=False),
)
