"""What can be done at a provider: doing it, looking whether it is done, and what is told of it. When is `services.billing.calling`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Any

from domain.billing.changes import LATER, Deed, check_nothing_is_had, is_done
from domain.billing.objects import Customer, Refund, Subscription
from domain.billing.orders import CheckoutOrder, NewCustomer, RefundOrder
from domain.billing.refunds import MONEY_BACK
from domain.billing.states import CheckoutState, Provider
from domain.errors import Conflict, NotFound
from domain.ports import Payments, Shops
from services.billing.mirroring import Begins, refresh
from store.work import UnitOfWork

Words = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Till:
    """Where a workspace pays. `now`: before which nothing was asked of a provider."""

    work: Begins
    shops: Shops
    now: datetime

    def shop(self, wanted: Words) -> Payments:
        return self.shops.of(Provider(wanted["provider"]))


@dataclass(frozen=True, slots=True)
class Doing:
    """`do` is given the key of the call and says what it came to; `is_done` looks; `keep` says what is told, in one transaction.

    `is_followed`: afterwards the subscriptions are read anew.
    """

    do: Callable[[Till, Words, str], Words]
    is_done: Callable[[Till, Words], bool]
    keep: Callable[[UnitOfWork, Till, Words, Words], Words]
    is_followed: bool = True


def _customer(till: Till, wanted: Words, key: str) -> Words:
    new = NewCustomer(wanted["reference"], wanted["email"], wanted["name"])
    return {"customer_id": till.shop(wanted).customer(new, key=key).customer_id}


def _is_customer(till: Till, wanted: Words) -> bool:
    with till.work.begin() as uow:
        return uow.billing.customer(Provider(wanted["provider"])) not in (None, wanted.get("gone"))


def _keep_customer(uow: UnitOfWork, _: Till, wanted: Words, facts: Words) -> Words:
    provider = Provider(wanted["provider"])
    if not facts:
        return {"customer_id": uow.billing.customer(provider)}
    made = Customer(provider, facts["customer_id"], wanted["email"], wanted["name"], wanted["reference"])
    gone = wanted.get("gone")
    return {"customer_id": uow.billing.replace_customer(made, gone=gone) if gone else uow.billing.keep_customer(made)}


def _checkout(till: Till, wanted: Words, key: str) -> Words:
    """The page before is closed first."""
    if wanted["closes"] is not None:
        _close(till, wanted["closes"], key=f"{key}:close")
    words = {name: wanted[name] for name in CheckoutOrder.__dataclass_fields__ if name in wanted}
    made = till.shop(wanted).checkout(CheckoutOrder(**words), key=key)
    return {
        "checkout_id": made.checkout_id, "url": made.url, "provider": wanted["provider"], "price": wanted["price"],
        "plan": wanted["plan"], "trial_days": wanted["trial_days"], "expires_at": made.expires_at,
    }  # fmt: skip


def _close(till: Till, page: Words, key: str) -> None:
    """Where somebody bought on it a moment ago, or is about to, nothing is bought twice."""
    state = till.shop(page).close_checkout(page["checkout_id"], key=key)
    if state is CheckoutState.OPEN:
        raise Conflict("the page of before is being paid on: have it read anew in a moment")
    if state is CheckoutState.COMPLETE:
        refresh(till.work, till.shops, Provider(page["provider"]), now=till.now, cause=Deed.CHECKOUT)
        with till.work.begin() as uow:
            check_nothing_is_had(uow.billing.mirrors())


def _change(till: Till, wanted: Words, key: str) -> Words:
    till.shop(wanted).change(wanted["subscription_id"], wanted["price"], at=datetime.fromisoformat(wanted["at"]), key=key)
    return {}


def _change_later(till: Till, wanted: Words, key: str) -> Words:
    till.shop(wanted).change_later(wanted["subscription_id"], wanted["price"], key=key)
    return {}


def _cancel_later(till: Till, wanted: Words, key: str) -> Words:
    till.shop(wanted).cancel_later(wanted["subscription_id"], key=key)
    return {}


def _cancel_now(till: Till, wanted: Words, key: str) -> Words:
    till.shop(wanted).cancel_now(wanted["subscription_id"], key=key)
    return {}


def _resume(till: Till, wanted: Words, key: str) -> Words:
    till.shop(wanted).resume(wanted["subscription_id"], key=key)
    return {}


def _refund(till: Till, wanted: Words, key: str) -> Words:
    order = RefundOrder(wanted["payment_id"], wanted["of_provider_cents"], wanted["reason"])
    return {"made": till.shop(wanted).refund(order, key=key)}


def _refunds(till: Till, wanted: Words) -> list[Refund]:
    """Those that were not there when it was asked for, nor fell through since."""
    there = till.shop(wanted).refunds(wanted["payment_id"], customer_id=wanted["customer_id"])
    return [each for each in there if each.refund_id not in wanted["there"] and each.state in MONEY_BACK]


def _is_refunded(till: Till, wanted: Words) -> bool:
    """What is found is kept at once, so that it can be told of."""
    found = next((each for each in _refunds(till, wanted) if each.amount_cents == wanted["amount_cents"]), None)
    if found is not None:
        with till.work.begin() as uow:
            uow.billing.lock()
            uow.billing_told.tell(found, at=till.now)
    return found is not None


def _keep_refund(uow: UnitOfWork, till: Till, wanted: Words, facts: Words) -> Words:
    made: Refund | None = facts.get("made")
    if made is not None:
        uow.billing.lock()
        uow.billing_told.tell(replace(made, payment_id=made.payment_id or wanted["payment_id"]), at=till.now)
    else:
        known = uow.billing.refunds_of(wanted["payment_id"])
        made = next(each for each in known if each.refund_id not in wanted["there"] and each.amount_cents == wanted["amount_cents"])
    return {
        "provider": made.provider, "refund_id": made.refund_id, "payment_id": wanted["payment_id"], "state": made.state,
        "currency": made.currency, "amount_cents": made.amount_cents,
    }  # fmt: skip


def _stands(deed: Deed, till: Till, wanted: Words) -> bool:
    return is_done(deed, till.shop(wanted).subscription(wanted["subscription_id"]), wanted.get("price"))


def _told(deed: Deed, uow: UnitOfWork, till: Till, wanted: Words, _: Words) -> Words:
    """The subscription after the deed, and the invoice that it brought."""
    found = _mirrored(uow, wanted["subscription_id"])
    billed = found.latest_invoice_id if deed is Deed.CHANGE and found.latest_invoice_id != wanted["latest_invoice_id"] else None
    invoice = uow.billing_lists.invoice(billed) if billed else None
    offer = uow.billing.offers().get(found.price or "")
    return {
        "effect": "at_period_end" if deed in LATER else "at_once",
        "effective_at": (found.ends_at or found.period_end) if deed in LATER else till.now,
        "subscription_id": found.subscription_id, "plan": offer.plan if offer else None, "price": found.price, "status": found.state,
        "scheduled_price": found.scheduled_price, "ends_at": found.ends_at,
        "invoice_id": billed, "total_cents": invoice.total_cents if invoice else None,
        "paid_cents": invoice.paid_cents if invoice else None, "currency": found.currency,
    }  # fmt: skip


def _mirrored(uow: UnitOfWork, subscription_id: str) -> Subscription:
    for each in uow.billing.mirrors():
        if each.subscription.subscription_id == subscription_id:
            return each.subscription
    raise NotFound("subscription", subscription_id)


def _of_subscription(deed: Deed, do: Callable[[Till, Words, str], Words]) -> Doing:
    return Doing(do, partial(_stands, deed), partial(_told, deed))


DOINGS: Mapping[Deed, Doing] = MappingProxyType({
    Deed.CUSTOMER: Doing(_customer, _is_customer, _keep_customer, is_followed=False),
    # A page whose address nobody was told is no harm: it is made again.
    Deed.CHECKOUT: Doing(_checkout, lambda *_: False, lambda _, __, ___, facts: facts, is_followed=False),
    Deed.CHANGE: _of_subscription(Deed.CHANGE, _change),
    Deed.CHANGE_LATER: _of_subscription(Deed.CHANGE_LATER, _change_later),
    Deed.CANCEL_LATER: _of_subscription(Deed.CANCEL_LATER, _cancel_later),
    Deed.CANCEL_NOW: _of_subscription(Deed.CANCEL_NOW, _cancel_now),
    Deed.RESUME: _of_subscription(Deed.RESUME, _resume),
    Deed.REFUND: Doing(_refund, _is_refunded, _keep_refund, is_followed=False),
})  # fmt: skip
