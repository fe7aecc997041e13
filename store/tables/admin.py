"""What administrators of the platform set: overrides of plans."""

import sqlalchemy as sa

from store.tables.base import created_at, moment, tenant_table

# `what` is `plan`, or the meter whose limit is another one. Before `expires_at` it counts instead of the plan's own.
plan_overrides = tenant_table(
    "plan_overrides",
    sa.Column("what", sa.Text, primary_key=True),
    sa.Column("plan", sa.Text, sa.ForeignKey("plans.plan")),
    sa.Column("most", sa.BigInteger, sa.CheckConstraint("most >= 0", name="most_not_negative")),
    sa.Column(
        "period",
        sa.Text,
        sa.CheckConstraint("period in ('day', 'month', 'total')", name="period_known"),
        nullable=False,
        server_default="total",
    ),
    sa.Column("reason", sa.Text, nullable=False),
    moment("expires_at"),
    created_at(),
    sa.CheckConstraint("(what = 'plan') = (plan is not null)", name="one_thing"),
    sa.ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"], ondelete="CASCADE"),
)
