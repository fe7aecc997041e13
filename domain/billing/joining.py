"""Two tellings of one payment, refund or dispute, as one: the further it is, the better it is known. Order and repetition do not matter.

Providers have no list of these to be read anew, so what is kept is what events told.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, TypeVar

from domain.billing.objects import Dispute, Payment, Refund
from domain.billing.states import DisputeState, PaymentState, RefundState

Told = TypeVar("Told", Payment, Refund, Dispute)
# The same in all tellings, unless one of them leaves it out.
_STABLE = ("payment_id", "charge_id", "customer_id", "invoice_id", "subscription_id", "created_at")
_P, _R, _D = PaymentState, RefundState, DisputeState
_PAYMENTS = _P.PENDING, _P.PROCESSING, _P.FAILED, _P.CANCELED, _P.SUCCEEDED, _P.REFUNDED
# A try that failed may be tried again; money that came may go back; a refund that went out may bounce.
_RANKS: Mapping[str, int] = {
    **{f"payment {state}": rank for rank, state in enumerate(_PAYMENTS)},
    **{f"refund {state}": rank for rank, state in enumerate((_R.PENDING, _R.SUCCEEDED, _R.FAILED, _R.CANCELED))},
    **{f"dispute {state}": rank for rank, state in enumerate((_D.OPEN, _D.WON, _D.LOST))},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Telling(Generic[Told]):
    """What was told of a thing, and when the provider says that it stood so."""

    thing: Told
    at: datetime


def joined(one: Telling[Told], other: Telling[Told]) -> Telling[Told]:
    """Both are of the same thing. The same for `joined(other, one)`."""
    low, high = sorted((one, other), key=_rank)
    gaps = {name: getattr(low.thing, name) for name in _STABLE if getattr(high.thing, name, low) is None}
    found = replace(high.thing, **gaps)
    if isinstance(found, Payment) and isinstance(low.thing, Payment):
        found = _with_refunds(found, max(found.refunded_cents, low.thing.refunded_cents))
    return Telling(found, high.at)


def _with_refunds(payment: Payment, cents: int) -> Payment:
    is_all = payment.state is PaymentState.SUCCEEDED and 0 < payment.amount_cents <= cents
    return replace(payment, refunded_cents=cents, state=PaymentState.REFUNDED if is_all else payment.state)


def _rank(telling: Telling[Told]) -> tuple[int, datetime, str]:
    thing = telling.thing
    return _RANKS[f"{type(thing).__name__.lower()} {thing.state}"], telling.at, repr(thing)
