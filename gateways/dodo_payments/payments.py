"""Dodo's calls. What is not known of Dodo is not guessed: there is no list of its events, and no idempotency key in its documentation.

So a call that changes something is sent once. Where its outcome is not known, SourceUnavailable says so, and whoever called looks how it
stands before it is asked again.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, TypeVar

from domain.billing import cells
from domain.billing import dodo_wording as wording
from domain.billing.events import BillingEvent
from domain.billing.objects import ChangePreview, Checkout, Customer, Invoice, PaymentMethod, Portal, Refund, Subscription
from domain.billing.orders import CheckoutOrder, NewCustomer, RefundOrder
from domain.billing.states import CheckoutState, Provider
from domain.errors import Conflict, FailureCategory, SourceRefused, SourceUnavailable
from domain.imports.values import Unreadable
from gateways.bounded_http import BoundedHttp, Limits, Route
from gateways.dodo_payments.hearing import heard

Thing = TypeVar("Thing")
SOURCE = "dodo"
URL = "https://live.dodopayments.com"
PAGE = 100


@dataclass(frozen=True, slots=True)
class DodoAccess:
    """`products`: which of Dodo's products each of our prices is."""

    api_key: str = field(repr=False)
    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    products: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    url: str = URL
    limits: Limits = field(default_factory=Limits)


