"""Releases, and the scores and effects that they publish. How they are computed is in `domain/`."""

import sqlalchemy as sa

from store.tables.base import Json, created_at, moment, tenant_table, uuid

releases = tenant_table(
    "releases",
    uuid("release_id", primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("method", sa.Text, nullable=False),
    sa.Column("code_version", sa.Text, nullable=False),
    sa.Column("params", Json, nullable=False),
    sa.Column("seed", sa.BigInteger, nullable=False),
    sa.Column("inputs_hash", sa.Text, nullable=False),
    sa.Column("outputs_hash", sa.Text, nullable=False),
    sa.Column("inputs_count", sa.BigInteger, nullable=False),
    # What went in, packed, where it cannot be read again from append-only tables.
    sa.Column("inputs", sa.LargeBinary),
    moment("as_of"),
    moment("newest_observation", nullable=True),
    uuid("request_id", nullable=True),
    created_at(),
    sa.CheckConstraint("kind in ('scores', 'effects')", name="kind_known"),
    sa.Index("ix_releases_newest", "tenant_id", "kind", sa.text("created_at desc")),
)

scores = tenant_table(
    "scores",
    uuid("video_id", primary_key=True),
    uuid("release_id"),
    sa.Column("multiple", sa.Double),
    sa.Column("low", sa.Double),
    sa.Column("high", sa.Double),
    sa.Column("shrunk_multiple", sa.Double),
    sa.Column("p_outlier", sa.Double),
    sa.Column("is_outlier", sa.Boolean),
    sa.Column("peers", sa.Integer, nullable=False),
    sa.Column("age_days", sa.Double),
    sa.Column("regime", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("virality_band", sa.Text),
    sa.Column("naive_multiple", sa.Double),
    sa.Column("naive_band", sa.Text),
    sa.Column("outcome", sa.Double),
    sa.Column("outcome_se", sa.Double),
    moment("as_of"),
    sa.ForeignKeyConstraint(["tenant_id", "video_id"], ["videos.tenant_id", "videos.video_id"], ondelete="CASCADE"),
    sa.ForeignKeyConstraint(["tenant_id", "release_id"], ["releases.tenant_id", "releases.release_id"]),
    sa.Index("ix_scores_multiple", "tenant_id", sa.text("multiple desc nulls last"), "video_id"),
)

effects = tenant_table(
    "effects",
    uuid("release_id", primary_key=True),
    sa.Column("feature", sa.Text, primary_key=True),
    sa.Column("verdict", sa.Text, nullable=False),
    sa.Column("figures", Json, nullable=False),
    sa.ForeignKeyConstraint(["tenant_id", "release_id"], ["releases.tenant_id", "releases.release_id"], ondelete="CASCADE"),
)
