"""Calls to the outside world: their raw answers, what they took of quotas, their log, the health of sources.

What is platform-wide is reached by the app role only through functions: nobody learns from it whom another workspace tracks.
"""

import sqlalchemy as sa

from store.tables.base import metadata, moment, tenant_table, uuid
from store.tables.money import Money

fetch_cache = sa.Table(
    "fetch_cache",
    metadata,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("operation", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    # Only answers fetched without a user's grant are here: 'public'.
    sa.Column("credential", sa.Text, primary_key=True),
    uuid("answer_id"),
    sa.Column("payload", sa.LargeBinary, nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("bucket", sa.Text),
    sa.Column("units", sa.BigInteger, nullable=False),
    moment("fetched_at"),
    moment("expires_at"),
    sa.Index("ix_fetch_cache_expiry", "expires_at"),
    sa.Index("ix_fetch_cache_answer", "answer_id"),
    sa.Index("ix_fetch_cache_fetched", "source", "fetched_at"),
    info={"owner": "platform"},
)

# Which tenant was charged for which answer, once.
fetch_uses = tenant_table(
    "fetch_uses",
    uuid("answer_id", primary_key=True),
    uuid("request_id", nullable=True),
    sa.Column("is_maker", sa.Boolean, nullable=False),
    moment("used_at"),
    sa.Index("ix_fetch_uses_used", "used_at"),
)

quota_days = sa.Table(
    "quota_days",
    metadata,
    sa.Column("project", sa.Text, primary_key=True),
    sa.Column("bucket", sa.Text, primary_key=True),
    # A day of a quota is known by its end, which is midnight somewhere else.
    moment("resets_at", primary_key=True),
    sa.Column("used", sa.BigInteger, sa.CheckConstraint("used >= 0", name="used_not_negative"), nullable=False),
    info={"owner": "platform"},
)

quota_uses = tenant_table(
    "quota_uses",
    sa.Column("project", sa.Text, primary_key=True),
    sa.Column("bucket", sa.Text, primary_key=True),
    moment("resets_at", primary_key=True),
    sa.Column("used", sa.BigInteger, sa.CheckConstraint("used >= 0", name="used_not_negative"), nullable=False),
    sa.Index("ix_quota_uses_day", "project", "bucket", "resets_at"),
)

external_calls = tenant_table(
    "external_calls",
    uuid("call_id", primary_key=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("operation", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("status", sa.Integer),
    moment("started_at"),
    sa.Column("milliseconds", sa.Integer, nullable=False),
    sa.Column("bucket", sa.Text),
    sa.Column("units", sa.BigInteger, nullable=False),
    sa.Column("cost_usd", Money),
    uuid("request_id", nullable=True),
    sa.Index("ix_external_calls_started", "started_at"),
    sa.Index("ix_external_calls_newest", "tenant_id", sa.text("started_at desc")),
)

source_health = sa.Table(
    "source_health",
    metadata,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("score", sa.Double, nullable=False),
    sa.Column("consecutive_failures", sa.Integer, nullable=False),
    moment("open_until", nullable=True),
    sa.Column("category", sa.Text),
    moment("changed_at", nullable=True),
    info={"owner": "platform"},
)
