"""What a workspace may use, by how its subscriptions stand now. States decide, never the order in which events came.

Pure: what was read of a provider goes in, what to keep comes out. Reading and keeping are in `services.billing`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import takewhile

from domain.billing.objects import Invoice, Subscription
from domain.billing.states import ENTITLED, InvoiceState, Provider, SubscriptionState

FREE = "free"
# An overdue payment is borne with for so long; reminders go out so long after it failed.
GRACE = timedelta(days=14)
REMINDERS = (timedelta(0), timedelta(days=3), timedelta(days=7), timedelta(days=12))
# What is to end at a moment ends there; a provider that is late with saying so is not waited for longer than this.
LEEWAY = timedelta(hours=1)
# What was to be paid: drafts are not yet, void ones no more.
_BILLED = frozenset({InvoiceState.OPEN, InvoiceState.PAID, InvoiceState.UNCOLLECTIBLE})
_HOURS = timedelta(days=1)
_MONTHS: Mapping[str, int] = {"month": 1, "year": 12}


@dataclass(frozen=True, slots=True)
class Offer:
    """A price of ours: which plan it buys, and where that plan stands among the others (the larger, the more it has).

    `is_sold`: whether it can be bought anew; who has it keeps it.
    """

    plan: str
    position: int
    interval: str = "month"
    is_sold: bool = True


Offers = Mapping[str, Offer]


@dataclass(frozen=True, slots=True)
class Mirror:
    """A subscription as it was read last. `failing_since`: since when a payment is overdue."""

    subscription: Subscription
    read_at: datetime
    failing_since: datetime | None = None
    reminders: int = 0

    @property
    def key(self) -> tuple[Provider, str]:
        return self.subscription.provider, self.subscription.subscription_id


@dataclass(frozen=True, slots=True)
class Standing:
    """What a workspace has. `grace_until`: how long an overdue payment is borne with; `ends_at`: when it ends by itself."""

    plan: str
    status: SubscriptionState
    provider: Provider | None = None
    subscription_id: str | None = None
    price: str | None = None
    month_cents: int = 0
    currency: str | None = None
    grace_until: datetime | None = None
    ends_at: datetime | None = None


NOTHING = Standing(FREE, SubscriptionState.ACTIVE)


def mirrored(known: Mirror | None, read: Subscription, *, at: datetime, invoices: Sequence[Invoice] = ()) -> Mirror:
    """What to keep after a reading; one that is older than what is known changes nothing.

    `invoices`: those of its customer, as far as the provider has such. They tell since when a payment is overdue, whatever was heard of
    it meanwhile.
    """
    if known is not None and known.read_at > at:
        return known
    if read.state is not SubscriptionState.FAILED:
        return Mirror(read, at)
    since, reminders = unpaid_since(read, invoices), known.reminders if known else 0
    if since is not None and since > at:
        # The provider's clock is ahead of ours (a test clock): overdue since we first heard of it.
        since = known.failing_since if known and known.failing_since else at
    if known is None or known.failing_since is None:
        return Mirror(read, at, failing_since=since or _period(read, at))
    if since is None:
        # A later period that is not paid either begins nothing anew.
        since = min(known.failing_since, _period(read, at))
    # What failed after it had been paid is told of anew. An invoice may be made some hours after its period began.
    return Mirror(read, at, since, 0 if since > known.failing_since + _HOURS else reminders)


def unpaid_since(subscription: Subscription, invoices: Sequence[Invoice]) -> datetime | None:
    """When the first invoice after the last one that was paid was made. None: no invoice of it says so."""
    billed = [
        (each.created_at, each.state) for each in invoices
        if each.subscription_id == subscription.subscription_id and each.state in _BILLED and each.created_at is not None
    ]  # fmt: skip
    newest_first = sorted(billed, key=lambda each: each[0], reverse=True)
    return min((made_at for made_at, _ in takewhile(lambda each: each[1] is not InvoiceState.PAID, newest_first)), default=None)


def _period(read: Subscription, at: datetime) -> datetime:
    """The period that is not paid began when it was to be paid: the same whenever we hear of it."""
    return min(read.period_start or at, at)


def month_cents(subscription: Subscription) -> int:
    """What it brings in a month, in whole cents, half to even. 0 where it brings nothing, or its interval is none of ours."""
    months = _MONTHS.get(subscription.interval or "")
    if subscription.unit_amount_cents is None or months is None:
        return 0
    whole = Decimal(subscription.unit_amount_cents * subscription.quantity) / months
    return int(whole.to_integral_value(ROUND_HALF_EVEN))


def standing(mirrors: Iterable[Mirror], offers: Offers, *, now: datetime) -> Standing:
    """What these subscriptions amount to: of those that hold, the one with the largest plan, then the one that began last."""
    holding = [each for each in mirrors if _holds(each, offers, now)]
    if not holding:
        return NOTHING
    best = max(holding, key=lambda each: _rank(each, offers, now))
    found = best.subscription
    return Standing(
        plan=offers[found.price or ""].plan,
        status=found.state,
        provider=found.provider,
        subscription_id=found.subscription_id,
        price=found.price,
        month_cents=month_cents(found),
        currency=found.currency,
        grace_until=best.failing_since + GRACE if best.failing_since else None,
        ends_at=found.ends_at,
    )


def reminders_due(mirror: Mirror, *, now: datetime) -> int:
    """How many reminders of an overdue payment should have gone out by now."""
    since = mirror.failing_since
    return 0 if since is None else sum(now >= since + wait for wait in REMINDERS)


def _holds(mirror: Mirror, offers: Offers, now: datetime) -> bool:
    """An overdue one holds, too: it says that payment is needed, until it is paid or the provider ends it."""
    found = mirror.subscription
    if found.price not in offers:
        return False
    is_over = found.ends_at is not None and now >= found.ends_at + LEEWAY
    return found.state is SubscriptionState.FAILED or (found.state in ENTITLED and not is_over)


def _is_overdue(mirror: Mirror, now: datetime) -> bool:
    return mirror.failing_since is not None and now >= mirror.failing_since + GRACE


def _rank(mirror: Mirror, offers: Offers, now: datetime) -> tuple[bool, int, float, tuple[str, str]]:
    begun = mirror.subscription.created_at
    position = offers[mirror.subscription.price or ""].position
    return not _is_overdue(mirror, now), position, begun.timestamp() if begun else 0.0, mirror.key
