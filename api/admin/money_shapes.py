"""What /admin answers about money. MRR and payments are whole cents of a currency; costs are exact US dollars, as text; days are UTC."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

import msgspec


class MrrOut(msgspec.Struct, frozen=True, kw_only=True):
    """What workspaces on a plan bring in a month as things stand at this moment."""

    plan: str
    currency: str
    mrr_cents: int
    subscribers: int


class MovementsOut(msgspec.Struct, frozen=True, kw_only=True):
    """`mrr = mrr of the day before + new + expansion + reactivated + moved_in - contraction - churned - moved_out`, and so for subscribers.

    `moved`: what workspaces took along to another plan. Of all plans together, what moved in and out is the same.
    """

    currency: str
    mrr_cents: int
    new_cents: int
    expansion_cents: int
    reactivated_cents: int
    moved_in_cents: int
    contraction_cents: int
    churned_cents: int
    moved_out_cents: int
    subscribers: int
    new_subscribers: int
    reactivated_subscribers: int
    moved_in_subscribers: int
    churned_subscribers: int
    moved_out_subscribers: int


class RevenueDayOut(MovementsOut, frozen=True, kw_only=True):
    """All plans: what stood when the day ended, and what came and went on it."""

    day: date


class PlanRevenueOut(MovementsOut, frozen=True, kw_only=True):
    """One plan: what stood when the newest of the days ended, and what came and went in all of them."""

    plan: str


class ChurnOut(msgspec.Struct, frozen=True, kw_only=True):
    """Shares of what stood before the first day; null where nothing stood.

    `subscribers_share = churned / subscribers`, `gross_share = (churned + contraction) / mrr`,
    `net_share = (churned + contraction - expansion) / mrr`; below 0 those that stayed grew by more than was lost.
    """

    currency: str
    start_mrr_cents: int
    start_subscribers: int
    subscribers_share: float | None
    gross_share: float | None
    net_share: float | None


class CashOut(msgspec.Struct, frozen=True, kw_only=True):
    """What was paid and given back on a day, as the provider says it."""

    day: date
    provider: str
    currency: str
    payments: int
    paid_cents: int
    refunds: int
    refunded_cents: int


class RevenueOut(msgspec.Struct, frozen=True, kw_only=True):
    """Days from `since` until before `until`, newest first, as far as they are over and counted: `last_day` is the newest of them."""

    as_of: datetime
    since: date
    until: date
    last_day: date | None
    now: list[MrrOut]
    churn: list[ChurnOut]
    days: list[RevenueDayOut]
    plans: list[PlanRevenueOut]
    cash: list[CashOut]


class UnitCostOut(msgspec.Struct, frozen=True, kw_only=True):
    """So many units, and what they cost: outside calls, and an estimate of our machines. `each_usd` null: there was no unit to share it."""

    unit: str
    units: int
    outside_usd: str
    own_usd: str
    each_usd: str | None


class PlanMarginOut(msgspec.Struct, frozen=True, kw_only=True):
    """What a plan brought in these days by its MRR, what its workspaces cost, and the share that is left; null: it brought nothing."""

    plan: str
    revenue_usd: str
    cost_usd: str
    fees_usd: str
    margin: float | None


class UnitEconomicsOut(msgspec.Struct, frozen=True, kw_only=True):
    """Days from `since` until before `until`, as far as they are over and counted."""

    since: date
    until: date
    last_day: date | None
    units: list[UnitCostOut]
    plans: list[PlanMarginOut]


class CostSumOut(msgspec.Struct, frozen=True, kw_only=True):
    """The ledger, of days that were counted; `unknown`: operations that ended without a known price, which count in full."""

    name: str
    operations: int
    unknown: int
    reserved_usd: str
    spent_usd: str


class OutlookOut(msgspec.Struct, frozen=True, kw_only=True):
    """What this month comes to if its other days cost what the last seven did on average; `n_days`: how many of these cost something."""

    name: str
    n_days: int
    daily_usd: str
    month_usd: str


class CapOut(msgspec.Struct, frozen=True, kw_only=True):
    """What all workspaces together hold and have spent in the day or month that is running, and may."""

    period: str
    used_usd: str
    cap_usd: str


class CapsOut(msgspec.Struct, frozen=True, kw_only=True):
    """What paid calls of one workspace may cost from now on: as set for it, else by its plan."""

    day_usd: str
    month_usd: str


class ExcusedOut(msgspec.Struct, frozen=True, kw_only=True):
    """Operations that cost more than was held for them, and stop nothing any more."""

    operations: list[str]


class BillingEventOut(msgspec.Struct, frozen=True, kw_only=True, rename={"tenant_id": "workspace_id"}):
    """An event of a payment provider; what it says is not shown. `workspace_id` null: it is not known whom it concerns."""

    provider: str
    event_id: str
    tenant_id: UUID | None
    kind: str
    type: str
    state: str
    source: str
    attempts: int
    error: str | None
    happened_at: datetime
    received_at: datetime
    ended_at: datetime | None


class RefundIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`amount_cents` null: all that is left of the payment. `reason` is for the audit log, `cause` is told to the provider."""

    payment_id: str
    reason: str
    amount_cents: int | None = None
    cause: Literal["duplicate", "fraudulent", "requested_by_customer"] = "requested_by_customer"


class GivenBackOut(msgspec.Struct, frozen=True, kw_only=True):
    """Money on its way back. `state`: `pending`, `succeeded`, `failed` or `canceled`."""

    provider: str
    refund_id: str
    payment_id: str
    state: str
    currency: str
    amount_cents: int


def share(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
