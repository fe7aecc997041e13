"""Payments: what billing needs of a provider, in words of no provider. `gateways.stripe_payments` and `gateways.dodo_payments` fill it.

Whoever changes something hands in a `key` that is kept before the call: the same key again does it once, also after a crash. The calls
raise SourceUnavailable (the outcome is not known: the same again, with the same key), SourceRefused, PaymentNeeded (a card was declined)
and Conflict (it stands otherwise, or the key was used for something else). SourceRefused of the category `api_error` may be a failure
that the provider keeps for this key: read how it stands, then go on with a new one. Not all providers take keys (Dodo):
after SourceUnavailable look first.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Protocol

from domain.billing.events import BillingEvent
from domain.billing.objects import (
    ChangePreview,
    Checkout,
    Customer,
    Invoice,
    PaymentMethod,
    Portal,
    Refund,
    Subscription,
)
from domain.billing.orders import CheckoutOrder, NewCustomer, RefundOrder
from domain.billing.states import CheckoutState, Provider
from domain.errors import FailureCategory, SourceRefused


class SellsPlans(Protocol):
    """Pages for payers."""

    def customer(self, wanted: NewCustomer, *, key: str) -> Customer: ...

    def readdress(self, customer_id: str, email: str, *, instead_of: str) -> None:
        """Receipts go to `email`, unless the payer chose another address than `instead_of`, which was given before. Twice is as once."""

    def checkout(self, order: CheckoutOrder, *, key: str) -> Checkout: ...

    def close_checkout(self, checkout_id: str, *, key: str) -> CheckoutState | None:
        """Nobody buys on this page any more, unless somebody did. How it stands now; None where the provider closes none (Dodo)."""

    def portal(self, customer_id: str, *, return_url: str, key: str) -> Portal: ...


class ChangesSubscriptions(Protocol):
    """All but `preview` change something. A change that waits for the period's end is dropped by any other change."""

    def preview(self, subscription_id: str, price: str, *, at: datetime) -> ChangePreview: ...

    def change(self, subscription_id: str, price: str, *, at: datetime, key: str) -> Subscription:
        """At once, prorated by the time that was left at `at`, and paid at once: PaymentNeeded leaves all as it was."""

    def change_later(self, subscription_id: str, price: str, *, key: str) -> Subscription:
        """At the end of the period, for a downgrade."""

    def cancel_later(self, subscription_id: str, *, key: str) -> Subscription:
        """At the end of the period."""

    def cancel_now(self, subscription_id: str, *, key: str) -> Subscription: ...

    def resume(self, subscription_id: str, *, key: str) -> Subscription:
        """Takes back what was to happen at the end of the period."""


class RefundsPayments(Protocol):
    """Gives money back."""

    def refund(self, order: RefundOrder, *, key: str) -> Refund: ...

    def refunds(self, payment_id: str, *, customer_id: str | None) -> tuple[Refund, ...]:
        """What was given back of a payment, or is on its way."""


class ReadsBilling(Protocol):
    """How things stand now. Lists are newest first."""

    def has_customer(self, customer_id: str) -> bool:
        """Whether something can be sold to it: it is there, and was not deleted."""

    def subscription(self, subscription_id: str) -> Subscription: ...

    def subscriptions(self, customer_id: str) -> tuple[Subscription, ...]: ...

    def invoice(self, invoice_id: str) -> Invoice: ...

    def invoices(self, customer_id: str, *, limit: int) -> tuple[Invoice, ...]: ...

    def payment_methods(self, customer_id: str) -> tuple[PaymentMethod, ...]: ...

    def events_since(self, moment: datetime) -> Iterator[BillingEvent]:
        """Those that webhooks are asked for, oldest first, as far back as there are (Stripe: 30 days). SourceRefused: none (Dodo)."""


class HearsBilling(Protocol):
    """Webhooks."""

    def heard(self, body: bytes, headers: Mapping[str, str], *, now: datetime) -> BillingEvent:
        """The event of a body whose signature holds. Raises Unauthenticated else, and Unacceptable where it is no event."""


class Payments(SellsPlans, ChangesSubscriptions, RefundsPayments, ReadsBilling, HearsBilling, Protocol):
    """All of it, by one provider."""

    @property
    def provider(self) -> Provider: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Shops:
    """The providers that this deployment has keys for. `seller` takes new payers; the others keep theirs.

    `deaf`: those whose webhooks cannot be checked, since their secret is not set.
    """

    all: Mapping[Provider, Payments] = field(default_factory=lambda: MappingProxyType({}))
    seller: Provider = Provider.STRIPE
    trial_days: int = 0
    takes_tax_ids: bool = False
    adds_taxes: bool = False
    deaf: tuple[Provider, ...] = ()

    def of(self, provider: Provider) -> Payments:
        """Raises SourceRefused (not_configured) where there is no key for it."""
        found = self.all.get(provider)
        if found is None:
            said = f"WHYRAL_{provider.upper()}_{'SECRET' if provider is Provider.STRIPE else 'API'}_KEY is not set"
            raise SourceRefused(provider, said, category=FailureCategory.NOT_CONFIGURED, for_callers="Payments are not set up.")
        return found

    def close(self) -> None:
        for each in self.all.values():
            each.close()
