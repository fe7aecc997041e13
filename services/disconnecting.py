"""Disconnecting a channel: at once for us, at the provider as soon as it answers; its tokens and what they let us see go on a stated day.

History that needs no grant stays, and so does all of it where a grant was lost and not given up.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from uuid import UUID

import structlog

from domain.channels import MOVES, ChannelStatus
from domain.connections import KEPT_AFTER_DISCONNECT, Connection, ConnectionStatus, GrantName, revocation_pause
from domain.errors import Conflict, FailureCategory, SourceRefused, SourceUnavailable, Unacceptable, WhyralError
from domain.ports import Platforms
from services.connections import Begin, Provider, alert_key, opened, provider_of
from store.database import Database
from store.work import UnitOfWork

# One look of a sensor tells the provider of so many at most: each may take as long as its time limit.
AT_ONCE = 3
MOST_VIDEOS = 5_000
log = structlog.get_logger(name=__name__, category="AUTH")


def disconnect(uow: UnitOfWork, channel_id: UUID) -> Connection:
    """Nothing uses the grant any more. Telling the provider comes after the commit: `revoke`."""
    channel = uow.channels.get(channel_id, lock=True)
    connection = uow.connections.of_channel(channel_id, lock=True)
    if connection is None or connection.status is ConnectionStatus.REVOKED:
        raise Conflict(f"channel {channel_id} is not connected")
    if connection.status is ConnectionStatus.REVOKING:
        return connection
    if ChannelStatus.PENDING_OAUTH in MOVES[channel.status]:
        uow.channels.set(channel_id, {"status": ChannelStatus.PENDING_OAUTH})
    uow.trust.settle(alert_key(connection.connection_id))
    uow.trust.note("channel.disconnected", str(channel_id), actor=uow.user_id, details={"connection_id": str(connection.connection_id)})
    return uow.connections.begin_revoking(connection.connection_id, kept=KEPT_AFTER_DISCONNECT)


def revoke(begin: Begin, platforms: Platforms, connection_id: UUID) -> Connection:
    """Tell the provider, once; where it does not answer, the next try is written down. No transaction is open meanwhile."""
    with begin() as uow:
        connection = uow.connections.get(connection_id)
        if connection.status is not ConnectionStatus.REVOKING:
            return connection
        kept = uow.connections.tokens(connection_id).refresh_token
        tries = uow.connections.tries_to_revoke(connection_id)
    trouble = _trouble(lambda provider: provider.google.revoke(opened(provider.vault, connection.name, "refresh_token", kept)), platforms)
    with begin() as uow:
        if trouble is not None and (isinstance(trouble, SourceUnavailable) or _was_never_asked(trouble)):
            uow.connections.put_revocation_off(connection_id, pause=revocation_pause(tries + 1), error=_told(trouble))
            return uow.connections.get(connection_id)
        return uow.connections.end(connection_id, error=_told(trouble) if trouble else None)


def _trouble(call: Callable[[Provider], None], platforms: Platforms) -> WhyralError | None:
    """What went wrong. What the provider refuses is over: the grant was taken back already, or it cannot be by us."""
    try:
        call(provider_of(platforms))
    except (SourceUnavailable, SourceRefused, Unacceptable) as error:
        return error
    return None


def _was_never_asked(trouble: WhyralError) -> bool:
    """Where the client or the keys are not configured, the provider has said nothing yet."""
    return isinstance(trouble, SourceRefused) and trouble.category is FailureCategory.NOT_CONFIGURED


def _told(trouble: WhyralError) -> dict[str, object]:
    return {"code": trouble.code, "detail": str(trouble)}


def forget_owners_data(uow: UnitOfWork, channel_id: UUID, *, now: datetime) -> None:
    """Delete what only the owner's grant let us see; what the public sees and what somebody imported stays. Not while it is connected."""
    uow.channels.get(channel_id, lock=True)
    connection = uow.connections.of_channel(channel_id, lock=True)
    if connection is None or connection.status is not ConnectionStatus.REVOKED or connection.delete_after is None:
        return
    uow.own_channels.forget(channel_id, now=now)
    uow.retention.clear_videos(now=now, batch=MOST_VIDEOS, is_amended=False)
    uow.trust.note(
        "channel.owners_data_deleted", str(channel_id), actor=None, details={"delete_after": connection.delete_after.isoformat()}
    )


def sweep(database: Database, platforms: Platforms, *, now: datetime, at_once: int = AT_ONCE) -> int:
    """What is past its day goes; revocations that are due are tried. Returns how many these were."""
    with database.begin_system() as system:
        system.connections.forget_states()
        for name in system.connections.delete_overdue_tokens():
            system.raise_alert(name.tenant_id, **_never_told(name))
        due = system.connections.revocations(limit=at_once)
        overdue = system.connections.owners_data_due(limit=AT_ONCE)
    for channel in overdue:
        with database.begin(channel.tenant_id) as uow:
            forget_owners_data(uow, channel.channel_id, now=now)
    for name in due:
        ended = revoke(partial(database.begin, name.tenant_id), platforms, name.connection_id)
        log.info("grant revoked", connection_id=str(name.connection_id), status=str(ended.status))
    return len(due)


def _never_told(name: GrantName) -> dict[str, object]:
    return {
        "dedupe_key": f"revocation:{name.connection_id}",
        "kind": "revocation",
        "severity": "warning",
        "title": "Google did not confirm that a grant was taken back",
        "details": {
            "connection_id": str(name.connection_id),
            "detail": "our tokens are deleted; take Whyral's access back at myaccount.google.com/permissions",
        },
    }
