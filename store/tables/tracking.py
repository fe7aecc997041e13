"""Tracked accounts, and the feeds that push their new posts to us. The rules are in `domain.tracking`."""

import sqlalchemy as sa

from store.tables.base import created_at, metadata, moment, tenant_table, uuid

STATES = ("pending", "live", "stale", "failing", "paused", "gone")

trackings = tenant_table(
    "trackings",
    uuid("account_id", primary_key=True),
    sa.Column("platform", sa.Text, nullable=False),
    sa.Column("state", sa.Text, sa.CheckConstraint(f"state in {STATES}", name="state_known"), nullable=False),
    # Null while nothing is to be read: paused, or gone.
    moment("next_run_at", nullable=True),
    sa.Column("next_reason", sa.Text, nullable=False),
    # The plan's floor as of the last read, for pushes that come meanwhile.
    sa.Column("floor_seconds", sa.Integer, nullable=False),
    moment("last_run_at", nullable=True),
    moment("last_ok_at", nullable=True),
    sa.Column("error_category", sa.Text),
    sa.Column("error_words", sa.Text),
    sa.Column("consecutive_failures", sa.Integer, nullable=False, server_default="0"),
    moment("watermark", nullable=True),
    moment("complete_since", nullable=True),
    sa.Column("is_pushed", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("source", sa.Text),
    # The last request that finished it: within that one it is not read again.
    uuid("request_id", nullable=True),
    # Which request is reading it, and until when nobody else does.
    uuid("reading_request", nullable=True),
    moment("reading_until", nullable=True),
    # What it took of the plan's trackings, to give back.
    sa.Column("operation", sa.Text),
    created_at(),
    sa.ForeignKeyConstraint(["tenant_id", "account_id"], ["accounts.tenant_id", "accounts.account_id"], ondelete="CASCADE"),
    # Whoever looks for due work reads this index and nothing else.
    sa.Index("ix_trackings_due", "next_run_at", "tenant_id", "platform", postgresql_where=sa.text("next_run_at is not null")),
    sa.Index("ix_trackings_platform", "tenant_id", "platform", "next_run_at"),
    sa.Index("ix_trackings_newest", "tenant_id", sa.text("created_at desc"), "account_id"),
)

# One feed per channel, whoever tracks it.
push_feeds = sa.Table(
    "push_feeds",
    metadata,
    sa.Column("channel_id", sa.Text, primary_key=True),
    sa.Column("token", sa.Text, nullable=False),
    sa.Column("secret", sa.Text, nullable=False),
    moment("asked_at"),
    moment("lease_until", nullable=True),
    moment("last_push_at", nullable=True),
    sa.Index("uq_push_feeds_token", "token", unique=True),
    info={"owner": "platform"},
)

push_entries = sa.Table(
    "push_entries",
    metadata,
    sa.Column("video_id", sa.Text, primary_key=True),
    moment("updated_at", primary_key=True),
    moment("received_at"),
    sa.Index("ix_push_entries_received", "received_at"),
    info={"owner": "platform"},
)
