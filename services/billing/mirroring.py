"""Reading anew what a provider holds of a workspace, keeping it, and following it: whoever heard of a change calls this.

States decide, never the order of what was heard. No transaction is open while a provider is called. Two who read at the same time: whoever
comes second finds the mirrors changed since it began, and reads again.
"""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.billing.objects import Customer, Invoice, PaymentMethod, Subscription
from domain.billing.standing import Standing, mirrored, standing
from domain.billing.states import ENDED, Provider, SubscriptionState
from domain.errors import Conflict, FailureCategory, SourceRefused
from domain.ports import Payments, Shops
from services.billing.announcing import announce, tell_overdue
from store.work import UnitOfWork

INVOICES = 100
# After so many readings that somebody overtook, what was read counts as no newer than its beginning.
READINGS = 4


class Begins(Protocol):
    """Transactions of one workspace: `services.work.Work`, or a route's own."""

    def begin(self) -> AbstractContextManager[UnitOfWork]: ...


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read. `methods`: all that there are; None where they were not asked for."""

    subscriptions: tuple[Subscription, ...]
    invoices: tuple[Invoice, ...] = ()
    methods: tuple[PaymentMethod, ...] | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What must not be missed, also where the provider's lists leave it out."""

    subscriptions: frozenset[str]
    invoices: frozenset[str]


Reads = Callable[[str | None], Reading]
Watch = Callable[[UnitOfWork, Reading], None]


def refresh(  # noqa: PLR0913 - what is to be read of whom
    work: Begins, shops: Shops, provider: Provider, *, now: datetime, cause: str, invoices: Iterable[str] = (),
    watch: Watch | None = None,
) -> Standing:  # fmt: skip
    """Subscriptions, invoices and payment methods of the workspace's customer. `now`: before which nothing was asked.

    `invoices`: those that must be among the ones that are read. `watch` sees what was read before it is kept.
    Raises SourceUnavailable and SourceRefused; then nothing was changed.
    """
    with work.begin() as uow:
        open_ones = [each.subscription for each in uow.billing.mirrors() if each.subscription.state not in ENDED]
    wanted = Wanted(frozenset(each.subscription_id for each in open_ones if each.provider is provider), frozenset(invoices))
    return _followed(work, provider, lambda customer: _all(shops, provider, customer, wanted), now=now, cause=cause, watch=watch)


def refresh_subscription(
    work: Begins, shops: Shops, provider: Provider, subscription_id: str, *, now: datetime, cause: str
) -> Standing:  # fmt: skip
    """One subscription. Raises what `refresh` raises, and Conflict where another customer pays for it than this workspace's."""
    shop = shops.of(provider)
    return _followed(work, provider, lambda _: _one(shop, subscription_id), now=now, cause=cause)


def follow(uow: UnitOfWork, *, now: datetime, cause: str) -> Standing:
    """What the kept mirrors amount to now is what the workspace has; its owner is told. The caller holds `uow.billing.lock()`."""
    mirrors, before = uow.billing.mirrors(), uow.billing.stood()
    after = standing(mirrors, uow.billing.offers(), now=now)
    if uow.billing.stand(after, now=now, cause=cause):
        announce(uow, before, after, cause=cause)
    tell_overdue(uow, before, after, [each for each in mirrors if each.key == (after.provider, after.subscription_id)], now=now)
    return after


def _one(shop: Payments, subscription_id: str) -> Reading:
    """With invoices where a payment is overdue: they tell since when."""
    found = shop.subscription(subscription_id)
    is_overdue = found.state is SubscriptionState.FAILED
    return Reading((found,), shop.invoices(found.customer_id, limit=INVOICES) if is_overdue else ())


def _all(shops: Shops, provider: Provider, customer: str | None, wanted: Wanted) -> Reading:
    if customer is None:
        return Reading(())
    shop = shops.of(provider)
    listed, billed = shop.subscriptions(customer), shop.invoices(customer, limit=INVOICES)
    missed = wanted.subscriptions - {each.subscription_id for each in listed}
    unlisted = wanted.invoices - {each.invoice_id for each in billed}
    return Reading(
        listed + tuple(shop.subscription(each) for each in sorted(missed)),
        billed + tuple(found for each in sorted(unlisted) for found in _invoice(shop, each)),
        shop.payment_methods(customer),
    )


def _invoice(shop: Payments, invoice_id: str) -> tuple[Invoice, ...]:
    """None where it is gone: a draft can be deleted."""
    try:
        return (shop.invoice(invoice_id),)
    except SourceRefused as error:
        if error.category is FailureCategory.NOT_FOUND:
            return ()
        raise


def _followed(  # noqa: PLR0913 - as above
    work: Begins, provider: Provider, reads: Reads, *, now: datetime, cause: str, watch: Watch | None = None, left: int = READINGS
) -> Standing:  # fmt: skip
    with work.begin() as uow:
        customer, seen = uow.billing.customer(provider), uow.billing.seen(provider)
    found = reads(customer)
    with work.begin() as uow:
        uow.billing.lock()
        is_alone = uow.billing.seen(provider) == seen
        if is_alone or left <= 1:
            if watch is not None:
                watch(uow, found)
            # Read after the last writing was done, so it is no older than that, whatever the clocks of two machines say.
            _keep(uow, provider, found, at=max(now, seen.read_at) if is_alone and seen.read_at else now)
            return follow(uow, now=now, cause=cause)
    return _followed(work, provider, reads, now=now, cause=cause, watch=watch, left=left - 1)


def _keep(uow: UnitOfWork, provider: Provider, found: Reading, *, at: datetime) -> None:
    known, offers = {each.key: each for each in uow.billing.mirrors()}, uow.billing.offers()
    for each in found.subscriptions:
        _check_payer(uow, each)
        uow.billing.keep(mirrored(known.get((provider, each.subscription_id)), each, at=at, invoices=found.invoices), offers)
    for invoice in found.invoices:
        uow.billing.keep_invoice(invoice, at=at)
    if found.methods is not None:
        uow.billing.keep_methods(provider, found.methods, at=at)


def _check_payer(uow: UnitOfWork, found: Subscription) -> None:
    """A workspace that has no customer yet takes the one that pays for what carries its name."""
    payer = uow.billing.customer(found.provider)
    if payer is None and found.reference == str(uow.tenant_id):
        payer = uow.billing.keep_customer(Customer(found.provider, found.customer_id, None, None, found.reference))
    if payer != found.customer_id:
        raise Conflict(f"{found.subscription_id} is paid for by {found.customer_id}, not by this workspace's customer")
