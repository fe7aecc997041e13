"""An own channel at a glance (CHN-06, CHN-07): its numbers, its overview, its posts. All is read from what syncs have kept."""

from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from api.figures import AsOf, asked_moment
from api.owner.channel_shapes import (
    ChannelStatsOut,
    OwnMetricOut,
    OwnOverviewOut,
    OwnVideoDetailOut,
    OwnVideosOut,
    WatchedChangeOut,
    WatchedDayOut,
    WatchedOut,
    own_videos,
)
from api.owner.params import OverviewDays
from api.owner.shapes import framed
from api.security import BEARER, known_caller
from api.videos.shapes import VideoDetailOut, VideoOut
from domain.analytics import Window
from domain.owner_figures import DAYS_ADDED
from domain.owner_sync import VIDEO_DAYS, newest_day
from domain.sources import Report
from services.owner_views import days_of, own_overview, window_until
from store.database import Database, Entry
from store.owner import Subject

Days = Annotated[OverviewDays, QueryParameter(name="days", description="7, 28 or 90: the last days that have figures")]
Newest = Annotated[int, QueryParameter(name="limit", ge=1, le=100, description="how many of the newest posts")]


class OwnChannelController(Controller):
    """A channel at a glance."""

    path = "/channels/{channel_id:uuid}"
    tags = ["owner data"]
    guards = [known_caller]
    security = BEARER

    @get("/stats", sync_to_thread=True)
    def channel_stats(
        self, channel_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]
    ) -> ChannelStatsOut:
        """The channel's posts added up, its subscribers and its productions; kept for 300 seconds."""
        with database.begin(entry) as uow:
            channel = uow.channels.get(channel_id)
            return ChannelStatsOut.of(channel_id, uow.own_channels.stats(channel_id, channel.account_id, now=datetime.now(UTC)))

    @get("/analytics/overview", sync_to_thread=True)
    def channel_overview(
        self, channel_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry],
        days: Days = OverviewDays.MONTH, as_of: AsOf = None,
    ) -> OwnOverviewOut:  # fmt: skip
        """Views, watch time and subscribers of the last days that have figures, against as many before them."""
        moment = asked_moment(as_of)
        with database.begin(entry) as uow:
            found = own_overview(uow, channel_id, days=days, now=datetime.now(UTC), as_of=moment)
        change = {name: found.change.get(name) for name in WatchedOut.__struct_fields__} if found.change else None
        return OwnOverviewOut(
            **framed(found.frame, DAYS_ADDED, moment), totals=WatchedOut.of(found.totals), preceding=WatchedOut.of(found.preceding),
            change=WatchedChangeOut(**change) if change else None, items=list(map(WatchedDayOut.of_day, found.days)),
        )  # fmt: skip

    @get("/videos/recent", sync_to_thread=True)
    def recent_videos(
        self, channel_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry], limit: Newest = 10
    ) -> OwnVideosOut:
        """The channel's newest posts, private and unlisted ones too, each with its visibility."""
        with database.begin(entry) as uow:
            uow.channels.get(channel_id)
            sync, marks = uow.own_channels.sync(channel_id), uow.own_channels.newest(channel_id, limit=limit)
            found = [(VideoOut.of(uow.videos.get(video_id)[0]), mark) for video_id, mark in marks.items()]
        return own_videos(channel_id, sync.listed_at if sync else None, found)

    @get("/videos/{video_id:uuid}", sync_to_thread=True)
    def own_video(
        self, channel_id: FromPath[UUID], video_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry],
        as_of: AsOf = None,
    ) -> OwnVideoDetailOut:  # fmt: skip
        """One post of the channel: as in the library, with its visibility, its private figures and its days. 404 for another channel's."""
        moment = asked_moment(as_of)
        with database.begin(entry) as uow:
            mark, video = uow.own_channels.mark(channel_id, video_id), uow.videos.get(video_id, as_of=moment)
            days = days_of(uow, Subject(channel_id, Report.DAILY, video_id), _young_days(video[0].posted_at), as_of=moment)
            metrics = uow.own_channels.metrics(video_id, as_of=moment)
        return OwnVideoDetailOut(
            **framed(days.frame, DAYS_ADDED, moment), visibility=mark.visibility, listed_at=mark.listed_at, gone_at=mark.gone_at,
            video=VideoDetailOut.described(*video, moment), metrics=list(map(OwnMetricOut.of, metrics)),
            totals=WatchedOut.of(days.totals), items=list(map(WatchedDayOut.of_day, days.days)),
        )  # fmt: skip


def _young_days(posted_at: datetime | None) -> Window:
    """The days for which a video has figures of its own: those of its youth, else the last ones."""
    newest = newest_day(datetime.now(UTC))
    return window_until(newest, VIDEO_DAYS) if posted_at is None else Window(min(newest, posted_at.date() - timedelta(days=1)), newest)
