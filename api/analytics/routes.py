"""Analytics over the library (ANA-01 to ANA-07). Every answer carries n, as_of and method; shapes are in `api.analytics.shapes`."""

from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from typing import Annotated
from uuid import UUID

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from api.analytics.shapes import BreakdownOut, MostViralOut, OverviewOut, SeriesOut, TableOut, VideoFiguresOut
from api.analytics.spreads import DurationsOut, ViralityOut, distribution, unscored
from api.figures import AsOf, Computed, MethodOut, asked_moment, framed
from api.pages import CursorParam, Cursors, Limit, page
from api.security import BEARER, known_caller
from api.videos.routes import AccountFilter, Order, Ordered, PlatformFilter, PositionKind
from domain import analytics
from domain.analytics import Day, Method, Totals, Window, averages, window, zero_filled
from domain.observations import Platform
from services.analytics import overview
from store.analytics import BandCount, Scope
from store.database import Database, Entry
from store.keyset import Position
from store.work import UnitOfWork


class OverviewDays(IntEnum):
    """The windows of the overview."""

    WEEK = 7
    MONTH = 30
    QUARTER = 90


class SeriesBy(StrEnum):
    """`gained`: what was seen to be added that day. `posted`: what the videos posted that day have come to."""

    GAINED = "gained"
    POSTED = "posted"


class ViralBy(StrEnum):
    """What the top videos are the top of."""

    ENGAGEMENT_SCORE = "engagement_score"
    ENGAGEMENT_RATE = "engagement_rate"
    MULTIPLE = "multiple"
    VIEWS = "views"


class TableSort(StrEnum):
    """The columns that the table can be sorted by."""

    VIEWS = "views"
    LIKES = "likes"
    COMMENTS = "comments"
    SHARES = "shares"
    BOOKMARKS = "bookmarks"
    ENGAGEMENT_RATE = "engagement_rate"
    ENGAGEMENT_SCORE = "engagement_score"
    MULTIPLE = "multiple"
    NAIVE_MULTIPLE = "naive_multiple"
    DURATION_SECONDS = "duration_seconds"
    POSTED_AT = "posted_at"


SeriesDays = Annotated[int, QueryParameter(name="days", ge=1, le=365, description="so many UTC days, the last one included")]
By = Annotated[SeriesBy, QueryParameter(name="by", description="gained that day, or posted that day")]
TopBy = Annotated[ViralBy, QueryParameter(name="by", description="engagement_score, engagement_rate, multiple (the fair one) or views")]
ViralDays = Annotated[int | None, QueryParameter(name="days", ge=1, le=3650, description="only videos of the last days; left out: all")]


