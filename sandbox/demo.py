"""The demo world: synthetic accounts whose posts have effects that we planted, written in our own import format.

Potential views = account quality + account growth + format + planted effects + luck; snapshots follow a growth curve with noise and never
fall. Large accounts shout and decorate while small ones ask and count, so a naive comparison of titles gets even the sign wrong.
Who reads the file is in `domain.imports`; what must be found in it is in `truth.json`.
"""

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from sandbox.around import CHANGE_WORDS, CHANGED_POST, CHANGING, JUMP, PEOPLE, description, somebody
from sandbox.titles import NICHES, Niche, Switches, compose

VERSION = "demo-2"
ACCOUNTS = 40
POSTS = 40
SPACING_DAYS = 2.0
SNAPSHOT_DAYS = (1 / 24, 3 / 24, 6 / 24, 12 / 24, 1.0, 2.0, 3.0, 5.0, 7.0, 14.0, 30.0, 60.0)
CURVE_POWER = 0.5
LUCK = 0.5
HIT_SHARE = 0.025
EFFECTS: Mapping[str, float] = MappingProxyType(
    {"is_question": 0.35, "has_number": 0.30, "has_emoji": 0.0, "has_bracket": 0.0, "capitals_share": 0.0, "title_chars": 0.0}
)
# (base, slope on account quality) of the log odds of each switch: quality is the confounder.
HABITS = MappingProxyType(
    {"question": (-0.6, -0.8), "number": (-0.4, -0.7), "emoji": (-0.6, 0.9), "bracket": (-0.9, 0.7), "capitals": (-0.8, 0.8)}
)
# (platform, formats, how many of every ten accounts)
MIX = (("tiktok", ("short",), 4), ("youtube", ("long",), 2), ("youtube", ("short", "long"), 2), ("instagram", ("short",), 2))
# Typical log offset of a format, and its length in seconds.
FORMATS = MappingProxyType({"short": (0.5, 18, 58), "long": (0.0, 240, 1500)})

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """A synthetic creator. `quality` is in standard deviations, `growth` in log points over the whole window."""

    number: int
    platform: str
    formats: tuple[str, ...]
    niche: Niche
    quality: float
    growth: float
    tau_days: float
    rates: tuple[float, float, float]
    followers: int

    @property
    def changes(self) -> bool:
        """Whether this is the account that changes its ways."""
        return self.number == CHANGING and set(self.formats) == {"short", "long"}

    @property
    def facts(self) -> dict[str, object]:
        return {
            "platform": self.platform,
            "account_external_id": f"demo-account-{self.number:03d}",
            "account_username": f"demo_{self.niche.name.lower().replace(' ', '_')}_{self.number:03d}",
            "account_title": f"{self.niche.name} {self.number:02d} (synthetic)",
            "account_description": f"A synthetic account of the Whyral demo world about {self.niche.name.lower()}. No such creator exists.",
        }


@dataclass(frozen=True, slots=True)
class DemoPost:
    """One post and its long-run views."""

    number: int
    format: str
    posted_at: datetime
    duration_seconds: int
    title: str
    switches: Switches
    potential: float
    named: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class DemoWorld:
    """What was written, and the truth behind it."""

    observations: Path
    truth: Path
    seed: int
    accounts: int
    posts: int
    lines: int
    effects: Mapping[str, float]


def write_demo(folder: Path, *, now: datetime, seed: int) -> DemoWorld:
    """Write `demo.ndjson.gz` and `truth.json`; the same `now` and seed give the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    world = generate(now=now, seed=seed)
    lines = sorted((line for account, posts in world for line in _observations(account, posts, now, seed)), key=_by_time)
    target = folder / "demo.ndjson.gz"
    with target.open("wb") as raw, gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=6, mtime=0) as packed:
        packed.write("".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines).encode("utf-8"))
    truth = folder / "truth.json"
    changes = [change_of(account.facts["account_username"], posts[CHANGED_POST].posted_at) for account, posts in world if account.changes]
    planted = {
        "version": VERSION, "seed": seed, "now": now.isoformat(), "unit": "log points of views", "effects": dict(EFFECTS),
        "people": dict(PEOPLE), "changes": changes,
    }  # fmt: skip
    truth.write_text(json.dumps(planted, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return DemoWorld(target, truth, seed, len(world), sum(len(posts) for _, posts in world), len(lines), EFFECTS)


def change_of(account: object, moment: datetime) -> dict[str, object]:
    """An account's change of its ways, as the truth file tells it."""
    return {"account": account, "on": moment.isoformat(), "what": CHANGE_WORDS, "jump": JUMP}


Mix = tuple[tuple[str, tuple[str, ...], int], ...]


def generate(
    *, now: datetime, seed: int, accounts: int = ACCOUNTS, posts: int = POSTS, mix: Mix = MIX
) -> tuple[tuple[DemoAccount, tuple[DemoPost, ...]], ...]:
    """The accounts and their posts, newest shortly before `now`."""
    rng = np.random.default_rng([seed, 1])
    made = [_account(number, mix, rng) for number in range(accounts)]
    return tuple((account, tuple(_posts(account, now, posts, (rng, np.random.default_rng([seed, 3, account.number]))))) for account in made)


