"""How Dodo Payments words its objects (https://docs.dodopayments.com/api-reference). Its webhooks are in `dodo_events`.

Written from its documentation and its public SDK's types; nothing of it was recorded. Dodo has no name of ours for a price: `prices` says
which of our names each of its products has.
"""

from collections.abc import Mapping
from datetime import datetime

from domain.billing import cells
from domain.billing.cells import Record
from domain.billing.objects import ChangePreview, Customer, Dispute, InvoiceLine, Payment, PaymentMethod, Refund, Subscription
from domain.billing.states import (
    DODO_DISPUTE,
    DODO_PAYMENT,
    DODO_REFUND,
    DODO_SUBSCRIPTION,
    DisputeState,
    PaymentState,
    Provider,
    SubscriptionState,
    until_the_end,
)
from domain.imports.values import Unreadable

DODO = Provider.DODO
REFERENCE = "tenant_id"
Prices = Mapping[str, str]


def customer(record: Record) -> Customer:
    reference = cells.text(cells.part(record, "metadata"), REFERENCE)
    return Customer(DODO, cells.demanded(record, "customer_id"), cells.text(record, "email"), cells.text(record, "name"), reference)


def subscription(record: Record, prices: Prices) -> Subscription:
    status, product = cells.demanded(record, "status"), cells.text(record, "product_id")
    state = cells.state(DODO_SUBSCRIPTION, status, "subscription")
    begun, end = cells.written_moment(record, "created_at"), cells.written_moment(record, "next_billing_date")
    is_ending, canceled = cells.flag(record, "cancel_at_next_billing_date"), cells.written_moment(record, "cancelled_at")
    planned = cells.part(record, "scheduled_change")
    is_trial = _is_trial(record) and state is SubscriptionState.ACTIVE
    return Subscription(
        provider=DODO,
        subscription_id=cells.demanded(record, "subscription_id"),
        customer_id=cells.demanded(cells.part(record, "customer"), "customer_id"),
        state=until_the_end(SubscriptionState.TRIAL if is_trial else state, is_ending=is_ending),
        status=status,
        price=prices.get(product or ""),
        price_id=product,
        quantity=cells.cents(record, "quantity", otherwise=1),
        currency=(cells.text(record, "currency") or "").lower() or None,
        unit_amount_cents=cells.whole(record, "recurring_pre_tax_amount"),
        interval=(cells.text(record, "payment_frequency_interval") or "").lower() or None,
        period_start=cells.written_moment(record, "previous_billing_date"),
        period_end=end,
        trial_end=end if is_trial else None,
        ends_at=end if is_ending else None,
        canceled_at=canceled,
        ended_at=canceled if state is SubscriptionState.CANCELED else None,
        schedule_id=cells.text(planned, "id"),
        scheduled_price=prices.get(cells.text(planned, "product_id") or ""),
        latest_invoice_id=None,
        reference=cells.text(cells.part(record, "metadata"), REFERENCE),
        created_at=begun,
    )


def _is_trial(record: Record) -> bool:
    """In the first period, if that is as long as the trial."""
    days, begun, end = (
        cells.whole(record, "trial_period_days"), cells.written_moment(record, "created_at"),
        cells.written_moment(record, "next_billing_date"),
    )  # fmt: skip
    return bool(days and begun and end and (end - begun).days <= days)


def payment(record: Record) -> Payment:
    word, amount = cells.text(record, "status"), cells.cents(record, "total_amount")
    refunds = [each for each in cells.parts(record, "refunds") if each.get("status") == "succeeded"]
    refunded = sum(cells.cents(each, "amount", otherwise=0) for each in refunds)
    state = PaymentState.PENDING if word is None else cells.state(DODO_PAYMENT, word, "payment")
    return Payment(
        provider=DODO,
        payment_id=cells.demanded(record, "payment_id"),
        charge_id=None,
        customer_id=cells.text(cells.part(record, "customer"), "customer_id"),
        invoice_id=cells.text(record, "invoice_id"),
        subscription_id=cells.text(record, "subscription_id"),
        state=PaymentState.REFUNDED if state is PaymentState.SUCCEEDED and 0 < amount <= refunded else state,
        currency=cells.currency(record),
        amount_cents=amount,
        refunded_cents=refunded,
        failure_code=cells.text(record, "error_code"),
        failure=cells.text(record, "error_message"),
        needs_action=word == "requires_customer_action",
        created_at=cells.written_moment(record, "created_at"),
    )


def refund(record: Record) -> Refund:
    """Raises Unreadable where the amount is missing, which the documentation allows: nothing is made up."""
    return Refund(
        provider=DODO,
        refund_id=cells.demanded(record, "refund_id"),
        payment_id=cells.text(record, "payment_id"),
        charge_id=None,
        state=cells.state(DODO_REFUND, cells.text(record, "status"), "refund"),
        currency=cells.currency(record),
        amount_cents=cells.cents(record, "amount"),
        reason=cells.text(record, "reason"),
        created_at=cells.written_moment(record, "created_at"),
    )


def dispute(record: Record) -> Dispute:
    """Amounts are written as text here."""
    word, amount = cells.text(record, "dispute_status"), cells.demanded(record, "amount")
    if not amount.isascii() or not amount.isdigit():
        raise Unreadable(f"amount: {amount[:20]!r} where whole cents were due")
    state: DisputeState = cells.state(DODO_DISPUTE, word, "dispute")
    return Dispute(
        DODO, cells.demanded(record, "dispute_id"), cells.text(record, "payment_id"), None, state, cells.currency(record), int(amount),
        cells.text(record, "reason"), None, cells.written_moment(record, "created_at"),
    )  # fmt: skip


def payment_method(record: Record, *, customer_id: str) -> PaymentMethod:
    card = cells.part(record, "card")
    month, year = cells.text(card, "expiry_month"), cells.text(card, "expiry_year")
    return PaymentMethod(
        provider=DODO,
        method_id=cells.demanded(record, "payment_method_id"),
        customer_id=customer_id,
        kind=cells.text(record, "payment_method") or "card",
        brand=(cells.text(card, "card_network") or "").lower() or None,
        last4=cells.text(card, "last4_digits"),
        exp_month=int(month) if month and month.isdigit() else None,
        exp_year=int(year) if year and year.isdigit() else None,
    )


def preview(record: Record, at: datetime) -> ChangePreview:
    """Line items are prices times a share of the period; the summary is what is charged."""
    charge = cells.part(record, "immediate_charge")
    summary = cells.part(charge, "summary")
    lines = tuple(map(_line, cells.parts(charge, "line_items")))
    due = cells.cents(summary, "total_amount")
    gross = sum(line.amount_cents for line in lines if line.amount_cents > 0)
    credit = cells.cents(summary, "customer_credits", otherwise=0) + sum(-line.amount_cents for line in lines if line.amount_cents < 0)
    return ChangePreview(cells.currency(summary), due, credit, gross, lines, at)


def _line(record: Record) -> InvoiceLine:
    factor, unit, quantity = record.get("proration_factor"), cells.cents(record, "unit_price"), cells.cents(record, "quantity", otherwise=1)
    if not isinstance(factor, int | float):
        raise Unreadable("proration_factor is missing")
    return InvoiceLine(
        cells.text(record, "id"), cells.text(record, "name"), round(unit * quantity * factor), quantity, cells.text(record, "product_id"),
        factor != 1, None, None,
    )  # fmt: skip
