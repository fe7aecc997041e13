"""What is for sale at a provider against what our plans say: prices that lack, prices that differ, and the endpoint that hears of sales.

Pure. Asking Stripe, and making what lacks, is in `gateways.stripe_payments.account`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.plans import Plan

CURRENCY = "usd"
# What a workspace's standing, invoices and cards follow, and what payments, refunds and disputes are known by, which have no list that is
# read. `*` is all of them.
EVENTS = (
    "checkout.session.completed", "checkout.session.async_payment_succeeded", "checkout.session.async_payment_failed",
    "customer.updated", "customer.deleted", "customer.subscription.created", "customer.subscription.updated",
    "customer.subscription.deleted", "customer.subscription.paused", "customer.subscription.resumed",
    "customer.subscription.trial_will_end", "invoice.finalized", "invoice.paid", "invoice.payment_failed", "invoice.voided",
    "invoice.marked_uncollectible", "payment_intent.succeeded", "payment_intent.processing", "payment_intent.requires_action",
    "payment_intent.payment_failed", "payment_intent.canceled", "payment_method.attached", "payment_method.detached",
    "payment_method.updated", "payment_method.automatically_updated", "charge.succeeded", "charge.refunded",
    "charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed", "refund.created", "refund.updated", "refund.failed",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ware:
    """A price as our plans have it: whole cents of US dollars per `interval`."""

    lookup_key: str
    plan: str
    title: str
    cents: int
    interval: str


@dataclass(frozen=True, slots=True)
class OnShelf:
    """A price as the provider has it. `cents` is None where it is not one amount per period; `sold_as`: the name that we marked it with."""

    lookup_key: str
    price_id: str
    cents: int | None
    currency: str
    interval: str | None
    is_active: bool
    sold_as: str | None = None


class Verdict(StrEnum):
    """`differs` nobody mends but an operator: an amount cannot be changed, and which price is to bear the key is theirs to say."""

    RIGHT = "right"
    LACKING = "lacking"
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True)
class Compared:
    """One price; `there` says how it stands at the provider."""

    ware: Ware
    verdict: Verdict
    there: str = ""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where webhooks go."""

    url: str
    is_enabled: bool
    events: tuple[str, ...]


def wares(plans: Iterable[Plan]) -> list[Ware]:
    """All that is sold, from the smallest plan to the largest."""
    return [
        Ware(each.lookup_key, plan.plan, f"Whyral {plan.title}", each.cents, each.interval)
        for plan in plans
        for each in plan.prices
        if each.is_sold
    ]


def compared(wanted: Sequence[Ware], found: Iterable[OnShelf]) -> list[Compared]:
    """One line per price of ours; what else is sold there is none of our business."""
    there = {each.lookup_key: each for each in found}
    return [_compared(each, there) for each in wanted]


def _compared(ware: Ware, there: Mapping[str, OnShelf]) -> Compared:
    found = there.get(ware.lookup_key)
    if found is None:
        return Compared(ware, Verdict.LACKING)
    stands = (found.cents, found.currency, found.interval, found.is_active, found.sold_as or ware.lookup_key)
    amount = f"{found.cents} cents" if found.cents is not None else "no single amount"
    said = f"{found.price_id}: {amount}, {found.currency}, {found.interval}{'' if found.is_active else ', archived'}"
    if found.sold_as not in (None, ware.lookup_key):
        said += f", sold as {found.sold_as} before"
    is_right = stands == (ware.cents, CURRENCY, ware.interval, True, ware.lookup_key)
    return Compared(ware, Verdict.RIGHT if is_right else Verdict.DIFFERS, said)


def unheard(endpoints: Iterable[Endpoint], url: str) -> list[str] | None:
    """Events that do not reach this address; None where no endpoint that is on leads there."""
    heard = {name for each in endpoints if each.is_enabled and each.url.rstrip("/") == url.rstrip("/") for name in each.events}
    if not heard:
        return None
    return [] if "*" in heard else [name for name in EVENTS if name not in heard]
