"""How things stand at Stripe, read anew."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

import stripe

from domain.billing import stripe_money as money
from domain.billing import stripe_wording as wording
from domain.billing.events import BillingEvent
from domain.billing.objects import Invoice, PaymentMethod, Refund, Subscription
from domain.billing.shelf import EVENTS
from domain.billing.stripe_events import event
from domain.errors import FailureCategory, SourceRefused
from gateways.stripe_payments.asked import Asks
from gateways.stripe_payments.changing import stripe_id
from gateways.stripe_payments.connecting import asking

if TYPE_CHECKING:
    from stripe.params import RefundListParams

PAGE = 100


class Reading(Asks):
    """`ReadsBilling`."""

    def has_customer(self, customer_id: str) -> bool:
        """One that was deleted is still told of, as such."""
        try:
            with asking():
                made = self.api.customers.retrieve(customer_id)
        except SourceRefused as error:
            if error.category is FailureCategory.NOT_FOUND:
                return False
            raise
        return not getattr(made, "deleted", False)

    def subscription(self, subscription_id: str) -> Subscription:
        with asking():
            made = self.api.subscriptions.retrieve(subscription_id)
        return self.read(wording.subscription, made)

    def subscriptions(self, customer_id: str) -> tuple[Subscription, ...]:
        """Those that are over, too."""
        with asking():
            there = list(self.api.subscriptions.list({"customer": customer_id, "status": "all", "limit": PAGE}).auto_paging_iter())
        return tuple(self.read(wording.subscription, each) for each in there)

    def invoice(self, invoice_id: str) -> Invoice:
        """With its payment."""
        with asking():
            made = self.api.invoices.retrieve(invoice_id, {"expand": ["payments"]})
        return self.read(wording.invoice, made)

    def invoices(self, customer_id: str, *, limit: int) -> tuple[Invoice, ...]:
        with asking():
            first = self.api.invoices.list({"customer": customer_id, "limit": min(limit, PAGE), "expand": ["data.payments"]})
            there = list(islice(first.auto_paging_iter(), limit))
        return tuple(self.read(wording.invoice, each) for each in there)

    def payment_methods(self, customer_id: str) -> tuple[PaymentMethod, ...]:
        """The default one is what the subscription is paid with, else the customer's: Stripe charges in this order."""
        with asking():
            customer = self.api.customers.retrieve(customer_id)
            if getattr(customer, "deleted", False):
                return ()
            held = self.api.subscriptions.list({"customer": customer_id, "limit": PAGE}).data
            there = list(self.api.payment_methods.list({"customer": customer_id, "limit": PAGE}).auto_paging_iter())
        chosen = [each.default_payment_method for each in (*held, customer.invoice_settings) if each and each.default_payment_method]
        default = stripe_id(chosen[0]) if chosen else None
        return tuple(self.read(lambda record: money.payment_method(record, default_id=default), each) for each in there)

    def refunds(self, payment_id: str, *, customer_id: str | None) -> tuple[Refund, ...]:  # noqa: ARG002 - Dodo needs it
        params: RefundListParams = {"limit": PAGE}
        params["charge" if payment_id.startswith(("ch_", "py_")) else "payment_intent"] = payment_id
        with asking():
            there = list(self.api.refunds.list(params).auto_paging_iter())
        return tuple(self.read(money.refund, each) for each in there)

    def events_since(self, moment: datetime) -> Iterator[BillingEvent]:
        """Those that an endpoint is told of. All are fetched first: Stripe lists the newest first, and ours begin with the oldest."""
        with asking():
            pages = self.api.events.list({"created": {"gte": int(moment.timestamp())}, "limit": PAGE})
            newest_first = list(pages.auto_paging_iter())
        return (self._event(each) for each in reversed(newest_first) if each.type in EVENTS)

    def _event(self, made: stripe.Event) -> BillingEvent:
        found = self.in_mode(self.read(event, made))
        # Decimals, which the SDK makes of them, are text on the wire.
        return replace(found, body=json.dumps(made.to_dict(), default=str).encode())
