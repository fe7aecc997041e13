"""Exports of workspaces, deletions that were asked for, and what is left of workspaces that were erased."""

import sqlalchemy as sa

from store.tables.base import Json, count, created_at, metadata, moment, tenant_table, uuid

exports = tenant_table(
    "exports",
    uuid("export_id", primary_key=True),
    uuid("request_id"),
    uuid("asked_by", nullable=True),
    created_at(),
    moment("as_of", nullable=True),
    moment("made_at", nullable=True),
    moment("expires_at", nullable=True),
    sa.Column("file_key", sa.Text),
    sa.Column("sha256", sa.Text),
    count("size_bytes"),
    sa.Column("rows", Json),
    sa.Column("files", sa.Integer),
    sa.CheckConstraint("file_key is null or (sha256 is not null and expires_at is not null)", name="file_whole"),
    sa.ForeignKeyConstraint(["tenant_id", "request_id"], ["requests.tenant_id", "requests.request_id"], ondelete="CASCADE"),
    sa.Index("ix_exports_newest", "tenant_id", sa.text("created_at desc"), "export_id"),
    sa.Index("ix_exports_kept", "tenant_id", "expires_at", postgresql_where=sa.text("file_key is not null")),
)

# One at most per tenant. It is the last row that goes.
deletions = tenant_table(
    "deletions",
    uuid("asked_by", nullable=True),
    moment("asked_at"),
    moment("due_at"),
    moment("not_before"),
    moment("started_at", nullable=True),
    moment("erased_at", nullable=True),
    moment("lease_until", nullable=True),
    sa.Column("attempt", sa.Integer, nullable=False, server_default="0"),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Index("ix_deletions_due", "not_before"),
)

tombstones = sa.Table(
    "tombstones",
    metadata,
    sa.Column("tenant_hash", sa.Text, sa.CheckConstraint("tenant_hash ~ '^[0-9a-f]{64}$'", name="hash_whole"), primary_key=True),
    moment("erased_at", default_now=True),
    info={"owner": "platform"},
)
