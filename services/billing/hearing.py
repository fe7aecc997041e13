"""What events tell, dealt with: whatever they are about is read anew, once for all of them.

Payments, refunds and disputes have no list to be read from: what an event tells of them is joined with what is known, whatever the order.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from domain.billing.events import BillingEvent, EventKind
from domain.billing.inbox import next_try, told
from domain.billing.objects import Customer, Dispute, Payment, Refund
from domain.billing.states import Provider
from domain.errors import Conflict, FailureCategory, SourceFailed, SourceRefused
from domain.ports import Shops
from services.billing.announcing import owner_of
from services.billing.mirroring import Begins, refresh, refresh_subscription
from store.billing_events import Kept
from store.work import UnitOfWork

AT_ONCE, ROUNDS = 200, 50
TOLD = frozenset({EventKind.PAYMENT, EventKind.REFUND, EventKind.DISPUTE})
# Waiting may help: somebody sets a key, or the customer becomes known.
_MAY_HEAL = frozenset({FailureCategory.NOT_CONFIGURED})
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Heard:
    """How many events were dealt with, put off, and given up."""

    done: int = 0
    waiting: int = 0
    failed: int = 0

    def __add__(self, other: "Heard") -> "Heard":
        return Heard(self.done + other.done, self.waiting + other.waiting, self.failed + other.failed)


def hear(work: Begins, shops: Shops, clock: Clock) -> Heard:
    """Everything that waits for this workspace. An event that cannot be dealt with waits longer each time, and fails at last."""
    heard = Heard()
    for _ in range(ROUNDS):
        with work.begin() as uow:
            waiting = uow.billing_events.waiting(limit=AT_ONCE)
        if not waiting:
            break
        for provider, events in groupby(sorted(waiting, key=lambda each: each.provider), key=lambda each: each.provider):
            heard += _dealt_with(work, shops, provider, list(events), clock)
    return heard


def _dealt_with(work: Begins, shops: Shops, provider: Provider, events: Sequence[Kept], clock: Clock) -> Heard:
    now = clock()  # after the events were listed: what is read from now on is no older than any of them
    ours, strangers = _sorted_out(work, shops, provider, events, now)
    heard = _settled(work, strangers, Conflict("its customer is not this workspace's"), now) if strangers else Heard()
    if not ours:
        return heard
    invoices = [found.thing_id for _, found in ours if found and found.kind is EventKind.INVOICE and found.thing_id]
    try:
        refresh(work, shops, provider, now=now, cause=f"event:{ours[-1][0].type}", invoices=invoices)
    except (SourceFailed, Conflict) as error:
        return heard + _settled(work, [each for each, _ in ours], error, now)
    return heard + _told(work, ours, now)


Pairs = list[tuple[Kept, BillingEvent | None]]


def _sorted_out(work: Begins, shops: Shops, provider: Provider, events: Sequence[Kept], now: datetime) -> tuple[Pairs, list[Kept]]:
    """Events of this workspace's customer, or of one that it bought by and that is gone, and those of others that carry its name."""
    pairs: Pairs = [(each, told(each)) for each in events]
    with work.begin() as uow:
        former = {each.subscription.customer_id for each in uow.billing.mirrors() if each.subscription.provider is provider}
        customer = uow.billing.customer(provider) or _introduced(uow, pairs)
    if customer is None:
        customer = _found(work, shops, provider, events, now)
    strangers = [each for each in events if each.customer_id not in (None, customer, *former)]
    return [pair for pair in pairs if pair[0] not in strangers], strangers


def _introduced(uow: UnitOfWork, pairs: Pairs) -> str | None:
    """The customer that carries our name in its own words, which nobody but us writes there.

    Where its address is not the owner's, we did not give it, and never change it.
    """
    mine = str(uow.tenant_id)
    things = (found.thing for _, found in pairs if found)
    named = [thing for thing in things if isinstance(thing, Customer) and thing.reference == mine and not thing.is_deleted]
    if not named:
        return None
    owner = owner_of(uow)
    is_given = owner is not None and owner.email == named[0].email
    return uow.billing.keep_customer(named[0] if is_given else replace(named[0], email=None))


def _found(work: Begins, shops: Shops, provider: Provider, events: Sequence[Kept], now: datetime) -> str | None:
    """Who pays for a subscription that carries our name, as the provider itself says: what an event says of it is not believed."""
    for subscription in sorted({each.subscription_id for each in events if each.subscription_id}):
        try:
            refresh_subscription(work, shops, provider, subscription, now=now, cause="event:first")
        except (SourceFailed, Conflict):
            continue
        with work.begin() as uow:
            return uow.billing.customer(provider)
    return None


def _told(work: Begins, pairs: Pairs, now: datetime) -> Heard:
    """What cannot be read anew is kept as it was told; all is done."""
    failed = 0
    with work.begin() as uow:
        uow.billing.lock()
        for kept, found in pairs:
            if found and isinstance(found.thing, Payment | Refund | Dispute):
                uow.billing_told.tell(found.thing, at=kept.happened_at)
            # A list of events that came without its words says no more than that something is to be read.
            is_odd = kept.kind in TOLD and bool(kept.body) and (found is None or found.thing is None)
            why = (found.oddity if found else None) or "it is worded otherwise than we know"
            failed += _ended(uow, kept, why if is_odd else None, None, now) == "failed"
    return Heard(done=len(pairs) - failed, failed=failed)


def _settled(work: Begins, events: Sequence[Kept], error: Exception, now: datetime) -> Heard:
    is_final = isinstance(error, SourceRefused) and error.category not in _MAY_HEAL
    with work.begin() as uow:
        ends = [_ended(uow, each, str(error)[:500], None if is_final else next_try(each.attempts, now=now), now) for each in events]
    return Heard(waiting=ends.count("kept"), failed=ends.count("failed"))


def _ended(uow: UnitOfWork, event: Kept, error: str | None, retry_at: datetime | None, now: datetime) -> str | None:
    """The state that it has by now. One that fails for good is somebody's to look at."""
    state = uow.billing_events.settle(event, error=error, retry_at=retry_at)
    if state == "failed":
        title = f"{event.type} of {event.provider} could not be dealt with"
        details = {"event_id": event.event_id, "error": error, "failed_at": now.isoformat()}
        key = f"billing-event:{event.provider}:{event.event_id}"
        uow.trust.raise_once(dedupe_key=key, kind="billing_event_failed", severity="critical", title=title, details=details)
    return state
