"""Rules that are wrong, each in one way. A machine that does not notice one of them proves nothing about ours."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from domain.billing.objects import Invoice, Subscription
from domain.billing.standing import Mirror, Offer, Offers, Standing, mirrored, standing
from domain.billing.states import SubscriptionState
from tests.money.lives.hearing import Rules

Invoices = tuple[Invoice, ...]


def older_overwrites(known: Mirror | None, read: Subscription, at: datetime, invoices: Invoices) -> Mirror:
    return mirrored(replace(known, read_at=at) if known else None, read, at=at, invoices=invoices)


def grace_restarts_each_period(known: Mirror | None, read: Subscription, at: datetime, invoices: Invoices) -> Mirror:
    return mirrored(replace(known, failing_since=None) if known else None, read, at=at)


def grace_runs_from_hearing(known: Mirror | None, read: Subscription, at: datetime, invoices: Invoices) -> Mirror:
    kept = mirrored(known, read, at=at, invoices=invoices)
    begins = at if known is None or known.failing_since is None else known.failing_since
    return replace(kept, failing_since=begins) if kept.failing_since else kept


def grace_is_remembered_after_paying(known: Mirror | None, read: Subscription, at: datetime, invoices: Invoices) -> Mirror:
    kept = mirrored(known, read, at=at, invoices=invoices)
    return replace(kept, failing_since=known.failing_since) if known and known.failing_since else kept


def grace_by_what_was_heard(known: Mirror | None, read: Subscription, at: datetime, invoices: Invoices) -> Mirror:
    """Ours, until the machine found that a failure or a payment that nobody heard of moves the grace."""
    return mirrored(known, read, at=at)


def an_unknown_price_counts(mirrors: Iterable[Mirror], offers: Offers, now: datetime) -> Standing:
    named = [replace(each, subscription=replace(each.subscription, price=each.subscription.price or "starter_monthly")) for each in mirrors]
    return standing(named, offers, now=now)


def the_last_one_bought_counts(mirrors: Iterable[Mirror], offers: Offers, now: datetime) -> Standing:
    return standing(mirrors, {name: Offer(each.plan, 0) for name, each in offers.items()}, now=now)


def what_is_overdue_never_yields(mirrors: Iterable[Mirror], offers: Offers, now: datetime) -> Standing:
    kept = list(mirrors)
    found = standing([replace(each, failing_since=None) for each in kept], offers, now=now)
    by_id = {each.subscription.subscription_id: each for each in kept}
    since = by_id[found.subscription_id].failing_since if found.subscription_id else None
    return found if since is None else standing([by_id[found.subscription_id or ""]], offers, now=now)


def a_failed_payment_takes_all_at_once(mirrors: Iterable[Mirror], offers: Offers, now: datetime) -> Standing:
    return standing([each for each in mirrors if each.subscription.state is not SubscriptionState.FAILED], offers, now=now)


WRONG: Mapping[str, Rules] = MappingProxyType({
    "events are applied in the order of their arrival": Rules(reads_anew=False),
    "an older reading overwrites": Rules(keep=older_overwrites),
    "grace restarts each period": Rules(keep=grace_restarts_each_period),
    "grace runs from when we heard": Rules(keep=grace_runs_from_hearing),
    "grace is remembered after paying": Rules(keep=grace_is_remembered_after_paying),
    "grace by what was heard": Rules(keep=grace_by_what_was_heard),
    "an unknown price counts": Rules(stand=an_unknown_price_counts),
    "the last one bought counts": Rules(stand=the_last_one_bought_counts),
    "what is overdue never yields": Rules(stand=what_is_overdue_never_yields),
    "a failed payment takes all at once": Rules(stand=a_failed_payment_takes_all_at_once),
})  # fmt: skip
