"""Costs as they are told: sums, shares by what they were for, and what the rest of the month may come to. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from domain.money import ReservationState

BY = ("service", "day", "subject", "production", "request", "user")
MEAN_DAYS = 7


@dataclass(frozen=True, slots=True)
class Cost:
    """What one operation cost: all that it held, as long as its price is not known."""

    operation: str
    service: str | None
    state: ReservationState
    cost_usd: Decimal
    reserved_usd: Decimal
    day: date
    created_at: datetime
    ended_at: datetime | None
    subject: str
    production: str | None
    request_id: UUID | None
    user_id: UUID | None


@dataclass(frozen=True, slots=True)
class CostsAsked:
    """Which operations are wanted: those from a UTC day on, and of these where it is named."""

    since: date
    service: str | None = None
    subject: str | None = None
    production: str | None = None
    request_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class CostRow:
    """Operations that have a name in common. `usd` counts what is spent and held; `unknown`: how many ended with no known price."""

    name: str
    operations: int
    usd: Decimal
    max_usd: Decimal
    unknown: int


@dataclass(frozen=True, slots=True)
class Summary:
    """A UTC day so far. `production_usd` is what one production is expected to cost."""

    day: date
    usd: Decimal
    day_cap_usd: Decimal
    month_usd: Decimal
    month_cap_usd: Decimal
    by_service: Mapping[str, Decimal]
    production_usd: Decimal

    @property
    def remaining_usd(self) -> Decimal:
        """Of the day's cap and of the month's, whichever ends first; never negative."""
        return max(Decimal(0), min(self.day_cap_usd - self.usd, self.month_cap_usd - self.month_usd))

    @property
    def productions_remaining(self) -> int:
        return int(self.remaining_usd / self.production_usd)


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the month comes to if its other days cost what the last seven did on average. `n_days`: how many of these cost something.

    `cap_on` is the day on which the month's cap would be reached; None: not in this month.
    """

    n_days: int
    daily_usd: Decimal
    month_usd: Decimal
    month_cap_usd: Decimal
    cap_on: date | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """The same without a cap: what the month comes to, by the mean of seven days, of which `n_days` cost something."""

    n_days: int
    daily_usd: Decimal
    month_usd: Decimal


def outlook(days: Mapping[date, Decimal], *, today: date) -> Outlook:
    """As `forecast`, of costs that no cap of their own ends."""
    found = forecast(days, today=today, month_cap=Decimal("Infinity"))
    return Outlook(found.n_days, found.daily_usd, found.month_usd)


def forecast(days: Mapping[date, Decimal], *, today: date, month_cap: Decimal) -> Forecast:
    """Method: the mean of the seven whole days before this one; today counts as it is, or as the mean where that is more."""
    last = [days.get(today - timedelta(days=back), Decimal(0)) for back in range(1, MEAN_DAYS + 1)]
    mean = (sum(last, Decimal(0)) / MEAN_DAYS).quantize(Decimal("1e-10"))
    total = sum((usd for day, usd in days.items() if (day.year, day.month) == (today.year, today.month)), Decimal(0))
    total += max(Decimal(0), mean - days.get(today, Decimal(0)))
    reached, day = (today if total >= month_cap else None), today + timedelta(days=1)
    while day.month == today.month:
        total += mean
        if reached is None and total >= month_cap:
            reached = day
        day += timedelta(days=1)
    return Forecast(sum(1 for usd in last if usd), mean, total, month_cap, reached)
