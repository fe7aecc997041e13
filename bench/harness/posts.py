"""A library of synthetic posts to bring in: accounts, their posts, and what each post had at several ages, in the order of time.

Deterministic; rows come piece by piece, for a million of them at once would be gigabytes. Nothing here measures.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

import numpy as np
import numpy.typing as npt

from domain.imports.moments import iso
from domain.observations import AccountFacts, Counters, Observed, Platform, VideoFacts, VideoFormat

FIRST = datetime(2026, 1, 5, tzinfo=UTC)
POSTING_DAYS = 90.0
# When each post is looked at, in days after it went out.
AGES = np.array([0.25, 1, 2, 3, 5, 7, 10, 14, 21, 30])
POSTS_PER_ACCOUNT = 100
_WORDS = (
    "bread", "garden", "river", "small", "seven", "winter", "quick", "repair", "market", "stone", "letter", "violet", "engine", "paper",
)  # fmt: skip
_TOPICS = ("cooking", "diy", "travel", "music", "books", "running")


@dataclass(frozen=True, slots=True)
class Seen:
    """One observation, as numbers."""

    line: int
    video: int
    account: int
    posted_at: datetime
    observed_at: datetime
    views: int


@dataclass(frozen=True)
class Library:
    """So many observations: ten of each post, a hundred posts of each account, posted over three months."""

    observations: int
    seed: int = 20_261_125

    @property
    def videos(self) -> int:
        return max(1, self.observations // len(AGES))

    @property
    def accounts(self) -> int:
        return max(1, self.videos // POSTS_PER_ACCOUNT)

    @property
    def months(self) -> list[str]:
        """Every month that is observed."""
        days = range(int(POSTING_DAYS + AGES[-1]) + 2)
        return sorted({f"{FIRST + timedelta(days=day):%Y-%m}" for day in days})

    @cached_property
    def _posted_days(self) -> npt.NDArray[np.float64]:
        return np.random.default_rng(self.seed).uniform(0, POSTING_DAYS, self.videos)

    @cached_property
    def _potential(self) -> npt.NDArray[np.float64]:
        return np.exp(np.random.default_rng(self.seed + 1).normal(9.5, 1.4, self.videos))

    def seen(self) -> Iterator[Seen]:
        """Every observation, oldest first."""
        days = (self._posted_days[:, None] + AGES[None, :]).ravel()
        for line, at in enumerate(np.argsort(days, kind="stable"), start=1):
            video, nth = divmod(int(at), len(AGES))
            grown = 1 - np.exp(-((AGES[nth] / 2.0) ** 0.8))
            yield Seen(
                line, video, video % self.accounts, _moment(self._posted_days[video]), _moment(days[at]),
                int(self._potential[video] * grown) + nth,
            )  # fmt: skip


def _moment(days: float) -> datetime:
    return FIRST + timedelta(seconds=int(days * 86_400))


def as_record(seen: Seen) -> dict[str, object]:
    """As it stands in a file of our own format."""
    return {
        "platform": "tiktok", "account_external_id": f"acc{seen.account:07d}", "account_username": f"maker{seen.account}",
        "account_title": f"Maker {seen.account}", "account_followers": 1_000 + seen.account * 7 + (seen.observed_at - FIRST).days,
        "video_external_id": f"71{seen.video:017d}", "url": f"https://example.org/@maker{seen.account}/video/71{seen.video:017d}",
        "title": _title(seen.video), "description": _description(seen.video), "posted_at": seen.posted_at.isoformat(),
        "duration_seconds": 10 + seen.video % 170, "format": "short", "observed_at": seen.observed_at.isoformat(),
        "views": seen.views, "likes": seen.views // 17, "comments": seen.views // 310, "shares": seen.views // 190,
    }  # fmt: skip


def as_line(seen: Seen) -> bytes:
    return json.dumps(as_record(seen)).encode() + b"\n"


def as_observed(seen: Seen) -> Observed:
    """As the reader of our own format understands `as_record`."""
    record = as_record(seen)
    return Observed(
        seen.line,
        AccountFacts(
            Platform.TIKTOK, external_id=str(record["account_external_id"]), username=str(record["account_username"]),
            title=str(record["account_title"]), followers=1_000 + seen.account * 7 + (seen.observed_at - FIRST).days,
        ),
        iso(record["observed_at"], "observed_at").at,
        video=VideoFacts(
            str(record["video_external_id"]), title=str(record["title"]), description=str(record["description"]), url=str(record["url"]),
            posted_at=seen.posted_at, duration_seconds=10 + seen.video % 170, format=VideoFormat.SHORT, hashtags=_hashtags(seen.video),
        ),
        counters=Counters(views=seen.views, likes=seen.views // 17, comments=seen.views // 310, shares=seen.views // 190),
    )  # fmt: skip


def _title(video: int) -> str:
    return f"{_WORDS[video % 14].capitalize()} {_WORDS[video // 14 % 14]} {_WORDS[video // 196 % 14]}, part {video}"


def _description(video: int) -> str:
    return f"How the {_WORDS[video // 3 % 14]} came to the {_WORDS[video // 42 % 14]}. " + " ".join(f"#{tag}" for tag in _hashtags(video))


def _hashtags(video: int) -> tuple[str, ...]:
    return _TOPICS[video % 6], _WORDS[video // 6 % 14]
