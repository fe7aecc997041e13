"""Figures of owner reports, kept and read as of a moment, and what of them can be had. The channel's posts and syncs are in `store.own_channels`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.analytics import Window
from domain.owner_reports import Figure
from domain.sources import Report
from store import owner_sql as sql
from store.repository import Repository, Row
from store.tables.owner import WHOLE_CHANNEL

WHOLE = UUID(WHOLE_CHANNEL)


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose report: a channel's, or that of one of its videos."""

    channel_id: UUID
    report: Report
    video_id: UUID = WHOLE

    @property
    def words(self) -> dict[str, object]:
        return {"channel": self.channel_id, "report": self.report, "video": self.video_id}


@dataclass(frozen=True, slots=True)
class KnownFigure:
    """A figure with when we learned it, and from whom."""

    first_day: date
    last_day: date
    day: date | None
    dimensions: tuple[str, ...]
    metric: str
    value: Decimal
    known_at: datetime
    source: str


@dataclass(frozen=True, slots=True)
class Sum:
    """A metric added up over the days of a window that have it."""

    dimensions: tuple[str, ...]
    metric: str
    value: Decimal
    days: int
    known_at: datetime


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether a report of a channel can be had. `reason` is a word of `domain.owner_reports.Unavailable`."""

    report: Report
    is_available: bool
    reason: str | None
    detail: str | None
    first_day: date | None
    last_day: date | None
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Coverage:
    """Which days of a report are covered without a gap, and when it was read last."""

    window: Window
    read_at: datetime


class Owner(Repository):
    """What the owners of one tenant's channels are told."""

    def put(
        self, subject: Subject, read: Window, figures: Iterable[Figure], *, known_at: datetime, source: str, is_whole: bool = True
    ) -> list[date]:
        """Keep an answer about these days; returns the first day of every figure that is new or restated.

        A whole answer takes away what it no longer lists; an empty one takes nothing away.
        """
        found = list(figures)
        if not found:
            return []
        self._run("drop table if exists incoming_figures")
        self._run(sql.CREATE)
        self._copy(found)
        words = {**subject.words, "first": read.first_day, "last": read.last_day, "known_at": known_at, "source": source}
        return list(self._run(sql.PUT, **words, is_whole=is_whole).scalars())

    def _copy(self, figures: Iterable[Figure]) -> None:
        driver: Any = self._connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(f"copy incoming_figures ({', '.join(sql.COLUMNS)}) from stdin (format binary)") as copy:
            copy.set_types(list(sql.COLUMNS.values()))
            for each in figures:
                copy.write_row((each.first_day, each.last_day, each.day, list(each.dimensions), each.metric, each.value))

    def days(self, subject: Subject, window: Window, *, as_of: datetime | None = None) -> list[KnownFigure]:
        """Every figure by day, in order, as it was known then."""
        return [_known(row) for row in self._read_of(sql.DAYS, subject, window, as_of)]

    def sums(self, subject: Subject, window: Window, *, as_of: datetime | None = None) -> list[Sum]:
        """The same, added up per dimensions and metric."""
        return [
            Sum(tuple(row.dimensions), row.metric, row.value, row.days, row.known_at)
            for row in self._read_of(sql.SUMS, subject, window, as_of)
        ]

    def whole(self, subject: Subject, window: Window, *, as_of: datetime | None = None) -> list[KnownFigure]:
        """The figures of a report that covers exactly this window."""
        return [_known(row) for row in self._read_of(sql.WINDOW, subject, window, as_of)]

    def _read_of(self, statement: str, subject: Subject, window: Window, as_of: datetime | None) -> list[Row]:
        return list(self._run(statement, **subject.words, first=window.first_day, last=window.last_day, as_of=as_of))

    def last_window(self, subject: Subject, *, days: int | None = None, as_of: datetime | None = None) -> Window | None:
        """The newest window (of that length) for which a report was read; None: there is none."""
        row = self._run(sql.LAST_WINDOW, **subject.words, days=days, as_of=as_of).first()
        return Window(row.first_day, row.last_day) if row else None

    def newest_day(self, subject: Subject, *, since: date, as_of: datetime | None = None) -> date | None:
        """The newest day, of those since then, that had figures."""
        day: date | None = self._run(sql.NEWEST_DAY, **subject.words, since=since, as_of=as_of).scalar_one()
        return day

    def windows_read(self, subject: Subject) -> dict[int, date]:
        """Per length in days the last day of the newest window that was read."""
        return {row.days: row.last_day for row in self._run(sql.WINDOWS, **subject.words, as_of=None)}

    def put_availability(
        self, subject: Subject, *, reason: str | None, detail: str | None = None, covered: Window | None = None, read_at: datetime
    ) -> None:
        """Note whether a report can be had; days that are covered stay so where `covered` is None."""
        days = {"first": covered.first_day if covered else None, "last": covered.last_day if covered else None}
        words = {"is_available": reason is None, "reason": reason, "detail": detail, "read_at": read_at}
        self._run(sql.PUT_AVAILABILITY, **subject.words, **days, **words)

    def availability(self, channel_id: UUID, video_id: UUID = WHOLE) -> dict[Report, Availability]:
        """Of the channel's own reports or those of one video, by report; one that was never asked for is not among them."""
        rows = self._run(sql.AVAILABILITY, channel=channel_id, video=video_id)
        return {Report(row.report): Availability(**{**row._mapping, "report": Report(row.report)}) for row in rows}

    def coverage(self, channel_id: UUID, report: Report) -> dict[UUID, Coverage]:
        """By video (or `WHOLE`): which days are covered."""
        rows = self._run(sql.COVERAGE, channel=channel_id, report=report)
        return {row.video_id: Coverage(Window(row.first_day, row.last_day), row.read_at) for row in rows}

    # For the checks of assets.

    def off_demographics(self, *, low: float, high: float) -> list[tuple[UUID, float]]:
        """Channels whose shares of viewers do not add up, with what they come to."""
        return [(row.channel_id, float(row.percent)) for row in self._run(sql.OFF_DEMOGRAPHICS, low=low, high=high)]

    def negative_revenue(self) -> int:
        return int(self._run(sql.NEGATIVE_REVENUE).scalar_one())

    def newest_days(self) -> dict[UUID, date | None]:
        """Per active channel whose daily report can be had: the newest day that has figures."""
        return {row.channel_id: row.newest for row in self._run(sql.NEWEST_DAYS)}


def _known(row: Row) -> KnownFigure:
    return KnownFigure(row.first_day, row.last_day, row.day, tuple(row.dimensions), row.metric, row.value, row.known_at, row.source)
