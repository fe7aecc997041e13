"""What we ask of a provider."""

from dataclasses import dataclass
from typing import Literal

RefundReason = Literal["duplicate", "fraudulent", "requested_by_customer"]


@dataclass(frozen=True, slots=True)
class NewCustomer:
    """`reference` is the tenant."""

    reference: str
    email: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class CheckoutOrder:
    """A plan to be bought. `takes_tax_ids`: the payer may name the business's tax id; `adds_taxes`: Stripe Tax reckons taxes."""

    reference: str
    customer_id: str
    price: str
    success_url: str
    cancel_url: str
    trial_days: int = 0
    takes_tax_ids: bool = False
    adds_taxes: bool = False


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """All that is left of a payment, unless `amount_cents` says how much."""

    payment_id: str
    amount_cents: int | None = None
    reason: RefundReason = "requested_by_customer"
