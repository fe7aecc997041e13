"""A provider in memory: one payer, subscriptions that renew, fail, recover and end as time passes, and an event of each change.

It keeps its own account of what the payer has (`owed`), worked out of nothing that ours uses. Simpler than Stripe: no proration, no tax;
whoever pays what is overdue pays all of it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from domain.billing.events import BillingEvent, EventKind
from domain.billing.objects import Thing
from domain.billing.states import Provider, SubscriptionState
from tests.money.lives.things import OFFERS, PRICES, Bill, Plan, Price

S, K = SubscriptionState, EventKind
EPOCH = datetime(2027, 1, 31, 9, tzinfo=UTC)
RETRIES = (timedelta(days=3), timedelta(days=8), timedelta(days=15))
TRIAL = timedelta(days=14)
GRACE = timedelta(days=14)
CUSTOMER = "cus_1"
Due = tuple[datetime, int, Callable[[], None]]


@dataclass
class Payers:
    """What the provider holds. `gives_up`: whether a subscription ends after the last retry, or goes on unpaid."""

    customer_id: str = CUSTOMER
    gives_up: bool = True
    now: datetime = EPOCH
    prices: dict[str, Price] = field(default_factory=lambda: {each.price_id: each for each in PRICES})
    plans: list[Plan] = field(default_factory=list)
    events: list[BillingEvent] = field(default_factory=list)
    listener: Callable[[BillingEvent], None] = lambda event: None
    prefix: str = ""
    _made: int = 0

    # What payers and we do.

    def buy(self, price: Price, *, has_trial: bool, card_is_good: bool = True) -> None:
        lasts, state = (TRIAL, S.TRIAL) if has_trial else (price.lasts, S.PENDING)
        plan = Plan(self._id("sub"), price, state, self.now, self.now, self.now + lasts, card_is_good=card_is_good)
        self.plans.append(plan)
        self._tell(K.CHECKOUT, "checkout.session.completed", plan)
        self._tell(K.SUBSCRIPTION, "customer.subscription.created", plan)
        if not has_trial:
            self._bill(plan)

    def change(self, plan: Plan, price: Price) -> None:
        """At once."""
        plan.price, plan.next_price, plan.ends_at = price, None, None
        self._tell(K.SUBSCRIPTION, "customer.subscription.updated", plan)

    def change_later(self, plan: Plan, price: Price) -> None:
        plan.next_price, plan.ends_at = price, None
        self._tell(K.SUBSCRIPTION, "customer.subscription.updated", plan)

    def cancel_later(self, plan: Plan) -> None:
        plan.ends_at, plan.next_price = plan.ends, None
        self._tell(K.SUBSCRIPTION, "customer.subscription.updated", plan)

    def resume(self, plan: Plan) -> None:
        plan.ends_at = plan.next_price = None
        self._tell(K.SUBSCRIPTION, "customer.subscription.updated", plan)

    def end(self, plan: Plan, state: SubscriptionState = S.CANCELED) -> None:
        plan.state, plan.ended_at, plan.next_price, plan.failing_since = state, self.now, None, None
        for bill in plan.bills:
            bill.next_try_at = None
        self._tell(K.SUBSCRIPTION, "customer.subscription.deleted", plan)

    def pay(self, plan: Plan) -> None:
        """What is overdue, with the card as it is."""
        for bill in plan.bills:
            if not bill.is_paid:
                self._try(plan, bill)

    def refund(self, plan: Plan) -> None:
        bill = next((each for each in reversed(plan.bills) if each.is_paid and each.refunded < each.cents), None)
        if bill is not None:
            bill.refunded = bill.cents
            self._tell(K.REFUND, "charge.refunded", plan, bill.payment(self.customer_id))

    def dispute(self, plan: Plan) -> None:
        self._tell(K.DISPUTE, "charge.dispute.created", plan)

    def move(self, price: Price) -> None:
        """Its name goes to a new price. Nobody is told of the subscriptions that stay with the old one."""
        old = self.prices[price.price_id]
        self.prices[old.price_id] = replace(old, name=None)
        fresh = replace(old, price_id=self._id("price"))
        self.prices[fresh.price_id] = fresh
        for plan in self.plans:
            plan.price = self.prices[plan.price.price_id]
        self._tell(K.UNKNOWN, "price.updated")

    def good_card(self, plan: Plan) -> None:
        plan.card_is_good = True

    def bad_card(self, plan: Plan) -> None:
        plan.card_is_good = False

    def odd(self) -> None:
        self._tell(K.UNKNOWN, "nothing.of.ours")

    # What happens by itself.

    def pass_time(self, by: timedelta) -> None:
        until = self.now + by
        while due := min((each for plan in self.plans for each in self._due(plan) if each[0] <= until), key=lambda d: d[:2], default=None):
            self.now = max(self.now, due[0])
            due[2]()
        self.now = until

    def _due(self, plan: Plan) -> list[Due]:
        if plan.is_over:
            return []
        if plan.state is S.PENDING:
            return [(plan.began_at + timedelta(hours=23), 0, lambda: self.end(plan, S.EXPIRED))]
        tries = [(bill.next_try_at, 0, lambda bill=bill: self._try(plan, bill)) for bill in plan.bills if bill.next_try_at]
        if plan.ends_at is not None:
            return [*tries, (plan.ends_at, 1, lambda: self.end(plan))]
        return [*tries, (plan.ends, 2, lambda: self._renew(plan))]

    def _renew(self, plan: Plan) -> None:
        if plan.next_price:
            plan.price, plan.next_price = plan.next_price, None
        if plan.state is S.TRIAL:
            plan.state = S.ACTIVE
        plan.starts, plan.ends = plan.ends, plan.ends + plan.price.lasts
        self._tell(K.SUBSCRIPTION, "customer.subscription.updated", plan)
        self._bill(plan)

    def _bill(self, plan: Plan) -> None:
        self._made += 1
        bill = Bill(self._made, plan.subscription_id, plan.price.cents, self.now)
        plan.bills.append(bill)
        self._try(plan, bill)

    def _try(self, plan: Plan, bill: Bill) -> None:
        bill.attempts += 1
        if plan.card_is_good:
            for each in plan.bills:
                each.is_paid, each.next_try_at = True, None
            if plan.state in (S.FAILED, S.PENDING):
                plan.state, plan.failing_since = S.ACTIVE, None
            self._tell(K.INVOICE, "invoice.paid", plan, bill.shown(self.customer_id))
            self._tell(K.PAYMENT, "payment_intent.succeeded", plan, bill.payment(self.customer_id))
            self._tell(K.SUBSCRIPTION, "customer.subscription.updated", plan)
            return
        waits = [wait for wait in RETRIES if bill.made_at + wait > self.now]
        bill.next_try_at = bill.made_at + waits[0] if waits and plan.state is not S.PENDING else None
        if plan.state is not S.PENDING:
            plan.state, plan.failing_since = S.FAILED, plan.failing_since or bill.made_at
        self._tell(K.INVOICE, "invoice.payment_failed", plan, bill.shown(self.customer_id))
        self._tell(K.SUBSCRIPTION, "customer.subscription.updated", plan)
        if not waits and self.gives_up:
            self.end(plan)

    # What it says.

    def _tell(self, kind: EventKind, type_: str, plan: Plan | None = None, thing: Thing | None = None) -> None:
        shown = thing or (plan.shown(self.customer_id) if plan else None)
        event = BillingEvent(
            Provider.STRIPE, self._id("evt"), kind, type_, self.now, shown, None, self.customer_id if plan else None,
            plan.subscription_id if plan else None, None, None, False,
        )  # fmt: skip
        self.events.append(event)
        self.listener(event)

    def _id(self, kind: str) -> str:
        self._made += 1
        return f"{kind}_{self.prefix}{self._made:05d}"


@dataclass(frozen=True, slots=True)
class Owed:
    """What a payer has, as the provider itself would say it."""

    plan: str
    status: SubscriptionState
    subscription_id: str | None = None
    grace_until: datetime | None = None
    ends_at: datetime | None = None


def owed(held: Payers) -> Owed:
    """The largest plan that is paid or still borne with; else one that is overdue; else nothing."""
    there = [each for each in held.plans if each.price.name in OFFERS and each.state in (S.TRIAL, S.ACTIVE, S.FAILED)]
    if not there:
        return Owed("free", S.ACTIVE)
    borne = [each for each in there if each.failing_since is None or held.now < each.failing_since + GRACE]
    best = sorted(borne or there, key=lambda each: (OFFERS[each.price.name or ""].position, each.began_at, each.subscription_id))[-1]
    grace = best.failing_since + GRACE if best.failing_since else None
    return Owed(OFFERS[best.price.name or ""].plan, best.says, best.subscription_id, grace, best.ends_at)
