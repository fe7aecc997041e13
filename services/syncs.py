"""Asking for a sync of an own channel, and finding what became of it. The work itself is `services.owner_sync`."""

from datetime import UTC, datetime
from uuid import UUID

from domain.channels import Channel, ChannelStatus
from domain.errors import Conflict, NotFound
from domain.requests import Request
from store.ids import new_id
from store.work import SystemWork, UnitOfWork

KIND = "sync"
HELP = {
    ChannelStatus.PENDING_OAUTH: "connect it first",
    ChannelStatus.NEEDS_REAUTH: "connect it again",
    ChannelStatus.SUSPENDED: "it is suspended",
    ChannelStatus.ARCHIVED: "it is archived",
}


def ask(uow: UnitOfWork, channel_id: UUID) -> tuple[Request, bool]:
    """The request for a sync, and whether it is a new one: while one is open, that is it. Raises NotFound, Conflict, LimitReached."""
    channel = uow.channels.get(channel_id, lock=True)
    check_readable(channel)
    open_one = uow.own_channels.open_request(channel_id)
    if open_one is not None:
        return uow.requests.get(open_one), False
    request_id = new_id()
    uow.usage.take("requests_per_day", 1, operation=f"request:{request_id}", now=datetime.now(UTC), request_id=request_id)
    return put(uow, request_id, channel_id, user_id=uow.user_id), True


def check_readable(channel: Channel) -> None:
    """Raises Conflict for a channel that cannot be read now, and says what helps."""
    if channel.external_id is None or channel.status in HELP:
        raise Conflict(f"channel {channel.channel_id} is {channel.status}: {HELP.get(channel.status, 'connect it first')}")


def put(uow: UnitOfWork, request_id: UUID, channel_id: UUID, *, user_id: UUID | None) -> Request:
    params: dict[str, object] = {"channel_id": str(channel_id)}
    return uow.requests.ask(request_id=request_id, kind=KIND, subject=f"sync:{channel_id}", params=params, user_id=user_id)


def of_channel(uow: UnitOfWork, channel_id: UUID, request_id: UUID | None) -> Request:
    """A sync of this channel, or its newest one. Raises NotFound, also for a request that is something else."""
    uow.channels.get(channel_id)
    found = request_id or uow.own_channels.newest_request(channel_id)
    if found is None:
        raise NotFound("sync of channel", channel_id)
    request = uow.requests.get(found)
    if request.kind != KIND or request.params.get("channel_id") != str(channel_id):
        raise NotFound("sync", found)
    return request


def ask_daily(system: SystemWork, *, since: datetime, most_open: int) -> int:
    """Ask for a sync of every active channel that had none since then, the longest waiting first, as long as few are open. How many."""
    return system.syncs.ask([new_id() for _ in range(max(0, most_open - system.syncs.open()))], since=since)