class DodoPayments:
    """`domain.ports.Payments` of one business."""

    provider = Provider.DODO

    def __init__(self, access: DodoAccess) -> None:
        self.access = access
        self._prices = {product: price for price, product in access.products.items()}
        self._http = BoundedHttp(
            SOURCE, Route(access.url, {"Authorization": f"Bearer {access.api_key}"}, may_be_silent=True), access.limits
        )

    def close(self) -> None:
        self._http.close()

    def customer(self, wanted: NewCustomer, *, key: str) -> Customer:  # noqa: ARG002 - Dodo takes no key
        words = {"email": wanted.email, "name": wanted.name or wanted.email, "metadata": {wording.REFERENCE: wanted.reference}}
        return self._read(wording.customer, self._post("/customers", words))

    def readdress(self, customer_id: str, email: str, *, instead_of: str) -> None:
        """Nothing: Dodo documents no way to change a customer's address."""

    def checkout(self, order: CheckoutOrder, *, key: str) -> Checkout:  # noqa: ARG002 - Dodo takes no key
        words: dict[str, Any] = {
            "product_cart": [{"product_id": self._product(order.price), "quantity": 1}],
            "customer": {"customer_id": order.customer_id},
            "return_url": order.success_url,
            "metadata": {wording.REFERENCE: order.reference},
        }
        if order.trial_days:
            words["subscription_data"] = {"trial_period_days": order.trial_days}
        made = self._post("/checkouts", words)
        return self._read(lambda record: Checkout(
            self.provider, cells.demanded(record, "session_id"), cells.demanded(record, "checkout_url"), CheckoutState.OPEN,
            is_paid=False, customer_id=order.customer_id, subscription_id=None, reference=order.reference, expires_at=None,
        ), made)  # fmt: skip

    def close_checkout(self, checkout_id: str, *, key: str) -> None:
        """Dodo documents no way."""

    def portal(self, customer_id: str, *, return_url: str, key: str) -> Portal:  # noqa: ARG002 - Dodo takes neither
        made = self._post(f"/customers/{customer_id}/customer-portal/session", {})
        return self._read(lambda record: Portal(cells.demanded(record, "link")), made)

    def preview(self, subscription_id: str, price: str, *, at: datetime) -> ChangePreview:
        """As of now: Dodo takes no other moment."""
        made = self._post(f"/subscriptions/{subscription_id}/change-plan/preview", self._change(price))
        return self._read(lambda record: wording.preview(record, at), made)

    def change(self, subscription_id: str, price: str, *, at: datetime, key: str) -> Subscription:  # noqa: ARG002 - Dodo takes neither
        """Dodo answers with nothing: what came of it is read afterwards, and told by `subscription.plan_changed`."""
        self._post(f"/subscriptions/{subscription_id}/change-plan", {**self._change(price), "on_payment_failure": "prevent_change"})
        return self.subscription(subscription_id)

    def change_later(self, subscription_id: str, price: str, *, key: str) -> Subscription:  # noqa: ARG002 - Dodo takes no key
        words = {**self._change(price), "effective_at": "next_billing_date"}
        self._post(f"/subscriptions/{subscription_id}/change-plan", words)
        return self.subscription(subscription_id)

    def cancel_later(self, subscription_id: str, *, key: str) -> Subscription:  # noqa: ARG002 - the same again changes nothing
        return self._patch(subscription_id, {"cancel_at_next_billing_date": True})

    def cancel_now(self, subscription_id: str, *, key: str) -> Subscription:  # noqa: ARG002 - the same again changes nothing
        return self._patch(subscription_id, {"status": "cancelled"})

    def resume(self, subscription_id: str, *, key: str) -> Subscription:  # noqa: ARG002 - the same again changes nothing
        if self.subscription(subscription_id).schedule_id:
            self._http.send("DELETE", f"/subscriptions/{subscription_id}/change-plan/scheduled", None)
        return self._patch(subscription_id, {"cancel_at_next_billing_date": False})

    def refund(self, order: RefundOrder, *, key: str) -> Refund:  # noqa: ARG002 - Dodo takes no key
        """All that is left only: Dodo wants parts of a payment by product, which we do not sell by."""
        if order.amount_cents is not None:
            raise Conflict("Dodo gives whole payments back only.")
        return self._read(wording.refund, self._post("/refunds", {"payment_id": order.payment_id, "reason": order.reason}))

    def refunds(self, payment_id: str, *, customer_id: str | None) -> tuple[Refund, ...]:
        """Dodo lists them by customer."""
        words = {"customer_id": customer_id} if customer_id else {}
        made = self._get("/refunds", page_size=str(PAGE), **words)
        there = self._read(lambda record: tuple(map(wording.refund, cells.parts(record, "items"))), made)
        return tuple(each for each in there if each.payment_id == payment_id)

    def has_customer(self, customer_id: str) -> bool:  # noqa: ARG002 - Dodo documents no way to delete one
        return True

    def subscription(self, subscription_id: str) -> Subscription:
        return self._read(self._subscription, self._get(f"/subscriptions/{subscription_id}"))

    def subscriptions(self, customer_id: str) -> tuple[Subscription, ...]:
        made = self._get("/subscriptions", customer_id=customer_id, page_size=str(PAGE))
        return self._read(lambda record: tuple(map(self._subscription, cells.parts(record, "items"))), made)

    def invoice(self, invoice_id: str) -> Invoice:
        raise SourceRefused(SOURCE, f"invoice {invoice_id}: Dodo's invoices are papers of payments, not objects")

    def invoices(self, customer_id: str, *, limit: int) -> tuple[Invoice, ...]:  # noqa: ARG002 - there are none, whoever pays
        """Dodo's invoices are papers of payments, not objects."""
        return ()

    def payment_methods(self, customer_id: str) -> tuple[PaymentMethod, ...]:
        made = self._get(f"/customers/{customer_id}/payment-methods")
        return self._read(
            lambda record: tuple(wording.payment_method(each, customer_id=customer_id) for each in cells.parts(record, "items")), made
        )

    def events_since(self, moment: datetime) -> Iterator[BillingEvent]:
        raise SourceRefused(SOURCE, f"since {moment:%Y-%m-%d}: Dodo documents no list of events")

    def heard(self, body: bytes, headers: Mapping[str, str], *, now: datetime) -> BillingEvent:
        return heard(body, headers, self.access.webhook_secrets, self._prices, now=now)

    def _change(self, price: str) -> dict[str, object]:
        return {"product_id": self._product(price), "quantity": 1, "proration_billing_mode": "prorated_immediately"}

    def _product(self, price: str) -> str:
        found = self.access.products.get(price)
        if not found:
            said = f"no product stands for the price {price}"
            raise SourceRefused(SOURCE, said, category=FailureCategory.NOT_CONFIGURED, for_callers="This plan cannot be bought now.")
        return found

    def _subscription(self, record: cells.Record) -> Subscription:
        return wording.subscription(record, self._prices)

    def _patch(self, subscription_id: str, words: Mapping[str, object]) -> Subscription:
        return self._read(self._subscription, self._http.send("PATCH", f"/subscriptions/{subscription_id}", words).payload)

    def _get(self, path: str, **params: str) -> object:
        return self._http.get(path, params).payload

    def _post(self, path: str, words: Mapping[str, object]) -> object:
        return self._http.post(path, {}, words).payload

    def _read(self, reads: Callable[[cells.Record], Thing], payload: object) -> Thing:
        """Raises SourceUnavailable (parse_error) where it is worded otherwise than we know."""
        try:
            return reads(cells.part({"answer": payload}, "answer"))
        except Unreadable as error:
            raise SourceUnavailable(SOURCE, error.reason, category=FailureCategory.PARSE_ERROR) from error
