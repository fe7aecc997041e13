"""Alerts, the mail outbox and the audit log. Who may read them is the API's business."""

import sqlalchemy as sa

from store.tables.base import Json, created_at, moment, tenant_table, uuid

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
    sa.Index("ix_audit_log_newest", "tenant_id", sa.text("at desc")),
)
