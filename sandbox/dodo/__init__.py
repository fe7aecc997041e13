"""Dodo Payments, as far as its documentation goes and subscriptions need it: bought, changed, canceled, refunded, and told of."""

from sandbox.dodo.service import SECRET, Dodo, signed

__all__ = ("SECRET", "Dodo", "signed")
