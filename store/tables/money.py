"""Plans, subscriptions, usage counters, the ledger and the caps of the whole deployment. What is mirrored of providers is in `store.tables.billing`.

The ledger is `numeric(20,10)` USD. A reservation ends once: committed, released, or unknown until somebody reconciles it.
"""

import sqlalchemy as sa

from store.tables.base import Json, created_at, metadata, moment, tenant_table, uuid

Money = sa.Numeric(20, 10)
ACCOUNTS = ("available", "reserved", "spent")

plans = sa.Table(
    "plans",
    metadata,
    sa.Column("plan", sa.Text, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("limits", Json, nullable=False),
    created_at(),
    # What it writes on clips; null: nothing.
    sa.Column("clip_watermark", sa.Text),
    # From the packaged file (`store.plans`), by its version. Where a plan of a test or of an operator's own stands is up to them.
    sa.Column("position", sa.Integer, nullable=False, server_default="0"),
    sa.Column("version", sa.Integer, nullable=False, server_default="0"),
    sa.Column("is_public", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("features", Json, nullable=False, server_default="[]"),
    sa.Column("prices", Json, nullable=False, server_default="[]"),
    # What outside calls may cost a workspace; null: the defaults of `domain.money`.
    sa.Column("day_usd", Money),
    sa.Column("month_usd", Money),
    info={"owner": "platform"},
)

subscriptions = tenant_table(
    "subscriptions",
    sa.Column("plan", sa.Text, sa.ForeignKey("plans.plan"), nullable=False),
    sa.Column(
        "status",
        sa.Text,
        sa.CheckConstraint("status in ('active', 'trial', 'pending', 'canceling', 'failed', 'canceled', 'expired')", name="status_known"),
        nullable=False,
    ),
    created_at(),
    moment("updated_at", default_now=True),
    # What of a provider's it follows; null: nothing was bought. Until `grace_until` an overdue payment (`failed`) is borne with.
    sa.Column("provider", sa.Text),
    sa.Column("subscription_id", sa.Text),
    moment("grace_until", nullable=True),
    moment("ends_at", nullable=True),
    sa.ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"], ondelete="CASCADE"),
)

usage_counters = tenant_table(
    "usage_counters",
    sa.Column("meter", sa.Text, primary_key=True),
    sa.Column("period_start", sa.Date, primary_key=True),
    sa.Column("used", sa.BigInteger, sa.CheckConstraint("used >= 0", name="used_not_negative"), nullable=False),
)

# The same counted by who took it and for which platform: `user:<id>`, `platform:<name>`.
usage_parts = tenant_table(
    "usage_parts",
    sa.Column("meter", sa.Text, primary_key=True),
    sa.Column("period_start", sa.Date, primary_key=True),
    sa.Column("part", sa.Text, primary_key=True),
    sa.Column("used", sa.BigInteger, sa.CheckConstraint("used >= 0", name="used_not_negative"), nullable=False),
)

usage_takes = tenant_table(
    "usage_takes",
    sa.Column("operation", sa.Text, primary_key=True),
    sa.Column("meter", sa.Text, nullable=False),
    sa.Column("period_start", sa.Date, nullable=False),
    sa.Column("amount", sa.BigInteger, sa.CheckConstraint("amount > 0", name="amount_positive"), nullable=False),
    moment("given_back_at", nullable=True),
    created_at(),
    # Whose end without a delivery gives it back; what was delivered counts for good.
    uuid("request_id", nullable=True),
    moment("delivered_at", nullable=True),
    # The UTC day of the take, whatever its meter's period is.
    sa.Column("day", sa.Date, nullable=False),
    uuid("user_id", nullable=True),
    sa.Column("platform", sa.Text),
    sa.CheckConstraint("delivered_at is null or given_back_at is null", name="delivered_counts"),
    sa.Index("ix_usage_takes_request", "tenant_id", "request_id", postgresql_where=sa.text("request_id is not null")),
    sa.Index("ix_usage_takes_day", "tenant_id", "day"),
)

ledger_caps = tenant_table(
    "ledger_caps",
    sa.Column("period", sa.Text, sa.CheckConstraint("period in ('day', 'month')", name="period_known"), primary_key=True),
    sa.Column("cap_usd", Money, sa.CheckConstraint("cap_usd >= 0", name="cap_not_negative"), nullable=False),
)

# What the operations of one UTC day hold and have cost: the caps are checked against these sums.
ledger_days = tenant_table(
    "ledger_days",
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("reserved_usd", Money, sa.CheckConstraint("reserved_usd >= 0", name="reserved_not_negative"), nullable=False),
    sa.Column("spent_usd", Money, sa.CheckConstraint("spent_usd >= 0", name="spent_not_negative"), nullable=False),
)

reservations = tenant_table(
    "reservations",
    sa.Column("operation", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column(
        "state",
        sa.Text,
        sa.CheckConstraint("state in ('reserved', 'committed', 'released', 'unknown')", name="state_known"),
        nullable=False,
    ),
    sa.Column("reserved_usd", Money, sa.CheckConstraint("reserved_usd >= 0", name="reserved_not_negative"), nullable=False),
    sa.Column("spent_usd", Money, sa.CheckConstraint("spent_usd >= 0", name="spent_not_negative")),
    # The UTC day whose caps it counts for, also when it ends on a later one.
    sa.Column("day", sa.Date, nullable=False),
    moment("expires_at"),
    moment("began_at", nullable=True),
    moment("ended_at", nullable=True),
    created_at(),
    # What it was for: the provider, a production whose cap it counts for, and who asked for it.
    sa.Column("service", sa.Text),
    sa.Column("production", sa.Text),
    uuid("request_id", nullable=True),
    sa.Column("run_id", sa.Text),
    uuid("user_id", nullable=True),
    sa.Index("ix_reservations_production", "tenant_id", "production", postgresql_where=sa.text("production is not null")),
    sa.Index("ix_reservations_day", "tenant_id", "day"),
    sa.Index("ix_reservations_open", "expires_at", postgresql_where=sa.text("state = 'reserved'")),
    # One overage stops its subject, until somebody has looked at it.
    moment("excused_at", nullable=True),
    sa.Index(
        "ix_reservations_overage", "tenant_id", "subject", postgresql_where=sa.text("spent_usd > reserved_usd and excused_at is null")
    ),
)

# One row is one movement from an account to another, so the ledger is balanced by its shape; an operation has each kind once.
ledger_entries = tenant_table(
    "ledger_entries",
    sa.Column("operation", sa.Text, primary_key=True),
    sa.Column(
        "kind",
        sa.Text,
        sa.CheckConstraint("kind in ('reserve', 'commit', 'surplus', 'overage', 'release', 'unknown')", name="kind_known"),
        primary_key=True,
    ),
    sa.Column("source", sa.Text, sa.CheckConstraint(f"source in {ACCOUNTS}", name="source_known"), nullable=False),
    sa.Column("target", sa.Text, sa.CheckConstraint(f"target in {ACCOUNTS}", name="target_known"), nullable=False),
    sa.Column("amount_usd", Money, sa.CheckConstraint("amount_usd > 0", name="amount_positive"), nullable=False),
    created_at(),
    sa.CheckConstraint("source <> target", name="moves"),
    sa.ForeignKeyConstraint(["tenant_id", "operation"], ["reservations.tenant_id", "reservations.operation"]),
)

deployment_caps = sa.Table(
    "deployment_caps",
    metadata,
    sa.Column("period", sa.Text, sa.CheckConstraint("period in ('day', 'month')", name="period_known"), primary_key=True),
    sa.Column("cap_usd", Money, sa.CheckConstraint("cap_usd >= 0", name="cap_not_negative"), nullable=False),
    info={"owner": "platform"},
)

# A period's cap is dealt out to 64 shares, so that workspaces seldom wait for one another (docs/decisions/0024-ledger.md).
deployment_spending = sa.Table(
    "deployment_spending",
    metadata,
    sa.Column("period", sa.Text, sa.CheckConstraint("period in ('day', 'month')", name="period_known"), primary_key=True),
    sa.Column("period_start", sa.Date, primary_key=True),
    sa.Column("share", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("cap_usd", Money, nullable=False),
    sa.Column("quota_usd", Money, nullable=False),
    sa.Column("used_usd", Money, sa.CheckConstraint("used_usd >= 0", name="used_not_negative"), nullable=False),
    info={"owner": "platform"},
)

# By how much what has ended differs from what was held; counted in by whoever deals out or sweeps.
deployment_settled = sa.Table(
    "deployment_settled",
    metadata,
    sa.Column("settled_id", sa.UUID, primary_key=True, server_default=sa.func.gen_random_uuid()),
    sa.Column("period", sa.Text, nullable=False),
    sa.Column("period_start", sa.Date, nullable=False),
    sa.Column("share", sa.Integer, nullable=False),
    sa.Column("usd", Money, nullable=False),
    info={"owner": "platform"},
)
