"""The sandbox's objects, field by field: each of their fields is one of the SDK's types, and what was recorded is there in the same kind.

Recorded are events of 2020 and before; `GONE` names what Stripe has taken away since (https://docs.stripe.com/changelog), `LEFT_OUT` what
nobody here needs.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import stripe

from sandbox.stripe.books import outward
from tests.gateways.shops import DISPUTED, Shop, shop

OF_THE_SDK = {
    "subscription": stripe.Subscription, "subscription_item": stripe.SubscriptionItem, "invoice": stripe.Invoice,
    "line_item": stripe.InvoiceLineItem, "payment_intent": stripe.PaymentIntent, "charge": stripe.Charge, "refund": stripe.Refund,
    "dispute": stripe.Dispute, "customer": stripe.Customer, "payment_method": stripe.PaymentMethod, "price": stripe.Price,
    "product": stripe.Product, "event": stripe.Event, "subscription_schedule": stripe.SubscriptionSchedule,
    "invoice_payment": stripe.InvoicePayment, "checkout.session": stripe.checkout.Session, "plan": stripe.Plan,
    "billing_portal.session": stripe.billing_portal.Session, "test_helpers.test_clock": stripe.test_helpers.TestClock,
    "webhook_endpoint": stripe.WebhookEndpoint,
}  # fmt: skip
GONE = {
    "subscription": {"current_period_end", "current_period_start", "discount", "plan", "quantity", "start"},
    "invoice": {"application_fee", "application_fee_amount", "charge", "closed", "date", "discount", "forgiven", "paid", "paid_out_of_band",
                "payment_intent", "quote", "subscription", "tax", "total_tax_amounts", "transfer_data", "subscription_proration_date"},
    "line_item": {"invoice_item", "plan", "price", "proration", "proration_details", "tax_amounts", "tax_rates", "type",
                  "subscription_item", "unique_id"},
    "payment_intent": {"charges", "invoice"},
    "charge": {"destination", "dispute", "invoice", "order", "application_fee"},
    "dispute": {"balance_transaction", "evidence_due_by"},
    "checkout.session": {"shipping", "shipping_rate", "tax_id_collection"},
    "price": set(), "refund": set(), "customer": set(), "payment_method": set(), "plan": {"aggregate_usage"},
    "subscription_item": set(),
}  # fmt: skip
LEFT_OUT = {"charge": {"refunds"}, "customer": {"sources", "subscriptions", "tax_ids"}}


@pytest.fixture(scope="module")
def there() -> Iterator[Shop]:
    with shop() as made:
        made.endpoint()
        subscription = made.subscribed("growth")
        made.payments.change_later(subscription.subscription_id, "starter", key="down")
        made.click(subscription.customer_id, do="card", card=DISPUTED)
        made.later(days=31)
        payment = made.payments.invoices(subscription.customer_id, limit=1)[0].payment_id
        made.sdk.refunds.create({"payment_intent": str(payment), "amount": 100})
        made.sdk.test_helpers.test_clocks.create({"frozen_time": 1_800_000_000})
        yield made


def newest(there: Shop) -> dict[str, dict[str, Any]]:
    """One object of each type, with those inside them."""
    found: dict[str, dict[str, Any]] = {}
    for thing in there.service.books.kept.values():
        for each in _inside(outward(thing)):
            found[each["object"]] = each
    return found


def _inside(thing: Any) -> Iterator[dict[str, Any]]:
    if isinstance(thing, dict):
        if isinstance(thing.get("object"), str):
            yield thing
        for value in thing.values():
            yield from _inside(value)
    elif isinstance(thing, list):
        for each in thing:
            yield from _inside(each)


def recorded(real_data: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted((Path(real_data) / "stripe_webhooks").glob("*.json")):
        event = json.loads(path.read_text(encoding="utf-8"))
        if (event.get("api_version") or "") >= "2020":
            for each in _inside(event["data"]["object"]):
                yield path.stem, each


@pytest.mark.parametrize("kind", sorted(OF_THE_SDK))
def test_every_field_is_one_of_the_sdk(there, kind):
    thing = newest(there)[kind]

    assert set(thing) - set(OF_THE_SDK[kind].__annotations__) == set()


@pytest.mark.real_data
def test_what_was_recorded_is_there_in_the_same_kind(there, real_data):
    ours, compared = newest(there), 0
    for name, theirs in recorded(real_data):
        kind = theirs["object"]
        if kind not in GONE:
            continue
        for field, value in theirs.items():
            if field in GONE[kind] | LEFT_OUT.get(kind, set()):
                continue
            assert field in ours[kind], f"{name}: {kind}.{field}"
            assert _alike(value, ours[kind][field]), f"{name}: {kind}.{field}: {value!r} and {ours[kind][field]!r}"
            compared += 1
    assert compared > 300


def _alike(theirs: object, ours: object) -> bool:
    """Null says nothing about its kind; an id may be an object and the other way round."""
    if theirs is None or ours is None:
        return True
    return isinstance(ours, type(theirs)) or {type(theirs), type(ours)} == {int, float}


@pytest.mark.real_data
def test_ids_begin_as_the_recorded_ones(there, real_data):
    ours = newest(there)
    for name, theirs in recorded(real_data):
        kind, key = theirs["object"], theirs.get("id")
        if kind in GONE and isinstance(key, str) and not key.startswith("card_"):
            assert ours[kind]["id"].split("_")[0] == key.split("_")[0], name
