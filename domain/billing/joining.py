"""Two tellings of one payment, refund or dispute, as one: the further it is, the better it is known. Order and repetition do not matter.

Providers have no list of these to be read anew, so what is kept is what events told.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Generic, TypeVar

from domain.billing.objects import Dispute, Payment, Refund
from domain.billing.states import DisputeState, PaymentState, RefundState

Told = TypeVar("Told", Payment, Refund, Dispute)
# The same in all tellings, unless one of them leaves it out.
_STABLE = ("payment_id", "charge_id", "customer_id", "invoice_id", "subscription_id", "created_at")
_P, _R, _D = PaymentState, RefundState, DisputeState
# A try that failed may be tried again, money that came stays (how much of it went back is told beside), a refund may bounce.
_RANKS: Mapping[str, int] = {
    **{f"payment {state}": rank for rank, state in enumerate((_P.PENDING, _P.PROCESSING, _P.FAILED, _P.CANCELED, _P.SUCCEEDED))},
    f"payment {_P.REFUNDED}": 4,
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
        found = _with_refunds(found, low.thing)
    return Telling(found, high.at)


def _with_refunds(high: Payment, low: Payment) -> Payment:
    """What went back never comes again."""
    cents, is_told = max(high.refunded_cents, low.refunded_cents), PaymentState.REFUNDED in (high.state, low.state)
    is_all = high.state is PaymentState.SUCCEEDED and (is_told or 0 < high.amount_cents <= cents)
    return replace(high, refunded_cents=cents, state=PaymentState.REFUNDED if is_all else high.state)


def _rank(telling: Telling[Told]) -> tuple[int, datetime, str]:
    """Of two that are as far, the later one; of two of one second, always the same. What is joined from others says nothing here."""
    thing = telling.thing
    joins = (*_STABLE, "refunded_cents", "state")
    words = [(each.name, getattr(thing, each.name)) for each in fields(thing) if each.name not in joins]
    return _RANKS[f"{type(thing).__name__.lower()} {thing.state}"], telling.at, repr(words)
