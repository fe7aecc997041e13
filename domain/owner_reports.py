"""The reports about an owner's channel: what each asks YouTube Analytics for, which scope it needs, and how it is kept.

Source: YouTube Analytics API v2, channel reports (developers.google.com/youtube/analytics/channel_reports). Figures lag 48 to 72 hours and
are restated, so the last days are read again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from domain.sources import Report

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
