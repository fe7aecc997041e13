"""Webhooks: only what Stripe signed, about now, is heard. `make fuzz-signatures` tries 100,000 that are not."""

import json
import random
from collections.abc import Iterator
from datetime import timedelta

import pytest
import stripe

from domain.billing.events import EventKind
from domain.billing.states import SubscriptionState
from domain.errors import Unacceptable, Unauthenticated
from gateways.stripe_payments import StripeAccess, StripePayments
from gateways.stripe_payments.hearing import is_signed
from sandbox.stripe import Mischief, signed
from sandbox.stripe.telling import roll
from tests.gateways.mutants import bodies, stripe_headers
from tests.gateways.shops import EPOCH, Shop, shop
from tests.trust.campaign import seeded, told

SECRET = "whsec_of_the_test"
BODY = b'{\n  "id": "evt_1", "object": "event", "type": "invoice.paid", "created": 1793000000, "data": {"object": {"id": "in_1"}}\n}'
AT = int(EPOCH.timestamp())
FAST, ALL = 6_000, 100_000


@pytest.fixture
def there() -> Iterator[Shop]:
    with shop() as made:
        yield made


def hearing(there: Shop, *secrets: str) -> StripePayments:
    return StripePayments(StripeAccess("sk_test_sandbox", secrets, there.url))


def heard_all(there: Shop, payments: StripePayments):
    there.service.webhooks.pump()
    return [payments.heard(body, headers, now=there.now) for body, headers in there.inbox.got]


def test_the_sandbox_signs_as_the_sdk_does():
    theirs = stripe.WebhookSignature.generate_signature_header(BODY.decode(), SECRET, AT)

    assert signed(BODY, [SECRET], AT) == theirs
    assert is_signed(BODY, theirs, [SECRET], now=EPOCH)


@pytest.mark.parametrize(("seconds", "is_taken"), [(-301, False), (-300, True), (0, True), (300, True), (301, False)])
def test_old_and_future_stamps_are_refused(seconds, is_taken):
    header = signed(BODY, [SECRET], AT + seconds)

    assert is_signed(BODY, header, [SECRET], now=EPOCH) is is_taken


def test_both_secrets_hold_while_they_are_changed():
    old, new = signed(BODY, ["whsec_old"], AT), signed(BODY, ["whsec_old", "whsec_new"], AT)

    assert is_signed(BODY, old, ["whsec_new", "whsec_old"], now=EPOCH)
    assert is_signed(BODY, new, ["whsec_new"], now=EPOCH)
    assert not is_signed(BODY, old, ["whsec_new"], now=EPOCH)


@pytest.mark.parametrize(
    "header", ["", "t=,v1=", f"t={AT}", f"v1=00,t={AT}", f"t=0{AT},v1=00", f"t={AT},v1=é", "t=9" * 400, f"t={AT},v0=00"]
)
def test_odd_headers_are_refused_and_break_nothing(header):
    assert not is_signed(BODY, header, [SECRET], now=EPOCH)


def test_a_stamp_in_other_words_does_not_hold():
    stamp, _, signature = signed(BODY, [SECRET], AT).partition(",")

    for word in (f"t=0{AT}", f"t=+{AT}", f"t= {AT}", f"t={AT}.0", "t=" + str(AT).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))):
        assert stamp != word
        assert not is_signed(BODY, f"{word},{signature}", [SECRET], now=EPOCH)


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b'"event"', b"{}", b'{"id": "evt_1", "type": "x", "data": {"object": 1}}', b"[" * 9_000]
)
def test_what_is_signed_and_no_event_is_unacceptable(there, body):
    with pytest.raises(Unacceptable):
        hearing(there, SECRET).heard(body, {"Stripe-Signature": signed(body, [SECRET], AT)}, now=EPOCH)


def test_bytes_that_are_no_text_are_refused(there):
    body = b"\xff\xfe{}"
    with pytest.raises(Unauthenticated):
        hearing(there, SECRET).heard(body, {"stripe-signature": signed(body, [SECRET], AT)}, now=EPOCH)


