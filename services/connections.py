"""A live token of a channel's grant, refreshed by one process at a time and written ahead. Consents are in `services.connecting`.

Before the provider is asked, that it is asked is committed; its answer is committed before it is used. A process that dies in between
leaves the note behind: the next one tries the old token again, and where that is dead by then, says that the answer may have been lost.
"""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from domain.channels import MOVES, ChannelStatus
from domain.connections import LAST_USE, LOOK_SECONDS, LOOKS, Connection, ConnectionStatus, GrantName, SealedTokens, is_fresh
from domain.errors import Conflict, FailureCategory, SourceRefused, SourceUnavailable
from domain.ports import GivesConsent, Platforms, Vault
from domain.sources import Grant, Tokens
from store.ids import new_id
from store.work import UnitOfWork

Begin: TypeAlias = Callable[[], AbstractContextManager[UnitOfWork]]
DEAD = FailureCategory.INVALID_GRANT


@dataclass(frozen=True, slots=True)
class Provider:
    """Where consents are given, and what their tokens are sealed with."""

    google: GivesConsent
    vault: Vault


@dataclass(frozen=True, slots=True)
class _Held:
    """A live grant with its tokens, opened."""

    connection: Connection
    grant: Grant
    refresh_token: str = field(repr=False)


def access(begin: Begin, platforms: Platforms, channel_id: UUID, *, now: datetime, sleep: Callable[[float], None] = time.sleep) -> Grant:
    """A token that is good for five minutes, refreshed where it is not; where the provider is away, one that is still good at all.

    `begin` opens plain transactions of the tenant: one that a lost claim could refuse would lose Google's answer (use `Work.tidying`).

    Raises NotFound, Conflict where the channel is not connected, SourceRefused (`invalid_grant`) where its grant is dead,
    SourceUnavailable. No transaction is open while the provider is asked.
    """
    provider, holder = provider_of(platforms), new_id()
    for _ in range(LOOKS):
        with begin() as uow:
            held = _held(uow, provider.vault, channel_id)
            if is_fresh(held.connection.expires_at, now=now):
                return held.grant
            is_mine = uow.connections.begin_refresh(held.connection, holder)
        found = _refresh(begin, provider, held, holder, now=now) if is_mine else _still_good(held, now=now)
        if found is not None:
            return found
        if not is_mine:
            sleep(LOOK_SECONDS)
    raise SourceUnavailable("google", f"channel {channel_id}: another process refreshes its grant and does not come to an end")


def give_up(begin: Begin, platforms: Platforms, channel_id: UUID, refused: Grant) -> None:
    """The provider does not take this token any more: the next `access` renews it. One that came meanwhile stays."""
    vault = provider_of(platforms).vault
    with begin() as uow:
        connection = uow.connections.of_channel(channel_id)
        if connection is None or str(connection.connection_id) != refused.key or connection.status is not ConnectionStatus.LIVE:
            return
        kept = uow.connections.tokens(connection.connection_id).access_token
        if opened(vault, connection.name, "access_token", kept) == refused.access_token:
            uow.connections.expire(connection)


def provider_of(platforms: Platforms) -> Provider:
    """Raises SourceRefused (`not_configured`) where there can be no connections here."""
    if platforms.google is None or platforms.vault is None:
        part = "google" if platforms.google is None else "vault"
        why = platforms.lacking.get(part, "set WHYRAL_GOOGLE_CLIENT_ID, WHYRAL_GOOGLE_CLIENT_SECRET and WHYRAL_TOKEN_KEYS")
        raise SourceRefused("google", f"connections are not configured: {why}", category=FailureCategory.NOT_CONFIGURED)
    return Provider(platforms.google, platforms.vault)


def sealed(vault: Vault, name: GrantName, tokens: Tokens) -> SealedTokens:
    """As they are kept: bound to tenant, connection and column."""

    def one(column: str, token: str | None) -> bytes | None:
        return vault.seal(token.encode(), context=name.context(column)) if token else None

    return SealedTokens(one("access_token", tokens.access_token), one("refresh_token", tokens.refresh_token))


def opened(vault: Vault, name: GrantName, column: str, token: bytes | None) -> str:
    if token is None:
        raise Conflict(f"connection {name.connection_id} has no token any more")
    return vault.open(token, context=name.context(column)).decode()


def alert_key(connection_id: UUID) -> str:
    return f"needs-reauth:{connection_id}"


