"""Dodo's webhooks (https://docs.dodopayments.com/developer-resources/webhooks) as events of no provider. From documentation only."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from domain.billing import cells
from domain.billing import dodo_wording as wording
from domain.billing.cells import Record
from domain.billing.events import BillingEvent, EventKind
from domain.billing.objects import Thing
from domain.imports.values import Unreadable

_KINDS = (
    ("subscription.", EventKind.SUBSCRIPTION), ("payment.", EventKind.PAYMENT), ("refund.", EventKind.REFUND),
    ("dispute.", EventKind.DISPUTE),
)  # fmt: skip
_IDS = MappingProxyType({
    EventKind.SUBSCRIPTION: "subscription_id", EventKind.PAYMENT: "payment_id", EventKind.REFUND: "refund_id",
    EventKind.DISPUTE: "dispute_id",
})  # fmt: skip
_PAYLOADS = frozenset({"Subscription", "Payment", "Refund", "Dispute"})


def event(record: Record, event_id: str, prices: wording.Prices) -> BillingEvent:
    """One webhook; its id stands in a header. Raises Unreadable where it has no frame."""
    word, told = cells.demanded(record, "type"), cells.part(record, "data")
    created = cells.written_moment(record, "timestamp")
    if created is None or not told:
        raise Unreadable("a webhook without a moment, or of nothing")
    kind = next((kind for beginning, kind in _KINDS if word.startswith(beginning)), EventKind.UNKNOWN)
    if told.get("payload_type", "Payment") not in _PAYLOADS:
        kind = EventKind.UNKNOWN
    thing, oddity = _thing(kind, told, prices)
    return BillingEvent(
        provider=wording.DODO,
        event_id=event_id,
        kind=kind,
        type=word,
        created_at=created,
        thing=thing,
        thing_id=_text(told.get(_IDS.get(kind, ""))),
        customer_id=_text(_inner(told.get("customer")).get("customer_id")),
        subscription_id=_text(told.get("subscription_id")),
        reference=_text(_inner(told.get("metadata")).get(wording.REFERENCE)),
        wording=None,
        is_live=True,
        oddity=oddity,
    )


def _thing(kind: EventKind, told: Record, prices: wording.Prices) -> tuple[Thing | None, str | None]:
    reads: Mapping[EventKind, Callable[[Record], Thing]] = {
        EventKind.SUBSCRIPTION: lambda record: wording.subscription(record, prices),
        EventKind.PAYMENT: wording.payment,
        EventKind.REFUND: wording.refund,
        EventKind.DISPUTE: wording.dispute,
    }
    if kind not in reads:
        return None, None
    try:
        return reads[kind](told), None
    except Unreadable as error:
        return None, error.reason


def _inner(value: object) -> Record:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
