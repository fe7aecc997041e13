"""A life of a payer of up to 60 steps: what happens at the provider, and which of its events arrive when, again, late, or never.

Two hear of it: one hears each event at once, in order, once; the other as the machine likes. What both say in the end must be the same,
and what the provider itself says (`owed`). A third and simpler one lives in `tests.money.test_lives_stored`, on the database.
"""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from domain.billing.events import BillingEvent
from domain.billing.standing import Standing
from domain.billing.states import SubscriptionState
from tests.money.lives.hearing import Flight, Heard, Rules
from tests.money.lives.provider import Owed, Payers, owed
from tests.money.lives.things import PRICES, Plan, Price

STEPS = 60
S = SubscriptionState
prices = st.sampled_from(PRICES)
picks = st.integers(0, 10_000)
SECOND = timedelta(seconds=1)


class Life(RuleBasedStateMachine):
    """What happens at the provider. `sent` has all of its events; `undelivered` those that are still on their way."""

    def __init__(self) -> None:
        super().__init__()
        self.held = Payers()
        self.undelivered: list[BillingEvent] = []
        self.is_moved = False

    @initialize(gives_up=st.booleans())
    def begin(self, gives_up: bool) -> None:
        self.held.gives_up = gives_up
        self.born()

    def born(self) -> None:
        """Whoever hears is made here."""

    def told(self, event: BillingEvent) -> None:
        """Called for each event as it happens."""
        self.undelivered.append(event)

    def plan(self, pick: int) -> Plan:
        living = [each for each in self.held.plans if not each.is_over]
        return living[pick % len(living)]

    def tick(self) -> None:
        self.held.pass_time(SECOND)

    def lives(self) -> bool:
        return any(not each.is_over for each in self.held.plans)

    def may_buy(self) -> bool:
        return sum(not each.is_over for each in self.held.plans) < 2

    @precondition(may_buy)
    @rule(price=prices, has_trial=st.booleans())
    def buy(self, price: Price, has_trial: bool) -> None:
        self.tick()
        self.held.buy(self.held.prices[price.price_id], has_trial=has_trial)

    @precondition(lives)
    @rule(pick=picks, price=prices, at_once=st.booleans())
    def change(self, pick: int, price: Price, at_once: bool) -> None:
        self.tick()
        if self.lives() and (plan := self.plan(pick)).state is not S.PENDING:
            (self.held.change if at_once else self.held.change_later)(plan, self.held.prices[price.price_id])

    @precondition(lives)
    @rule(pick=picks, what=st.sampled_from(["cancel_later", "end", "resume", "pay", "refund", "dispute"]))
    def act(self, pick: int, what: str) -> None:
        self.tick()
        if self.lives() and ((plan := self.plan(pick)).state is not S.PENDING or what in ("pay", "end")):
            getattr(self.held, what)(plan)

    @rule(is_good=st.booleans())
    def change_the_card(self, is_good: bool) -> None:
        self.held.card_is_good = is_good

    @rule(hours=st.sampled_from([1, 23, 3 * 24, 8 * 24, 15 * 24, 31 * 24, 70 * 24]))
    def wait(self, hours: int) -> None:
        self.held.pass_time(timedelta(hours=hours))

    @precondition(lambda self: not self.is_moved)
    @rule(price=prices)
    def move_a_price(self, price: Price) -> None:
        self.is_moved = True
        self.held.move(price)

    @rule()
    def something_odd(self) -> None:
        self.held.odd()


class LifeInMemory(Life):
    """Both hear with the rules in memory. Readings are under way for as long as the machine likes."""

    obeys = Rules()

    def born(self) -> None:
        self.in_order, self.tried = Heard(self.held, self.obeys), Heard(self.held, self.obeys)
        self.flights: list[tuple[BillingEvent, Flight]] = []
        self.held.listener = self.told

    def told(self, event: BillingEvent) -> None:
        super().told(event)
        self.in_order.hear(event)

    @precondition(lambda self: self.undelivered)
    @rule(pick=picks)
    def deliver(self, pick: int) -> None:
        self.tick()
        self.tried.hear(self.undelivered.pop(pick % len(self.undelivered)))

    @precondition(lambda self: self.held.events)
    @rule(pick=picks)
    def deliver_again(self, pick: int) -> None:
        """Any event of all that ever were, also one that was lost."""
        self.tick()
        event = self.held.events[pick % len(self.held.events)]
        self.tried.done.discard(event.event_id)
        self.tried.hear(event)

    @precondition(lambda self: self.undelivered)
    @rule(pick=picks)
    def set_out(self, pick: int) -> None:
        """A reading for an event sets out; it looks and comes back later."""
        self.tick()
        event = self.undelivered.pop(pick % len(self.undelivered))
        if event.subscription_id is not None:
            self.flights.append((event, Flight(event.subscription_id, self.held.now)))

    @precondition(lambda self: self.flights)
    @rule(pick=picks, lands=st.booleans())
    def look(self, pick: int, lands: bool) -> None:
        self.tick()
        event, flight = self.flights[pick % len(self.flights)]
        if flight.seen is None:
            self.tried.look(flight)
        elif lands:
            self.flights.remove((event, flight))
            self.arrive(event, flight)

    def arrive(self, event: BillingEvent, flight: Flight) -> None:
        self.tried.land(flight)
        self.tried.done.add(event.event_id)

    @rule()
    def lose_what_is_on_its_way(self) -> None:
        self.undelivered.clear()

    @rule()
    def reconcile(self) -> None:
        self.tick()
        for event in self.held.events:
            self.tried.hear(event)
        self.undelivered.clear()

    def teardown(self) -> None:
        if not hasattr(self, "tried"):
            return
        self.tick()
        self.reconcile()
        for event, flight in self.flights:  # those that came back last of all
            self.arrive(event, flight if flight.seen else self.tried.look(flight))
        if self.is_moved:  # of a moved price nobody is told
            self.tick()
            self.in_order.read_all()
            self.tried.read_all()
        agree(self.in_order.standing(), self.tried.standing(), owed(self.held))


def agree(in_order: Standing, tried: Standing, truth: Owed) -> None:
    assert tried == in_order
    assert Owed(tried.plan, tried.status, tried.subscription_id, tried.grace_until, tried.ends_at) == truth
