"""Parameters that owner routes share: windows of days, checked."""

from datetime import UTC, date, datetime, timedelta
from enum import IntEnum
from typing import Annotated

from litestar.params import QueryParameter

from domain.analytics import Window
from domain.errors import FieldProblem, Unacceptable
from domain.owner_sync import newest_day

DEFAULT_DAYS, MOST_DAYS = 28, 366
FirstDay = Annotated[date | None, QueryParameter(name="first_day", description="first day; left out: 28 days up to the last one")]
LastDay = Annotated[
    date | None, QueryParameter(name="last_day", description=f"last day, at most {MOST_DAYS} days in all; left out: yesterday")
]


class WindowDays(IntEnum):
    """Windows that reports without days are read over."""

    MONTH = 28
    QUARTER = 90
    YEAR = 365


class OverviewDays(IntEnum):
    """The windows of a channel's overview."""

    WEEK = 7
    MONTH = 28
    QUARTER = 90


Whole = Annotated[WindowDays, QueryParameter(name="days", description="28, 90 or 365: the newest window of that length is shown")]


def asked_window(first_day: date | None, last_day: date | None, *, now: datetime | None = None) -> Window:
    """The window as asked. Raises Unacceptable for one that is backwards, too long, or in the future."""
    today = newest_day(now or datetime.now(UTC))
    if any(day is not None and day.year < 2005 for day in (first_day, last_day)):
        raise _unacceptable("first_day", "choose days from 2005 on")
    last = last_day or (max(today, first_day) if first_day else today)
    first = first_day or last - timedelta(days=DEFAULT_DAYS - 1)
    if last > today + timedelta(days=1):
        raise _unacceptable("last_day", "choose a day that is not in the future")
    if first > last:
        raise _unacceptable("first_day", "choose a day that is not behind last_day")
    if (last - first).days >= MOST_DAYS:
        raise _unacceptable("first_day", f"choose at most {MOST_DAYS} days")
    return Window(first, last)


def _unacceptable(pointer: str, advice: str) -> Unacceptable:
    return Unacceptable("the window cannot be accepted", (FieldProblem(pointer, advice),))
