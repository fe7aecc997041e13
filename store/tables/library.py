"""What people make of the library: collections, comments, names that posts use, searches, activity, added links, retention; and charts of sounds."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from store.tables.base import Json, count, created_at, metadata, moment, tally, tenant_table, uuid

ACTIONS = ("viewed", "analysed", "chatted", "noted", "collected")
SEARCH_TYPES = ("hashtag", "term", "trending_videos", "trending_audio")
OUTCOMES = ("waiting", "saved", "updated", "failed")


def _of(name: str, key: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["tenant_id", key], [f"{name}.tenant_id", f"{name}.{key}"], ondelete="CASCADE")


def _ids(name: str) -> "sa.Column[list[object]]":
    return sa.Column(name, ARRAY(UUID(as_uuid=True)), nullable=False, server_default=sa.text("'{}'"))


# How many followed an account, whenever that had changed. Written by a trigger of `accounts`.
account_followers = tenant_table(
    "account_followers",
    uuid("account_id", primary_key=True),
    moment("observed_at", primary_key=True),
    count("followers", nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    moment("expires_at", nullable=True),
    _of("accounts", "account_id"),
)

# The default one has no members: it is all videos and accounts there are. The counts of the others are kept by triggers.
collections = tenant_table(
    "collections",
    uuid("collection_id", primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("description", sa.Text),
    sa.Column("color", sa.Text, nullable=False, server_default="#8B5CF6"),
    sa.Column("icon", sa.Text, nullable=False, server_default="folder"),
    sa.Column("is_default", sa.Boolean, nullable=False, server_default=sa.false()),
    tally("videos"),
    tally("accounts"),
    uuid("created_by", nullable=True),
    created_at(),
    moment("updated_at", default_now=True),
    sa.Index("uq_collections_default", "tenant_id", unique=True, postgresql_where=sa.text("is_default")),
)

collection_videos = tenant_table(
    "collection_videos",
    uuid("collection_id", primary_key=True),
    uuid("video_id", primary_key=True),
    moment("added_at", default_now=True),
    _of("collections", "collection_id"),
    _of("videos", "video_id"),
    sa.Index("ix_collection_videos_video", "tenant_id", "video_id", "collection_id"),
    sa.Index("ix_collection_videos_added", "tenant_id", "collection_id", "added_at"),
)

collection_accounts = tenant_table(
    "collection_accounts",
    uuid("collection_id", primary_key=True),
    uuid("account_id", primary_key=True),
    moment("added_at", default_now=True),
    _of("collections", "collection_id"),
    _of("accounts", "account_id"),
    sa.Index("ix_collection_accounts_account", "tenant_id", "account_id", "collection_id"),
)

# `comment_id` is the platform's. A thread's first comment has no parent.
video_comments = tenant_table(
    "video_comments",
    uuid("video_id", primary_key=True),
    sa.Column("comment_id", sa.Text, primary_key=True),
    sa.Column("parent_id", sa.Text),
    sa.Column("author_id", sa.Text),
    sa.Column("author_name", sa.Text),
    sa.Column("text", sa.Text, nullable=False),
    count("likes"),
    count("replies"),
    moment("posted_at", nullable=True),
    moment("seen_from"),
    moment("seen_at"),
    sa.Column("source", sa.Text, nullable=False),
    moment("expires_at", nullable=True),
    _of("videos", "video_id"),
    sa.Index(
        "ix_video_comments_threads",
        "tenant_id",
        "video_id",
        sa.text("posted_at desc nulls last"),
        "comment_id",
        postgresql_where=sa.text("parent_id is null"),
    ),
    sa.Index(
        "ix_video_comments_replies",
        "tenant_id",
        "video_id",
        "parent_id",
        "posted_at",
        "comment_id",
        postgresql_where=sa.text("parent_id is not null"),
    ),
    sa.Index("ix_video_comments_expiry", "tenant_id", "expires_at", postgresql_where=sa.text("expires_at is not null")),
)

comment_reads = tenant_table(
    "comment_reads",
    uuid("video_id", primary_key=True),
    moment("comments_read_at"),
    sa.Column("is_disabled", sa.Boolean, nullable=False),
    sa.Column("is_whole", sa.Boolean, nullable=False),
    _of("videos", "video_id"),
)


def _used(kind: str, *more: "sa.Column[object]") -> sa.Table:
    """What an account's posts use: `name` is a hashtag in lower case, or a sound's id on its platform."""
    return tenant_table(
        f"account_{kind}",
        uuid("account_id", primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("platform", sa.Text, nullable=False),
        *more,
        *(tally(name) for name in ("videos", "views", "likes")),
        _of("accounts", "account_id"),
        sa.Index(f"ix_account_{kind}_name", "tenant_id", "platform", "name"),
    )


def _named(kind: str, key: str, *more: "sa.Column[object]") -> sa.Table:
    """The same over all accounts. The id is made of platform and name, so it stays when the row is made anew."""
    return tenant_table(
        kind,
        sa.Column("platform", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        uuid(key),
        *more,
        *(tally(name) for name in ("accounts", "videos", "views", "likes")),
        sa.Index(f"uq_{kind}_id", "tenant_id", key, unique=True),
        *(sa.Index(f"ix_{kind}_{name}", "tenant_id", sa.text(f"{name} desc"), key) for name in ("views", "videos")),
    )


account_hashtags = _used("hashtags")
account_sounds = _used("sounds", sa.Column("title", sa.Text), moment("last_used_at", nullable=True))
hashtags = _named("hashtags", "hashtag_id")
sounds = _named("sounds", "sound_id", sa.Column("title", sa.Text), moment("last_used_at", nullable=True))

# Names whose totals are no longer true because an account went. Marks, as in `account_changes`.
name_changes = tenant_table(
    "name_changes",
    sa.Column("aggregate", sa.Text, primary_key=True),
    sa.Column("platform", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    uuid("change_id", primary_key=True),
)

search_history = tenant_table(
    "search_history",
    uuid("search_id", primary_key=True),
    uuid("user_id", nullable=True),
    sa.Column("search_type", sa.Text, sa.CheckConstraint(f"search_type in {SEARCH_TYPES}", name="search_type_known"), nullable=False),
    sa.Column("query", sa.Text),
    sa.Column("platform", sa.Text, nullable=False),
    sa.Column("country", sa.Text),
    sa.Column("source", sa.Text),
    moment("fetched_at", nullable=True),
    tally("results_count"),
    _ids("results"),
    created_at(),
    sa.Index("ix_search_history_newest", "tenant_id", sa.text("created_at desc"), "search_id"),
)

video_activity = tenant_table(
    "video_activity",
    uuid("activity_id", primary_key=True),
    uuid("video_id"),
    uuid("user_id", nullable=True),
    sa.Column("action", sa.Text, sa.CheckConstraint(f"action in {ACTIONS}", name="action_known"), nullable=False),
    moment("at", default_now=True),
    _of("videos", "video_id"),
    sa.Index("ix_video_activity_newest", "tenant_id", sa.text("at desc"), "activity_id"),
    sa.Index("ix_video_activity_video", "tenant_id", "video_id", sa.text("at desc")),
)

# Links that somebody had added; `request_id` is that of the request whose run does the work, where one does.
scrapes = tenant_table(
    "scrapes",
    uuid("scrape_id", primary_key=True),
    uuid("request_id", nullable=True),
    uuid("collection_id", nullable=True),
    uuid("user_id", nullable=True),
    created_at(),
    moment("started_at", default_now=True),
    moment("finished_at", nullable=True),
    sa.Index("ix_scrapes_request", "tenant_id", "request_id"),
)

scraped_urls = tenant_table(
    "scraped_urls",
    uuid("scrape_id", primary_key=True),
    sa.Column("line", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, sa.CheckConstraint(f"outcome in {OUTCOMES}", name="outcome_known"), nullable=False),
    sa.Column("category", sa.Text),
    sa.Column("error", sa.Text),
    sa.Column("platform", sa.Text),
    uuid("account_id", nullable=True),
    _ids("video_ids"),
    tally("new_videos"),
    moment("finished_at", nullable=True),
    _of("scrapes", "scrape_id"),
)

retention_reports = tenant_table(
    "retention_reports",
    uuid("report_id", primary_key=True),
    moment("made_at"),
    sa.Column("is_amended", sa.Boolean, nullable=False),
    tally("refreshed"),
    tally("removed"),
    sa.Column("deleted", Json, nullable=False),
    sa.Column("oldest", Json, nullable=False),
    sa.Column("trouble", Json, nullable=False, server_default=sa.text("'[]'")),
    sa.Index("ix_retention_reports_newest", "tenant_id", sa.text("made_at desc")),
)

# One chart per platform, country and day: the newest that was read. No tenant owns it; `app.trending_sounds` reads it.
trending_sounds = sa.Table(
    "trending_sounds",
    metadata,
    sa.Column("platform", sa.Text, primary_key=True),
    sa.Column("country", sa.Text, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("rank", sa.Integer, sa.CheckConstraint("rank > 0", name="rank_positive"), primary_key=True, autoincrement=False),
    sa.Column("external_id", sa.Text, nullable=False),
    sa.Column("title", sa.Text),
    sa.Column("artist", sa.Text),
    sa.Column("url", sa.Text),
    sa.Column("duration_seconds", sa.BigInteger),
    sa.Column("is_original", sa.Boolean),
    sa.Column("videos", sa.BigInteger),
    sa.Column("sample_videos", ARRAY(sa.Text), nullable=False, server_default=sa.text("'{}'")),
    sa.Column("source", sa.Text, nullable=False),
    moment("captured_at"),
    sa.Index("ix_trending_sounds_sound", "platform", "external_id"),
    info={"owner": "platform"},
)

# Who wants a newer chart than there is. At most once an hour per country.
chart_asks = sa.Table(
    "chart_asks",
    metadata,
    sa.Column("platform", sa.Text, primary_key=True),
    sa.Column("country", sa.Text, primary_key=True),
    moment("asked_at"),
    info={"owner": "platform"},
)
