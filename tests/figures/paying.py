"""Payments and refunds as a provider would have them."""

from datetime import datetime

from domain.billing.objects import Payment, Refund
from domain.billing.states import PaymentState, Provider, RefundState


def payment(payment_id: str, cents: int, *, at: datetime, state: PaymentState = PaymentState.SUCCEEDED, refunded: int = 0) -> Payment:
    return Payment(
        Provider.STRIPE, payment_id, None, "cus_1", None, None, state, "usd", cents, refunded, None, None, needs_action=False, created_at=at
    )


def refund(refund_id: str, payment_id: str, cents: int, *, at: datetime, state: RefundState = RefundState.SUCCEEDED) -> Refund:
    return Refund(Provider.STRIPE, refund_id, payment_id, None, state, "usd", cents, "requested_by_customer", at)
