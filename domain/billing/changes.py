"""What a payer may ask for as their subscriptions stand, and whether it happens at once. Pure; doing it is in `services.billing.buying`."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from domain.billing.objects import Subscription
from domain.billing.standing import Mirror, Offer, Offers, standing
from domain.billing.states import ENDED, SubscriptionState
from domain.errors import AlreadySubscribed, Conflict, FieldProblem, PaymentNeeded, Unacceptable


class Deed(StrEnum):
    """What is done at a provider."""

    CUSTOMER = "customer"
    CHECKOUT = "checkout"
    CHANGE = "change"
    CHANGE_LATER = "change_later"
    CANCEL_LATER = "cancel_later"
    CANCEL_NOW = "cancel_now"
    RESUME = "resume"


# Those that wait for the end of the period that is paid.
LATER = frozenset({Deed.CHANGE_LATER, Deed.CANCEL_LATER})


def sold(offers: Offers, price: str, *, pointer: str = "/price") -> Offer:
    """What the price buys. Raises Unacceptable, with those that there are, for one that is not sold."""
    found = offers.get(price)
    if found is None or not found.is_sold:
        there = sorted(name for name, offer in offers.items() if offer.is_sold)
        problem = FieldProblem(pointer, f"choose one of {', '.join(there)}")
        raise Unacceptable("nothing is sold under this price", (problem,))
    return found


def current(mirrors: Iterable[Mirror], offers: Offers, *, now: datetime) -> Subscription | None:
    """What is changed and canceled: the subscription that the workspace has its plan by, else the newest that is not over."""
    known = list(mirrors)
    stands = standing(known, offers, now=now).subscription_id
    live = [each.subscription for each in known if each.subscription.state not in ENDED]
    return next((each for each in live if each.subscription_id == stands), live[0] if live else None)


def check_nothing_is_had(mirrors: Iterable[Mirror]) -> None:
    """A second purchase would be paid for beside the first. Raises AlreadySubscribed."""
    live = next((each.subscription for each in mirrors if each.subscription.state not in ENDED), None)
    if live is not None and live.state is SubscriptionState.PENDING:
        raise AlreadySubscribed("a purchase waits for its payment: see to it in the portal, or cancel it")
    if live is not None:
        raise AlreadySubscribed(f"the workspace has {live.price or 'a plan'} already: change it instead of buying another one")


def trial_days(mirrors: Iterable[Mirror], days: int) -> int:
    """A trial is for the first subscription only."""
    return 0 if any(True for _ in mirrors) else days


def had(found: Subscription | None) -> Subscription:
    """Raises Conflict where nothing was bought, or it is over."""
    if found is None:
        raise Conflict("the workspace has no subscription: buy a plan first")
    return found


def change_to(found: Subscription, price: str, offers: Offers, *, now: datetime) -> Deed:
    """More is had at once, less when the period that is paid ends; in a trial nothing is paid, so all is at once.

    A year instead of a month is more of the same plan. Raises Conflict for what is had already, PaymentNeeded while a payment is overdue.
    """
    wanted, has = sold(offers, price), offers.get(found.price or "")
    if found.state in (SubscriptionState.FAILED, SubscriptionState.PENDING):
        raise PaymentNeeded("pay the open invoice first: the portal shows it")
    if price == found.price:
        is_planned = found.ends_at is not None or found.scheduled_price is not None
        raise Conflict(f"the workspace has {price} already" + (": resume it, and it goes on" if is_planned else ""))
    if price == found.scheduled_price:
        raise Conflict(f"the change to {price} is planned already")
    if found.trial_end is not None and now < found.trial_end:
        return Deed.CHANGE
    is_more = has is None or (wanted.position, wanted.interval == "year") > (has.position, found.interval == "year")
    return Deed.CHANGE if is_more else Deed.CHANGE_LATER


def cancellation(found: Subscription) -> Deed:
    """At the period's end; at once where it never began. Raises Conflict where it is to end already."""
    if found.ends_at is not None:
        raise Conflict(f"the subscription ends at {found.ends_at:%Y-%m-%dT%H:%M:%SZ} already")
    return Deed.CANCEL_NOW if found.state is SubscriptionState.PENDING else Deed.CANCEL_LATER


def check_something_is_planned(found: Subscription) -> None:
    """Raises Conflict where there is nothing to take back."""
    if found.ends_at is None and found.scheduled_price is None and found.schedule_id is None:
        raise Conflict("nothing is planned for the end of the period")


def is_done(deed: Deed, found: Subscription, price: str | None = None) -> bool:
    """Whether the subscription stands as it would after the deed, whoever did it."""
    return _DONE[deed](found, price)


_DONE: Mapping[Deed, Callable[[Subscription, str | None], bool]] = MappingProxyType({
    Deed.CHANGE: lambda found, price: found.price == price,
    Deed.CHANGE_LATER: lambda found, price: price in (found.scheduled_price, found.price),
    Deed.CANCEL_LATER: lambda found, _: found.ends_at is not None or found.state in ENDED,
    Deed.CANCEL_NOW: lambda found, _: found.state in ENDED,
    Deed.RESUME: lambda found, _: found.ends_at is None and found.scheduled_price is None and found.schedule_id is None,
})  # fmt: skip
