"""Worlds of posts whose answer we chose, for the benchmarks of effects: many accounts, and one channel over time."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from domain.effects.verdicts import Hypothesis

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Noise:
    """Luck of posts in order. `shared` is the share of its variance that runs have in common; `ar` makes it autoregressive instead."""

    sd: float = 0.8
    shared: float = 0.5
    run: int = 5
    is_aligned: bool = True
    ar: float = 0.0
    tails: float | None = None

    def draw(self, posts: int, rng: np.random.Generator) -> Floats:
        if self.ar:
            return self._autoregressive(posts, rng)
        start = 0 if self.is_aligned else int(rng.integers(self.run))
        common = np.repeat(self._unit(posts // self.run + 2, rng), self.run)[start : start + posts]
        return np.asarray(self.sd * (np.sqrt(self.shared) * common + np.sqrt(1 - self.shared) * self._unit(posts, rng)))

    def _autoregressive(self, posts: int, rng: np.random.Generator) -> Floats:
        fresh = self._unit(posts, rng) * np.sqrt(1 - self.ar**2)
        luck = np.zeros(posts)
        luck[0] = self._unit(1, rng)[0]
        for post in range(1, posts):
            luck[post] = self.ar * luck[post - 1] + fresh[post]
        return self.sd * luck

    def _unit(self, size: int, rng: np.random.Generator) -> Floats:
        if self.tails is None:
            return rng.normal(size=size)
        return np.asarray(rng.standard_t(self.tails, size) / np.sqrt(self.tails / (self.tails - 2)))


@dataclass(frozen=True, slots=True)
class Runs:
    """Choices of presence that come in runs."""

    features: int = 25
    run: int = 5
    is_aligned: bool = True
    frequencies: tuple[float, float] = (0.5, 0.5)

    def draw(self, posts: int, rng: np.random.Generator) -> Floats:
        chance = rng.uniform(*self.frequencies, self.features)
        columns = []
        for feature in range(self.features):
            start = 0 if self.is_aligned else int(rng.integers(self.run))
            drawn = rng.random(posts // self.run + 2) < chance[feature]
            columns.append(np.repeat(drawn, self.run)[start : start + posts])
        return np.column_stack(columns).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Channel:
    """One account over time: trend (log points over all), season (weekly and yearly), luck and choices; the first feature does `effect`."""

    posts: int = 200
    effect: float = 0.0
    noise: Noise = Noise()
    runs: Runs = Runs()
    trend: float = 1.0
    bend: float = 0.5
    season: float = 0.3
    gap: float = 1.0


def hypotheses(features: int) -> tuple[Hypothesis, ...]:
    return tuple(Hypothesis(f"feature_{number:02d}", f"feature {number}, compared with none") for number in range(features))


def channel(world: Channel, seed: int, *, account: str = "own") -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    choices = world.runs.draw(world.posts, rng)
    days = np.cumsum(rng.uniform(0.5, 1.5, world.posts) * world.gap)
    share = np.linspace(0, 1, world.posts)
    season = world.season * (np.sin(2 * np.pi * days / 7) + np.sin(2 * np.pi * days / 365))
    outcome = 8 + world.trend * share + world.bend * np.sin(2 * np.pi * share) + season + world.effect * choices[:, 0]
    return _frame(account, days, outcome + world.noise.draw(world.posts, rng), choices)


def _frame(account: str, days: Floats, outcome: Floats, choices: Floats) -> pd.DataFrame:
    posts = len(outcome)
    frame = pd.DataFrame(
        {
            "video_id": [f"{account}-{post:05d}" for post in range(posts)],
            "account_id": account,
            "platform": "youtube",
            "format": "short",
            "posted_at": pd.Timestamp("2026-01-05", tz="UTC") + pd.to_timedelta(days, unit="D"),
            "outcome": outcome,
            "outcome_se": 0.05,
            "selection": "census",
        }
    )
    return pd.concat([frame, pd.DataFrame({f"feature_{k:02d}": choices[:, k] for k in range(choices.shape[1])})], axis=1)


@dataclass(frozen=True, slots=True)
class Accounts:
    """Many accounts: their levels (`quality`, log-sd) may drive their choices (`confounding`), and past luck too (`reaction`)."""

    accounts: int = 60
    posts: tuple[int, int] = (40, 40)
    effect: float = 0.0
    spread: float = 0.0
    quality: float = 1.2
    confounding: float = 0.0
    growth: float = 0.0
    reaction: float = 0.0
    noise: Noise = Noise()
    runs: Runs = Runs(features=60)
    is_late: bool = False


def accounts(world: Accounts, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    parts = []
    for number in range(world.accounts):
        posts = int(rng.integers(world.posts[0], world.posts[1] + 1))
        quality = rng.normal(0, world.quality)
        luck = world.noise.draw(posts, rng)
        choices = _choices(world, quality, luck, rng)
        effect = world.effect + world.spread * rng.normal()
        days = np.arange(posts) * 2.0 + rng.uniform(0, 1.9, posts)
        growth = world.growth * rng.normal() * np.linspace(0, 1, posts)
        part = _frame(f"a{number:03d}", days, 8 + quality + growth + luck + effect * choices[:, 0], choices)
        parts.append(part.assign(platform="tiktok" if number % 2 else "instagram"))
    frame = pd.concat(parts, ignore_index=True)
    if world.is_late:
        # The younger a post, the less is known of where it will end.
        age = 1 - frame.groupby("account_id").cumcount() / frame.groupby("account_id")["outcome"].transform("size")
        frame["outcome_se"] = 0.05 + 0.4 * (1 - age) ** 3
        frame["outcome"] += rng.normal(size=len(frame)) * frame["outcome_se"]
    return frame


def _choices(world: Accounts, quality: float, luck: Floats, rng: np.random.Generator) -> Floats:
    if not world.confounding and not world.reaction:
        return world.runs.draw(len(luck), rng)
    features, run = world.runs.features, world.runs.run
    leaning = world.confounding * quality + rng.normal(0, 0.6, features)
    choices = np.zeros((len(luck), features))
    for post in range(len(luck)):
        if post % run:
            choices[post] = choices[post - 1]
            continue
        past = luck[post - 1] if post else 0.0
        chance = 1 / (1 + np.exp(-(leaning + world.reaction * past)))
        choices[post] = rng.random(features) < np.clip(chance, 0.08, 0.92)
    return choices
