"""What a provider tells us, in words of no provider. Events come more than once, late, and in any order: what counts is the state of what
they tell of, so whoever is in doubt reads it again.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.billing.objects import Thing
from domain.billing.states import Provider


class EventKind(StrEnum):
    """What it is about. `unknown` is kept and does nothing."""

    CHECKOUT = "checkout"
    CUSTOMER = "customer"
    SUBSCRIPTION = "subscription"
    TRIAL_ENDING = "trial_ending"
    INVOICE = "invoice"
    INVOICE_UPCOMING = "invoice_upcoming"
    PAYMENT = "payment"
    PAYMENT_METHOD = "payment_method"
    PAYMENT_METHOD_REMOVED = "payment_method_removed"
    REFUND = "refund"
    DISPUTE = "dispute"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class BillingEvent:
    """One event. `event_id` is unique per provider; `type` is the provider's own word.

    `thing` is what it tells of as it stood then: None where the kind is unknown, or where its payload is worded otherwise than we know
    (`oddity` says how). `subscription_id` and `customer_id` are whom it concerns, as far as the payload says so. `body`: its raw words,
    where it was read out of a list.
    """

    provider: Provider
    event_id: str
    kind: EventKind
    type: str
    created_at: datetime
    thing: Thing | None
    thing_id: str | None
    customer_id: str | None
    subscription_id: str | None
    reference: str | None
    wording: str | None
    is_live: bool
    oddity: str | None = None
    body: bytes = field(default=b"", repr=False)
