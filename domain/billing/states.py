"""How subscriptions, invoices, payments, refunds and disputes stand, in one spelling for all providers.

Stripe's words: https://docs.stripe.com/api/subscriptions/object, /invoices/object, /payment_intents/object, /refunds/object,
/disputes/object. Dodo's: https://docs.dodopayments.com/api-reference. A word that stands in no table is not guessed at.
"""

from enum import StrEnum
from types import MappingProxyType


class Provider(StrEnum):
    """Who takes the money."""

    STRIPE = "stripe"
    DODO = "dodo"


class SubscriptionState(StrEnum):
    """`canceling`: paid for until its period ends, then it is `canceled`. `failed`: a payment is overdue. `expired`: it never began."""

    PENDING = "pending"
    TRIAL = "trial"
    ACTIVE = "active"
    CANCELING = "canceling"
    FAILED = "failed"
    CANCELED = "canceled"
    EXPIRED = "expired"


# A plan's limits hold in these. `failed` is not among them: how long an overdue payment is borne with is the plan's business.
ENTITLED = frozenset({SubscriptionState.TRIAL, SubscriptionState.ACTIVE, SubscriptionState.CANCELING})
ENDED = frozenset({SubscriptionState.CANCELED, SubscriptionState.EXPIRED})


class InvoiceState(StrEnum):
    """`uncollectible`: given up."""

    DRAFT = "draft"
    OPEN = "open"
    PAID = "paid"
    VOID = "void"
    UNCOLLECTIBLE = "uncollectible"


class PaymentState(StrEnum):
    """`refunded`: all of it went back."""

    PENDING = "pending"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    REFUNDED = "refunded"


class RefundState(StrEnum):
    """How far the money is on its way back."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


class DisputeState(StrEnum):
    """`open` also stands for inquiries and for cases under review."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


class CheckoutState(StrEnum):
    """A page that a payer was sent to."""

    OPEN = "open"
    COMPLETE = "complete"
    EXPIRED = "expired"


_S, _P, _R, _D, _I = SubscriptionState, PaymentState, RefundState, DisputeState, InvoiceState
STRIPE_SUBSCRIPTION = MappingProxyType({
    "incomplete": _S.PENDING, "incomplete_expired": _S.EXPIRED, "trialing": _S.TRIAL, "active": _S.ACTIVE, "past_due": _S.FAILED,
    "unpaid": _S.FAILED, "paused": _S.FAILED, "canceled": _S.CANCELED,
})  # fmt: skip
STRIPE_INVOICE = MappingProxyType({state.value: state for state in _I})
STRIPE_PAYMENT = MappingProxyType({
    "requires_payment_method": _P.PENDING, "requires_confirmation": _P.PENDING, "requires_action": _P.PENDING,
    "requires_capture": _P.PROCESSING, "processing": _P.PROCESSING, "succeeded": _P.SUCCEEDED, "canceled": _P.CANCELED,
})  # fmt: skip
STRIPE_REFUND = MappingProxyType({
    "pending": _R.PENDING, "requires_action": _R.PENDING, "succeeded": _R.SUCCEEDED, "failed": _R.FAILED, "canceled": _R.CANCELED,
})  # fmt: skip
STRIPE_DISPUTE = MappingProxyType({
    "warning_needs_response": _D.OPEN, "warning_under_review": _D.OPEN, "warning_closed": _D.WON, "needs_response": _D.OPEN,
    "under_review": _D.OPEN, "won": _D.WON, "lost": _D.LOST, "prevented": _D.WON,
})  # fmt: skip
DODO_SUBSCRIPTION = MappingProxyType({
    "pending": _S.PENDING, "active": _S.ACTIVE, "on_hold": _S.FAILED, "cancelled": _S.CANCELED, "canceled": _S.CANCELED,
    "failed": _S.EXPIRED, "expired": _S.EXPIRED,
})  # fmt: skip
DODO_PAYMENT = MappingProxyType({
    "succeeded": _P.SUCCEEDED, "failed": _P.FAILED, "cancelled": _P.CANCELED, "canceled": _P.CANCELED, "processing": _P.PROCESSING,
    "requires_customer_action": _P.PENDING, "requires_merchant_action": _P.PENDING, "requires_payment_method": _P.PENDING,
    "requires_confirmation": _P.PENDING, "requires_capture": _P.PROCESSING, "partially_captured": _P.PROCESSING,
    "partially_captured_and_capturable": _P.PROCESSING,
})  # fmt: skip
DODO_REFUND = MappingProxyType({
    "pending": _R.PENDING, "review": _R.PENDING, "succeeded": _R.SUCCEEDED, "failed": _R.FAILED,
})  # fmt: skip
DODO_DISPUTE = MappingProxyType({
    "dispute_opened": _D.OPEN, "dispute_challenged": _D.OPEN, "dispute_expired": _D.LOST, "dispute_accepted": _D.LOST,
    "dispute_cancelled": _D.WON, "dispute_won": _D.WON, "dispute_lost": _D.LOST,
})  # fmt: skip


def until_the_end(state: SubscriptionState, *, is_ending: bool) -> SubscriptionState:
    """What is to end with its period, yet still holds, is `canceling`."""
    return SubscriptionState.CANCELING if is_ending and state in (SubscriptionState.ACTIVE, SubscriptionState.TRIAL) else state
