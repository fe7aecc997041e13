"""How Stripe words payments, cards, refunds and disputes. A charge and the payment intent it belongs to are read as one payment."""

from domain.billing import cells
from domain.billing.cells import Record
from domain.billing.objects import Dispute, Payment, PaymentMethod, Refund
from domain.billing.states import STRIPE_DISPUTE, STRIPE_PAYMENT, STRIPE_REFUND, PaymentState, RefundState
from domain.billing.stripe_wording import STRIPE

CHARGE = {"succeeded": PaymentState.SUCCEEDED, "pending": PaymentState.PROCESSING, "failed": PaymentState.FAILED}


def payment(record: Record) -> Payment:
    """A payment intent. Until 2022-11 its charges came along."""
    error = cells.part(record, "last_payment_error")
    state = cells.state(STRIPE_PAYMENT, cells.demanded(record, "status"), "payment")
    charge = _newest_charge(record)
    refunded, amount = cells.cents(charge, "amount_refunded", otherwise=0), cells.cents(record, "amount")
    return Payment(
        provider=STRIPE,
        payment_id=cells.demanded(record, "id"),
        charge_id=cells.identifier(charge or record.get("latest_charge")),
        customer_id=cells.identifier(record.get("customer")),
        invoice_id=cells.identifier(record.get("invoice")),
        subscription_id=None,
        state=_payment_state(state, refunded=refunded, amount=amount, has_failed=bool(error)),
        currency=cells.currency(record),
        amount_cents=amount,
        refunded_cents=refunded,
        failure_code=cells.text(error, "decline_code") or cells.text(error, "code"),
        failure=cells.text(error, "message"),
        needs_action=record.get("status") == "requires_action",
        created_at=cells.moment(record, "created"),
    )


def charged(record: Record) -> Payment:
    """A charge. One that belongs to no payment intent, as before 2019, is a payment of its own."""
    amount, refunded = cells.cents(record, "amount"), cells.cents(record, "amount_refunded", otherwise=0)
    state = _charge_state(record)
    charge_id = cells.demanded(record, "id")
    return Payment(
        provider=STRIPE,
        payment_id=cells.identifier(record.get("payment_intent")) or charge_id,
        charge_id=charge_id,
        customer_id=cells.identifier(record.get("customer")),
        invoice_id=cells.identifier(record.get("invoice")),
        subscription_id=None,
        state=_payment_state(state, refunded=refunded, amount=amount, has_failed=state is PaymentState.FAILED),
        currency=cells.currency(record),
        amount_cents=amount,
        refunded_cents=refunded,
        failure_code=cells.text(record, "failure_code"),
        failure=cells.text(record, "failure_message"),
        needs_action=False,
        created_at=cells.moment(record, "created"),
    )


def payment_method(record: Record, *, default_id: str | None = None) -> PaymentMethod:
    kind, method_id = cells.text(record, "type") or "card", cells.demanded(record, "id")
    card = cells.part(record, "card") if "card" in record else record if record.get("object") == "card" else {}
    return PaymentMethod(
        provider=STRIPE,
        method_id=method_id,
        customer_id=cells.identifier(record.get("customer")),
        kind=kind,
        brand=(cells.text(card, "brand") or "").lower() or None,
        last4=cells.text(card, "last4"),
        exp_month=cells.whole(card, "exp_month"),
        exp_year=cells.whole(card, "exp_year"),
        is_default=method_id == default_id,
    )


def refund(record: Record) -> Refund:
    return Refund(
        provider=STRIPE,
        refund_id=cells.demanded(record, "id"),
        payment_id=cells.identifier(record.get("payment_intent")),
        charge_id=cells.identifier(record.get("charge")),
        # Before 2015 a refund had no status: it was done.
        state=cells.state(STRIPE_REFUND, cells.text(record, "status") or RefundState.SUCCEEDED.value, "refund"),
        currency=cells.currency(record),
        amount_cents=cells.cents(record, "amount"),
        reason=cells.text(record, "reason"),
        created_at=cells.moment(record, "created"),
    )


def dispute(record: Record) -> Dispute:
    charge_id = cells.identifier(record.get("charge"))
    due = cells.part(record, "evidence_details")
    return Dispute(
        provider=STRIPE,
        # Before 2014 a dispute had no id of its own.
        dispute_id=cells.text(record, "id") or f"of {charge_id}",
        payment_id=cells.identifier(record.get("payment_intent")),
        charge_id=charge_id,
        state=cells.state(STRIPE_DISPUTE, cells.demanded(record, "status"), "dispute"),
        currency=cells.currency(record),
        amount_cents=cells.cents(record, "amount"),
        reason=cells.text(record, "reason"),
        due_by=cells.moment(due, "due_by") or cells.moment(record, "evidence_due_by"),
        created_at=cells.moment(record, "created"),
    )


def _newest_charge(record: Record) -> Record:
    latest = record.get("latest_charge")
    if isinstance(latest, dict):
        return latest
    charges = cells.parts(record, "charges")
    return charges[0] if charges else {}


def _charge_state(record: Record) -> PaymentState:
    word = cells.text(record, "status") or ("succeeded" if record.get("paid") else "failed")
    return cells.state(CHARGE, "succeeded" if word == "paid" else word, "charge")


def _payment_state(state: PaymentState, *, refunded: int, amount: int, has_failed: bool) -> PaymentState:
    if state is PaymentState.SUCCEEDED and 0 < amount <= refunded:
        return PaymentState.REFUNDED
    return PaymentState.FAILED if state is PaymentState.PENDING and has_failed else state
