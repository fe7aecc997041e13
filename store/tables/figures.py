"""Figures about money by UTC day: use and costs of each workspace; revenue, payments and unit costs of the whole deployment.

All of them are made of other tables and can be made again. What they are made of is in `store.tables.money` and `.billing`.
"""

import sqlalchemy as sa

from domain.revenue import FIGURES
from store.tables.base import metadata, moment, tenant_table
from store.tables.money import Money


def _n(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False)


# `used` counts: given back ones left out. `delivered`: of those, what counts for good.
usage_days = tenant_table(
    "usage_days",
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("meter", sa.Text, primary_key=True),
    *map(_n, ("used", "given_back", "delivered", "operations")),
    moment("made_at"),
    sa.Index("ix_usage_days_day", "day"),
)

# What calls of a day hold and have cost, by provider and by what they were for. `productions`: those whose first call was on that day.
cost_days = tenant_table(
    "cost_days",
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("service", sa.Text, primary_key=True),
    sa.Column("subject_kind", sa.Text, primary_key=True),
    *map(_n, ("operations", "productions", "unknown")),
    sa.Column("reserved_usd", Money, nullable=False),
    sa.Column("spent_usd", Money, nullable=False),
    moment("made_at"),
    sa.Index("ix_cost_days_day", "day"),
)

revenue_days = sa.Table(
    "revenue_days",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("plan", sa.Text, primary_key=True),
    sa.Column("currency", sa.Text, primary_key=True),
    *map(_n, FIGURES),
    info={"owner": "platform"},
)

cash_days = sa.Table(
    "cash_days",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("provider", sa.Text, primary_key=True),
    sa.Column("currency", sa.Text, primary_key=True),
    *map(_n, ("payments", "paid_cents", "refunds", "refunded_cents")),
    moment("made_at"),
    info={"owner": "platform"},
)

unit_days = sa.Table(
    "unit_days",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("plan", sa.Text, primary_key=True),
    sa.Column("unit", sa.Text, primary_key=True),
    _n("units"),
    sa.Column("outside_usd", Money, nullable=False),
    sa.Column("own_usd", Money, nullable=False),
    info={"owner": "platform"},
)
