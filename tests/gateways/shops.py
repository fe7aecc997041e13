"""A shop at the sandbox's Stripe, for tests: three prices, the real SDK, our gateway, and a payer. The clock stands still until moved."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Literal

import httpx
import stripe
from stripe._v1_services import V1Services

from domain.billing.objects import Checkout, Customer, Subscription
from domain.billing.orders import CheckoutOrder, NewCustomer
from domain.billing.states import Provider
from domain.ports import Shops
from gateways.stripe_payments import VERSION, StripeAccess, StripePayments
from sandbox.serving import Answered, Asked, Desk, running
from sandbox.stripe import Stripe
from sandbox.world import Clock
from store.plans import packaged

EPOCH = datetime(2026, 11, 1, 12, tzinfo=UTC)
VISA, DECLINES_LATER, DECLINES = "4242424242424242", "4000000000000341", "4000000000000002"
NO_MONEY, ASKS, DISPUTED = "4000000000009995", "4000002500003155", "4000000000000259"
PRICES: dict[str, tuple[int, Literal["month", "year"]]] = {
    "starter": (1_900, "month"),
    "growth": (4_900, "month"),
    "growth_year": (49_000, "year"),
}
_SHOPS = count()
TENANT = "5f0c7a10-0000-4000-8000-000000000001"


@dataclass
class Inbox:
    """Takes webhooks like ours: keeps body and headers, and answers with `status`."""

    hosts = ()
    paths = ("/inbox",)
    status: int = 200
    got: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)

    def answer(self, asked: Asked) -> Answered:
        self.got.append((asked.body, dict(asked.headers)))
        return Answered(self.status)


@dataclass
class Shop:
    """Everything at hand."""

    url: str
    clock: Clock
    desk: Desk
    service: Stripe
    inbox: Inbox
    payments: StripePayments
    sdk: V1Services
    _number: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def key(self) -> str:
        return f"key-{next(self._number)}"

    def customer(self, reference: str = TENANT) -> Customer:
        return self.payments.customer(NewCustomer(reference, "ana@example.com", "Ana"), key=self.key())

    def checkout(self, customer: Customer, price: str = "starter", *, trial_days: int = 0) -> Checkout:
        order = CheckoutOrder(TENANT, customer.customer_id, price, "https://us.example/ok", "https://us.example/no", trial_days)
        return self.payments.checkout(order, key=self.key())

    def pay(self, page: Checkout, card: str = VISA, **more: str) -> httpx.Response:
        assert page.url
        return httpx.post(page.url, json={"card": card, **more}, trust_env=False)

    def subscribed(self, price: str = "starter", *, card: str = VISA, trial_days: int = 0) -> Subscription:
        customer = self.customer()
        assert self.pay(self.checkout(customer, price, trial_days=trial_days), card).status_code == 200
        return self.payments.subscriptions(customer.customer_id)[0]

    def again(self, subscription: Subscription) -> Subscription:
        return self.payments.subscription(subscription.subscription_id)

    def click(self, customer_id: str, **clicked: str) -> httpx.Response:
        page = self.payments.portal(customer_id, return_url="https://us.example/back", key=self.key())
        return httpx.post(page.url, json=clicked, trust_env=False)

    def door(self, path: str, **words: object) -> httpx.Response:
        return httpx.post(f"{self.url}/_stripe/{path}", json=words, trust_env=False)

    def later(self, **by: int) -> datetime:
        return self.clock.advance(timedelta(**by))

    def endpoint(self) -> stripe.WebhookEndpoint:
        return self.sdk.webhook_endpoints.create({"url": f"{self.url}/inbox", "enabled_events": ["*"]})


class NothingBought:
    """Stands at the port `ReadsBilling`, as far as an erasure asks: whoever pays has no subscription."""

    def subscriptions(self, customer_id: str) -> tuple[Subscription, ...]:
        assert customer_id
        return ()


def nothing_bought() -> Shops:
    there: Any = {Provider.STRIPE: NothingBought()}
    return Shops(there)


def plan_prices() -> dict[str, tuple[int, Literal["month", "year"]]]:
    """The prices of the packaged plans, by lookup key."""
    return {
        each.lookup_key: (each.cents, "year" if each.interval == "year" else "month") for plan in packaged().plans for each in plan.prices
    }


@contextmanager
def shop(
    *, retries: int = 0, secrets: tuple[str, ...] = ("whsec_test",), epoch: datetime = EPOCH,
    prices: Mapping[str, tuple[int, Literal["month", "year"]]] = PRICES,
) -> Iterator[Shop]:  # fmt: skip
    clock = Clock(frozen_at=epoch)
    service, inbox = Stripe(clock), Inbox()
    # Shops of one database: no id is another's.
    service.books._made = next(_SHOPS) * 100_000
    desk = Desk([service, inbox], clock)
    with running(desk) as server:
        payments = StripePayments(StripeAccess("sk_test_sandbox", secrets, server.url, retries=retries, read_seconds=30.0))
        made = Shop(server.url, clock, desk, service, inbox, payments, _sdk(server.url))
        product = made.sdk.products.create({"name": "Whyral"})
        for name, (amount, interval) in prices.items():
            made.sdk.prices.create({
                "product": product.id, "currency": "usd", "unit_amount": amount, "lookup_key": name, "nickname": name,
                "recurring": {"interval": interval},
            })  # fmt: skip
        yield made
        payments.close()


def _sdk(url: str) -> V1Services:
    http = stripe.RequestsClient(timeout=5)
    client = stripe.StripeClient(
        "sk_test_sandbox", stripe_version=VERSION, base_addresses={"api": url}, http_client=http, max_network_retries=0
    )
    return client.v1
