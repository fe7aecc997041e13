"""The reports about an owner's channel: what each asks YouTube Analytics for, which scope it needs, and how it is kept.

Source: YouTube Analytics API v2, channel reports (developers.google.com/youtube/analytics/channel_reports). Figures lag 48 to 72 hours and
are restated, so the last days are read again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from domain.sources import Report, ReportRow

ANALYTICS = "https://www.googleapis.com/auth/yt-analytics.readonly"
MONETARY = "https://www.googleapis.com/auth/yt-analytics-monetary.readonly"
READONLY = "https://www.googleapis.com/auth/youtube.readonly"
CHANNEL_SCOPES = frozenset({READONLY, READONLY.removesuffix(".readonly"), READONLY.replace("readonly", "force-ssl")})
# Why a report is not there, as `ReportRead.unavailable`.
NO_SCOPE, NOT_MONETISED = "no_scope", "not_monetised"
# The newest days are not final: so many are read again on every sync.
RESTATED_DAYS = 7
LAG_DAYS = 3


@dataclass(frozen=True, slots=True)
class ReportSpec:
    """Dimensions and metrics by their names at YouTube. Reports by day have `day` first; the others cover a whole window."""

    dimensions: tuple[str, ...]
    metrics: tuple[str, ...]
    scope: str = ANALYTICS
    sort: str | None = None
    max_rows: int | None = None
    needs_video: bool = False

    @property
    def is_by_day(self) -> bool:
        return self.dimensions[:1] == ("day",)


_WATCHED = ("views", "estimatedMinutesWatched")
SPECS: Mapping[Report, ReportSpec] = MappingProxyType(
    {
        Report.DAILY: ReportSpec(
            ("day",),
            (
                *_WATCHED,
                "averageViewDuration",
                "averageViewPercentage",
                "likes",
                "comments",
                "shares",
                "subscribersGained",
                "subscribersLost",
            ),
        ),
        Report.DEMOGRAPHICS: ReportSpec(("ageGroup", "gender"), ("viewerPercentage",)),
        Report.GEOGRAPHY: ReportSpec(("country",), (*_WATCHED, "averageViewDuration"), sort="-views", max_rows=250),
        Report.DEVICES: ReportSpec(("day", "deviceType"), _WATCHED),
        Report.TRAFFIC: ReportSpec(("day", "insightTrafficSourceType"), _WATCHED),
        Report.SUBSCRIBERS: ReportSpec(("day", "subscribedStatus"), _WATCHED),
        Report.PLAYBACK_LOCATIONS: ReportSpec(("day", "insightPlaybackLocationType"), _WATCHED),
        Report.REVENUE: ReportSpec(
            ("day",),
            ("estimatedRevenue", "estimatedAdRevenue", "grossRevenue", "cpm", "playbackBasedCpm", "monetizedPlaybacks"),
            scope=MONETARY,
        ),
        Report.RETENTION: ReportSpec(("elapsedVideoTimeRatio",), ("audienceWatchRatio", "relativeRetentionPerformance"), needs_video=True),
    }
)


def is_covered(spec: ReportSpec, scopes: frozenset[str]) -> bool:
    """The monetary scope gives the other reports too. A grant that does not name its scopes is tried."""
    return not scopes or spec.scope in scopes or MONETARY in scopes


def reads_channels(scopes: frozenset[str]) -> bool:
    """Whether the channel itself and its private videos may be read."""
    return not scopes or not scopes.isdisjoint(CHANNEL_SCOPES)


# What YouTube's metrics are called here: units in the name, money in US dollars (the currency that is asked for).
METRICS: Mapping[str, str] = MappingProxyType(
    {
        "views": "views",
        "estimatedMinutesWatched": "watch_minutes",
        "averageViewDuration": "average_view_seconds",
        "averageViewPercentage": "average_percentage_viewed",
        "likes": "likes",
        "comments": "comments",
        "shares": "shares",
        "subscribersGained": "subscribers_gained",
        "subscribersLost": "subscribers_lost",
        "viewerPercentage": "viewer_percent",
        "estimatedRevenue": "estimated_revenue_usd",
        "estimatedAdRevenue": "ad_revenue_usd",
        "grossRevenue": "gross_revenue_usd",
        "cpm": "cpm_usd",
        "playbackBasedCpm": "playback_cpm_usd",
        "monetizedPlaybacks": "monetized_playbacks",
        "audienceWatchRatio": "audience_watch_ratio",
        "relativeRetentionPerformance": "relative_retention",
    }
)


class Unavailable(StrEnum):
    """Why there is no figure. The words stand in answers; what helps against each is in `ADVICE`."""

    NOT_CONNECTED = "not_connected"
    NEEDS_REAUTH = "needs_reauth"
    NO_SCOPE = "no_scope"
    NOT_MONETISED = "not_monetised"
    NOT_SYNCED = "not_synced"
    NO_DATA_YET = "no_data_yet"
    REFUSED = "refused"


ADVICE: Mapping[Unavailable, str] = MappingProxyType(
    {
        Unavailable.NOT_CONNECTED: "connect the channel: its owner has to agree at Google",
        Unavailable.NEEDS_REAUTH: "connect the channel again: Google no longer accepts the grant",
        Unavailable.NO_SCOPE: "connect the channel again and leave this permission ticked at Google",
        Unavailable.NOT_MONETISED: "the channel earns nothing on YouTube, or its owner may not see what",
        Unavailable.NOT_SYNCED: "ask for a sync of the channel, or wait for the daily one",
        Unavailable.NO_DATA_YET: "wait: YouTube's figures lag 48 to 72 hours, and it shows none where there were too few viewers",
        Unavailable.REFUSED: "see the error of the channel's last sync",
    }
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a report. Reports by day have `day`, and the window is that day; others have the window that they cover."""

    first_day: date
    last_day: date
    day: date | None
    dimensions: tuple[str, ...]
    metric: str
    value: Decimal


def figures_of(report: Report, rows: tuple[ReportRow, ...], first: date, last: date) -> Iterator[Figure]:
    """The rows of an answer, one figure per metric. Metrics that are not ours are left out: nobody asked for them."""
    for row in rows:
        day = date.fromisoformat(row.day) if row.day and SPECS[report].is_by_day else None
        for name, value in row.metrics.items():
            if name in METRICS:
                yield Figure(day or first, day or last, day, row.dimensions, METRICS[name], value)