def _held(uow: UnitOfWork, vault: Vault, channel_id: UUID) -> _Held:
    uow.channels.get(channel_id)
    connection = uow.connections.of_channel(channel_id)
    if connection is None or not connection.is_held:
        raise Conflict(f"channel {channel_id} is not connected: POST /api/v1/channels/{channel_id}/connect")
    if connection.status is ConnectionStatus.NEEDS_REAUTH:
        raise _dead(channel_id)
    kept = uow.connections.tokens(connection.connection_id)
    token = opened(vault, connection.name, "access_token", kept.access_token)
    grant = Grant(key=str(connection.connection_id), access_token=token, scopes=frozenset(connection.scopes))
    return _Held(connection, grant, opened(vault, connection.name, "refresh_token", kept.refresh_token))


def _dead(channel_id: UUID) -> SourceRefused:
    return SourceRefused("google", f"the grant of channel {channel_id} is no longer good: connect it again", category=DEAD)


def _still_good(held: _Held, *, now: datetime) -> Grant | None:
    return held.grant if is_fresh(held.connection.expires_at, now=now, ahead=LAST_USE) else None


def _refresh(begin: Begin, provider: Provider, held: _Held, holder: UUID, *, now: datetime) -> Grant | None:
    """Ask the provider, as the one who may. None: look again, for other tokens were kept meanwhile."""
    connection_id = held.connection.connection_id
    try:
        tokens = provider.google.refresh(held.refresh_token)
    except SourceUnavailable:
        with begin() as uow:
            uow.connections.end_refresh(connection_id, holder, is_answered=False)
        good = _still_good(held, now=now)
        if good is None:
            raise
        return good
    except SourceRefused as error:
        with begin() as uow:
            is_news = error.category is not DEAD or _mark_dead(uow, held.connection, error)
            uow.connections.end_refresh(connection_id, holder, is_answered=error.category is not DEAD)
        if not is_news:
            return None
        if error.category is DEAD:
            raise _dead(held.connection.channel_id) from error
        raise
    return _keep(begin, provider.vault, held, tokens)


def _keep(begin: Begin, vault: Vault, held: _Held, tokens: Tokens) -> Grant | None:
    """Commit the answer, then use it."""
    connection, scopes = held.connection, tokens.scopes or held.grant.scopes
    is_rotated = tokens.refresh_token not in (None, held.refresh_token)
    with begin() as uow:
        is_kept = uow.connections.keep(
            connection,
            sealed(vault, connection.name, tokens),
            expires_at=tokens.expires_at,
            scopes=tuple(sorted(scopes)),
            is_rotated=is_rotated,
        )
        if is_kept and uow.trust.settle(alert_key(connection.connection_id)):
            # Another process, told that the old token is dead, had given the grant up while this answer was on its way.
            uow.channels.set(connection.channel_id, {"status": ChannelStatus.ACTIVE})
    return Grant(key=held.grant.key, access_token=tokens.access_token, scopes=frozenset(scopes)) if is_kept else None


def _mark_dead(uow: UnitOfWork, connection: Connection, error: SourceRefused) -> bool:
    """The grant is over until somebody consents again; they are told once. Returns False where other tokens were kept meanwhile."""
    channel = uow.channels.get(connection.channel_id, lock=True)
    is_lost = connection.refresh_asked_at is not None
    detail = _LOST if is_lost else "Google says that the grant is no longer good: it was taken back, or it expired"
    if not uow.connections.mark_dead(connection, {"code": str(DEAD), "detail": detail, "was_interrupted": is_lost}):
        return False
    if ChannelStatus.NEEDS_REAUTH in MOVES[channel.status]:
        uow.channels.set(channel.channel_id, {"status": ChannelStatus.NEEDS_REAUTH})
    uow.trust.raise_once(
        dedupe_key=alert_key(connection.connection_id), kind="needs_reauth", severity="warning",
        title=f"{channel.name} has to be connected again",
        details={"channel_id": str(channel.channel_id), "detail": detail, "was_interrupted": is_lost, "said": str(error)},
    )  # fmt: skip
    uow.trust.note("channel.needs_reauth", str(channel.channel_id), actor=None, details={"was_interrupted": is_lost})
    return True


_LOST = (
    "an earlier refresh was interrupted before Google's answer was kept, and the old token is no longer good: "
    "Google may have replaced it in that answer"
)
