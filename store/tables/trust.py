"""Alerts, the mail outbox, the audit log with its chain, the access log. Who may read them is the API's business."""

import sqlalchemy as sa

from store.tables.base import Json, created_at, metadata, moment, tenant_table, uuid

alerts = tenant_table(
    "alerts",
    uuid("alert_id", primary_key=True),
    sa.Column("dedupe_key", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column(
        "severity", sa.Text, sa.CheckConstraint("severity in ('info', 'warning', 'critical')", name="severity_known"), nullable=False
    ),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("details", Json, nullable=False, server_default=sa.text("'{}'")),
    created_at(),
    moment("resolved_at", nullable=True),
    # Once while it is open: a resolved alert may be raised again.
    sa.Index("uq_alerts_open", "tenant_id", "dedupe_key", unique=True, postgresql_where=sa.text("resolved_at is null")),
    sa.Index("ix_alerts_newest", "tenant_id", sa.text("created_at desc")),
)

outbox = tenant_table(
    "outbox",
    uuid("message_id", primary_key=True),
    sa.Column("dedupe_key", sa.Text, nullable=False),
    sa.Column("recipient", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("html", sa.Text),
    sa.Column(
        "state", sa.Text, sa.CheckConstraint("state in ('pending', 'sending', 'sent', 'failed')", name="state_known"), nullable=False
    ),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("error", sa.Text),
    moment("not_before", default_now=True),
    moment("sent_at", nullable=True),
    created_at(),
    sa.Index("uq_outbox_dedupe", "tenant_id", "dedupe_key", unique=True),
    sa.Index("ix_outbox_open", "not_before", postgresql_where=sa.text("state in ('pending', 'sending')")),
    sa.Index("ix_outbox_created_at", "created_at"),
)

audit_log = tenant_table(
    "audit_log",
    uuid("entry_id", primary_key=True),
    moment("at", default_now=True),
    uuid("actor", nullable=True),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("details", Json, nullable=False, server_default=sa.text("'{}'")),
    sa.Column("request_id", sa.Text),
    uuid("impersonator", nullable=True),
    sa.Column("address_seal", sa.LargeBinary),
    moment("scrubbed_at", nullable=True),
    sa.Index("ix_audit_log_newest", "tenant_id", sa.text("at desc")),
    sa.Index("ix_audit_log_action", "tenant_id", "action", sa.text("at desc")),
)

# The entry is never deleted and keeps the seal of its address; the address itself goes when its time is up.
audit_addresses = tenant_table(
    "audit_addresses",
    uuid("entry_id", primary_key=True),
    moment("at", default_now=True),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("salt", sa.LargeBinary, nullable=False),
    sa.ForeignKeyConstraint(["tenant_id", "entry_id"], ["audit_log.tenant_id", "audit_log.entry_id"]),
    sa.Index("ix_audit_addresses_at", "at"),
)

_PLATFORM = {"owner": "platform"}

# The chain of each workspace, and under the id of zeros that of the platform.
audit_chain = sa.Table(
    "audit_chain",
    metadata,
    uuid("tenant_id", primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    uuid("entry_id"),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    sa.Index("uq_audit_chain_entry", "tenant_id", "entry_id", unique=True),
    info=_PLATFORM,
)

audit_heads = sa.Table(
    "audit_heads",
    metadata,
    uuid("tenant_id", primary_key=True),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    info=_PLATFORM,
)

audit_exports = sa.Table(
    "audit_exports",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    moment("made_at", default_now=True),
    sa.Column("file_key", sa.Text, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("chains", sa.Integer, nullable=False),
    info=_PLATFORM,
)

access_log = sa.Table(
    "access_log",
    metadata,
    uuid("access_id", primary_key=True),
    moment("at"),
    sa.Column("method", sa.Text, nullable=False),
    sa.Column("endpoint", sa.Text, nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("response_ms", sa.Float(53), nullable=False),
    sa.Column("address", sa.Text),
    sa.Column("user_agent", sa.Text),
    *(uuid(name, nullable=True) for name in ("tenant_id", "user_id", "key_id", "session_id", "impersonator")),
    sa.Column("request_id", sa.Text),
    sa.Column("error_code", sa.Text),
    sa.Index("ix_access_log_at", "at"),
    sa.Index("ix_access_log_user", "user_id", sa.text("at desc")),
    sa.Index("ix_access_log_tenant", "tenant_id", sa.text("at desc")),
    info=_PLATFORM,
)
