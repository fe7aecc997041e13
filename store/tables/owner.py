"""What the owner of a channel is told: figures of reports, what of them can be had, the channel's own posts, and how its syncs went.

A channel is named by its id alone: its row is in `store.tables.channels`, and history outlives it.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from domain.observations import Visibility
from domain.sources import Report
from store.tables.base import Json, count, moment, tally, tenant_table, uuid

# Stands where a report is about the whole channel: a key has no holes.
WHOLE_CHANNEL = "00000000-0000-0000-0000-000000000000"
REPORTS = tuple(str(each) for each in Report)
VISIBILITIES = tuple(str(each) for each in Visibility)


def _report() -> "sa.Column[str]":
    return sa.Column("report", sa.Text, sa.CheckConstraint(f"report in {REPORTS}", name="report_known"), primary_key=True)


# Append-only: a restated figure is a new row, one that a newer answer no longer lists is a new row without a value.
owner_reports = tenant_table(
    "owner_reports",
    uuid("channel_id", primary_key=True),
    _report(),
    uuid("video_id", primary_key=True),
    sa.Column("first_day", sa.Date, primary_key=True),
    sa.Column("last_day", sa.Date, primary_key=True),
    sa.Column("dimensions", ARRAY(sa.Text), primary_key=True),
    sa.Column("metric", sa.Text, primary_key=True),
    moment("known_at", primary_key=True),
    # Of reports by day; the window is that day then.
    sa.Column("day", sa.Date),
    sa.Column("value", sa.Numeric(20, 6)),
    sa.Column("source", sa.Text, nullable=False),
    sa.CheckConstraint("first_day <= last_day and (day is null or (day = first_day and day = last_day))", name="window_forward"),
)

# Per channel and report (and video, for those of one video): whether it can be had, and which days are covered without a gap.
owner_availability = tenant_table(
    "owner_availability",
    uuid("channel_id", primary_key=True),
    _report(),
    uuid("video_id", primary_key=True),
    sa.Column("is_available", sa.Boolean, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("detail", sa.Text),
    sa.Column("first_day", sa.Date),
    sa.Column("last_day", sa.Date),
    moment("read_at"),
    sa.CheckConstraint("is_available = (reason is null)", name="reason_where_unavailable"),
)

# The channel's own posts with what only the owner is told of them. `gone_at`: a whole listing no longer had it.
channel_videos = tenant_table(
    "channel_videos",
    uuid("channel_id", primary_key=True),
    uuid("video_id", primary_key=True),
    sa.Column("visibility", sa.Text, sa.CheckConstraint(f"visibility in {VISIBILITIES}", name="visibility_known")),
    moment("listed_at"),
    moment("gone_at", nullable=True),
    sa.ForeignKeyConstraint(["tenant_id", "video_id"], ["videos.tenant_id", "videos.video_id"], ondelete="CASCADE"),
    sa.Index("ix_channel_videos_video", "tenant_id", "video_id"),
)

# The watermark of a channel's syncs. `next_page`: where a listing that was stopped goes on.
channel_syncs = tenant_table(
    "channel_syncs",
    uuid("channel_id", primary_key=True),
    uuid("request_id"),
    moment("began_at"),
    moment("finished_at", nullable=True),
    sa.Column("error", Json),
    moment("listing_began_at", nullable=True),
    sa.Column("is_listing_full", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("next_page", sa.Text),
    tally("posts_listed"),
    tally("resumes"),
    moment("listed_at", nullable=True),
    moment("reports_read_at", nullable=True),
)

# What is shown of a channel at a glance, kept for five minutes.
channel_stats = tenant_table(
    "channel_stats",
    uuid("channel_id", primary_key=True),
    moment("as_of"),
    count("videos", nullable=False),
    count("views"),
    count("likes"),
    count("comments"),
    count("subscribers"),
    moment("newest_observation", nullable=True),
)
