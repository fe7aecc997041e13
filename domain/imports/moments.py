"""Moments as sources write them, turned into aware UTC with the half-width of what is known. No zone is ever assumed for a time."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from domain.imports.values import Unreadable, shown

DAY_SECONDS = 86_400
FIRST = datetime(2005, 1, 1, tzinfo=UTC)
LAST = datetime(2100, 1, 1, tzinfo=UTC)
SHORT_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTHS = {name: number for number, name in enumerate(SHORT_MONTHS, start=1)}


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time; `error_seconds` is 86400 where only the date is known."""

    at: datetime
    error_seconds: int = 0


def of_day(year: int, month: int, day: int, written: object, column: str) -> Moment:
    """A date without a time: midnight UTC, give or take a day."""
    try:
        return Moment(datetime(year, month, day, tzinfo=UTC), DAY_SECONDS)
    except ValueError:
        raise Unreadable(f"{column} is {shown(written)}: there is no such day", column) from None


def iso(value: object, column: str) -> Moment:
    """An ISO 8601 date, or a time with its zone."""
    read = value if isinstance(value, (datetime, date)) else _parsed(value, column)
    if not isinstance(read, datetime):
        return in_range(of_day(read.year, read.month, read.day, value, column), value, column)
    if read.tzinfo is None:
        raise Unreadable(f"{column} is {shown(value)}: a time needs its zone, such as Z", column)
    try:
        return in_range(Moment(read.astimezone(UTC)), value, column)
    except OverflowError:
        raise Unreadable(f"{column} is {shown(value)}: out of range", column) from None


def _parsed(value: object, column: str) -> datetime | date:
    if not isinstance(value, str) or not 8 <= len(value) <= 40:
        raise Unreadable(f"{column} is {shown(value)}, not an ISO 8601 date or time", column)
    try:
        return date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
    except ValueError:
        raise Unreadable(f"{column} is {shown(value)}, not an ISO 8601 date or time", column) from None


def epoch(value: object, column: str) -> Moment:
    """Seconds since 1970."""
    try:
        if isinstance(value, bool) or not isinstance(value, (str, int, float)) or len(str(value)[:30]) > 25:
            raise ValueError
        seconds = float(value)
        return in_range(Moment(datetime.fromtimestamp(int(seconds), tz=UTC)), value, column)
    except (ValueError, OverflowError, OSError):
        raise Unreadable(f"{column} is {shown(value)}, not seconds since 1970", column) from None


def compact(value: object, column: str) -> Moment:
    """`20210528`."""
    written = str(value)[:20].strip()
    if len(written) != 8 or not (written.isascii() and written.isdigit()):
        raise Unreadable(f"{column} is {shown(value)}, not a date written YYYYMMDD", column)
    return in_range(of_day(int(written[:4]), int(written[4:6]), int(written[6:]), value, column), value, column)


def english(value: object, column: str) -> Moment:
    """`May 8, 2020`."""
    match str(value)[:40].replace(",", " ").split():
        case [month, day, year] if month[:3].lower() in MONTHS and _digits(day, 2) and _digits(year, 4):
            return in_range(of_day(int(year), MONTHS[month[:3].lower()], int(day), value, column), value, column)
    raise Unreadable(f"{column} is {shown(value)}, not a date such as 'May 8, 2020'", column)


def year_day_month(value: object, column: str) -> Moment:
    """`17.14.11`: 14 November 2017."""
    return _year_day_month(str(value)[:20], column)


@lru_cache(maxsize=1024)
def _year_day_month(value: str, column: str) -> Moment:
    match value.strip().split("."):
        case [year, day, month] if _digits(year, 2) and len(year) == 2 and _digits(day, 2) and _digits(month, 2):
            return in_range(of_day(2000 + int(year), int(month), int(day), value, column), value, column)
    raise Unreadable(f"{column} is {shown(value)}, not a date written YY.DD.MM", column)


def in_range(moment: Moment, written: object, column: str) -> Moment:
    if not FIRST <= moment.at < LAST:
        raise Unreadable(f"{column} is {shown(written)}: outside the years 2005 to 2099", column)
    return moment


def _digits(written: str, most: int) -> bool:
    return 1 <= len(written) <= most and written.isascii() and written.isdigit()


class YearlessDays:
    """Dates written DD.MM in the order of a list that runs forward.

    A spreadsheet that took `20.10` for a number wrote `20.1`. That is October only when the dates before it leave no other reading:
    exactly one of January and October lies within a month after the last certain date. Otherwise the row is rejected by name.
    """

    def __init__(self, year: int) -> None:
        self.year = year
        self.last: datetime | None = None
        self.zeros_restored = 0

    def read(self, value: object, column: str) -> Moment:
        match str(value)[:20].strip().split("."):
            case [day, "1"] if _digits(day, 2):
                return self._ambiguous(int(day), value, column)
            case [day, month] if _digits(day, 2) and _digits(month, 2):
                return self._forward(of_day(self.year, int(month), int(day), value, column), value, column)
        raise Unreadable(f"{column} is {shown(value)}, not a date written DD.MM", column)

    def _ambiguous(self, day: int, value: object, column: str) -> Moment:
        readings = [of_day(self.year, month, day, value, column) for month in (1, 10)]
        last = self.last
        near = [reading for reading in readings if last and timedelta(0) <= reading.at - last <= timedelta(days=31)]
        if len(near) != 1:
            raise Unreadable(f"{column} is {shown(value)}: January, or October without its zero; the dates before it do not tell", column)
        self.zeros_restored += near[0].at.month == 10
        self.last = near[0].at
        return near[0]

    def _forward(self, moment: Moment, value: object, column: str) -> Moment:
        if self.last and self.last - moment.at > timedelta(days=180):
            raise Unreadable(f"{column} is {shown(value)}: the list crosses a new year; import each year as its own file", column)
        self.last = moment.at
        return moment
