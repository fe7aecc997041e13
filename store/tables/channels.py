"""Channels, the grants that connect them, and consents that are on their way.

`oauth_states` is looked up before a tenant is known: the app role reaches it only through functions. The same channel of YouTube may be
connected by several tenants, each by a grant of its own, and once within a tenant.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from domain.channels import ChannelStatus
from domain.connections import ConnectionStatus
from store.tables.base import Json, created_at, metadata, moment, tenant_table, uuid

CHANNEL_STATES = tuple(map(str, ChannelStatus))
CONNECTION_STATES = tuple(map(str, ConnectionStatus))

channels = tenant_table(
    "channels",
    uuid("channel_id", primary_key=True),
    uuid("user_id"),
    uuid("account_id", nullable=True),
    sa.Column("platform", sa.Text, sa.CheckConstraint("platform in ('youtube')", name="platform_known"), nullable=False),
    sa.Column("external_id", sa.Text),
    sa.Column("handle", sa.Text),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("description", sa.Text),
    sa.Column("niche", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False, server_default="pending_oauth"),
    sa.Column("automation_enabled", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("daily_video_limit", sa.Integer, nullable=False, server_default="5"),
    sa.Column("upload_time_utc", sa.Text),
    sa.Column("settings", Json, nullable=False, server_default=sa.text("'{}'")),
    sa.Column("metadata", Json, nullable=False, server_default=sa.text("'{}'")),
    created_at(),
    moment("updated_at", default_now=True),
    moment("archived_at", nullable=True),
    sa.CheckConstraint(f"status in {CHANNEL_STATES}", name="status_known"),
    sa.CheckConstraint("daily_video_limit between 0 and 100", name="daily_videos_few"),
    # A member who owns channels is not removed before these were transferred.
    sa.ForeignKeyConstraint(["tenant_id", "user_id"], ["memberships.tenant_id", "memberships.user_id"]),
    sa.Index(
        "uq_channels_external", "tenant_id", "platform", "external_id", unique=True, postgresql_where=sa.text("external_id is not null")
    ),
    sa.Index("ix_channels_newest", "tenant_id", sa.text("created_at desc"), "channel_id"),
    sa.Index("ix_channels_user", "tenant_id", "user_id"),
)

connections = tenant_table(
    "connections",
    uuid("connection_id", primary_key=True),
    uuid("channel_id"),
    uuid("user_id"),
    sa.Column("provider", sa.Text, sa.CheckConstraint("provider in ('google')", name="provider_known"), nullable=False),
    sa.Column("external_id", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("asked_scopes", ARRAY(sa.Text), nullable=False),
    sa.Column("scopes", ARRAY(sa.Text), nullable=False),
    # Sealed, each with the id of its key inside; null once they were deleted.
    sa.Column("access_token", sa.LargeBinary),
    sa.Column("refresh_token", sa.LargeBinary),
    moment("expires_at", nullable=True),
    sa.Column("generation", sa.Integer, nullable=False, server_default="1"),
    # Written before the provider is asked: who asks, for how long, and that an answer is outstanding.
    moment("refresh_asked_at", nullable=True),
    moment("refreshing_until", nullable=True),
    uuid("refreshing_by", nullable=True),
    moment("refreshed_at", nullable=True),
    sa.Column("error", Json),
    created_at(),
    moment("revoked_at", nullable=True),
    sa.Column("revoke_tries", sa.Integer, nullable=False, server_default="0"),
    moment("revoke_not_before", nullable=True),
    moment("delete_after", nullable=True),
    moment("tokens_deleted_at", nullable=True),
    sa.CheckConstraint(f"status in {CONNECTION_STATES}", name="status_known"),
    sa.CheckConstraint("status not in ('live', 'needs_reauth') or refresh_token is not null", name="held_has_token"),
    sa.CheckConstraint("status <> 'revoked' or (access_token is null and refresh_token is null)", name="revoked_has_none"),
    sa.CheckConstraint("status not in ('revoking', 'revoked') or revoked_at is not null", name="ended_has_a_date"),
    sa.ForeignKeyConstraint(["tenant_id", "channel_id"], ["channels.tenant_id", "channels.channel_id"], ondelete="CASCADE"),
    sa.Index("uq_connections_held", "tenant_id", "channel_id", unique=True, postgresql_where=sa.text("status in ('live', 'needs_reauth')")),
    sa.Index("ix_connections_channel", "tenant_id", "channel_id", sa.text("created_at desc")),
    sa.Index("ix_connections_revoking", "revoke_not_before", postgresql_where=sa.text("status = 'revoking'")),
    sa.Index("ix_connections_live", "created_at", postgresql_where=sa.text("status = 'live'")),
)

oauth_states = sa.Table(
    "oauth_states",
    metadata,
    sa.Column("state_hash", sa.LargeBinary, primary_key=True),
    sa.Column("browser_hash", sa.LargeBinary, nullable=False),
    sa.Column(
        "purpose", sa.Text, sa.CheckConstraint("purpose in ('connect', 'login', 'link', 'exchange')", name="purpose_known"), nullable=False
    ),
    uuid("tenant_id", nullable=True),
    uuid("user_id", nullable=True),
    uuid("channel_id", nullable=True),
    sa.Column("verifier", sa.LargeBinary, nullable=False),
    sa.Column("scopes", ARRAY(sa.Text), nullable=False),
    sa.Column("return_to", sa.Text),
    created_at(),
    moment("expires_at"),
    moment("used_at", nullable=True),
    sa.CheckConstraint(
        "purpose <> 'connect' or (tenant_id is not null and user_id is not null and channel_id is not null)", name="connect_whole"
    ),
    uuid("session_id", nullable=True),
    sa.CheckConstraint(
        "purpose <> 'link' or (tenant_id is not null and user_id is not null and session_id is not null)", name="link_whole"
    ),
    sa.Index(None, "expires_at"),
    info={"owner": "platform"},
)
