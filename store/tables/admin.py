"""What administrators of the platform set, and what members tell them: overrides of plans, switches, feedback.

Suspension is a column of `tenants`; an administrator's acts are in the audit log.
"""

import sqlalchemy as sa

from store.tables.base import created_at, metadata, moment, tenant_table, uuid

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

feedback = tenant_table(
    "feedback",
    uuid("feedback_id", primary_key=True),
    uuid("user_id", nullable=True),
    sa.Column("category", sa.Text, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("rating", sa.Integer, sa.CheckConstraint("rating between 1 and 5", name="rating_in_range")),
    created_at(),
    moment("done_at", nullable=True),
    uuid("done_by", nullable=True),
    sa.ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"], ondelete="CASCADE"),
    sa.Index("ix_feedback_newest", sa.text("created_at desc")),
)

switches = sa.Table(
    "switches",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("is_on", sa.Boolean, nullable=False),
    created_at(),
    moment("updated_at", default_now=True),
    info={"owner": "platform"},
)

switch_overrides = tenant_table(
    "switch_overrides",
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("is_on", sa.Boolean, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    moment("expires_at", nullable=True),
    created_at(),
    sa.ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"], ondelete="CASCADE"),
)
