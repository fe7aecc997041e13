"""Payments, refunds and disputes as events tell of them, joined with what was told before: see `domain.billing.joining`."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeAlias

import msgspec

from domain.billing.joining import Telling, joined
from domain.billing.objects import Dispute, Payment, Refund
from store.billing import Billing

Told: TypeAlias = Payment | Refund | Dispute
_OF: Mapping[type, tuple[str, str]] = {
    Payment: ("billing_payments", "payment_id"), Refund: ("billing_refunds", "refund_id"), Dispute: ("billing_disputes", "dispute_id"),
}  # fmt: skip


class BillingTold(Billing):
    """One workspace's. Whoever tells holds `lock()`."""

    # Which of two tellings is the later one is found by what they say.
    _overwrites = True

    def tell(self, thing: Told, *, at: datetime) -> None:
        """What stood so then. Order and repetition of tellings do not matter."""
        keeps: Mapping[type, Callable[..., None]] = {Payment: self.keep_payment, Refund: self.keep_refund, Dispute: self.keep_dispute}
        table, key = _OF[type(thing)]
        row = self._run(
            f"select data, read_at from {table} where tenant_id = :tenant and provider = :provider and {key} = :id",
            provider=thing.provider, id=getattr(thing, key),
        ).first()  # fmt: skip
        told: Telling[Any] = Telling(thing, at)
        if row is not None:
            told = joined(Telling(msgspec.convert(row.data, type(thing)), row.read_at), told)
        keeps[type(thing)](told.thing, at=told.at)
