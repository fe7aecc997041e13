"""The health of a source: a score, and a breaker that opens after failures in a row and lets one try through after a while.

Whose failure it was decides: an account that is private says nothing about the source. Keeping it is in `store.sources`.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.errors import FailureCategory, SourceFailed

OPENS_AFTER = 5
FIRST_REST, LONGEST_REST = timedelta(minutes=1), timedelta(minutes=30)
# How long a try may take before another one is let through.
PROBE = timedelta(minutes=1)
# The weight of the latest try in the score: after 50 tries the older ones count for little.
WEIGHT = 0.05
ATTEMPTS, LONGEST_PAUSE_SECONDS = 3, 20.0

SOURCE_FAULTS = frozenset(
    {
        FailureCategory.RATE_LIMIT,
        FailureCategory.NETWORK,
        FailureCategory.BLOCKED,
        FailureCategory.API_ERROR,
        FailureCategory.PARSE_ERROR,
        FailureCategory.UNKNOWN,
    }
)
# Another reader of the platform may do what this one cannot.
FALLS_BACK = frozenset({FailureCategory.BLOCKED, FailureCategory.NETWORK, FailureCategory.NOT_CONFIGURED})
_PASSING = frozenset({FailureCategory.RATE_LIMIT, FailureCategory.NETWORK, FailureCategory.API_ERROR})


@dataclass(frozen=True, slots=True)
class Health:
    """A source as seen by everybody who asks it. `open_until`: it rests until then. `score` is the share of tries that went well."""

    source: str
    score: float = 1.0
    consecutive_failures: int = 0
    open_until: datetime | None = None
    category: FailureCategory | None = None
    changed_at: datetime | None = None

    def state(self, now: datetime) -> str:
        if self.open_until is None:
            return "closed"
        return "open" if now < self.open_until else "half_open"


def probing(health: Health, now: datetime) -> Health | None:
    """Half open: one try is let through, and the others wait for what becomes of it. None: nothing is in the way, or it rests."""
    return replace(health, open_until=now + PROBE) if health.state(now) == "half_open" else None


def after_success(health: Health, now: datetime, *, times: int = 1) -> Health:
    score = 1 - (1 - health.score) * (1 - WEIGHT) ** times
    return replace(health, score=score, consecutive_failures=0, open_until=None, category=None, changed_at=now)


def after_failure(health: Health, category: FailureCategory, now: datetime, *, retry_after: timedelta | None = None) -> Health:
    """A failure of the source's own. Every one past the limit doubles its rest."""
    failures = health.consecutive_failures + 1
    rest = max(min(FIRST_REST * 2 ** min(failures - OPENS_AFTER, 10), LONGEST_REST), retry_after or timedelta())
    return replace(
        health, score=health.score * (1 - WEIGHT), consecutive_failures=failures, category=category, changed_at=now,
        open_until=now + rest if failures >= OPENS_AFTER else health.open_until,
    )  # fmt: skip


def pause_seconds(error: SourceFailed, attempt: int, *, key: str) -> float | None:
    """How long to wait before another try at once; None where that is no use, or where we were told to wait for longer."""
    if error.category not in _PASSING or attempt >= ATTEMPTS or (error.retry_after_seconds or 0) > LONGEST_PAUSE_SECONDS:
        return None
    jitter = 0.5 + hashlib.sha256(f"{key}:{attempt}".encode()).digest()[0] / 256
    return max(error.retry_after_seconds or 0.0, float(2**attempt) * jitter / 2)
