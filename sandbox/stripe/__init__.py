"""Stripe as far as subscriptions need it, stateful, in one version of its API. Tests drive it through the real SDK only."""

from sandbox.stripe.books import VERSION
from sandbox.stripe.service import Stripe
from sandbox.stripe.telling import Mischief, signed
from sandbox.stripe.troubles import Trouble

__all__ = ("VERSION", "Mischief", "Stripe", "Trouble", "signed")
