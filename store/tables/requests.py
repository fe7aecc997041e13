"""Whatever somebody asked Dagster to do, its timeline, and the stored answers of idempotent calls."""

import sqlalchemy as sa

from store.tables.base import Json, created_at, moment, tenant_table, uuid

STATES = ("pending", "launched", "running", "succeeded", "failed", "canceled", "skipped")

requests = tenant_table(
    "requests",
    uuid("request_id", primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("claim_on", sa.Text, nullable=False),
    sa.Column("params", Json, nullable=False, server_default=sa.text("'{}'")),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False, server_default="1"),
    sa.Column("max_attempts", sa.Integer, nullable=False, server_default="3"),
    sa.Column("launches", sa.Integer, nullable=False, server_default="0"),
    sa.Column("run_id", sa.Text),
    sa.Column("steps_done", Json, nullable=False, server_default=sa.text("'[]'")),
    moment("lease_until", nullable=True),
    sa.Column("progress", sa.Double, nullable=False, server_default="0"),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Column("error", Json),
    sa.Column("is_cancel_requested", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("version", sa.BigInteger, nullable=False, server_default="0"),
    uuid("created_by", nullable=True),
    # The call that asked for it, by its X-Request-ID; null where a run or a schedule did.
    sa.Column("call_id", sa.Text),
    created_at(),
    moment("not_before", default_now=True),
    moment("launched_at", nullable=True),
    moment("started_at", nullable=True),
    moment("finished_at", nullable=True),
    sa.CheckConstraint(f"state in {STATES}", name="state_known"),
    sa.CheckConstraint("progress between 0 and 1", name="progress_share"),
    # One live claim per tenant and piece of work, and one request per run: both walls hold whatever the code above believes.
    sa.Index("uq_requests_live_claim", "tenant_id", "claim_on", unique=True, postgresql_where=sa.text("state = 'running'")),
    sa.Index("uq_requests_run", "tenant_id", "run_id", unique=True, postgresql_where=sa.text("run_id is not null")),
    # A connection is onboarded by one request, however often that is tried.
    sa.Index(
        "uq_requests_onboarding",
        "tenant_id",
        "subject",
        unique=True,
        postgresql_where=sa.text("kind = 'sync' and subject like 'onboard:%'"),
    ),
    sa.Index("ix_requests_newest", "tenant_id", sa.text("created_at desc"), "request_id"),
    sa.Index("ix_requests_open", "state", "not_before", postgresql_where=sa.text("state in ('pending', 'launched', 'running')")),
)

request_events = tenant_table(
    "request_events",
    uuid("request_id", primary_key=True),
    sa.Column("version", sa.BigInteger, primary_key=True),
    moment("at", default_now=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("progress", sa.Double, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("error", Json),
    sa.ForeignKeyConstraint(["tenant_id", "request_id"], ["requests.tenant_id", "requests.request_id"], ondelete="CASCADE"),
)

idempotency_keys = tenant_table(
    "idempotency_keys",
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("route", sa.Text, nullable=False),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("headers", Json, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    created_at(),
    moment("expires_at"),
    sa.Index("ix_idempotency_keys_expiry", "expires_at"),
)
