"""The shapes of the analytics answers. Routes are in `api.analytics.routes`, spreads over bands in `api.analytics.spreads`.

Formulas are in docs/reference/analytics.md.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from api.figures import Computed, framed
from domain.analytics import Average, Day, Totals, Window
from services.analytics import Overview
from store.analytics import VideoFigures


class TotalsOut(msgspec.Struct, frozen=True, kw_only=True):
    """What a set of videos comes to. `engagement_rate` is pooled: reactions over views of the videos whose every part is known; a ratio.

    `undated` of the videos have no known posting time and are dated by when they were first seen.
    """

    videos: int
    undated: int
    views: int
    likes: int
    comments: int
    shares: int
    bookmarks: int
    engagement_rate: float | None
    mean_views: float | None
    median_views: float | None

    @classmethod
    def of(cls, totals: Totals) -> "TotalsOut":
        return cls(**{name: getattr(totals, name) for name in cls.__struct_fields__})


class ChangeOut(msgspec.Struct, frozen=True, kw_only=True):
    """Now over before, minus 1: 0.5 is half as much again. Null where there is nothing to compare with."""

    videos: float | None
    views: float | None
    likes: float | None
    comments: float | None
    shares: float | None
    bookmarks: float | None
    engagement_rate: float | None
    mean_views: float | None
    median_views: float | None


class OverviewOut(Computed, frozen=True, kw_only=True):
    """The videos posted in a window, against the window before it.

    `change` is like for like: the earlier window as it was seen when it was as old as this one is now (`preceding`).
    `naive_change` holds it against what the earlier videos have reached since (`preceding_now`), and so looks like a fall nearly always.
    """

    days: int
    first_day: date
    last_day: date
    totals: TotalsOut
    preceding: TotalsOut
    preceding_now: TotalsOut
    change: ChangeOut
    naive_change: ChangeOut

    @classmethod
    def of(cls, found: Overview, frame: Computed) -> "OverviewOut":
        return cls(
            **framed(frame), days=found.window.days, first_day=found.window.first_day, last_day=found.window.last_day,
            totals=TotalsOut.of(found.totals), preceding=TotalsOut.of(found.preceding), preceding_now=TotalsOut.of(found.preceding_now),
            change=ChangeOut(**found.change), naive_change=ChangeOut(**found.naive_change),
        )  # fmt: skip


class DayOut(msgspec.Struct, frozen=True, kw_only=True):
    """One UTC day; zero where nothing was."""

    date: date
    views: int
    likes: int
    comments: int
    shares: int
    videos: int

    @classmethod
    def of(cls, day: Day) -> "DayOut":
        return cls(date=day.date, views=day.views, likes=day.likes, comments=day.comments, shares=day.shares, videos=day.videos)


class SeriesOut(Computed, frozen=True, kw_only=True):
    """A day-by-day series without gaps. `n` is the number of videos in the scope; `videos` of a day counts those posted then."""

    by: str
    first_day: date
    last_day: date
    items: list[DayOut]

    @classmethod
    def of(cls, by: str, window: Window, series: Sequence[Day], frame: Computed) -> "SeriesOut":
        return cls(**framed(frame), by=by, first_day=window.first_day, last_day=window.last_day, items=[DayOut.of(day) for day in series])


class AverageOut(msgspec.Struct, frozen=True, kw_only=True):
    """Mean per day, and per whole week counted back from the last day."""

    daily: float | None
    weekly: float | None


class BreakdownOut(Computed, frozen=True, kw_only=True):
    """Daily and weekly means of the series that views-over-time shows for the same window."""

    by: str
    first_day: date
    last_day: date
    days: int
    weeks: int
    views: AverageOut
    likes: AverageOut
    comments: AverageOut
    shares: AverageOut
    videos: AverageOut

    @classmethod
    def of(cls, by: str, window: Window, found: dict[str, Average], frame: Computed) -> "BreakdownOut":
        means: dict[str, Any] = {name: AverageOut(daily=mean.daily, weekly=mean.weekly) for name, mean in found.items()}
        return cls(
            **framed(frame), by=by, first_day=window.first_day, last_day=window.last_day, days=window.days, weeks=window.days // 7, **means
        )


class VideoFiguresOut(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table. `multiple` is the fair one; the naive one stands beside it."""

    video_id: UUID
    title: str | None
    platform: str
    account_id: UUID
    account_name: str | None
    views: int | None
    likes: int | None
    comments: int | None
    shares: int | None
    bookmarks: int | None
    engagement_rate: float | None
    engagement_score: float | None
    multiple: float | None
    virality_band: str | None
    naive_multiple: float | None
    naive_band: str | None
    duration_seconds: int | None
    posted_at: datetime | None
    observed_at: datetime

    @classmethod
    def of(cls, line: VideoFigures) -> "VideoFiguresOut":
        return cls(**{name: getattr(line, name) for name in cls.__struct_fields__})


class MostViralOut(Computed, frozen=True, kw_only=True):
    """The top videos by one figure; `n` is how many they were chosen from."""

    by: str
    items: list[VideoFiguresOut]


class TableOut(Computed, frozen=True, kw_only=True):
    """One page of the table; `n` is how many videos the whole table has."""

    items: list[VideoFiguresOut]
    next_cursor: str | None
    has_more: bool
