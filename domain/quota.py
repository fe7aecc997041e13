"""Google's quotas of a project: what each call costs of which bucket, how large the buckets are, and when they are full again.

Source: "Quota calculator" and "Quota and compliance audits" of the YouTube Data API documentation, as of November 2026. Booking what was
spent is the store's business.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from domain.sources import Bucket

# The quota's day is Google's own: midnight Pacific, with daylight saving.
PACIFIC = ZoneInfo("America/Los_Angeles")
PAGE = 50


@dataclass(frozen=True, slots=True)
class Cost:
    """What one call costs, also one that is refused: an invalid request costs at least as much."""

    bucket: Bucket
    units: int = 1


_UNITS, _SEARCH, _INSERT, _STATS = Bucket.YOUTUBE_UNITS, Bucket.YOUTUBE_SEARCH, Bucket.YOUTUBE_INSERT, Bucket.YOUTUBE_STATS
COSTS: Mapping[str, Cost] = MappingProxyType(
    {
        "channels.list": Cost(_UNITS),
        "playlistItems.list": Cost(_UNITS),
        "videos.list": Cost(_UNITS),
        "commentThreads.list": Cost(_UNITS),
        "comments.list": Cost(_UNITS),
        "search.list": Cost(_SEARCH),
        "videos.batchGetStats": Cost(_STATS),
        "videos.insert": Cost(_INSERT),
        "captions.list": Cost(_UNITS, 50),
        "captions.insert": Cost(_UNITS, 400),
        "captions.update": Cost(_UNITS, 450),
        "captions.delete": Cost(_UNITS, 50),
        "thumbnails.set": Cost(_UNITS, 50),
        "playlistItems.insert": Cost(_UNITS, 50),
        "channels.update": Cost(_UNITS, 50),
        "videos.update": Cost(_UNITS, 50),
        "videos.delete": Cost(_UNITS, 50),
        "videos.rate": Cost(_UNITS, 50),
    }
)
# The default of a project, per day. More is granted by an audit; several projects to get more are forbidden (Developer Policies III.D.1.c).
LIMITS: Mapping[Bucket, int] = MappingProxyType({_UNITS: 10_000, _SEARCH: 100, _INSERT: 100, _STATS: 10_000})


def quota_day(now: datetime) -> date:
    """The day that a call at this moment is booked on."""
    return now.astimezone(PACIFIC).date()


def resets_at(now: datetime) -> datetime:
    """The next midnight in Los Angeles: 23, 24 or 25 hours after the last one."""
    return datetime.combine(quota_day(now) + timedelta(days=1), time(), tzinfo=PACIFIC).astimezone(UTC)
