"""Dodo Payments behind `domain.ports.Payments`: HTTP by the bounded client, webhooks by Standard Webhooks.

Checked against documentation only (docs/platforms/dodo.md).
"""

from gateways.dodo_payments.payments import DodoAccess, DodoPayments

__all__ = ("DodoAccess", "DodoPayments")
