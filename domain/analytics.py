"""Figures over a library of videos: windows, changes, series, averages. Reading the rows is in `store.analytics`.

Every formula is written out for users in docs/reference/analytics.md; change the number of a method with its formula.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import fsum

# Half-open: each band begins with its own edge and ends before the next one.
DURATION_EDGES = (15, 30, 60, 180, 600)
DURATION_BANDS = ("[0,15)", "[15,30)", "[30,60)", "[60,180)", "[180,600)", "[600,inf)")

# Platforms whose public pages have no such counter: nothing is missing there, so the counter stands as 0 in a sum of reactions.
NO_SHARES = ("youtube",)

DAYS_OF_WEEK = 7


@dataclass(frozen=True, slots=True)
class Method:
    """How a figure was made: a stable id, and the page that explains it."""

    id: str
    section: str

    @property
    def url(self) -> str:
        return f"/docs/method#{self.section}"


OVERVIEW = Method("posted-in-window/1", "overview")
SERIES_GAINED = Method("gained-per-day/1", "views-over-time")
SERIES_POSTED = Method("posted-per-day/1", "views-over-time")
MOST_VIRAL = Method("top-by-figure/1", "most-viral")
BANDS_OF_MULTIPLES = Method("bands-of-multiples/1", "virality-analysis")
DURATIONS = Method("duration-bands/1", "duration-analysis")
AVERAGES = Method("daily-and-weekly-means/1", "metrics-breakdown")
TABLE = Method("newest-counters/1", "video-stats")
ENGAGEMENT = Method("reactions-per-view/1", "engagement")
ACCOUNT_TOTALS = Method("account-totals/1", "account-totals")
ACCOUNT_DAYS = Method("account-days/1", "views-over-time")
STATS = Method("library-counts/3", "stats")
HASHTAGS = Method("uses-of-hashtags/1", "hashtags-and-sounds")
SOUNDS = Method("uses-of-sounds/1", "hashtags-and-sounds")
SERIES_OF_ACCOUNT = Method("account-series/1", "account-series")
SCORES_SECTION = "scores"
EFFECTS_SECTION = "effects"
FORECASTS_SECTION = "forecasts"
DEEP_SECTION = "deep-analysis"
ANOMALIES_SECTION = "anomalies"
EXPERIMENTS_SECTION = "experiments"
PLANNING_SECTION = "what-next"
NAIVE = Method("mean-of-others/1", SCORES_SECTION)
NOT_SCORED = Method("not-scored-yet", SCORES_SECTION)


@dataclass(frozen=True, slots=True)
class Window:
    """Whole UTC days, both ends included."""

    first_day: date
    last_day: date

    @property
    def days(self) -> int:
        return (self.last_day - self.first_day).days + 1

    def preceding(self) -> "Window":
        return Window(self.first_day - timedelta(days=self.days), self.first_day - timedelta(days=1))


def window(until: datetime, days: int) -> Window:
    """The last `days` UTC days, the day of `until` included."""
    return Window(until.date() - timedelta(days=days - 1), until.date())


@dataclass(frozen=True, slots=True)
class Totals:
    """What a set of videos comes to. `reactions` and `reaction_views` are of the videos whose every part is known."""

    videos: int = 0
    undated: int = 0
    views: int = 0
    likes: int = 0
    comments: int = 0
    shares: int = 0
    bookmarks: int = 0
    reactions: int = 0
    reaction_views: int = 0
    mean_views: float | None = None
    median_views: float | None = None
    newest_observation: datetime | None = None

    @property
    def engagement_rate(self) -> float | None:
        """Pooled: reactions over views, both of the same videos."""
        return self.reactions / self.reaction_views if self.reaction_views else None


CHANGING = ("videos", "views", "likes", "comments", "shares", "bookmarks", "engagement_rate", "mean_views", "median_views")


def change(now: Totals, before: Totals) -> dict[str, float | None]:
    """Per figure now / before - 1, as a share. None where there is nothing to compare with."""
    return {name: _grown(getattr(now, name), getattr(before, name)) for name in CHANGING}


def _grown(now: float | None, before: float | None) -> float | None:
    return now / before - 1 if now is not None and before else None


@dataclass(frozen=True, slots=True)
class Day:
    """One UTC day of a series."""

    date: date
    views: int = 0
    likes: int = 0
    comments: int = 0
    shares: int = 0
    videos: int = 0


def zero_filled(days: Iterable[Day], of: Window) -> list[Day]:
    """Every day of the window once, in order; a day without rows is zero."""
    found = {day.date: day for day in days}
    dates = (of.first_day + timedelta(days=offset) for offset in range(of.days))
    return [found.get(each) or Day(each) for each in dates]


@dataclass(frozen=True, slots=True)
class Average:
    """Mean per day over all days, and mean per week over the whole weeks counted back from the last day."""

    daily: float | None
    weekly: float | None


def averages(series: Sequence[Day]) -> dict[str, Average]:
    """Per metric of a zero-filled series. Without one whole week there is no weekly mean."""
    weeks = len(series) // DAYS_OF_WEEK
    whole = series[len(series) - weeks * DAYS_OF_WEEK :]
    return {
        name: Average(_mean([getattr(day, name) for day in series], len(series)), _mean([getattr(day, name) for day in whole], weeks))
        for name in ("views", "likes", "comments", "shares", "videos")
    }


def _mean(values: Sequence[float], over: int) -> float | None:
    return fsum(values) / over if over else None
