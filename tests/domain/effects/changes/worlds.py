"""Accounts some of which take something up at a date that we chose, with an effect that we chose; luck, growth and levels wander."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from domain.effects.panel import Floats, Ints
from domain.features.feature import Feature, FeatureKind
from domain.posts import posts_frame

START = pd.Timestamp("2026-01-05", tz="UTC")
FEATURES = tuple(
    Feature(f"thing_{each}", FeatureKind.PRESENCE, "share of posts", 1.0, f"thing {each}, compared with none") for each in range(30)
)


@dataclass(frozen=True, slots=True)
class World:
    """`effect` at once and `growing` more per week (to ten) since the change of the first feature, `spread` between accounts.

    `reacts`: the accounts with the deepest slump change at its bottom. `growth`: what adopters' levels gain over the window beside others.
    """

    accounts: int = 60
    posts: int = 80
    adopters: int = 10
    features: int = 1
    effect: float = 0.0
    growing: float = 0.0
    spread: float = 0.0
    growth: float = 0.0
    reacts: bool = False
    luck: float = 0.6
    momentum: float = 0.3
    wander: float = 0.05
    gap_days: float = 2.0
    selection: str = "census"


def make_posts(world: World, seed: int) -> pd.DataFrame:
    """One row per post: `domain.posts.COLUMNS` and one column per feature."""
    rng = np.random.default_rng(seed)
    days = _days(world, rng)
    luck = _luck(world, rng)
    level = rng.normal(8, 1.5, world.accounts)[:, None] + rng.normal(0.2, 0.3, world.accounts)[:, None] * days / days.max()
    weeks = np.cumsum(rng.normal(0, 0.05, int(days.max() / 7) + 1))
    outcome = level + luck + np.cumsum(rng.normal(0, world.wander, days.shape), axis=1) + weeks[(days / 7).astype(int)]
    columns = {}
    for each in range(world.features):
        who, when = _changes(world, luck, rng, is_first=each == 0)
        has = _has(world, who, when, rng)
        if each == 0:
            outcome = outcome + _effect(world, days, who, when, rng)
        columns[FEATURES[each].name] = has.ravel()
    return _frame(world, days, outcome).assign(**columns)


def _days(world: World, rng: np.random.Generator) -> Floats:
    days = np.cumsum(rng.exponential(1.0, (world.accounts, world.posts)), axis=1)
    return days / days[:, -1:] * world.posts * world.gap_days


def _luck(world: World, rng: np.random.Generator) -> Floats:
    luck = rng.normal(0, world.luck, (world.accounts, world.posts))
    for post in range(1, world.posts):
        luck[:, post] += world.momentum * luck[:, post - 1]
    return luck


def _changes(world: World, luck: Floats, rng: np.random.Generator, *, is_first: bool) -> tuple[Ints, Ints]:
    low, high = int(world.posts * 0.4), int(world.posts * 0.75)
    who, when = rng.choice(world.accounts, world.adopters, replace=False), rng.integers(low, high, world.accounts)
    if not (world.reacts and is_first):
        return who, when
    summed = np.cumsum(np.pad(luck, ((0, 0), (1, 0))), axis=1)
    recent = (summed[:, low:high] - summed[:, low - 6 : high - 6]) / 6
    return np.argsort(recent.min(axis=1))[: world.adopters], low + recent.argmin(axis=1)


def _has(world: World, who: Ints, when: Ints, rng: np.random.Generator) -> Floats:
    has = rng.random((world.accounts, world.posts)) < 0.03
    for account in who:
        has[account, when[account] :] = rng.random(world.posts - when[account]) < 0.9
        has[account, when[account]] = True
    return has.astype(np.float64)


def _effect(world: World, days: Floats, who: Ints, when: Ints, rng: np.random.Generator) -> Floats:
    added = np.zeros_like(days)
    for account in who:
        since = (days[account] - days[account, when[account]]) / 7
        mine = world.effect + world.spread * rng.normal()
        added[account] = np.where(since >= 0, mine + world.growing * np.clip(since, 0, 10), 0.0) + world.growth * days[account] / days.max()
    return added


def true_effect(posts: pd.DataFrame, world: World) -> float:
    """The mean over adopters and weeks of what was added, as the estimand has it, for effects that do not differ between accounts."""
    name = FEATURES[0].name
    weeks = []
    for _, own in posts.groupby("account_id", sort=True):
        after = own.sort_values("posted_at")
        share = after[name].to_numpy()
        if share[-30:].mean() > 0.5:
            first = int(np.argmax([share[at] > 0 and share[at : at + 8].mean() > 0.5 for at in range(len(share))]))
            since = (after["posted_at"] - after["posted_at"].iloc[first]).dt.days.to_numpy()[first:] / 7
            weeks.append(np.unique(since[since < 26].astype(int)))
    return world.effect + world.growing * float(np.mean(np.minimum(np.concatenate(weeks), 10)))


def _frame(world: World, days: Floats, outcome: Floats) -> pd.DataFrame:
    number = np.arange(days.size)
    rows = pd.DataFrame(
        {
            "video_id": [f"v{each:06d}" for each in number],
            "account_id": [f"a{each // world.posts:04d}" for each in number],
            "platform": "tiktok",
            "format": "short",
            "posted_at": START + pd.to_timedelta(days.ravel(), unit="D"),
            "outcome": outcome.ravel(),
            "outcome_se": 0.05,
            "selection": world.selection,
            "is_own": False,
        }
    )
    empty = posts_frame([])
    return rows.reindex(columns=empty.columns).astype({"format": object})
