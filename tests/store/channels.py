"""A channel and a grant that are in the database already, without any provider behind them."""

from datetime import UTC, datetime
from uuid import UUID

from domain.channels import Channel
from domain.connections import SealedTokens
from store.ids import new_id
from store.work import UnitOfWork


def put_channel(uow: UnitOfWork, user_id: UUID) -> Channel:
    """Connected, by tokens that nobody can open."""
    channel_id = new_id()
    channel = uow.channels.add(channel_id=channel_id, user_id=user_id, words={"name": "One", "niche": "music"})
    words = {"channel_id": channel_id, "user_id": user_id, "provider": "google", "external_id": "UC1", "asked_scopes": [], "scopes": [],
             "expires_at": datetime(2026, 11, 10, tzinfo=UTC)}  # fmt: skip
    uow.connections.add(connection_id=new_id(), words=words, tokens=SealedTokens(b"sealed", b"sealed"))
    return channel
