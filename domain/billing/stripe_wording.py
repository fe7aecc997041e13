"""How Stripe words subscriptions, invoices and their lines, in the wordings of all years that still arrive.

Since 2025-03-31 ("basil") the period of a subscription stands on its items, and what an invoice belongs to under `parent`
(https://docs.stripe.com/changelog/basil); before, both stood on top, and before prices there were plans. Money and cards are in
`stripe_money`, events in `stripe_events`.
"""

from domain.billing import cells
from domain.billing.cells import Record
from domain.billing.objects import Checkout, Customer, Invoice, InvoiceLine, Subscription
from domain.billing.states import (
    STRIPE_INVOICE,
    STRIPE_SUBSCRIPTION,
    CheckoutState,
    InvoiceState,
    Provider,
    until_the_end,
)

STRIPE = Provider.STRIPE
REFERENCE = "tenant_id"
SCHEDULED = "scheduled_price"
# In the metadata of a price: what we sold it as. A lookup key can be moved to another price, this stays.
SOLD_AS = "whyral_price"


def customer(record: Record) -> Customer:
    return Customer(
        STRIPE,
        cells.demanded(record, "id"),
        cells.text(record, "email"),
        cells.text(record, "name"),
        cells.text(cells.part(record, "metadata"), REFERENCE),
        credit_cents=-cells.cents(record, "balance", otherwise=0),
        is_deleted=cells.flag(record, "deleted"),
    )


def subscription(record: Record) -> Subscription:
    items = cells.parts(record, "items")
    item = items[0] if items else {}
    price = _price(item) or _price(record)
    period = item if item.get("current_period_end") is not None else record
    status = cells.demanded(record, "status")
    state = cells.state(STRIPE_SUBSCRIPTION, status, "subscription")
    period_end = cells.moment(period, "current_period_end")
    is_ending = cells.flag(record, "cancel_at_period_end")
    ends_at = cells.moment(record, "cancel_at") or (period_end if is_ending else None)
    metadata = cells.part(record, "metadata")
    return Subscription(
        provider=STRIPE,
        subscription_id=cells.demanded(record, "id"),
        customer_id=cells.identifier(record.get("customer")) or "",
        state=until_the_end(state, is_ending=ends_at is not None),
        status=status,
        price=_name(price),
        price_id=cells.text(price, "id"),
        quantity=cells.cents(item, "quantity", otherwise=cells.whole(record, "quantity") or 1),
        currency=cells.text(record, "currency") or cells.text(price, "currency"),
        unit_amount_cents=_first(cells.whole(price, "unit_amount"), cells.whole(price, "amount")),
        interval=cells.text(cells.part(price, "recurring"), "interval") or cells.text(price, "interval"),
        period_start=cells.moment(period, "current_period_start"),
        period_end=period_end,
        trial_end=cells.moment(record, "trial_end"),
        ends_at=ends_at,
        canceled_at=cells.moment(record, "canceled_at"),
        ended_at=cells.moment(record, "ended_at"),
        schedule_id=cells.identifier(record.get("schedule")),
        scheduled_price=_scheduled(record, price),
        latest_invoice_id=cells.identifier(record.get("latest_invoice")),
        reference=cells.text(metadata, REFERENCE),
        created_at=cells.moment(record, "created") or cells.moment(record, "start"),
    )


def invoice(record: Record) -> Invoice:
    lines = cells.part(record, "lines")
    total = cells.cents(record, "total")
    state, paid = _invoice_state(record), cells.cents(record, "amount_paid", otherwise=_paid_before_2016(record))
    due = cells.cents(record, "amount_due")
    return Invoice(
        provider=STRIPE,
        invoice_id=cells.text(record, "id"),
        number=cells.text(record, "number"),
        customer_id=cells.identifier(record.get("customer")),
        subscription_id=invoice_subscription(record),
        payment_id=_invoice_payment(record),
        state=state,
        reason=cells.text(record, "billing_reason"),
        currency=cells.currency(record),
        subtotal_cents=cells.cents(record, "subtotal"),
        tax_cents=_tax(record),
        total_cents=total,
        due_cents=due,
        paid_cents=paid,
        remaining_cents=cells.cents(record, "amount_remaining", otherwise=max(0, due - paid)),
        lines=tuple(map(invoice_line, cells.parts(record, "lines"))),
        has_all_lines=not cells.flag(lines, "has_more"),
        period_start=cells.moment(record, "period_start"),
        period_end=cells.moment(record, "period_end"),
        created_at=cells.moment(record, "created") or cells.moment(record, "date"),
        paid_at=cells.moment(cells.part(record, "status_transitions"), "paid_at"),
        attempts=cells.cents(record, "attempt_count", otherwise=0),
        next_attempt_at=cells.moment(record, "next_payment_attempt"),
        page_url=cells.text(record, "hosted_invoice_url"),
        pdf_url=cells.text(record, "invoice_pdf"),
    )


