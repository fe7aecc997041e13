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
DEEDS = ("cancel_later", "end", "resume", "pay", "good_card", "bad_card", "refund", "dispute")
SECOND = timedelta(seconds=1)


class Life(RuleBasedStateMachine):
    """What happens at the provider. `sent` has all of its events; `undelivered` those that are still on their way."""

    def __init__(self) -> None:
        super().__init__()
        self.held = Payers()
        self.undelivered: list[BillingEvent] = []
        self.is_moved = False

    @initialize(gives_up=st.booleans())
    def start(self, gives_up: bool) -> None:
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
    @rule(price=prices, has_trial=st.booleans(), is_good=st.booleans())
    def buy(self, price: Price, has_trial: bool, is_good: bool) -> None:
        self.tick()
        self.held.buy(self.held.prices[price.price_id], has_trial=has_trial, card_is_good=is_good)

    @precondition(lives)
    @rule(pick=picks, price=prices, at_once=st.booleans())
    def change(self, pick: int, price: Price, at_once: bool) -> None:
        self.tick()
        if self.lives() and (plan := self.plan(pick)).state is not S.PENDING:
            (self.held.change if at_once else self.held.change_later)(plan, self.held.prices[price.price_id])

    @precondition(lives)
    @rule(pick=picks, what=st.sampled_from(DEEDS))
    def act(self, pick: int, what: str) -> None:
        self.tick()
        if self.lives() and ((plan := self.plan(pick)).state is not S.PENDING or what in ("pay", "end", "good_card")):
            getattr(self.held, what)(plan)

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
    @rule(order=st.lists(picks, min_size=1, max_size=12))
    def deliver(self, order: list[int]) -> None:
        """Some, in any order."""
        for pick in order[: len(self.undelivered)]:
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
    @rule(picks=st.lists(st.tuples(picks, st.booleans()), min_size=1, max_size=4))
    def set_out(self, picks: list[tuple[int, bool]]) -> None:
        """Readings for events set out; what they see may have changed when they come back."""
        for pick, looks in picks[: len(self.undelivered)]:
            self.tick()
            event = self.undelivered.pop(pick % len(self.undelivered))
            if event.subscription_id is not None:
                flight = Flight(event.subscription_id, self.held.now)
                self.flights.append((event, self.tried.look(flight) if looks else flight))

    @precondition(lambda self: self.flights)
    @rule(picks=st.lists(picks, min_size=1, max_size=6))
    def look_or_come_back(self, picks: list[int]) -> None:
        for pick in picks[: len(self.flights)]:
            self.tick()
            event, flight = self.flights[pick % len(self.flights)]
            if flight.seen is None:
                self.tried.look(flight)
            else:
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

    @rule()
    def compare(self) -> None:
        """All is heard in the end: what was lost by the events that the provider keeps, and whoever still was on the way."""
        self.reconcile()
        for event, flight in self.flights:
            self.arrive(event, flight if flight.seen else self.tried.look(flight))
        self.flights.clear()
        if self.is_moved:  # of a moved price nobody is told
            self.tick()
            self.in_order.read_all()
            self.tried.read_all()
        agree(self.in_order.standing(), self.tried.standing(), owed(self.held))

    def teardown(self) -> None:
        if hasattr(self, "tried"):
            self.compare()


def agree(in_order: Standing, tried: Standing, truth: Owed) -> None:
    assert tried == in_order
    assert Owed(tried.plan, tried.status, tried.subscription_id, tried.grace_until, tried.ends_at) == truth
