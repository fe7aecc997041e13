"""Imported files: what came in, how it was read, what became of its rows. The bytes are behind the file port."""

import sqlalchemy as sa

from store.tables.base import Json, created_at, moment, tally, tenant_table, uuid

imports = tenant_table(
    "imports",
    uuid("import_id", primary_key=True),
    uuid("request_id", nullable=True),
    sa.Column("file_name", sa.Text),
    sa.Column("file_key", sa.Text, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("params", Json, nullable=False),
    sa.Column("selection", sa.Text),
    sa.Column("format", sa.Text),
    sa.Column("encoding", sa.Text),
    sa.Column("notes", Json, nullable=False, server_default=sa.text("'[]'")),
    tally("rows"),
    tally("accepted"),
    tally("updated"),
    tally("unchanged"),
    tally("rejected"),
    tally("videos"),
    tally("observations"),
    sa.Column("report_key", sa.Text),
    sa.Column("error", Json),
    uuid("created_by", nullable=True),
    created_at(),
    moment("recognised_at", nullable=True),
    moment("finished_at", nullable=True),
    sa.Index("ix_imports_newest", "tenant_id", sa.text("created_at desc"), "import_id"),
    sa.Index("ix_imports_file", "tenant_id", "sha256"),
)
