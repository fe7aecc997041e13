"""The home dashboard (CHN-09): channels, videos and costs, in one transaction and so as of one moment."""

from datetime import UTC, datetime
from typing import Annotated

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from api.owner.channel_shapes import CostsOut, DashboardChannelOut, DashboardOut
from api.security import BEARER, known_caller
from api.videos.shapes import VideoOut
from domain.channels import Channel
from services.owner_sync import MOST_CHANNELS
from store.database import Database, Entry
from store.own_channels import ChannelSync
from store.work import UnitOfWork


class DashboardController(Controller):
    """The workspace at a glance."""

    path = "/dashboard"
    tags = ["owner data"]
    guards = [known_caller]
    security = BEARER

    @get("/", sync_to_thread=True)
    def dashboard(
        self, database: NamedDependency[Database], entry: NamedDependency[Entry],
        videos: Annotated[int, QueryParameter(ge=1, le=50, description="how many of the newest videos")] = 10,
    ) -> DashboardOut:  # fmt: skip
        """Channels with their numbers, the newest videos of the library, and what outside calls have cost."""
        now = datetime.now(UTC)
        with database.begin(entry) as uow:
            syncs, costs = uow.own_channels.syncs(), uow.ledger.costs(now=now)
            channels = [_line(uow, each, syncs.get(each.channel_id), now) for each in uow.channels.page(limit=MOST_CHANNELS)]
            newest = uow.videos.page(sort="posted_at", is_descending=True, limit=videos)
        return DashboardOut(as_of=now, channels=channels, videos=list(map(VideoOut.of, newest)), costs=CostsOut.of(*costs))


def _line(uow: UnitOfWork, channel: Channel, sync: ChannelSync | None, now: datetime) -> DashboardChannelOut:
    stats = uow.own_channels.stats(channel.channel_id, channel.account_id, now=now)
    return DashboardChannelOut(
        channel_id=channel.channel_id, name=channel.name, niche=channel.niche, status=channel.status, handle=channel.handle,
        videos=stats.videos, views=stats.views, subscribers=stats.subscribers, synced_at=sync.reports_read_at if sync else None,
        sync_error=dict(sync.error) if sync and sync.error else None,
    )  # fmt: skip