def invoice_line(record: Record) -> InvoiceLine:
    period, parent = cells.part(record, "period"), cells.part(record, "parent")
    details = cells.part(parent, cells.text(parent, "type") or "subscription_item_details")
    return InvoiceLine(
        line_id=cells.text(record, "id"),
        description=cells.text(record, "description"),
        amount_cents=cells.cents(record, "amount"),
        quantity=cells.whole(record, "quantity"),
        price_id=cells.identifier(cells.part(record, "pricing", "price_details").get("price")) or cells.text(_price(record), "id"),
        is_proration=cells.flag(details, "proration") or cells.flag(record, "proration"),
        period_start=cells.moment(period, "start"),
        period_end=cells.moment(period, "end"),
    )


def checkout(record: Record) -> Checkout:
    state = cells.text(record, "status")
    return Checkout(
        STRIPE,
        cells.demanded(record, "id"),
        cells.text(record, "url"),
        # Before 2021-11 there was no status: a session that we are told of as completed is complete.
        cells.state({each.value: each for each in CheckoutState}, state or "complete", "checkout"),
        is_paid=cells.text(record, "payment_status") in ("paid", "no_payment_required"),
        customer_id=cells.identifier(record.get("customer")),
        subscription_id=cells.identifier(record.get("subscription")),
        reference=cells.text(record, "client_reference_id") or cells.text(cells.part(record, "metadata"), REFERENCE),
        expires_at=cells.moment(record, "expires_at"),
    )


def invoice_subscription(record: Record) -> str | None:
    """What an invoice, as it is worded now or was, bills for."""
    now = cells.part(record, "parent", "subscription_details").get("subscription")
    return cells.identifier(now) or cells.identifier(record.get("subscription"))


def _price(record: Record) -> Record:
    """A price, or the plan that stood there before prices."""
    price = record.get("price")
    return cells.part(record, "price") if isinstance(price, dict) else cells.part(record, "plan")


def _name(price: Record) -> str | None:
    return cells.text(cells.part(price, "metadata"), SOLD_AS) or cells.text(price, "lookup_key")


def _scheduled(record: Record, price: Record) -> str | None:
    """Written into the metadata with the schedule, which itself names prices by ids. A schedule outlives its change by a period."""
    wanted = cells.text(cells.part(record, "metadata"), SCHEDULED) if record.get("schedule") else None
    return wanted if wanted != _name(price) else None


def _invoice_payment(record: Record) -> str | None:
    for each in cells.parts(record, "payments"):
        found = cells.identifier(cells.part(each, "payment").get("payment_intent"))
        if found:
            return found
    return cells.identifier(record.get("payment_intent"))


def _invoice_state(record: Record) -> InvoiceState:
    """Before 2018-11 there was no status, but `paid`, `closed` and `forgiven`."""
    word = cells.text(record, "status")
    if word is None:
        word = "paid" if record.get("paid") else "uncollectible" if record.get("forgiven") else "void" if record.get("closed") else "open"
    return cells.state(STRIPE_INVOICE, word, "invoice")


def _paid_before_2016(record: Record) -> int:
    return cells.cents(record, "amount_due", otherwise=0) if record.get("paid") else 0


def _tax(record: Record) -> int:
    """The sum of `total_taxes`; before, `tax`."""
    taxes = cells.parts(record, "total_taxes")
    return sum(cells.cents(each, "amount") for each in taxes) if taxes else cells.cents(record, "tax", otherwise=0)


def _first(*found: int | None) -> int | None:
    return next((each for each in found if each is not None), None)
