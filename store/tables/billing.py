"""Paying: customers, what is mirrored of the providers' objects, calls that change something there, and the inbox of their events.

A mirror holds what is asked for in columns, and the whole object as `domain.billing.objects` has it in `data`. Money is whole cents of a
currency. What a workspace may use is its one row of `subscriptions` (`store.tables.money`), which follows the mirrors.
"""

from typing import Any

import sqlalchemy as sa

from store.tables.base import Json, created_at, metadata, moment, tally, tenant_table, uuid

PROVIDERS = "('stripe', 'dodo')"
STATES = "('pending', 'trial', 'active', 'canceling', 'failed', 'canceled', 'expired')"


def _provider() -> sa.Column[Any]:
    return sa.Column("provider", sa.Text, sa.CheckConstraint(f"provider in {PROVIDERS}", name="provider_known"), primary_key=True)


def _cents(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def _mirror(name: str, key: str, *parts: Any) -> sa.Table:
    """One row per object of a provider. `version` counts how often it was written: whoever read before somebody else wrote reads again."""
    return tenant_table(
        name, _provider(), sa.Column(key, sa.Text, primary_key=True), *parts, sa.Column("data", Json, nullable=False), tally("version"),
        moment("read_at"),
    )  # fmt: skip


# One per workspace and provider.
billing_customers = tenant_table(
    "billing_customers",
    _provider(),
    sa.Column("customer_id", sa.Text, nullable=False),
    sa.Column("email", sa.Text),
    created_at(),
    sa.UniqueConstraint("provider", "customer_id"),
    sa.ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"], ondelete="CASCADE"),
)

billing_subscriptions = _mirror(
    "billing_subscriptions",
    "subscription_id",
    sa.Column("state", sa.Text, sa.CheckConstraint(f"state in {STATES}", name="state_known"), nullable=False),
    # Ours, by the price's lookup key; null where no plan of ours is sold for it.
    sa.Column("plan", sa.Text, sa.ForeignKey("plans.plan")),
    sa.Column("price", sa.Text),
    # What it brings in a month: a year's price is a twelfth of it.
    _cents("month_cents"),
    sa.Column("currency", sa.Text),
    moment("began_at", nullable=True),
    moment("ends_at", nullable=True),
    moment("ended_at", nullable=True),
    # Since when a payment is overdue, and which reminders went out.
    moment("failing_since", nullable=True),
    sa.Column("reminders", sa.Integer, nullable=False, server_default="0"),
    sa.UniqueConstraint("provider", "subscription_id"),
)

billing_invoices = _mirror(
    "billing_invoices",
    "invoice_id",
    sa.Column("subscription_id", sa.Text),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    _cents("total_cents"),
    _cents("paid_cents"),
    moment("invoiced_at", nullable=True),
    sa.Index("ix_billing_invoices_newest", "tenant_id", sa.text("invoiced_at desc nulls last")),
)

billing_payments = _mirror(
    "billing_payments",
    "payment_id",
    sa.Column("invoice_id", sa.Text),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    _cents("amount_cents"),
    _cents("refunded_cents"),
    moment("paid_at", nullable=True),
    sa.Index("ix_billing_payments_payment", "payment_id"),
    sa.Index("ix_billing_payments_charge", sa.text("(data ->> 'charge_id')")),
)

billing_refunds = _mirror(
    "billing_refunds",
    "refund_id",
    sa.Column("payment_id", sa.Text),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    _cents("amount_cents"),
    moment("refunded_at", nullable=True),
)

billing_disputes = _mirror(
    "billing_disputes",
    "dispute_id",
    sa.Column("payment_id", sa.Text),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    _cents("amount_cents"),
    moment("disputed_at", nullable=True),
)

billing_methods = _mirror("billing_methods", "method_id", sa.Column("is_default", sa.Boolean, nullable=False))

# What is to be changed at a provider is written down before it is asked for, with the key that makes the same call again harmless.
billing_calls = tenant_table(
    "billing_calls",
    sa.Column("operation", sa.Text, primary_key=True),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("wanted", Json, nullable=False),
    sa.Column("call_key", sa.Text, nullable=False),
    sa.Column("state", sa.Text, sa.CheckConstraint("state in ('open', 'done', 'failed')", name="state_known"), nullable=False),
    sa.Column("answer", Json),
    sa.Column("error", sa.Text),
    uuid("user_id", nullable=True),
    created_at(),
    moment("ended_at", nullable=True),
)

# Every change of what a workspace has: append-only, so that revenue of a day can be told later.
subscription_changes = tenant_table(
    "subscription_changes",
    uuid("change_id", primary_key=True),
    moment("changed_at"),
    sa.Column("plan", sa.Text, nullable=False),
    sa.Column("status", sa.Text, sa.CheckConstraint(f"status in {STATES}", name="status_known"), nullable=False),
    sa.Column("provider", sa.Text),
    sa.Column("subscription_id", sa.Text),
    sa.Column("price", sa.Text),
    _cents("month_cents"),
    sa.Column("currency", sa.Text),
    sa.Column("cause", sa.Text, nullable=False),
    sa.Index("ix_subscription_changes_newest", "tenant_id", sa.text("changed_at desc")),
    sa.Index("ix_subscription_changes_day", "changed_at"),
)

# The inbox. The raw body is kept before anything is done; `tenant_id` is whom it concerns, once that is known.
billing_events = sa.Table(
    "billing_events",
    metadata,
    _provider(),
    sa.Column("event_id", sa.Text, primary_key=True),
    uuid("tenant_id", nullable=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("customer_id", sa.Text),
    sa.Column("subscription_id", sa.Text),
    sa.Column("reference", sa.Text),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("source", sa.Text, sa.CheckConstraint("source in ('webhook', 'reconcile')", name="source_known"), nullable=False),
    sa.Column("state", sa.Text, sa.CheckConstraint("state in ('kept', 'done', 'ignored', 'failed')", name="state_known"), nullable=False),
    tally("attempts"),
    moment("next_try_at"),
    sa.Column("error", sa.Text),
    moment("happened_at"),
    moment("received_at", default_now=True),
    moment("ended_at", nullable=True),
    sa.Index("ix_billing_events_ended", "ended_at", postgresql_where=sa.text("state <> 'kept'")),
    sa.Index("ix_billing_events_kept", "next_try_at", postgresql_where=sa.text("state = 'kept'")),
    sa.Index("ix_billing_events_tenant", "tenant_id", "happened_at"),
    sa.Index("ix_billing_events_newest", sa.text("received_at desc")),
    info={"owner": "platform"},
)

# Up to when a provider's list of events was read: what is not in the inbox by then was lost on its way.
billing_cursors = sa.Table("billing_cursors", metadata, _provider(), moment("listed_until"), info={"owner": "platform"})
