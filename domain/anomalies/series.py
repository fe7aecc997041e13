"""A daily figure of an account, and what is found in it. Which days are odd is decided in `finding`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

METHOD_VERSION = "anomalies/1"


class Metric(StrEnum):
    """What is watched, per day. Followers are those gained (below zero: lost); `gained` makes them of totals."""

    VIEWS = "views"
    ENGAGEMENT = "engagement"
    FOLLOWERS = "followers"
    REVENUE = "revenue"


# Days that a platform takes to report a figure in full; public counters are whole once their day is over.
REPORTING_DAYS = {Metric.VIEWS: 0, Metric.ENGAGEMENT: 0, Metric.FOLLOWERS: 0, Metric.REVENUE: 2}


class Direction(StrEnum):
    """Above or below what was expected."""

    UP = "up"
    DOWN = "down"


class Kind(StrEnum):
    """What became of it: over again, a new level, or too early to tell."""

    SPIKE = "spike"
    LEVEL_SHIFT = "level shift"
    OPEN = "too early to tell"


class Severity(StrEnum):
    """By how far outside it is, in units of what is usual for this series."""

    NOTICE = "notice"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Series:
    """Values by day in any order; None is missing. A day that comes twice was restated: the later one in the sequence counts.

    `zone`: whose midnight ends a day (an IANA name); `reporting_days`: how long until its figure is whole, else by metric.
    """

    metric: Metric
    account_id: str
    days: Sequence[date]
    values: Sequence[float | None]
    zone: str = "UTC"
    reporting_days: int | None = None

    def whole_until(self, now: datetime) -> date:
        """The newest day whose figure is whole."""
        lag = REPORTING_DAYS[self.metric] if self.reporting_days is None else self.reporting_days
        return now.astimezone(ZoneInfo(self.zone)).date() - timedelta(days=1 + lag)


@dataclass(frozen=True, slots=True)
class Anomaly:
    """One event: it begins on `day` and lasts until `last_day`. Figures are of its first day, in the metric's unit.

    `low` to `high` is the range outside which a day counts; `score`: distance from what was expected, 1 at the edge of the range.
    """

    metric: Metric
    account_id: str
    day: date
    last_day: date
    expected: float
    low: float
    high: float
    observed: float
    score: float
    direction: Direction
    kind: Kind
    severity: Severity
    method: str = METHOD_VERSION

    @property
    def dedupe_key(self) -> str:
        """The same event has the same key on every later day, also when its days are restated or it turns out a new level."""
        return f"anomaly:{self.metric}:{self.account_id}:{self.day.isoformat()}"


def gained(days: Sequence[date], totals: Sequence[float | None]) -> tuple[tuple[date, ...], tuple[float | None, ...]]:
    """What a counter gained each day. Missing where the day or the one before is: a gain over a gap belongs to no single day."""
    known = dict(zip(days, totals, strict=True))
    ordered = sorted(known)
    gains = (_less(known[day], known.get(day - timedelta(days=1))) for day in ordered)
    return tuple(ordered), tuple(gains)


def _less(now: float | None, before: float | None) -> float | None:
    return None if now is None or before is None else now - before
