"""Examples of the analytics answers."""

from datetime import date, timedelta
from typing import Any

from api.analytics.shapes import (
    AverageOut,
    BreakdownOut,
    ChangeOut,
    DayOut,
    MostViralOut,
    OverviewOut,
    SeriesOut,
    TableOut,
    TotalsOut,
    VideoFiguresOut,
)
from api.analytics.spreads import BandOut, DistributionOut, DurationBandOut, DurationsOut, ReasonOut, ViralityOut
from api.examples.shape import ACCOUNT, CURSOR, NOON, POSTED, VIDEO, Example
from api.figures import MethodOut
from domain import analytics
from domain.analytics import DURATION_BANDS, Method
from domain.engagement import BANDS


def _frame(method: Method, n: int) -> dict[str, Any]:
    return {"n": n, "as_of": NOON, "newest_observation": NOON, "method": MethodOut.of(method)}


def _totals(videos: int, views: int) -> TotalsOut:
    return TotalsOut(
        videos=videos, undated=0, views=views, likes=views // 20, comments=views // 200, shares=views // 100, bookmarks=views // 150,
        engagement_rate=0.065, mean_views=views / videos, median_views=views / videos * 0.6,
    )  # fmt: skip


def _change(share: float) -> ChangeOut:
    return ChangeOut(
        videos=0.25, views=share, likes=share, comments=share, shares=share, bookmarks=share, engagement_rate=0.0, mean_views=share,
        median_views=share
    )  # fmt: skip


_LINE = VideoFiguresOut(
    video_id=VIDEO, title="Why does bread rise?", platform="tiktok", account_id=ACCOUNT, account_name="example_kitchen", views=12_000,
    likes=640, comments=60, shares=50, bookmarks=85, engagement_rate=0.0625, engagement_score=0.587, multiple=4.2, virality_band="[1,5)",
    naive_multiple=1.1, naive_band="[1,5)", duration_seconds=34, posted_at=POSTED, observed_at=NOON,
)  # fmt: skip
_LAST = NOON.date()
_WEEK: dict[str, Any] = {"first_day": _LAST - timedelta(days=6), "last_day": _LAST}


def _day(day: date, views: int) -> DayOut:
    return DayOut(date=day, views=views, likes=views // 20, comments=views // 200, shares=views // 100, videos=1)


def _spread(method: Method, counts: tuple[int, ...]) -> DistributionOut:
    n = sum(counts)
    return DistributionOut(
        **_frame(method, n), bands=[BandOut(band=band, videos=count, share=count / n) for band, count in zip(BANDS, counts, strict=True)]
    )


_MEAN = AverageOut(daily=1_200.0, weekly=8_400.0)

EXAMPLES = {
    "GET /analytics/overview": Example(
        OverviewOut(
            **_frame(analytics.OVERVIEW, 10), days=7, **_WEEK, totals=_totals(10, 84_000), preceding=_totals(8, 60_000),
            preceding_now=_totals(8, 120_000), change=_change(0.4), naive_change=_change(-0.3),
        )
    ),
    "GET /analytics/views-over-time": Example(
        SeriesOut(
            **_frame(analytics.SERIES_GAINED, 1600), by="gained", **_WEEK,
            items=[_day(_LAST - timedelta(days=6 - offset), 1_000 + 60 * offset) for offset in range(7)],
        )
    ),
    "GET /analytics/most-viral": Example(MostViralOut(**_frame(analytics.MOST_VIRAL, 1600), by="engagement_score", items=[_LINE])),
    "GET /analytics/virality-analysis": Example(
        ViralityOut(
            **_frame(analytics.BANDS_OF_MULTIPLES, 1600), fair=_spread(Method("maturity-local-median/1", "scores"), (810, 660, 28, 9, 2,
            1)), naive=_spread(analytics.NAIVE, (1090, 480, 21, 7, 2, 0)), unscored=[ReasonOut(reason="too few peers", videos=90)],
        )
    ),
    "GET /analytics/duration-analysis": Example(
        DurationsOut(
            **_frame(analytics.DURATIONS, 1600),
            bands=[
                DurationBandOut(band=band, n=260, mean_views=31_000.0, median_views=9_800.0, mean_engagement_rate=0.061, rated=255)
                for band in DURATION_BANDS
            ],
        )
    ),
    "GET /analytics/metrics-breakdown": Example(
        BreakdownOut(
            **_frame(analytics.AVERAGES, 1600), by="gained", first_day=_LAST - timedelta(days=27), last_day=_LAST, days=28, weeks=4,
            views=_MEAN, likes=_MEAN, comments=_MEAN, shares=_MEAN, videos=AverageOut(daily=1.5, weekly=10.5),
        )
    ),
    "GET /analytics/video-stats": Example(TableOut(**_frame(analytics.TABLE, 1600), items=[_LINE], next_cursor=CURSOR, has_more=True)),
}  # fmt: skip
