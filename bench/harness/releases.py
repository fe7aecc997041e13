"""Tenants whose answer we chose, from titles and people to outcomes: what the benchmarks and tests of whole releases ask about.

Choices (a question, a digit, a person named, a topic ...) come in runs of posts; account quality drives reach, and choices where asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from bench.harness.worlds import Noise, Runs
from domain.features.table import FeatureTable, feature_table
from domain.features.vocabulary import Entity, Vocabulary
from domain.posts import posts_frame

PEOPLE = ("Ana Maro", "Ben Okoro", "Cleo Vance", "Dario Weiss")
TOPICS = MappingProxyType({
    "kitchen": ("pasta", "oven", "recipe", "sauce", "dough"), "garden": ("soil", "roses", "seeds", "pruning", "compost"),
    "bicycle": ("gears", "saddle", "spokes", "chain", "brakes"),
})  # fmt: skip
SWITCHES = (
    "question", "digit", "emoji", "bracket", "exclamation", "power", "you", "first", "conflict", "link", "call", "long", *PEOPLE, "several",
)  # fmt: skip

LUCK = Noise(sd=0.7, shared=0.3)

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tenant:
    """`effects`: log points of reach by switch or by `a*b`; `own`: so many of the accounts are the tenant's own."""

    accounts: int = 40
    posts: int = 40
    own: int = 1
    effects: Mapping[str, float] = field(default_factory=dict)
    quality: float = 1.2
    confounding: float = 0.0
    noise: Noise = LUCK
    run: int = 3


def tenant(world: Tenant, seed: int) -> tuple[pd.DataFrame, FeatureTable]:
    """Posts, and what is measured of them as in a release."""
    rng = np.random.default_rng(seed)
    posts = posts_frame(row for number in range(world.accounts) for row in _account(world, number, rng))
    entities = tuple(Entity(name, "person", (name.split()[0],)) for name in PEOPLE)
    return posts, feature_table(posts, Vocabulary(entities=entities))


def changed(posts: pd.DataFrame, **columns: Any) -> pd.DataFrame:
    """The same posts with other columns, typed as a frame of posts is."""
    rows = posts.assign(**columns).to_dict("records")
    return posts_frame({str(name): value for name, value in row.items()} for row in rows)


def _account(world: Tenant, number: int, rng: np.random.Generator) -> list[dict[str, object]]:
    quality, count = rng.normal(), world.posts
    drawn = Runs(features=len(SWITCHES), run=world.run, is_aligned=False, frequencies=(0.25, 0.5)).draw(count, rng)
    if world.confounding:
        drawn *= rng.random(drawn.shape) < 1 / (1 + np.exp(-1.0 - world.confounding * quality))
    chosen = _named(dict(zip(SWITCHES, drawn.T, strict=True)))
    topic = rng.choice(list(TOPICS), count // world.run + 2).repeat(world.run)[:count]
    is_short = rng.random(count) < 0.5
    days = np.cumsum(rng.uniform(0.5, 1.5, count)) + rng.uniform(0, 1, count)
    reach = 8 + world.quality * quality + 0.3 * rng.normal() * np.linspace(0, 1, count) + 0.4 * is_short + world.noise.draw(count, rng)
    for name, effect in world.effects.items():
        reach = reach + effect * np.prod([chosen[part] for part in name.split("*")], axis=0)
    engagement = -3 + 0.2 * rng.normal() - 0.1 * (reach - np.sum(reach) / max(count, 1)) + rng.normal(0, 0.4, count)
    is_own = number < world.own
    return [
        {
            "video_id": f"v{number:04d}-{post:05d}", "account_id": f"a{number:04d}", "platform": "youtube",
            "format": "short" if is_short[post] else "long",
            "posted_at": pd.Timestamp("2026-01-05", tz="UTC") + pd.Timedelta(days=float(days[post])),
            "title": _title({name: column[post] > 0 for name, column in chosen.items()}, str(topic[post]), rng),
            "description": _description(chosen["link"][post] > 0, chosen["call"][post] > 0, rng), "hashtags": (str(topic[post]),),
            "duration_seconds": float(rng.uniform(15, 58) if is_short[post] else rng.uniform(240, 1500)), "selection": "census",
            "time_zone": "Europe/Berlin", "followers_first": float(np.exp(9 + quality)), "is_own": is_own,
            "views": float(np.exp(reach[post])),
            "likes": float(np.exp(reach[post] + engagement[post])),
            "comments": float(np.exp(reach[post] + engagement[post] - 2 + rng.normal(0, 0.3))), "shares": 3.0,
            "outcome": float(reach[post]), "outcome_se": 0.05, "engagement": float(engagement[post]),
            "retention": float(-0.9 + rng.normal(0, 0.2)) if is_own else None,
        }
        for post in range(count)
    ]  # fmt: skip


def _named(chosen: dict[str, Floats]) -> dict[str, Floats]:
    """Of several people only one is named, unless several are wanted."""
    taken = np.zeros(len(chosen["several"]))
    for name in PEOPLE:
        chosen[name] = chosen[name] * np.maximum(1 - taken, chosen["several"])
        taken = np.maximum(taken, chosen[name])
    return chosen


def _title(has: Mapping[str, bool], topic: str, rng: np.random.Generator) -> str:
    words = list(rng.choice(TOPICS[topic], 2, replace=False))
    named = [name for name in PEOPLE if has[name]]
    parts = [
        "the secret of" if has["power"] else "notes on", topic, *words,
        f"in {int(rng.integers(3, 90))} steps" if has["digit"] else "in some steps", "for your home" if has["you"] else "for a home",
        "as I saw it" if has["first"] else "as seen", "a scandal" if has["conflict"] else "a story",
        *(["with", " and ".join(named)] if named else []), "and some more of it that came later on" if has["long"] else "",
    ]  # fmt: skip
    title = " ".join(part for part in parts if part).capitalize()
    for name in PEOPLE:
        title = title.replace(name.lower(), name)
    title += " \U0001f600" if has["emoji"] else ""
    title += " [video]" if has["bracket"] else ""
    return title + ("?" if has["question"] else "") + ("!" if has["exclamation"] else "")


def _description(has_link: bool, has_call: bool, rng: np.random.Generator) -> str:
    words = " ".join(rng.choice(("morning", "evening", "table", "window", "water", "light"), int(rng.integers(4, 30))))
    return f"{words}{' https://example.com/more' if has_link else ''}{' Subscribe to the channel' if has_call else ''}"
