"""Whoever hears of a payer, with the rules in memory: `domain.billing.standing`, and what is read anew for an event.

The rules are an argument, so that wrong ones can be played as well.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from domain.billing import standing as ours
from domain.billing.events import BillingEvent, EventKind
from domain.billing.objects import Invoice, Subscription
from domain.billing.standing import Mirror, Offers, Standing
from tests.money.lives.provider import Payers
from tests.money.lives.things import OFFERS

Keep = Callable[[Mirror | None, Subscription, datetime, tuple[Invoice, ...]], Mirror]
Stand = Callable[[Iterable[Mirror], Offers, datetime], Standing]


def keep(known: Mirror | None, read: Subscription, at: datetime, invoices: tuple[Invoice, ...]) -> Mirror:
    return ours.mirrored(known, read, at=at, invoices=invoices)


def stand(mirrors: Iterable[Mirror], offers: Offers, now: datetime) -> Standing:
    return ours.standing(mirrors, offers, now=now)


@dataclass(frozen=True, slots=True)
class Rules:
    """`reads_anew`: whether the object is read, or what the event says is taken for it."""

    keep: Keep = keep
    stand: Stand = stand
    reads_anew: bool = True


@dataclass
class Flight:
    """A reading under way: when it set out, whose, and what it saw there."""

    subscription_id: str
    at: datetime
    seen: tuple[Subscription, tuple[Invoice, ...]] | None = None


@dataclass
class Heard:
    """One that hears. `done`: events that were dealt with."""

    held: Payers
    rules: Rules = field(default_factory=Rules)
    mirrors: dict[str, Mirror] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)

    def hear(self, event: BillingEvent) -> None:
        if event.event_id in self.done:
            return
        self.done.add(event.event_id)
        if event.kind is EventKind.UNKNOWN or event.subscription_id is None:
            return
        if not self.rules.reads_anew:
            if isinstance(event.thing, Subscription):
                self.land(Flight(event.subscription_id, self.held.now, (event.thing, ())))
            return
        self.land(self.look(Flight(event.subscription_id, self.held.now)))

    def look(self, flight: Flight) -> Flight:
        plan = next(each for each in self.held.plans if each.subscription_id == flight.subscription_id)
        bills = tuple(each.shown(self.held.customer_id) for each in reversed(plan.bills))
        flight.seen = plan.shown(self.held.customer_id), bills
        return flight

    def land(self, flight: Flight) -> None:
        assert flight.seen is not None
        read, invoices = flight.seen
        self.mirrors[flight.subscription_id] = self.rules.keep(self.mirrors.get(flight.subscription_id), read, flight.at, invoices)

    def read_all(self) -> None:
        for plan in self.held.plans:
            self.land(self.look(Flight(plan.subscription_id, self.held.now)))

    def standing(self) -> Standing:
        return self.rules.stand(self.mirrors.values(), OFFERS, self.held.now)
