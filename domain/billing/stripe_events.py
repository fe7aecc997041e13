"""Stripe's events (https://docs.stripe.com/api/events/types) as events of no provider."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from domain.billing import cells
from domain.billing import stripe_money as money
from domain.billing import stripe_wording as wording
from domain.billing.cells import Record
from domain.billing.events import BillingEvent, EventKind
from domain.billing.objects import Checkout, Customer, Subscription, Thing
from domain.imports.values import Unreadable

Reads = Callable[[Record], Thing]
_READS: Mapping[EventKind, Reads] = MappingProxyType({
    EventKind.CHECKOUT: wording.checkout,
    EventKind.CUSTOMER: wording.customer,
    EventKind.SUBSCRIPTION: wording.subscription,
    EventKind.TRIAL_ENDING: wording.subscription,
    EventKind.INVOICE: wording.invoice,
    EventKind.INVOICE_UPCOMING: wording.invoice,
    EventKind.PAYMENT: money.payment,
    EventKind.PAYMENT_METHOD: money.payment_method,
    EventKind.PAYMENT_METHOD_REMOVED: money.payment_method,
    EventKind.REFUND: money.refund,
    EventKind.DISPUTE: money.dispute,
})  # fmt: skip
_EXACT = MappingProxyType({
    "customer.created": EventKind.CUSTOMER,
    "customer.updated": EventKind.CUSTOMER,
    "customer.deleted": EventKind.CUSTOMER,
    "customer.subscription.trial_will_end": EventKind.TRIAL_ENDING,
    "customer.source.created": EventKind.PAYMENT_METHOD,
    "customer.source.updated": EventKind.PAYMENT_METHOD,
    "customer.source.deleted": EventKind.PAYMENT_METHOD_REMOVED,
    "payment_method.detached": EventKind.PAYMENT_METHOD_REMOVED,
    "invoice.upcoming": EventKind.INVOICE_UPCOMING,
    "invoice.deleted": EventKind.UNKNOWN,
    "charge.refund.updated": EventKind.REFUND,
})  # fmt: skip
_BEGINNINGS = (
    ("checkout.session.", EventKind.CHECKOUT), ("customer.subscription.", EventKind.SUBSCRIPTION), ("invoice.", EventKind.INVOICE),
    ("payment_intent.", EventKind.PAYMENT), ("payment_method.", EventKind.PAYMENT_METHOD), ("refund.", EventKind.REFUND),
    ("charge.dispute.", EventKind.DISPUTE), ("charge.", EventKind.PAYMENT),
)  # fmt: skip
# Of one beginning may be objects of several types: `customer.source.*` tells of bank accounts, `invoice.*` of payments of invoices.
_OBJECTS: Mapping[EventKind, frozenset[str]] = MappingProxyType({
    EventKind.CHECKOUT: frozenset({"checkout.session"}),
    EventKind.CUSTOMER: frozenset({"customer"}),
    EventKind.SUBSCRIPTION: frozenset({"subscription"}),
    EventKind.TRIAL_ENDING: frozenset({"subscription"}),
    EventKind.INVOICE: frozenset({"invoice"}),
    EventKind.INVOICE_UPCOMING: frozenset({"invoice"}),
    EventKind.PAYMENT: frozenset({"payment_intent", "charge"}),
    EventKind.PAYMENT_METHOD: frozenset({"payment_method", "card"}),
    EventKind.PAYMENT_METHOD_REMOVED: frozenset({"payment_method", "card"}),
    EventKind.REFUND: frozenset({"refund"}),
    EventKind.DISPUTE: frozenset({"dispute"}),
})  # fmt: skip


def event(record: Record) -> BillingEvent:
    """One event. Raises Unreadable where it is none: no id, no type, no object in it. What it tells of may be odd; then it says so."""
    told, kind_of_event = cells.part(record, "data", "object"), cells.demanded(record, "type")
    created = cells.moment(record, "created")
    if created is None or not told:
        raise Unreadable("an event without a moment, or of nothing")
    kind = _kind(kind_of_event, told)
    thing, oddity = _thing(kind, told)
    return BillingEvent(
        provider=wording.STRIPE,
        event_id=cells.demanded(record, "id"),
        kind=kind,
        type=kind_of_event,
        created_at=created,
        thing=thing,
        thing_id=_text(told.get("id")),
        customer_id=_text(told.get("id")) if isinstance(thing, Customer) else _any_id(told.get("customer")),
        subscription_id=_subscription(thing, told),
        reference=thing.reference if isinstance(thing, Customer | Subscription | Checkout) else None,
        wording=cells.text(record, "api_version"),
        is_live=cells.flag(record, "livemode"),
        oddity=oddity,
    )


def _kind(word: str, told: Record) -> EventKind:
    found = _EXACT.get(word) or next((kind for beginning, kind in _BEGINNINGS if word.startswith(beginning)), EventKind.UNKNOWN)
    return found if told.get("object") in _OBJECTS.get(found, frozenset()) else EventKind.UNKNOWN


def _thing(kind: EventKind, told: Record) -> tuple[Thing | None, str | None]:
    read = money.charged if told.get("object") == "charge" else _READS.get(kind)
    if kind is EventKind.UNKNOWN or read is None:
        return None, None
    try:
        return read(told), None
    except Unreadable as error:
        return None, error.reason


def _subscription(thing: Thing | None, told: Record) -> str | None:
    if isinstance(thing, Subscription):
        return thing.subscription_id
    found = getattr(thing, "subscription_id", None)
    return found if isinstance(found, str) else _any_id(told.get("subscription"))


def _any_id(value: object) -> str | None:
    """Of what we may not know: whatever is no id is none."""
    return _text(value.get("id")) if isinstance(value, Mapping) else _text(value)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
