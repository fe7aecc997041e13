"""The sandbox's Google Cloud project: its client, its key, its quota per day, and which channels are odd in which way."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from threading import Lock
from zoneinfo import ZoneInfo

from sandbox.addresses import API_KEY, CLIENT_ID, CLIENT_SECRET
from sandbox.world import Creator, Post

PACIFIC = ZoneInfo("America/Los_Angeles")
# The sandbox's own copy of Google's tables, on purpose: a mistake in ours must not hide in it.
DEFAULT_LIMITS = {"units": 10_000, "search": 100, "insert": 100, "stats": 10_000}
COSTS = {"search": ("search", 1), "videos:batchGetStats": ("stats", 1), "captions": ("units", 50)}


@dataclass
class Project:
    """Counts what is spent, also by calls that are refused. `redirect_uris`: empty means any on this machine."""

    client_id: str = CLIENT_ID
    client_secret: str = CLIENT_SECRET
    api_key: str = API_KEY
    redirect_uris: tuple[str, ...] = ()
    # What Google says of people in other words than the world's, by channel: an address that is not verified, another subject.
    people: dict[str, dict[str, object]] = field(default_factory=dict)
    limits: dict[str, int] = field(default_factory=lambda: dict(DEFAULT_LIMITS))
    _used: Counter[tuple[date, str]] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def spend(self, what: str, now: datetime) -> bool:
        """Whether the quota of today still has it; a call that finds it used up costs nothing more."""
        bucket, units = COSTS.get(what, ("units", 1))
        key = (now.astimezone(PACIFIC).date(), bucket)
        with self._lock:
            if self._used[key] + units > self.limits[bucket]:
                return False
            self._used[key] += units
            return True

    def used(self, now: datetime) -> dict[str, int]:
        """Today, per bucket."""
        return {bucket: self._used[now.astimezone(PACIFIC).date(), bucket] for bucket in self.limits}

    def allows(self, redirect_uri: str) -> bool:
        local = ("http://127.0.0.1", "http://localhost", "http://testserver")
        return redirect_uri in self.redirect_uris if self.redirect_uris else redirect_uri.startswith(local)


def is_monetised(creator: Creator) -> bool:
    """Every fourth is not in the Partner Program."""
    return creator.number % 4 != 3


def hides_subscribers(creator: Creator) -> bool:
    return creator.number % 24 == 18


def hides_likes(post: Post) -> bool:
    return post.number % 31 == 30


def has_comments_off(post: Post) -> bool:
    return post.number % 29 == 28


def share(*words: object) -> float:
    """A number in [0, 1) that belongs to these words."""
    return int.from_bytes(hashlib.sha256(":".join(map(str, words)).encode()).digest()[:6], "big") / 2**48