def check_mutants(count, chance):
    """None of so many is taken; each differs from the true one in its body, its stamp or its signature."""
    header = signed(BODY, [SECRET], AT)
    assert is_signed(BODY, header, [SECRET], now=EPOCH)
    taken = 0
    for number in range(count):
        if number % 2:
            taken += is_signed(BODY, stripe_headers(header, chance), [SECRET], now=EPOCH)
        else:
            taken += is_signed(bodies(BODY, chance), header, [SECRET], now=EPOCH)
    return taken


def test_no_mutated_signature_is_taken():
    assert check_mutants(FAST, random.Random(8)) == 0


@pytest.mark.fuzz
def test_no_mutated_signature_of_many_is_taken():
    taken = check_mutants(ALL, seeded("stripe signatures"))

    told("stripe signatures", tried=ALL, taken=taken)
    assert taken == 0


def test_a_life_cycle_is_told_and_understood(there):
    payments = hearing(there, str(there.endpoint().secret))
    subscription = there.subscribed()
    there.payments.cancel_later(subscription.subscription_id, key="end")

    events = heard_all(there, payments)

    assert {each.kind for each in events} >= {EventKind.CHECKOUT, EventKind.SUBSCRIPTION, EventKind.INVOICE, EventKind.PAYMENT}
    assert [each.oddity for each in events if each.oddity] == []
    states = [each.thing.state for each in events if each.kind is EventKind.SUBSCRIPTION]
    assert states[-1] is SubscriptionState.CANCELING
    assert {each.subscription_id for each in events if each.kind is EventKind.INVOICE} == {subscription.subscription_id}


def test_what_is_not_taken_comes_again(there):
    there.endpoint()
    there.inbox.status = 503
    there.customer()

    assert there.service.webhooks.pump() == 0
    there.inbox.status = 200
    assert there.service.webhooks.pump() == 0
    there.later(minutes=1)
    assert there.service.webhooks.pump() == 1


def test_deliveries_double_shuffle_and_get_lost_on_demand(there):
    there.endpoint()
    there.service.webhooks.mischief = Mischief(twice=1.0, is_shuffled=True, chance=random.Random(3))
    there.subscribed()
    there.service.webhooks.pump()
    ids = [json.loads(body)["id"] for body, _ in there.inbox.got]
    there.inbox.got.clear()
    there.service.webhooks.mischief = Mischief(lost=1.0)
    there.subscribed()
    there.service.webhooks.pump()

    assert len(ids) == 2 * len(set(ids))
    assert ids != sorted(ids)
    assert there.inbox.got == []


def test_what_was_lost_is_listed_for_thirty_days_oldest_first(there):
    began = there.now
    there.subscribed()

    listed = list(there.payments.events_since(began))
    there.later(days=29)
    kept = list(there.payments.events_since(began))
    there.later(days=2)
    left = {each.event_id for each in there.payments.events_since(began)}

    assert [each.event_id for each in listed] == sorted(each.event_id for each in listed)
    assert listed == kept
    assert not left & {each.event_id for each in listed}


def test_a_rolled_secret_signs_beside_the_old_one(there):
    endpoint = there.endpoint()
    kept = there.service.books.kept[endpoint.id]
    fresh = roll(there.service.books, kept)
    there.customer()

    assert len(heard_all(there, hearing(there, str(endpoint.secret)))) == len(heard_all(there, hearing(there, fresh))) > 0


def test_events_of_the_far_future_and_past_are_refused(there):
    endpoint = there.endpoint()
    there.customer()
    there.service.webhooks.pump()
    body, headers = there.inbox.got[0]

    for away in (timedelta(minutes=6), -timedelta(minutes=6)):
        with pytest.raises(Unauthenticated):
            hearing(there, str(endpoint.secret)).heard(body, headers, now=there.now + away)
