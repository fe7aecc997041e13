"""Accounts, videos, their texts, snapshots and owner metrics, and the aggregates over them. Append-only means never updated."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR

from store.tables.base import Json, Moment, count, created_at, moment, tally, tenant_table, uuid

PLATFORMS = ("tiktok", "youtube", "instagram", "x")
COUNTERS = ("views", "likes", "dislikes", "comments", "shares", "bookmarks")


def _texts(name: str) -> "sa.Column[list[str]]":
    return sa.Column(name, ARRAY(sa.Text), nullable=False, server_default=sa.text("'{}'"))


accounts = tenant_table(
    "accounts",
    uuid("account_id", primary_key=True),
    sa.Column("platform", sa.Text, sa.CheckConstraint(f"platform in {PLATFORMS}", name="platform_known"), nullable=False),
    # `id:<external id>`, or `name:<username>`, or `title:<title>` while the account is provisional.
    sa.Column("identity", sa.Text, nullable=False),
    # The provisional identities it was or may have been met under.
    _texts("known_as"),
    sa.Column("external_id", sa.Text),
    sa.Column("username", sa.Text),
    sa.Column("title", sa.Text),
    sa.Column("description", sa.Text),
    sa.Column("avatar_url", sa.Text),
    sa.Column("is_verified", sa.Boolean),
    sa.Column("is_provisional", sa.Boolean, nullable=False, server_default=sa.false()),
    count("followers"),
    count("following"),
    count("declared_videos"),
    count("declared_likes"),
    # IANA name; where it is not known, hours of posting are UTC's.
    sa.Column("time_zone", sa.Text),
    sa.Column("source", sa.Text, nullable=False),
    moment("expires_at", nullable=True),
    moment("first_seen_at"),
    moment("last_seen_at"),
    created_at(),
    moment("updated_at", default_now=True),
    sa.Index("uq_accounts_identity", "tenant_id", "platform", "identity", unique=True),
    sa.Index("ix_accounts_username", "tenant_id", "platform", sa.text("lower(username)")),
    sa.Index("ix_accounts_title", "tenant_id", "platform", sa.text("lower(title)")),
    # A pushed feed names a channel, whoever tracks it.
    sa.Index("ix_accounts_youtube", "identity", postgresql_where=sa.text("platform = 'youtube'")),
    sa.Index("ix_accounts_provisional", "tenant_id", postgresql_where=sa.text("is_provisional")),
    sa.Index("ix_accounts_expiry", "tenant_id", "expires_at", postgresql_where=sa.text("expires_at is not null")),
)

videos = tenant_table(
    "videos",
    uuid("video_id", primary_key=True),
    uuid("account_id"),
    sa.Column("platform", sa.Text, sa.CheckConstraint(f"platform in {PLATFORMS}", name="platform_known"), nullable=False),
    sa.Column("external_id", sa.Text, nullable=False),
    sa.Column("url", sa.Text),
    sa.Column("title", sa.Text),
    sa.Column("description", sa.Text),
    sa.Column("thumbnail_url", sa.Text),
    moment("posted_at", nullable=True),
    sa.Column("posted_error_seconds", sa.Integer, nullable=False, server_default="0"),
    count("duration_seconds"),
    sa.Column("format", sa.Text),
    sa.Column("category", sa.Text),
    sa.Column("sound_id", sa.Text),
    sa.Column("sound_title", sa.Text),
    _texts("tags"),
    _texts("hashtags"),
    _texts("mentions"),
    sa.Column("is_removed", sa.Boolean, nullable=False, server_default=sa.false()),
    # When we learned that it is gone, and why where that is known. A trigger keeps both in step with `is_removed`.
    moment("removed_since", nullable=True),
    sa.Column("removed_reason", sa.Text),
    # Its views were bought or promoted, as the tenant says: it is nobody's peer then.
    sa.Column("is_promoted", sa.Boolean),
    sa.Column("selection", sa.Text, nullable=False),
    sa.Column("missing", Json, nullable=False, server_default=sa.text("'{}'")),
    *(count(name) for name in COUNTERS),
    sa.Column("source", sa.Text, nullable=False),
    moment("expires_at", nullable=True),
    moment("first_seen_at"),
    moment("observed_at"),
    sa.Column(
        "search", TSVECTOR, sa.Computed("to_tsvector('simple', coalesce(title, '') || ' ' || coalesce(description, ''))", persisted=True)
    ),
    created_at(),
    moment("updated_at", default_now=True),
    sa.CheckConstraint("selection in ('census', 'search', 'trending', 'manual')", name="selection_known"),
    sa.ForeignKeyConstraint(["tenant_id", "account_id"], ["accounts.tenant_id", "accounts.account_id"]),
    sa.Index("uq_videos_external", "tenant_id", "platform", "external_id", unique=True),
    sa.Index("ix_videos_account", "tenant_id", "account_id", sa.text("posted_at desc nulls last")),
    sa.Index("ix_videos_posted", "tenant_id", sa.text("posted_at desc nulls last"), "video_id"),
    sa.Index("ix_videos_views", "tenant_id", sa.text("views desc nulls last"), "video_id"),
    sa.Index("ix_videos_platform_observed", "tenant_id", "platform", "observed_at"),
    sa.Index("ix_videos_expiry", "tenant_id", "expires_at", postgresql_where=sa.text("expires_at is not null")),
    # The tenant is one more word of every entry: a search reads nobody else's (docs/decisions/0010-hot-reads.md).
    sa.Index("ix_videos_search", sa.text("(array_to_tsvector(ARRAY[tenant_id::text]) || search)"), postgresql_using="gin"),
)

video_texts = tenant_table(
    "video_texts",
    uuid("video_id", primary_key=True),
    moment("seen_from", primary_key=True),
    sa.Column("title", sa.Text),
    sa.Column("description", sa.Text),
    sa.Column("thumbnail_hash", sa.Text),
    sa.Column("source", sa.Text, nullable=False),
    moment("expires_at", nullable=True),
    sa.ForeignKeyConstraint(["tenant_id", "video_id"], ["videos.tenant_id", "videos.video_id"], ondelete="CASCADE"),
    sa.Index("ix_video_texts_expiry", "tenant_id", "expires_at", postgresql_where=sa.text("expires_at is not null")),
)

video_snapshots = tenant_table(
    "video_snapshots",
    uuid("video_id", primary_key=True),
    moment("observed_at", primary_key=True),
    sa.Column("observed_error_seconds", sa.Integer, nullable=False, server_default="0"),
    *(count(name) for name in COUNTERS),
    sa.Column("source", sa.Text, nullable=False),
    uuid("import_id", nullable=True),
    moment("expires_at", nullable=True),
    # When we learned of it: what a release could know, whatever came in later about earlier days. Written under the catalogue's lock.
    sa.Column("recorded_at", Moment, nullable=False, server_default=sa.func.clock_timestamp()),
    sa.Index("ix_video_snapshots_expiry", "tenant_id", "expires_at", postgresql_where=sa.text("expires_at is not null")),
    postgresql_partition_by="RANGE (observed_at)",
)

owner_metrics = tenant_table(
    "owner_metrics",
    uuid("video_id", primary_key=True),
    sa.Column("metric", sa.Text, primary_key=True),
    moment("known_at", primary_key=True),
    sa.Column("value", sa.Numeric(20, 6), nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.ForeignKeyConstraint(["tenant_id", "video_id"], ["videos.tenant_id", "videos.video_id"], ondelete="CASCADE"),
)

account_totals = tenant_table(
    "account_totals",
    uuid("account_id", primary_key=True),
    tally("videos"),
    tally("views"),
    tally("likes"),
    tally("comments"),
    tally("shares"),
    sa.Column("median_views", sa.Double),
    sa.Column("median_engagement_rate", sa.Double),
    sa.Column("posts_per_week", sa.Double),
    moment("first_posted_at", nullable=True),
    moment("last_posted_at", nullable=True),
    moment("as_of"),
    sa.ForeignKeyConstraint(["tenant_id", "account_id"], ["accounts.tenant_id", "accounts.account_id"], ondelete="CASCADE"),
)

account_days = tenant_table(
    "account_days",
    uuid("account_id", primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    tally("posts"),
    tally("views_gained"),
    tally("likes_gained"),
    tally("comments_gained"),
    tally("shares_gained"),
    tally("videos_observed"),
    sa.ForeignKeyConstraint(["tenant_id", "account_id"], ["accounts.tenant_id", "accounts.account_id"], ondelete="CASCADE"),
)

# Which accounts' aggregates are no longer true, written in the transaction that made them so. A row is taken away by the recompute that saw
# it, and by no other: one that comes meanwhile stays.
account_changes = tenant_table(
    "account_changes",
    uuid("account_id", primary_key=True),
    sa.Column("aggregate", sa.Text, primary_key=True),
    uuid("change_id", primary_key=True),
    # The first UTC day that is no longer true; null where nothing is by the day.
    sa.Column("since", sa.Date),
    sa.CheckConstraint("aggregate in ('totals', 'days', 'hashtags', 'sounds')", name="aggregate_known"),
    sa.ForeignKeyConstraint(["tenant_id", "account_id"], ["accounts.tenant_id", "accounts.account_id"], ondelete="CASCADE"),
)

# By which method a tenant's aggregates were made, and up to when they are true, also those of accounts in which nothing changed.
aggregates_made = tenant_table(
    "aggregates_made",
    sa.Column("aggregate", sa.Text, primary_key=True),
    sa.Column("method", sa.Text, nullable=False),
    moment("as_of"),
)
