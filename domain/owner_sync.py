"""What a sync of an own channel reads: which days of which report, which videos' reports, how far the list of posts is walked.

Pure planning; the days are YouTube's, which begin at midnight in Los Angeles. Reading is `services.owner_sync`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.analytics import Window
from domain.owner_reports import LAG_DAYS, RESTATED_DAYS, SPECS

YOUTUBE_DAY = ZoneInfo("America/Los_Angeles")
# The first sync reads so many days, in chunks that fit one answer; each is kept before the next one is asked for.
BACKFILL_DAYS, CHUNK_DAYS = 365, 90
# Reports that are not by day are read over these windows. A long window moves slowly, so it is read rarely.
WINDOWS = (28, 90, 365)
# Videos that get reports of their own: the newest of so many days. One more call each, and one more for its curve of retention.
VIDEO_DAYS, MOST_VIDEOS, MOST_RETENTIONS = 90, 25, 10
RETENTION_EVERY = timedelta(days=7)
# The whole list of posts is walked so often; between, only its young part.
FULL_LISTING_EVERY, YOUNG = timedelta(days=7), timedelta(days=30)
# A listing that was stopped is taken up again; after so long it begins anew, for what it saw is old.
RESUMABLE = timedelta(hours=24)

CHANNEL_REPORTS = tuple(report for report, spec in SPECS.items() if not spec.needs_video)
_ONE_DAY = timedelta(days=1)
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class OwnVideo:
    """A post of the channel, as far as planning needs it."""

    video_id: UUID
    external_id: str
    posted_at: datetime | None
    is_public: bool = True


def newest_day(now: datetime) -> date:
    """The last day that is over at YouTube."""
    return now.astimezone(YOUTUBE_DAY).date() - _ONE_DAY


def day_of(moment: datetime) -> date:
    return moment.astimezone(YOUTUBE_DAY).date()


def day_windows(covered: Window | None, newest: date, *, floor: date | None = None) -> list[Window]:
    """What to read of a report by day, in an order in which every part adjoins what is covered already.

    First the days that may be restated or are new, then the past back to `floor`, the latest first.
    """
    start = floor or newest - timedelta(days=BACKFILL_DAYS - 1)
    if covered is None:
        return list(_backwards(start, newest))
    open_day = max(start, covered.last_day - timedelta(days=LAG_DAYS + RESTATED_DAYS - 1))
    return [*_forwards(open_day, newest), *_backwards(start, covered.first_day - _ONE_DAY)]


def _forwards(first: date, last: date) -> Iterator[Window]:
    while first <= last:
        yield Window(first, min(last, first + timedelta(days=CHUNK_DAYS - 1)))
        first += timedelta(days=CHUNK_DAYS)


def _backwards(first: date, last: date) -> Iterator[Window]:
    while first <= last:
        yield Window(max(first, last - timedelta(days=CHUNK_DAYS - 1)), last)
        last -= timedelta(days=CHUNK_DAYS)


def widened(covered: Window | None, read: Window) -> Window:
    """What is covered once a part that adjoins it was read."""
    return read if covered is None else Window(min(covered.first_day, read.first_day), max(covered.last_day, read.last_day))


def whole_windows(read: Mapping[int, date], newest: date) -> list[Window]:
    """The windows to read now, given the last day of the newest one read of each length. They end where figures are nearly final."""
    last = newest - timedelta(days=LAG_DAYS - 1)
    found = ((days, read.get(days)) for days in WINDOWS)
    return [
        Window(last - timedelta(days=days - 1), last)
        for days, known in found
        if known is None or last - known >= timedelta(days=max(1, days // 28))
    ]


def young_videos(videos: Iterable[OwnVideo], now: datetime) -> list[OwnVideo]:
    """Videos that get daily figures of their own, newest first."""
    dated = [
        (each.posted_at, each)
        for each in videos
        if each.posted_at is not None and now - timedelta(days=VIDEO_DAYS) <= each.posted_at <= now
    ]
    return [each for _, each in sorted(dated, key=lambda pair: (pair[0], str(pair[1].video_id)), reverse=True)][:MOST_VIDEOS]


def to_retain(videos: Sequence[OwnVideo], read: Mapping[UUID, datetime], now: datetime) -> list[OwnVideo]:
    """Videos whose curve of retention is read now: old enough to have one, and not read of late. Those that wait longest come first."""
    due = [each for each in videos if _may_be_retained(each, now) and now - read.get(each.video_id, NEVER) >= RETENTION_EVERY]
    return sorted(due, key=lambda each: read.get(each.video_id, NEVER))[:MOST_RETENTIONS]


def _may_be_retained(video: OwnVideo, now: datetime) -> bool:
    return video.posted_at is not None and now - video.posted_at >= timedelta(days=LAG_DAYS)


def is_full_due(listed_at: datetime | None, now: datetime) -> bool:
    """Whether the whole list of posts is walked, and not only its young part."""
    return listed_at is None or now - listed_at >= FULL_LISTING_EVERY


def is_past_young(posted: Iterable[datetime | None], now: datetime) -> bool:
    """Whether a page, newest first, ends with a post that is no longer young. Posts without a date say nothing."""
    dated = [moment for moment in posted if moment is not None]
    return bool(dated) and min(dated) < now - YOUNG
