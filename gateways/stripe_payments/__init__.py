"""Stripe behind `domain.ports.Payments`, by its own SDK and in one version of its API. What its objects mean is in `domain.billing`."""

from gateways.stripe_payments.connecting import VERSION, StripeAccess
from gateways.stripe_payments.payments import StripePayments

__all__ = ("VERSION", "StripeAccess", "StripePayments")
