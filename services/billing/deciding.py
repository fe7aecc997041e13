"""Before something is done at a provider: reading anew what it is decided on, and deciding. The rules are in `domain.billing.changes`."""

from collections.abc import Callable
from datetime import datetime

from domain.billing import changes
from domain.billing.changes import Deed
from domain.billing.objects import Subscription
from domain.billing.states import Provider
from domain.errors import Conflict
from services.billing.deeds import Till, Words
from services.billing.mirroring import refresh, refresh_subscription
from store.work import UnitOfWork


def current(uow: UnitOfWork, now: datetime) -> Subscription | None:
    """What a change would be of."""
    return changes.current(uow.billing.mirrors(), uow.billing.offers(), now=now)


def change_of(uow: UnitOfWork, price: str, now: datetime) -> tuple[Subscription, Deed]:
    """The subscription, and how it comes to this price."""
    offers = uow.billing.offers()
    changes.sold(offers, price)
    found = changes.had(current(uow, now))
    return found, changes.change_to(found, price, offers, now=now)


def decided(now: datetime, choose: Callable[[Subscription], Deed], uow: UnitOfWork) -> tuple[Deed, Words]:
    """What is done to the current subscription."""
    found = changes.had(current(uow, now))
    return choose(found), named(found)


def named(found: Subscription) -> Words:
    """Which subscription, and what of it is needed to tell what became of it."""
    return {
        "provider": found.provider, "subscription_id": found.subscription_id, "scheduled_price": found.scheduled_price,
        "latest_invoice_id": found.latest_invoice_id,
    }  # fmt: skip


def purchase(till: Till, provider: Provider, words: Words, uow: UnitOfWork) -> tuple[Deed, Words]:
    """A page for a plan, where none is had."""
    mirrors, offer = uow.billing.mirrors(), changes.sold(uow.billing.offers(), words["price"])
    changes.check_nothing_is_had(mirrors)
    customer = uow.billing.customer(provider)
    if customer is None:
        raise Conflict("the workspace's customer is gone: repeat in a moment")
    return Deed.CHECKOUT, {
        **words, "provider": provider, "plan": offer.plan, "customer_id": customer, "reference": str(uow.tenant_id),
        "trial_days": changes.trial_days(mirrors, till.shops.trial_days), "takes_tax_ids": till.shops.takes_tax_ids,
        "adds_taxes": till.shops.adds_taxes, "closes": _open_page(uow, till),
    }  # fmt: skip


def read_current(till: Till) -> None:
    """How the current subscription stands; all of the customer's where none is known, for a purchase may not have been heard of yet."""
    with till.work.begin() as uow:
        found = current(uow, till.now)
        payers = [each for each in Provider if uow.billing.customer(each) is not None]
    if found is not None:
        refresh_subscription(till.work, till.shops, found.provider, found.subscription_id, now=till.now, cause="asked")
        return
    for each in payers:
        refresh(till.work, till.shops, each, now=till.now, cause="asked")


def _open_page(uow: UnitOfWork, till: Till) -> Words | None:
    """The page that was made last, and where, if somebody may still buy on it. Each one closes the one before."""
    last = uow.billing_calls.newest(Deed.CHECKOUT, done=True)
    page = last.answer if last else None
    if page is None or page["provider"] not in till.shops.all:
        return None
    is_open = page["expires_at"] is None or till.now < datetime.fromisoformat(page["expires_at"])
    return {name: page[name] for name in ("checkout_id", "provider")} if is_open else None
