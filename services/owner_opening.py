"""What it takes to read own channels: a live grant of each, and the errand that every call is part of."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from domain.channels import Channel
from domain.errors import SourceRefused
from domain.ports import Platforms
from services.connections import access
from services.fetching import Fetching
from services.owner_sync import SOURCE, OwnReading
from services.renewing import Renewing
from services.work import Work


@contextmanager
def opened(work: Work, platforms: Platforms, *, now: datetime) -> Iterator[Callable[[Channel], OwnReading]]:
    """Opens channels for reading. Opening one raises SourceRefused (invalid_grant) where its grant is dead, Conflict without one."""
    fetching = Fetching(work.tidying, platforms, tenant_id=work.tenant_id, max_age=timedelta(), request_id=work.request.request_id)

    def open_one(channel: Channel) -> OwnReading:
        if platforms.own_data is None:
            why = platforms.lacking.get(SOURCE, "YouTube is not configured: see docs/guides/owner-data.md")
            raise SourceRefused(SOURCE, why, category="not_configured")
        grant = access(work.tidying, platforms, channel.channel_id, now=now)
        own = Renewing(platforms.own_data, work.tidying, platforms, channel.channel_id, now)
        return OwnReading(channel, grant, own, fetching.errand(SOURCE))

    try:
        yield open_one
    finally:
        fetching.close()
