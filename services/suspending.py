"""Suspending a channel, and lifting that: the operator's, across workspaces. Nothing of it is read by itself meanwhile."""

from uuid import UUID

from domain.channels import MOVES, Channel, ChannelStatus
from domain.connections import Connection, ConnectionStatus
from domain.errors import Conflict
from store.database import Database


def suspend(database: Database, channel_id: UUID) -> Channel:
    """Raises NotFound; Conflict for a channel that nobody reads anyway."""
    with database.begin_system() as system:
        tenant_id = system.connections.tenant_of(channel_id)
    with database.begin(tenant_id) as uow:
        channel = uow.channels.get(channel_id, lock=True)
        if ChannelStatus.SUSPENDED not in MOVES[channel.status]:
            raise Conflict(f"channel {channel_id} is {channel.status}: there is nothing to suspend")
        uow.trust.note("channel.suspended", str(channel_id), actor=None, details={"was": str(channel.status)})
        return uow.channels.set(channel_id, {"status": ChannelStatus.SUSPENDED})


def lift(database: Database, channel_id: UUID) -> Channel:
    """It stands where its grant stands by now. Raises NotFound; Conflict where it is not suspended."""
    with database.begin_system() as system:
        tenant_id = system.connections.tenant_of(channel_id)
    with database.begin(tenant_id) as uow:
        channel = uow.channels.get(channel_id, lock=True)
        if channel.status is not ChannelStatus.SUSPENDED:
            raise Conflict(f"channel {channel_id} is {channel.status}, not suspended")
        uow.trust.note("channel.suspension_lifted", str(channel_id), actor=None)
        return uow.channels.set(channel_id, {"status": _standing(uow.connections.of_channel(channel_id))})


def told_resting(workspaces: int) -> str:
    """Why less is asked for than is due: the end of a schedule's sentence. Suspending a workspace is in `services.administering`."""
    return f"; what is due of {workspaces} suspended workspaces waits" if workspaces else ""


def _standing(connection: Connection | None) -> ChannelStatus:
    if connection is None or not connection.is_held:
        return ChannelStatus.PENDING_OAUTH
    return ChannelStatus.ACTIVE if connection.status is ConnectionStatus.LIVE else ChannelStatus.NEEDS_REAUTH