def _account(number: int, mix: Mix, rng: np.random.Generator) -> DemoAccount:
    kinds = [(platform, formats) for platform, formats, count in mix for _ in range(count)]
    platform, formats = kinds[number % len(kinds)]
    quality = float(rng.normal())
    return DemoAccount(
        number=number,
        platform=platform,
        formats=formats,
        niche=NICHES[number % len(NICHES)],
        quality=quality,
        growth=float(rng.normal(0.4, 0.3)),
        tau_days=float(rng.uniform(1.0, 3.0)),
        rates=(float(rng.uniform(0.03, 0.09)), float(rng.uniform(0.002, 0.008)), float(rng.uniform(0.002, 0.01))),
        followers=int(np.exp(9.0 + 1.1 * quality + rng.normal(0, 0.3))),
    )


def _posts(account: DemoAccount, now: datetime, count: int, chance: tuple[np.random.Generator, np.random.Generator]) -> Iterator[DemoPost]:
    """`chance`: of titles and luck, and of what stands around titles."""
    rng, around = chance
    gaps = SPACING_DAYS * rng.uniform(0.75, 1.25, count)
    days_before_now = np.cumsum(gaps)[::-1] - gaps[0] * rng.uniform(0.3, 0.9)
    luck, was_hit = rng.normal(0, LUCK, count), False
    for number, days in enumerate(days_before_now):
        switches = _switches(account, was_hit=was_hit, rng=rng)
        is_hit = bool(rng.random() < HIT_SHARE)
        surprise = luck[number] + (rng.uniform(1.4, 2.4) if is_hit else 0.0)
        # Creators repeat what they did after a hit: past luck drives the next title.
        was_hit = surprise > LUCK
        kind, level = _format(account, number, count, rng)
        _, shortest, longest = FORMATS[kind]
        name = somebody(account.quality, around)
        seconds = int(rng.integers(shortest, longest))
        yield DemoPost(
            number=number,
            format=kind,
            posted_at=(now - timedelta(days=float(days))).astimezone(UTC).replace(microsecond=0),
            duration_seconds=seconds,
            title=compose(account.niche, switches, rng, phrase=name.phrase if name else ""),
            switches=switches,
            potential=float(np.exp(level + planted(switches) + (name.effect if name else 0.0) + surprise)),
            named=name.name if name else None,
            description=description(number, seconds, is_long=kind == "long", rng=around) if account.platform == "youtube" else None,
        )


def _format(account: DemoAccount, number: int, count: int, rng: np.random.Generator) -> tuple[str, float]:
    """What kind of video the post of this number is, and the log views that are usual for the account then."""
    kind = account.formats[int(rng.integers(len(account.formats)))]
    offset = FORMATS[kind][0]
    if account.changes:
        kind, offset = ("short", JUMP) if number >= CHANGED_POST else ("long", 0.0)
    return kind, 8.8 + 1.1 * account.quality + account.growth * number / count + offset


def planted(switches: Switches) -> float:
    """The log points that these switches add to a post's potential; everything else adds nothing."""
    return EFFECTS["is_question"] * switches.question + EFFECTS["has_number"] * switches.number


def _switches(account: DemoAccount, *, was_hit: bool, rng: np.random.Generator) -> Switches:
    odds = {name: base + slope * account.quality for name, (base, slope) in HABITS.items()}
    odds["question"] += 0.5 * was_hit
    chances = {name: 1 / (1 + np.exp(-value)) for name, value in odds.items()}
    return Switches(**{name: bool(rng.random() < np.clip(chance, 0.1, 0.9)) for name, chance in chances.items()})


def _observations(account: DemoAccount, posts: tuple[DemoPost, ...], now: datetime, seed: int) -> Iterator[dict[str, object]]:
    rng = np.random.default_rng([seed, 2, account.number])
    start = posts[0].posted_at
    for post in posts:
        ages = _ages((now - post.posted_at) / timedelta(days=1), rng)
        views = _views(post, ages, account.tau_days, rng)
        likes, comments, shares = (np.floor(views * rate * rng.lognormal(0, 0.25)).astype(int) for rate in account.rates)
        for row, age in enumerate(ages):
            seen = post.posted_at + timedelta(seconds=int(age * 86_400))
            grown = np.exp(account.growth * ((seen - start) / timedelta(days=POSTS * SPACING_DAYS)))
            yield account.facts | {
                "account_followers": int(account.followers * grown),
                "video_external_id": f"demo-video-{account.number:03d}-{post.number:03d}",
                "title": post.title,
                **({"description": post.description} if post.description else {}),
                "posted_at": post.posted_at.isoformat(),
                "format": post.format,
                "duration_seconds": post.duration_seconds,
                "observed_at": seen.isoformat(),
                "views": int(views[row]),
                "likes": int(likes[row]),
                "comments": int(comments[row]),
                "shares": int(shares[row]),
            }


def _ages(oldest: float, rng: np.random.Generator) -> Floats:
    """When the post was looked at, in days: the planned ages with some delay, and once shortly before `now`."""
    planned = np.array(SNAPSHOT_DAYS) * rng.uniform(1.0, 1.1, len(SNAPSHOT_DAYS))
    latest = max(oldest - rng.uniform(0.005, 0.02), oldest / 2)
    return np.append(planned[planned < latest * 0.97], latest)


def _views(post: DemoPost, ages: Floats, tau_days: float, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Cumulative views: the curve's steps with noise on each, so that a counter never falls."""
    reached = 1 - np.exp(-((ages / tau_days) ** CURVE_POWER))
    steps = np.diff(reached, prepend=0.0) * rng.lognormal(0, 0.12, len(ages))
    return np.floor(post.potential * np.cumsum(steps)).astype(np.int64)


def _by_time(line: Mapping[str, object]) -> tuple[str, str]:
    return str(line["observed_at"]), str(line["video_external_id"])
