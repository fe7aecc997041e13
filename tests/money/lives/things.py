"""What the provider in memory keeps, and how it shows that to us."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.billing.objects import Invoice, Payment, Subscription
from domain.billing.standing import Offer
from domain.billing.states import InvoiceState, PaymentState, Provider, SubscriptionState, until_the_end

S = SubscriptionState
MONTH, YEAR = timedelta(days=30), timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Price:
    """`name` is what our plans call it; None where the name was given to another price, or it never had one of ours."""

    price_id: str
    name: str | None
    cents: int
    lasts: timedelta


OFFERS = {
    "starter_monthly": Offer("starter", 1), "starter_yearly": Offer("starter", 1), "growth_monthly": Offer("growth", 2),
    "scale_monthly": Offer("scale", 3),
}  # fmt: skip
PRICES = (
    Price("p_starter", "starter_monthly", 1_900, MONTH),
    Price("p_starter_year", "starter_yearly", 19_000, YEAR),
    Price("p_growth", "growth_monthly", 4_900, MONTH),
    Price("p_scale", "scale_monthly", 9_900, MONTH),
    Price("p_of_an_other_product", None, 500, MONTH),
)


@dataclass
class Bill:
    """An invoice with its payment."""

    number: int
    subscription_id: str
    cents: int
    made_at: datetime
    is_paid: bool = False
    attempts: int = 0
    next_try_at: datetime | None = None
    refunded: int = 0

    @property
    def invoice_id(self) -> str:
        return f"in_{self.number}"

    def shown(self, customer_id: str) -> Invoice:
        state = InvoiceState.PAID if self.is_paid else InvoiceState.OPEN
        paid = self.cents if self.is_paid else 0
        return Invoice(
            Provider.STRIPE, self.invoice_id, None, customer_id, self.subscription_id, f"pi_{self.number}", state, None, "usd",
            self.cents, 0, self.cents, self.cents, paid, self.cents - paid, (), True, None, None, self.made_at, None, self.attempts,
            self.next_try_at, None, None,
        )  # fmt: skip

    def payment(self, customer_id: str) -> Payment:
        state = PaymentState.SUCCEEDED if self.is_paid else PaymentState.PENDING
        if self.is_paid and self.refunded == self.cents:
            state = PaymentState.REFUNDED
        return Payment(
            Provider.STRIPE, f"pi_{self.number}", f"ch_{self.number}", customer_id, self.invoice_id, self.subscription_id, state, "usd",
            self.cents, self.refunded, None, None, False, self.made_at,
        )  # fmt: skip


@dataclass
class Plan:
    """A subscription. `failing_since` is noted as it happens: what ours works out is held against it."""

    subscription_id: str
    price: Price
    state: SubscriptionState
    began_at: datetime
    starts: datetime
    ends: datetime
    ends_at: datetime | None = None
    ended_at: datetime | None = None
    next_price: Price | None = None
    card_is_good: bool = True
    failing_since: datetime | None = None
    bills: list[Bill] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        return self.state in (S.CANCELED, S.EXPIRED)

    @property
    def says(self) -> SubscriptionState:
        return until_the_end(self.state, is_ending=self.ends_at is not None)

    def shown(self, customer_id: str) -> Subscription:
        return Subscription(
            provider=Provider.STRIPE, subscription_id=self.subscription_id, customer_id=customer_id, state=self.says, status=self.state,
            price=self.price.name, price_id=self.price.price_id, quantity=1, currency="usd", unit_amount_cents=self.price.cents,
            interval="year" if self.price.lasts == YEAR else "month", period_start=self.starts, period_end=self.ends, trial_end=None,
            ends_at=self.ends_at, canceled_at=None, ended_at=self.ended_at, schedule_id=None,
            scheduled_price=self.next_price.name if self.next_price else None,
            latest_invoice_id=self.bills[-1].invoice_id if self.bills else None, reference=None, created_at=self.began_at,
        )  # fmt: skip