class AnalyticsController(Controller):
    """Plain aggregates that a chart can draw without further work."""

    path = "/analytics"
    tags = ["analytics"]
    guards = [known_caller]
    security = BEARER

    @get("/overview", sync_to_thread=True)
    def overview(
        self, database: NamedDependency[Database], entry: NamedDependency[Entry],
        days: Annotated[OverviewDays, QueryParameter(description="7, 30 or 90")] = OverviewDays.WEEK,
        platform: PlatformFilter = None, account_id: AccountFilter = None, as_of: AsOf = None,
    ) -> OverviewOut:  # fmt: skip
        """Views, likes, comments and engagement of the videos posted in a window, and the change against the window before."""
        scope = _scope(as_of, platform, account_id)
        with database.begin(entry) as uow:
            found = overview(uow, scope, days=days, until=_until(scope))
        return OverviewOut.of(found, _frame(found.totals, scope.as_of, MethodOut.of(analytics.OVERVIEW)))

    @get("/views-over-time", sync_to_thread=True)
    def views_over_time(
        self, database: NamedDependency[Database], entry: NamedDependency[Entry], days: SeriesDays = 30, by: By = SeriesBy.GAINED,
        platform: PlatformFilter = None, account_id: AccountFilter = None, as_of: AsOf = None,
    ) -> SeriesOut:  # fmt: skip
        """A day-by-day series, zero-filled, for a line chart."""
        scope = _scope(as_of, platform, account_id)
        days_shown = window(_until(scope), days)
        with database.begin(entry) as uow:
            series, totals = _series(uow, scope, days_shown, by), uow.analytics.totals(scope)
        return SeriesOut.of(by, days_shown, series, _frame(totals, scope.as_of, _series_method(by)))

    @get("/most-viral", sync_to_thread=True)
    def most_viral(
        self, database: NamedDependency[Database], entry: NamedDependency[Entry],
        by: TopBy = ViralBy.ENGAGEMENT_SCORE,
        days: ViralDays = None, platform: PlatformFilter = None, account_id: AccountFilter = None, as_of: AsOf = None, limit: Limit = 10,
    ) -> MostViralOut:  # fmt: skip
        """The top videos by engagement, or by the figure named. A video without that figure is not shown."""
        scope = _scope(as_of, platform, account_id)
        shown = window(_until(scope), days) if days else None
        with database.begin(entry) as uow:
            totals = uow.analytics.totals(scope, shown)
            lines = uow.analytics.table(scope, sort=by, is_descending=True, limit=limit, window=shown)
        envelope = framed(_frame(totals, scope.as_of, MethodOut.of(analytics.MOST_VIRAL)))
        return MostViralOut(**envelope, by=by, items=[VideoFiguresOut.of(line) for line in lines if line.key(by) is not None])

    @get("/virality-analysis", sync_to_thread=True)
    def virality_analysis(
        self, database: NamedDependency[Database], entry: NamedDependency[Entry],
        platform: PlatformFilter = None, account_id: AccountFilter = None, as_of: AsOf = None,
    ) -> ViralityOut:  # fmt: skip
        """How the videos spread over the bands of the fair multiple, and of the naive one beside it."""
        scope = _scope(as_of, platform, account_id)
        with database.begin(entry) as uow:
            counts, totals = uow.analytics.bands(scope), uow.analytics.totals(scope)
        whole = _frame(totals, scope.as_of, MethodOut.of(analytics.BANDS_OF_MULTIPLES))
        fair = distribution(counts, "virality_band", _frame(totals, _scored_at(counts, scope), _score_method(counts)))
        naive = distribution(counts, "naive_band", _frame(totals, _scored_at(counts, scope), MethodOut.of(analytics.NAIVE)))
        return ViralityOut(**framed(whole), fair=fair, naive=naive, unscored=unscored(counts))

    @get("/duration-analysis", sync_to_thread=True)
    def duration_analysis(
        self, database: NamedDependency[Database], entry: NamedDependency[Entry],
        platform: PlatformFilter = None, account_id: AccountFilter = None, as_of: AsOf = None,
    ) -> DurationsOut:  # fmt: skip
        """Length against views: count, mean and median views and mean engagement rate per band of seconds."""
        scope = _scope(as_of, platform, account_id)
        with database.begin(entry) as uow:
            found, totals = uow.analytics.durations(scope), uow.analytics.totals(scope)
        return DurationsOut.of(found, _frame(totals, scope.as_of, MethodOut.of(analytics.DURATIONS)))

    @get("/metrics-breakdown", sync_to_thread=True)
    def metrics_breakdown(
        self, database: NamedDependency[Database], entry: NamedDependency[Entry], days: SeriesDays = 28, by: By = SeriesBy.GAINED,
        platform: PlatformFilter = None, account_id: AccountFilter = None, as_of: AsOf = None,
    ) -> BreakdownOut:  # fmt: skip
        """Daily and weekly means of views, likes, comments, shares and posts."""
        scope = _scope(as_of, platform, account_id)
        days_shown = window(_until(scope), days)
        with database.begin(entry) as uow:
            series, totals = _series(uow, scope, days_shown, by), uow.analytics.totals(scope)
        return BreakdownOut.of(by, days_shown, averages(series), _frame(totals, scope.as_of, MethodOut.of(analytics.AVERAGES)))

    @get("/video-stats", sync_to_thread=True)
    def video_stats(
        self, database: NamedDependency[Database], entry: NamedDependency[Entry], cursors: NamedDependency[Cursors],
        sort: Annotated[TableSort, QueryParameter(description="the column to sort by; videos without it come last")] = TableSort.VIEWS,
        order: Ordered = Order.DESCENDING, platform: PlatformFilter = None, account_id: AccountFilter = None, as_of: AsOf = None,
        cursor: CursorParam = None, limit: Limit = 20,
    ) -> TableOut:  # fmt: skip
        """The performance table: one line per video, sortable, page by page."""
        scope = _scope(as_of, platform, account_id)
        bound = f"video-stats:{sort}:{order}:{scope}"
        after = Position(*cursors.read(cursor, bound, PositionKind)) if cursor else None
        with database.begin(entry) as uow:
            totals = uow.analytics.totals(scope)
            lines = uow.analytics.table(scope, sort=sort, is_descending=order is Order.DESCENDING, limit=limit + 1, after=after)
        shown = page(lines, limit, shape=VideoFiguresOut.of, position=lambda v: (v.key(sort), v.video_id), cursors=cursors, scope=bound)
        envelope = framed(_frame(totals, scope.as_of, MethodOut.of(analytics.TABLE)))
        return TableOut(**envelope, items=shown.items, next_cursor=shown.next_cursor, has_more=shown.has_more)


def _scope(as_of: datetime | None, platform: Platform | None, account_id: UUID | None) -> Scope:
    return Scope(asked_moment(as_of), platform.value if platform else None, account_id)


def _until(scope: Scope) -> datetime:
    """Windows end with the day that was asked about, or with today: an old library shows zeros there, not its best week."""
    return scope.as_of or datetime.now(UTC)


def _series(uow: UnitOfWork, scope: Scope, days: Window, by: SeriesBy) -> list[Day]:
    read = uow.analytics.gained_days if by is SeriesBy.GAINED else uow.analytics.posted_days
    return zero_filled(read(scope, days), days)


def _series_method(by: SeriesBy) -> MethodOut:
    return MethodOut.of(analytics.SERIES_GAINED if by is SeriesBy.GAINED else analytics.SERIES_POSTED)


def _scored_at(counts: list[BandCount], scope: Scope) -> datetime | None:
    return scope.as_of or max((each.as_of for each in counts if each.as_of), default=None)


def _frame(totals: Totals, as_of: datetime | None, method: MethodOut) -> Computed:
    """The envelope of a figure over these videos."""
    return Computed(n=totals.videos, as_of=as_of or totals.newest_observation, newest_observation=totals.newest_observation, method=method)


def _score_method(counts: list[BandCount]) -> MethodOut:
    """The method of the release that the bands are from; without one, nothing was scored yet."""
    found = max((each.method for each in counts if each.method), default=None)
    return MethodOut.of(Method(found, analytics.SCORES_SECTION) if found else analytics.NOT_SCORED)
