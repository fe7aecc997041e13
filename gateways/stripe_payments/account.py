"""What an operator sets up in a Stripe account: products with prices, and the endpoint for webhooks. No payer is concerned."""

from collections.abc import Sequence

import stripe

from domain.billing.shelf import CURRENCY, Endpoint, OnShelf, Ware
from domain.billing.stripe_wording import SOLD_AS
from gateways.stripe_payments.asked import Asks
from gateways.stripe_payments.changing import stripe_id
from gateways.stripe_payments.connecting import asking

PAGE = 100
# Stripe takes ten lookup keys in one call (https://docs.stripe.com/api/prices/list).
KEYS_AT_ONCE = 10
PLAN = "whyral_plan"


class StripeAccount(Asks):
    """Raises SourceUnavailable and SourceRefused as `StripePayments` does."""

    def shelf(self, keys: Sequence[str]) -> list[OnShelf]:
        """The prices with these lookup keys, archived ones too."""
        found: list[OnShelf] = []
        for begin in range(0, len(keys), KEYS_AT_ONCE):
            with asking():
                page = self.api.prices.list({"lookup_keys": list(keys[begin : begin + KEYS_AT_ONCE]), "limit": PAGE})
                found += [_on_shelf(each) for each in page.auto_paging_iter()]
        return found

    def put(self, ware: Ware) -> OnShelf:
        """A new price, and its plan's product where there is none. Twice makes one: Conflict where its lookup key is taken."""
        with asking():
            product = self._product(ware)
            made = self.api.prices.create(
                {
                    "product": product, "currency": CURRENCY, "unit_amount": ware.cents, "lookup_key": ware.lookup_key,
                    "nickname": f"{ware.title} ({ware.interval}ly)",
                    "recurring": {"interval": "year" if ware.interval == "year" else "month"},
                    "metadata": {PLAN: ware.plan, SOLD_AS: ware.lookup_key},
                },
                {"idempotency_key": f"whyral-price-{ware.lookup_key}-{ware.cents}-{product}"},
            )  # fmt: skip
        return _on_shelf(made)

    def mark(self, found: OnShelf) -> None:
        """Write its name where it stays, also when the lookup key is moved to another price."""
        with asking():
            self.api.prices.update(found.price_id, {"metadata": {SOLD_AS: found.lookup_key}})

    def endpoints(self) -> list[Endpoint]:
        with asking():
            there = list(self.api.webhook_endpoints.list({"limit": PAGE}).auto_paging_iter())
        return [Endpoint(each.url, each.status == "enabled", tuple(each.enabled_events)) for each in there]

    def _product(self, ware: Ware) -> str:
        """Of the plan's other price, else a new one."""
        for each in self.api.prices.list({"limit": PAGE, "active": True}).auto_paging_iter():
            if each.to_dict()["metadata"].get(PLAN) == ware.plan:
                return stripe_id(each.product)
        made = self.api.products.create(
            {"name": ware.title, "metadata": {PLAN: ware.plan}}, {"idempotency_key": f"whyral-product-{ware.plan}"}
        )
        return made.id


def _on_shelf(price: stripe.Price) -> OnShelf:
    often = price.recurring
    interval = often.interval if often and often.interval_count == 1 else None
    sold_as = price.to_dict()["metadata"].get(SOLD_AS)
    return OnShelf(price.lookup_key or "", price.id, price.unit_amount, price.currency, interval, price.active, sold_as)
