"""Customers, pages for payers, refunds."""

from contextlib import suppress
from typing import TYPE_CHECKING

import stripe

from domain.billing import stripe_money as money
from domain.billing import stripe_wording as wording
from domain.billing.objects import Checkout, Customer, Portal, Refund
from domain.billing.orders import CheckoutOrder, NewCustomer, RefundOrder
from domain.billing.states import CheckoutState
from gateways.stripe_payments.asked import Asks
from gateways.stripe_payments.connecting import asking

if TYPE_CHECKING:
    from stripe.params import RefundCreateParams
    from stripe.params.checkout import SessionCreateParams

PAGE = 100


class Selling(Asks):
    """`SellsPlans` and `RefundsPayments`."""

    def customer(self, wanted: NewCustomer, *, key: str) -> Customer:
        """The one that is there, where its making seemed to fail, or was longer ago than Stripe keeps a key."""
        metadata = {wording.REFERENCE: wanted.reference}
        with asking():
            for each in self.api.customers.list({"email": wanted.email, "limit": PAGE}).auto_paging_iter():
                if each.to_dict()["metadata"].get(wording.REFERENCE) == wanted.reference:
                    return self.read(wording.customer, each)
            made = self.api.customers.create(
                {"email": wanted.email, "metadata": metadata, **({"name": wanted.name} if wanted.name else {})}, {"idempotency_key": key}
            )
        return self.read(wording.customer, made)

    def readdress(self, customer_id: str, email: str, *, instead_of: str) -> None:
        with asking():
            there = self.api.customers.retrieve(customer_id)
            if not getattr(there, "deleted", False) and there.email == instead_of:
                self.api.customers.update(customer_id, {"email": email})

    def checkout(self, order: CheckoutOrder, *, key: str) -> Checkout:
        """A page for one subscription. Its metadata name the tenant, so that every later event does."""
        reference = {wording.REFERENCE: order.reference}
        params: SessionCreateParams = {
            "mode": "subscription",
            "customer": order.customer_id,
            "line_items": [{"price": self.price_id(order.price), "quantity": 1}],
            "success_url": order.success_url,
            "cancel_url": order.cancel_url,
            "client_reference_id": order.reference,
            "metadata": reference,
            "subscription_data": {"metadata": reference, **({"trial_period_days": order.trial_days} if order.trial_days else {})},
        }
        if order.takes_tax_ids:
            params["tax_id_collection"] = {"enabled": True}
        if order.adds_taxes:
            params["automatic_tax"] = {"enabled": True}
        if order.takes_tax_ids or order.adds_taxes:
            params["customer_update"] = {"name": "auto", "address": "auto"}
        with asking():
            made = self.api.checkout.sessions.create(params, {"idempotency_key": key})
        return self.read(wording.checkout, made)

    def close_checkout(self, checkout_id: str, *, key: str) -> CheckoutState:
        """Who pays at this very moment was faster, and the page is `complete`."""
        with asking():
            there = self.read(wording.checkout, self.api.checkout.sessions.retrieve(checkout_id))
            if there.state is not CheckoutState.OPEN:
                return there.state
            with suppress(stripe.InvalidRequestError):  # it is open no more
                self.api.checkout.sessions.expire(checkout_id, {}, {"idempotency_key": key})
            return self.read(wording.checkout, self.api.checkout.sessions.retrieve(checkout_id)).state

    def portal(self, customer_id: str, *, return_url: str, key: str) -> Portal:
        with asking():
            made = self.api.billing_portal.sessions.create({"customer": customer_id, "return_url": return_url}, {"idempotency_key": key})
        return Portal(made.url)

    def refund(self, order: RefundOrder, *, key: str) -> Refund:
        """Of a payment intent, or of a charge that belongs to none. Raises Conflict where nothing is left of it."""
        what = "charge" if order.payment_id.startswith(("ch_", "py_")) else "payment_intent"
        params: RefundCreateParams = {what: order.payment_id, "reason": order.reason}  # type: ignore[misc]
        if order.amount_cents is not None:
            params["amount"] = order.amount_cents
        with asking():
            made = self.api.refunds.create(params, {"idempotency_key": key})
        return self.read(money.refund, made)
