"""Giving a payment back, for administrators of the platform: once, whatever breaks off. Asking and outcome are noted."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.admin_rules import checked_reason
from domain.billing.changes import Deed
from domain.billing.objects import Refund
from domain.billing.orders import RefundReason
from domain.billing.refunds import given_back, refundable
from domain.errors import Conflict
from domain.ports import Shops
from services.administering import Act
from services.billing.calling import Ask, Outcome, performed
from services.billing.deeds import Till, Words
from store.admin import AdminWork
from store.work import UnitOfWork


class Administers(Protocol):
    """Transactions of an administrator."""

    def begin(self) -> AbstractContextManager[AdminWork]: ...


@dataclass
class Within:
    """Transactions of one workspace, by an administrator who is proven anew in each. `work` is that of the one that is open."""

    admin: Administers
    tenant_id: UUID
    work: AdminWork | None = None

    @contextmanager
    def begin(self) -> Iterator[UnitOfWork]:
        with self.admin.begin() as self.work:
            yield self.work.within(self.tenant_id)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Of which payment, and how much; None: all that is left. `cause` is told to the provider."""

    payment_id: str
    amount_cents: int | None
    cause: RefundReason


@dataclass
class _Refunding:
    within: Within
    wanted: Wanted
    act: Act
    there: tuple[Refund, ...] = field(default=())

    def read(self, till: Till) -> None:
        """What was given back already, as the provider has it."""
        with till.work.begin() as uow:
            payment = uow.billing.payment(self.wanted.payment_id)
        self.there = till.shops.of(payment.provider).refunds(payment.payment_id, customer_id=payment.customer_id)

    def decided(self, uow: UnitOfWork, now: datetime) -> tuple[Deed, Words]:
        wanted, payment = self.wanted, uow.billing.payment(self.wanted.payment_id)
        if any(each.wanted["payment_id"] == payment.payment_id for each in uow.billing_calls.open_of(Deed.REFUND)):
            raise Conflict(f"a refund of {payment.payment_id} is under way: repeat in a moment")
        for each in self.there:
            uow.billing_told.tell(each, at=now)
        known = uow.billing.refunds_of(payment.payment_id)
        lost = uow.billing.lost_cents(payment.payment_id)
        cents, before = refundable(payment, known, wanted.amount_cents, lost_cents=lost), given_back(payment, known)
        self.note("asked", uow, before={"refunded_cents": before}, after={"amount_cents": cents, "currency": payment.currency})
        return Deed.REFUND, {
            "provider": payment.provider, "payment_id": payment.payment_id, "customer_id": payment.customer_id, "amount_cents": cents,
            # Dodo gives whole payments back only, and wants no amount then.
            "of_provider_cents": None if before == 0 and cents == payment.amount_cents else cents,
            "reason": wanted.cause, "there": [each.refund_id for each in known],
        }  # fmt: skip

    def note(self, what: str, uow: UnitOfWork, *, before: Words | None = None, after: Words) -> None:
        if self.within.work is None:
            raise Conflict("no administrator is at it")
        words = {"reason": self.act.reason, "request_id": self.act.request_id}
        self.within.work.note(
            f"payment.refund_{what}", self.wanted.payment_id, tenant_id=uow.tenant_id, before=before, after=dict(after), **words
        )


def refund(  # noqa: PLR0913 - who gives what back to whom
    admin: Administers, shops: Shops, tenant_id: UUID, wanted: Wanted, act: Act, *, key: str, now: datetime
) -> Outcome:
    """The same key again gives nothing more back. Raises NotFound, Conflict, Unacceptable, and what the provider's port raises.

    After SourceUnavailable nobody knows what came of it: the same again, with the same key, finds out.
    """
    act = Act(checked_reason(act.reason or ""), act.request_id)
    doing = _Refunding(Within(admin, tenant_id), wanted, act)
    words = {
        "payment_id": wanted.payment_id, "amount_cents": wanted.amount_cents, "cause": wanted.cause, "reason": act.reason,
        "by_platform_admin": True,
    }  # fmt: skip
    ask = Ask(words, doing.read, lambda uow: doing.decided(uow, now))
    outcome = performed(Till(doing.within, shops, now), f"refund:{key}", ask)
    if not outcome.is_replay:
        with doing.within.begin() as uow:
            doing.note("made", uow, after=outcome.answer)
    return outcome
