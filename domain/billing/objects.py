"""What we keep of a provider's billing objects. Money is in whole cents of `currency` (lower case, ISO 4217); moments are aware UTC.

`price` is the name that our plans give a price: Stripe's lookup key; Dodo has none, so its adapter is handed a table. `reference` is what
we gave the provider to find our own side by: the tenant.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from domain.billing.states import (
    CheckoutState,
    DisputeState,
    InvoiceState,
    PaymentState,
    Provider,
    RefundState,
    SubscriptionState,
)


@dataclass(frozen=True, slots=True)
class Customer:
    """Who pays. `credit_cents`: what the next invoice is less by."""

    provider: Provider
    customer_id: str
    email: str | None
    name: str | None
    reference: str | None
    credit_cents: int = 0
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class Subscription:
    """One plan of one customer. `status` is the provider's own word for `state`.

    `ends_at`: when it ends by itself, if it is to. `scheduled_price`: what it changes to at the end of its period, where that is known.
    `price` is None where the provider's price carries no name of ours.
    """

    provider: Provider
    subscription_id: str
    customer_id: str
    state: SubscriptionState
    status: str
    price: str | None
    price_id: str | None
    quantity: int
    currency: str | None
    unit_amount_cents: int | None
    interval: str | None
    period_start: datetime | None
    period_end: datetime | None
    trial_end: datetime | None
    ends_at: datetime | None
    canceled_at: datetime | None
    ended_at: datetime | None
    schedule_id: str | None
    scheduled_price: str | None
    latest_invoice_id: str | None
    reference: str | None
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One line. A credit is negative; the sum of all lines is the subtotal."""

    line_id: str | None
    description: str | None
    amount_cents: int
    quantity: int | None
    price_id: str | None
    is_proration: bool
    period_start: datetime | None
    period_end: datetime | None


@dataclass(frozen=True, slots=True)
class Invoice:
    """`due_cents` is the total less the customer's credit. `lines` may be only the first of them: then `has_all_lines` is false."""

    provider: Provider
    invoice_id: str | None
    number: str | None
    customer_id: str | None
    subscription_id: str | None
    payment_id: str | None
    state: InvoiceState
    reason: str | None
    currency: str
    subtotal_cents: int
    tax_cents: int
    total_cents: int
    due_cents: int
    paid_cents: int
    remaining_cents: int
    lines: tuple[InvoiceLine, ...]
    has_all_lines: bool
    period_start: datetime | None
    period_end: datetime | None
    created_at: datetime | None
    paid_at: datetime | None
    attempts: int
    next_attempt_at: datetime | None
    page_url: str | None
    pdf_url: str | None


@dataclass(frozen=True, slots=True)
class Payment:
    """One try to take money. `charge_id` is what Stripe books it under."""

    provider: Provider
    payment_id: str
    charge_id: str | None
    customer_id: str | None
    invoice_id: str | None
    subscription_id: str | None
    state: PaymentState
    currency: str
    amount_cents: int
    refunded_cents: int
    failure_code: str | None
    failure: str | None
    needs_action: bool
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class PaymentMethod:
    """A card as far as it may be shown. `kind` is the provider's word: card, link, sepa_debit."""

    provider: Provider
    method_id: str
    customer_id: str | None
    kind: str
    brand: str | None
    last4: str | None
    exp_month: int | None
    exp_year: int | None
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class Refund:
    """Money on its way back."""

    provider: Provider
    refund_id: str
    payment_id: str | None
    charge_id: str | None
    state: RefundState
    currency: str
    amount_cents: int
    reason: str | None
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class Dispute:
    """A payer's bank asks for the money back."""

    provider: Provider
    dispute_id: str
    payment_id: str | None
    charge_id: str | None
    state: DisputeState
    currency: str
    amount_cents: int
    reason: str | None
    due_by: datetime | None
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class Checkout:
    """A page where a plan is bought. `url` is None once it cannot be used any more."""

    provider: Provider
    checkout_id: str
    url: str | None
    state: CheckoutState
    is_paid: bool
    customer_id: str | None
    subscription_id: str | None
    reference: str | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Portal:
    """A page where a customer sees to it alone. It is good for minutes, for whoever holds the address."""

    url: str


@dataclass(frozen=True, slots=True)
class ChangePreview:
    """What changing now would cost now. `at`: the moment that the time left was counted from; hand it to the change."""

    currency: str
    due_cents: int
    credit_cents: int
    charge_cents: int
    lines: tuple[InvoiceLine, ...]
    at: datetime


Thing: TypeAlias = Customer | Subscription | Invoice | Payment | PaymentMethod | Refund | Dispute | Checkout
