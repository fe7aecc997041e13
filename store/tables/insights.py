"""Releases, and the scores and effects that they publish. How they are computed is in `domain/`."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSON, UUID

from store.tables.base import Json, Moment, count, created_at, moment, tenant_table, uuid

RELEASE_KINDS = ("features", "scores", "forecasts", "effects", "deep", "next", "anomalies")
# Stands where a finding is about all of a tenant's accounts: a key has no holes.
ALL_ACCOUNTS = "00000000-0000-0000-0000-000000000000"
# What is published is served as the text that it was kept as: made once, when it is written, and never taken apart by the database.
Text = JSON(none_as_null=True)

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
    moment("as_of"),
    moment("newest_observation", nullable=True),
    uuid("request_id", nullable=True),
    created_at(),
    # What went in, by name: newest snapshot, hashes of raw payloads, rows per table.
    sa.Column("data_versions", Json, nullable=False, server_default=sa.text("'{}'")),
    sa.CheckConstraint(f"kind in {RELEASE_KINDS}", name="kind_known"),
    sa.Index("ix_releases_newest", "tenant_id", "kind", sa.text("created_at desc")),
)

# What went in, packed, where it cannot be read again from append-only tables. It goes before the release does: see docs/concepts/releases.md.
release_inputs = tenant_table(
    "release_inputs",
    uuid("release_id", primary_key=True),
    sa.Column("packed", sa.LargeBinary, nullable=False),
    moment("expires_at"),
    sa.Column("recorded_at", Moment, nullable=False, server_default=sa.func.clock_timestamp()),
    sa.ForeignKeyConstraint(["tenant_id", "release_id"], ["releases.tenant_id", "releases.release_id"], ondelete="CASCADE"),
    sa.Index("ix_release_inputs_expiry", "tenant_id", "expires_at"),
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
    # `Effect.key`: unique within a release.
    sa.Column("feature", sa.Text, primary_key=True),
    sa.Column("verdict", sa.Text, nullable=False),
    sa.Column("figures", Text, nullable=False),
    sa.Column("effect_id", UUID(as_uuid=True), nullable=False, server_default=sa.text("gen_random_uuid()")),
    sa.Column("outcome", sa.Text, nullable=False, server_default="reach"),
    sa.Column("kind", sa.Text, nullable=False, server_default="feature"),
    sa.Column("topic", sa.Text, nullable=False, server_default="title"),
    sa.Column("scope", UUID(as_uuid=True), nullable=False, server_default=sa.text(f"'{ALL_ACCOUNTS}'")),
    sa.ForeignKeyConstraint(["tenant_id", "release_id"], ["releases.tenant_id", "releases.release_id"], ondelete="CASCADE"),
    sa.Index("uq_effects_id", "tenant_id", "effect_id", unique=True),
)

# What was measured of each video, by which version of the rules; made anew when the texts or the rules have changed.
video_features = tenant_table(
    "video_features",
    uuid("video_id", primary_key=True),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("figures", Json, nullable=False),
    sa.Column("words", Json, nullable=False, server_default=sa.text("'{}'")),
    moment("computed_at"),
    sa.ForeignKeyConstraint(["tenant_id", "video_id"], ["videos.tenant_id", "videos.video_id"], ondelete="CASCADE"),
)

# One section of a release as it is served: of all accounts, or of one.
findings = tenant_table(
    "findings",
    uuid("release_id", primary_key=True),
    uuid("scope", primary_key=True),
    sa.Column("section", sa.Text, primary_key=True),
    sa.Column("figures", Text, nullable=False),
    sa.ForeignKeyConstraint(["tenant_id", "release_id"], ["releases.tenant_id", "releases.release_id"], ondelete="CASCADE"),
)

# Views that a video will have at an age, of the latest release: `low` and `high` hold them with the chance `level`.
forecasts = tenant_table(
    "forecasts",
    uuid("video_id", primary_key=True),
    sa.Column("horizon", sa.Text, primary_key=True),
    uuid("release_id"),
    sa.Column("age_days", sa.Double),
    sa.Column("target_age_days", sa.Double),
    count("views", nullable=False),
    sa.Column("predicted", sa.Double),
    sa.Column("low", sa.Double),
    sa.Column("high", sa.Double),
    sa.Column("level", sa.Double, nullable=False),
    # Views per day now, and the same against what the account's posts had at that age.
    sa.Column("velocity", sa.Double),
    sa.Column("velocity_multiple", sa.Double),
    sa.Column("reason", sa.Text),
    sa.ForeignKeyConstraint(["tenant_id", "video_id"], ["videos.tenant_id", "videos.video_id"], ondelete="CASCADE"),
    sa.ForeignKeyConstraint(["tenant_id", "release_id"], ["releases.tenant_id", "releases.release_id"]),
)
