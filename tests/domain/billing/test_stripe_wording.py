"""What Stripe's events mean, in the wordings of 2013 to 2026. The recorded ones come from the real data; the newest are of the sandbox."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.billing.events import EventKind
from domain.billing.objects import Dispute, Invoice, Payment, Subscription
from domain.billing.states import DisputeState, InvoiceState, PaymentState, SubscriptionState
from domain.billing.stripe_events import event
from domain.billing.stripe_wording import invoice, subscription
from domain.imports.values import Unreadable


def recorded(real_data, name):
    return json.loads((Path(real_data) / "stripe_webhooks" / f"{name}.json").read_text(encoding="utf-8"))


def told(word, thing):
    return {"id": "evt_1", "type": word, "created": 1_800_000_000, "livemode": False, "data": {"object": thing}}


@pytest.mark.real_data
def test_every_recorded_event_is_understood(real_data):
    for path in sorted((Path(real_data) / "stripe_webhooks").glob("*.json")):
        read = event(json.loads(path.read_text(encoding="utf-8")))

        assert read.kind is not EventKind.UNKNOWN, path.name
        assert (read.thing is not None, read.oddity) == (True, None), path.name


@pytest.mark.real_data
def test_a_period_is_read_where_it_stood_before_2025(real_data):
    thing = event(recorded(real_data, "customer.subscription.updated")).thing

    assert isinstance(thing, Subscription)
    assert (thing.period_start, thing.period_end) == (
        datetime.fromtimestamp(1648320105, UTC), datetime.fromtimestamp(1650998505, UTC),
    )  # fmt: skip
    assert (thing.state, thing.unit_amount_cents, thing.interval) == (SubscriptionState.ACTIVE, 1500, "month")


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "kind", "state"),
    [
        ("invoice.paid", Invoice, InvoiceState.PAID),
        ("invoice.payment_failed", Invoice, InvoiceState.OPEN),
        ("charge.refunded", Payment, PaymentState.REFUNDED),
        ("payment_intent.payment_failed", Payment, PaymentState.FAILED),
        ("charge.dispute.closed", Dispute, DisputeState.WON),
    ],
)
def test_states_are_ours(real_data, name, kind, state):
    thing = event(recorded(real_data, name)).thing

    assert isinstance(thing, kind)
    assert thing.state is state


def test_a_period_is_read_where_it_stands_since_2025():
    item = {
        "current_period_start": 1_800_000_000,
        "current_period_end": 1_802_592_000,
        "quantity": 1,
        "price": {"id": "price_1", "lookup_key": "growth"},
    }
    read = subscription({"id": "sub_1", "customer": {"id": "cus_1"}, "status": "active", "items": {"data": [item]}})

    assert (read.period_end, read.price, read.customer_id) == (datetime.fromtimestamp(1_802_592_000, UTC), "growth", "cus_1")


@pytest.mark.parametrize(
    ("key", "mark", "name"),
    [("growth", None, "growth"), (None, "growth", "growth"), ("growth_2026", "growth", "growth"), (None, None, None)],
)
def test_what_a_price_was_sold_as_outlives_its_lookup_key(key, mark, name):
    price = {"id": "price_1", "lookup_key": key, "metadata": {"whyral_price": mark} if mark else {}}
    read = subscription({"id": "sub_1", "customer": "cus_1", "status": "active", "items": {"data": [{"price": price}]}})

    assert read.price == name


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ({"status": "active", "cancel_at_period_end": True}, SubscriptionState.CANCELING),
        ({"status": "trialing", "cancel_at": 1_900_000_000}, SubscriptionState.CANCELING),
        ({"status": "past_due", "cancel_at_period_end": True, "cancel_at": 1_900_000_000}, SubscriptionState.FAILED),
        ({"status": "incomplete"}, SubscriptionState.PENDING),
        ({"status": "canceled"}, SubscriptionState.CANCELED),
    ],
)
def test_what_ends_with_its_period_is_canceling_while_it_holds(words, state):
    end = {"current_period_end": 1_900_000_000}
    assert subscription({"id": "sub_1", "items": {"data": []}, **end, **words}).state is state


def test_an_invoice_names_its_subscription_and_payment_in_the_new_places():
    words = {
        "id": "in_1", "currency": "USD", "status": "paid", "subtotal": 900, "total": 900, "amount_due": 900, "amount_paid": 900,
        "parent": {"type": "subscription_details", "subscription_details": {"subscription": "sub_1"}},
        "payments": {"data": [{"payment": {"type": "payment_intent", "payment_intent": "pi_1"}}]},
        "lines": {"data": [{"id": "il_1", "amount": 900, "pricing": {"price_details": {"price": "price_1"}},
                            "parent": {"type": "subscription_item_details", "subscription_item_details": {"proration": True}}}]},
    }  # fmt: skip

    read = invoice(words)

    assert (read.subscription_id, read.payment_id, read.currency) == ("sub_1", "pi_1", "usd")
    assert (read.lines[0].is_proration, read.lines[0].price_id) == (True, "price_1")


@pytest.mark.parametrize("word", ["terminal.reader.action_failed", "invoice.payment.paid", "invoicex.paid", "customer.discount.created"])
def test_what_is_unknown_stays_an_event(word):
    read = event(told(word, {"id": "x_1", "object": "invoice_payment", "customer": ["odd"]}))

    assert (read.kind, read.thing, read.oddity, read.customer_id) == (EventKind.UNKNOWN, None, None, None)


def test_a_known_event_in_odd_words_says_so():
    read = event(told("customer.subscription.updated", {"id": "sub_1", "object": "subscription", "status": "levitating"}))

    assert (read.kind, read.thing, read.thing_id) == (EventKind.SUBSCRIPTION, None, "sub_1")
    assert read.oddity is not None
    assert "levitating" in read.oddity


@pytest.mark.parametrize("lost", ["id", "type", "created", "data"])
def test_what_lacks_its_frame_is_no_event(lost):
    words = told("invoice.paid", {"id": "in_1", "object": "invoice"})
    del words[lost]

    with pytest.raises(Unreadable):
        event(words)
