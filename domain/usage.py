"""Metered use of a plan: periods and what was taken. Counting is in `store.usage`; money is in `domain.money`."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum


class Period(StrEnum):
    """After which time a limit starts anew. Periods are of UTC."""

    DAY = "day"
    MONTH = "month"
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Taken:
    """What one operation took of a meter. `limit` is None where the plan sets none."""

    operation: str
    meter: str
    amount: int
    used: int
    limit: int | None
    resets_at: datetime | None


@dataclass(frozen=True, slots=True)
class MeterUse:
    """A meter of the plan in the period that is running. `limit` None: the plan sets none; `upgrade`: the next plan that has more."""

    meter: str
    period: Period
    limit: int | None
    used: int
    resets_at: datetime | None
    per_user: int | None
    per_platform: int | None
    upgrade: str | None


@dataclass(frozen=True, slots=True)
class PartUse:
    """What one member (`user:<id>`) or one platform (`platform:<name>`) used of a meter in the period that is running."""

    meter: str
    part: str
    used: int


@dataclass(frozen=True, slots=True)
class DayUse:
    """What was taken of a meter on one UTC day, for one platform; None where it was for none."""

    day: date
    meter: str
    platform: str | None
    used: int
    operations: int


def utc_day(now: datetime) -> date:
    """The UTC date that a moment counts for. Refuses a moment without a zone."""
    if now.tzinfo is None:
        raise ValueError("now: a moment needs a time zone")
    return now.astimezone(UTC).date()


def resets_at(period: Period, started: date) -> datetime | None:
    """When the period that began on this day is over; None for a total, which never resets."""
    if period is Period.TOTAL:
        return None
    first = datetime(started.year, started.month, started.day, tzinfo=UTC)
    if period is Period.DAY:
        return first + timedelta(days=1)
    return (first.replace(day=1) + timedelta(days=32)).replace(day=1)
