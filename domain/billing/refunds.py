"""What may be given back of a payment. Pure; giving it back is in `services.billing.refunding`."""

from collections.abc import Iterable
from dataclasses import replace

from domain.billing.objects import Payment, Refund
from domain.billing.states import PaymentState, RefundState
from domain.errors import Conflict, FieldProblem, Unacceptable

# On its way, or there.
MONEY_BACK = frozenset({RefundState.PENDING, RefundState.SUCCEEDED})


def refundable(payment: Payment, refunds: Iterable[Refund], wanted: int | None, *, lost_cents: int = 0) -> int:
    """How many cents are given back: what is wanted, else all that is left. Raises Conflict, Unacceptable.

    `lost_cents`: what the payer's bank took back, for a dispute was lost.
    """
    if payment.state not in (PaymentState.SUCCEEDED, PaymentState.REFUNDED):
        raise Conflict(f"payment {payment.payment_id} is {payment.state}: there is nothing to give back")
    left = payment.amount_cents - given_back(payment, refunds) - lost_cents
    if left <= 0 < lost_cents:
        raise Conflict(f"payment {payment.payment_id} was taken back by the payer's bank: a dispute was lost")
    if left <= 0:
        raise Conflict(f"payment {payment.payment_id} was given back already")
    if wanted is not None and not 0 < wanted <= left:
        raise Unacceptable("the refund cannot be accepted", (FieldProblem("/amount_cents", f"name 1 to {left}: so much is left"),))
    return left if wanted is None else wanted


def given_back(payment: Payment, refunds: Iterable[Refund]) -> int:
    """In cents, by whichever of the two knows of more. What bounced is here again: only its refund tells so, the payment does not."""
    known = list(refunds)
    return max(payment.refunded_cents - _bounced(known), sum(each.amount_cents for each in known if each.state in MONEY_BACK))


def after_bounces(payment: Payment, refunds: Iterable[Refund]) -> Payment:
    """The payment without those of its refunds that fell through."""
    known = list(refunds)
    if not _bounced(known) or payment.state not in (PaymentState.SUCCEEDED, PaymentState.REFUNDED):
        return payment
    cents = given_back(payment, known)
    state = PaymentState.REFUNDED if 0 < payment.amount_cents <= cents else PaymentState.SUCCEEDED
    return replace(payment, refunded_cents=cents, state=state)


def _bounced(refunds: Iterable[Refund]) -> int:
    return sum(each.amount_cents for each in refunds if each.state not in MONEY_BACK)
