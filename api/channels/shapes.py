"""What is sent and answered about channels and their grants. No shape has a place for a token."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from domain.channels import Channel, ChannelStatus
from domain.connections import Connection, ConnectionStatus, features_of, next_refresh


class ChannelIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A channel of your own, to be connected afterwards."""

    name: str
    niche: str
    description: str | None = None
    handle: str | None = None
    automation_enabled: bool = True
    daily_video_limit: int = 5
    upload_time_utc: str | None = None
    settings: dict[str, Any] = msgspec.field(default_factory=dict)
    metadata: dict[str, Any] = msgspec.field(default_factory=dict)


class ChannelChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The fields that shall change; what is not sent stays. `status`: `paused`, `active` again, or `pending_oauth` for an archived one."""

    name: str | msgspec.UnsetType = msgspec.UNSET
    niche: str | msgspec.UnsetType = msgspec.UNSET
    description: str | msgspec.UnsetType | None = msgspec.UNSET
    automation_enabled: bool | msgspec.UnsetType = msgspec.UNSET
    daily_video_limit: int | msgspec.UnsetType = msgspec.UNSET
    upload_time_utc: str | msgspec.UnsetType | None = msgspec.UNSET
    settings: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET
    metadata: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET
    status: ChannelStatus | msgspec.UnsetType = msgspec.UNSET

    @property
    def given(self) -> dict[str, Any]:
        sent = ((name, getattr(self, name)) for name in self.__struct_fields__)
        return {name: word for name, word in sent if word is not msgspec.UNSET}


class ChannelOut(msgspec.Struct, frozen=True, kw_only=True):
    """A channel. `external_id`, `handle` and `account_id` are known once it was connected; `user_id` is its owner."""

    channel_id: UUID
    user_id: UUID
    account_id: UUID | None
    platform: str
    external_id: str | None
    handle: str | None
    name: str
    description: str | None
    niche: str
    status: str
    automation_enabled: bool
    daily_video_limit: int
    upload_time_utc: str | None
    settings: dict[str, Any]
    metadata: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None

    @classmethod
    def of(cls, channel: Channel) -> "ChannelOut":
        return cls(**{name: getattr(channel, name) for name in cls.__struct_fields__})


class ConnectIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to ask consent for, and which path of this server the browser shall end at."""

    revenue: bool = False
    return_to: str | None = None


class ConnectOut(msgspec.Struct, frozen=True, kw_only=True):
    """Where to send the browser that made this call, within `expires_in` seconds. The cookie that came along has to go with it."""

    consent_url: str
    expires_in: int


class FeatureOut(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a grant may allow. `reason` says why it is off."""

    name: str
    what: str
    is_on: bool
    reason: str | None


class ConnectionOut(msgspec.Struct, frozen=True, kw_only=True):
    """The grant of a channel, without its tokens. `next_refresh_at`: the first use after it renews the token.

    `delete_after`: when its tokens are gone at the latest; they go as soon as Google has confirmed.
    """

    connection_id: UUID | None
    channel_id: UUID
    status: str
    external_id: str | None
    scopes: list[str]
    features: list[FeatureOut]
    connected_at: datetime | None
    refreshed_at: datetime | None
    next_refresh_at: datetime | None
    revoked_at: datetime | None
    delete_after: datetime | None
    tokens_deleted_at: datetime | None
    error: dict[str, Any] | None
    onboarding: UUID | None

    @classmethod
    def of(cls, channel_id: UUID, found: Connection | None, onboarding: UUID | None = None) -> "ConnectionOut":
        features = [FeatureOut(name=each.name, what=each.what, is_on=each.is_on, reason=each.reason) for each in features_of(found)]
        return cls(
            connection_id=found.connection_id if found else None, channel_id=channel_id, features=features, onboarding=onboarding,
            status=str(found.status) if found else "none",
            external_id=found.external_id if found else None,
            scopes=list(found.scopes) if found and found.is_held else [],
            connected_at=found.created_at if found else None,
            refreshed_at=found.refreshed_at if found else None,
            next_refresh_at=next_refresh(found) if found else None,
            revoked_at=found.revoked_at if found else None,
            delete_after=found.delete_after if found and found.status is ConnectionStatus.REVOKING else None,
            tokens_deleted_at=found.tokens_deleted_at if found else None,
            error=dict(found.error) if found and found.error else None,
        )  # fmt: skip


class TransferIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The member who shall own the channel."""

    user_id: UUID
