"""All of Stripe behind the one port."""

from collections.abc import Mapping
from datetime import datetime

from domain.billing.events import BillingEvent
from domain.billing.states import Provider
from gateways.stripe_payments.changing import Changing
from gateways.stripe_payments.hearing import heard
from gateways.stripe_payments.reading import Reading
from gateways.stripe_payments.selling import Selling


class StripePayments(Selling, Changing, Reading):
    """`domain.ports.Payments` of one account."""

    provider = Provider.STRIPE

    def heard(self, body: bytes, headers: Mapping[str, str], *, now: datetime) -> BillingEvent:
        return self.in_mode(heard(body, headers, self.access.webhook_secrets, now=now))
