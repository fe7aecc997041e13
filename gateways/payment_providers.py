"""The payment providers that a deployment has keys for. The one place that decides it, for the API and for Dagster."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from domain.billing.states import Provider
from domain.ports import Payments, Shops
from gateways.dodo_payments import DodoAccess, DodoPayments
from gateways.stripe_payments import StripeAccess, StripePayments


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentOptions:
    """As the settings have it. Without a key a provider is not there."""

    seller: str = "stripe"
    trial_days: int = 0
    takes_tax_ids: bool = False
    adds_taxes: bool = False
    stripe_key: str | None = field(default=None, repr=False)
    stripe_webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    stripe_url: str | None = None
    dodo_key: str | None = field(default=None, repr=False)
    dodo_webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    dodo_products: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    dodo_url: str = "https://live.dodopayments.com"


def shops(options: PaymentOptions) -> Shops:
    """Nothing is sent yet. Raises ValueError where two prices are the same product of Dodo's."""
    made: dict[Provider, Payments] = {}
    if options.stripe_key:
        made[Provider.STRIPE] = StripePayments(StripeAccess(options.stripe_key, options.stripe_webhook_secrets, options.stripe_url))
    if options.dodo_key:
        if len(set(options.dodo_products.values())) != len(options.dodo_products):
            raise ValueError("WHYRAL_DODO_PRODUCTS names one product for two prices")
        access = DodoAccess(options.dodo_key, options.dodo_webhook_secrets, options.dodo_products, options.dodo_url)
        made[Provider.DODO] = DodoPayments(access)
    secrets = {Provider.STRIPE: options.stripe_webhook_secrets, Provider.DODO: options.dodo_webhook_secrets}
    return Shops(
        MappingProxyType(made), Provider(options.seller), trial_days=options.trial_days, takes_tax_ids=options.takes_tax_ids,
        adds_taxes=options.adds_taxes, deaf=tuple(each for each in made if not secrets[each]),
    )  # fmt: skip
