"""The provider in memory behind the port of payments, as far as it is read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.billing.events import BillingEvent
from domain.billing.objects import Invoice, PaymentMethod, Subscription
from domain.billing.states import Provider
from domain.errors import FailureCategory, SourceRefused
from domain.ports import Shops
from tests.money.lives.provider import Payers


@dataclass
class MemoryShop:
    """`meanwhile`: what happens once, after subscriptions were seen and before that is told."""

    held: Payers
    provider: Provider = Provider.STRIPE
    meanwhile: Callable[[], None] | None = None

    def subscription(self, subscription_id: str) -> Subscription:
        for each in self.held.plans:
            if each.subscription_id == subscription_id:
                return each.shown(self.held.customer_id)
        raise SourceRefused("memory", subscription_id, category=FailureCategory.NOT_FOUND)

    def subscriptions(self, customer_id: str) -> tuple[Subscription, ...]:
        found = tuple(each.shown(customer_id) for each in reversed(self.held.plans))
        happens, self.meanwhile = self.meanwhile, None
        if happens is not None:
            happens()
        return found

    def invoice(self, invoice_id: str) -> Invoice:
        for each in self.invoices(self.held.customer_id, limit=10_000):
            if each.invoice_id == invoice_id:
                return each
        raise SourceRefused("memory", invoice_id, category=FailureCategory.NOT_FOUND)

    def invoices(self, customer_id: str, *, limit: int) -> tuple[Invoice, ...]:
        bills = sorted((bill for plan in self.held.plans for bill in plan.bills), key=lambda bill: -bill.number)
        return tuple(each.shown(customer_id) for each in bills[:limit])

    def payment_methods(self, customer_id: str) -> tuple[PaymentMethod, ...]:
        return ()

    def events_since(self, moment: datetime) -> Iterator[BillingEvent]:
        return (each for each in self.held.events if each.created_at >= moment)

    def shops(self) -> Shops:
        there: Any = {Provider.STRIPE: self}
        return Shops(there)
