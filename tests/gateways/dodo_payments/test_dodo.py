"""Dodo behind the same port, against a sandbox that is written from documentation: it proves our side of it, and no more."""

import base64
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import pytest
from standardwebhooks.webhooks import Webhook

from domain.billing.events import EventKind
from domain.billing.orders import CheckoutOrder, NewCustomer, RefundOrder
from domain.billing.states import PaymentState, Provider, RefundState, SubscriptionState
from domain.errors import Conflict, NotFound, SourceRefused, SourceUnavailable, Unauthenticated
from gateways.bounded_http import Limits
from gateways.dodo_payments import DodoAccess, DodoPayments
from gateways.dodo_payments.hearing import is_signed
from sandbox.dodo import SECRET, Dodo, signed
from sandbox.faults import Fault
from sandbox.serving import Desk, running
from sandbox.world import Clock
from tests.gateways.mutants import bodies
from tests.gateways.shops import EPOCH, TENANT, Inbox
from tests.trust.campaign import seeded, told

PRODUCTS = {"starter": "prod_starter", "growth": "prod_growth"}
BODY, AT = b'{"type": "payment.succeeded", "timestamp": "2026-11-01T12:00:00Z", "data": {"payment_id": "pay_1"}}', int(EPOCH.timestamp())
FAST, ALL = 4_000, 100_000


@dataclass
class Stall:
    """Everything at hand."""

    url: str
    clock: Clock
    desk: Desk
    service: Dodo
    inbox: Inbox
    payments: DodoPayments

    def subscribed(self, price="starter", **more):
        customer = self.payments.customer(NewCustomer(TENANT, "ana@example.com"), key="c").customer_id
        page = self.payments.checkout(CheckoutOrder(TENANT, customer, price, "https://us.example/ok", "https://us.example/no"), key="k")
        name = self.door(f"pay/{page.checkout_id}", **more)["subscription_id"]
        return self.payments.subscription(name)

    def door(self, path, **words):
        return httpx.post(f"{self.url}/_dodo/{path}", json=words, trust_env=False).json()

    def heard(self):
        self.service.pump()
        return [self.payments.heard(body, headers, now=self.clock.now()) for body, headers in self.inbox.got]


@contextmanager
def stall() -> Iterator[Stall]:
    clock = Clock(frozen_at=EPOCH)
    service, inbox = Dodo(clock), Inbox()
    desk = Desk([inbox, service], clock)
    with running(desk) as server:
        service.endpoint = f"{server.url}/inbox"
        access = DodoAccess("key", (SECRET,), PRODUCTS, server.url, Limits(tries=2, first_wait_seconds=0.0, wait_seconds=0.0))
        payments = DodoPayments(access)
        yield Stall(server.url, clock, desk, service, inbox, payments)
        payments.close()


@pytest.fixture
def there() -> Iterator[Stall]:
    with stall() as made:
        yield made


def test_a_plan_is_bought_and_told_of(there):
    bought = there.subscribed()
    events = there.heard()

    assert (bought.state, bought.price, bought.reference, bought.provider) == (SubscriptionState.ACTIVE, "starter", TENANT, Provider.DODO)
    assert [(each.kind, each.type, each.oddity) for each in events] == [
        (EventKind.PAYMENT, "payment.succeeded", None), (EventKind.SUBSCRIPTION, "subscription.active", None),
    ]  # fmt: skip
    assert {(each.subscription_id, each.customer_id, each.reference) for each in events} == {
        (bought.subscription_id, bought.customer_id, TENANT)
    }
    assert events[0].thing.state is PaymentState.SUCCEEDED


def test_a_declined_card_buys_nothing(there):
    assert there.subscribed(card="declined").state is SubscriptionState.EXPIRED


def test_a_change_is_previewed_and_applied(there):
    subscription = there.subscribed()
    there.clock.advance((subscription.period_end - there.clock.now()) / 3 * 2)

    preview = there.payments.preview(subscription.subscription_id, "growth", at=there.clock.now())
    after = there.payments.change(subscription.subscription_id, "growth", at=there.clock.now(), key="up")

    assert (preview.due_cents, preview.charge_cents, preview.credit_cents) == (1_000, 1_633, 633)
    assert after.price == "growth"
    assert [each.thing.amount_cents for each in there.heard() if each.kind is EventKind.PAYMENT] == [1_900, 1_000]


def test_a_downgrade_waits_and_can_be_taken_back(there):
    subscription = there.subscribed("growth")
    name = subscription.subscription_id

    planned = there.payments.change_later(name, "starter", key="down")
    resumed = there.payments.resume(name, key="stay")
    there.payments.change_later(name, "starter", key="down-2")
    there.door(f"renew/{name}")

    assert (planned.price, planned.scheduled_price, resumed.scheduled_price) == ("growth", "starter", None)
    assert there.payments.subscription(name).price == "starter"


def test_a_cancellation_holds_until_the_period_ends(there):
    subscription = there.subscribed()

    ending = there.payments.cancel_later(subscription.subscription_id, key="end")
    there.door(f"renew/{subscription.subscription_id}")
    ended = there.payments.subscriptions(subscription.customer_id)[0]

    assert (ending.state, ending.ends_at) == (SubscriptionState.CANCELING, subscription.period_end)
    assert (ended.state, ended.status) == (SubscriptionState.CANCELED, "cancelled")
    assert there.payments.cancel_now(there.subscribed().subscription_id, key="now").state is SubscriptionState.CANCELED


def test_a_missed_payment_is_overdue(there):
    subscription = there.subscribed()
    there.door(f"renew/{subscription.subscription_id}", card="declined")

    assert there.payments.subscription(subscription.subscription_id).state is SubscriptionState.FAILED
    failed = [each.thing for each in there.heard() if each.type == "payment.failed"]
    assert [(each.state, each.failure_code) for each in failed] == [(PaymentState.FAILED, "CARD_DECLINED")]


def test_a_refund_is_whole_and_once(there):
    there.subscribed()
    payment = str(there.heard()[0].thing_id)

    made = there.payments.refund(RefundOrder(payment), key="r")

    assert (made.state, made.amount_cents) == (RefundState.SUCCEEDED, 1_900)
    assert there.payments.refunds(payment, customer_id=None) == (made,)
    assert there.payments.refunds(payment, customer_id="another") == there.payments.refunds("another", customer_id=None) == ()
    with pytest.raises(SourceRefused):
        there.payments.refund(RefundOrder(payment), key="r2")
    with pytest.raises(Conflict):
        there.payments.refund(RefundOrder(payment, 5), key="r3")


def test_what_may_have_been_done_is_not_sent_twice(there):
    there.subscribed()
    payment = str(there.heard()[0].thing_id)
    there.desk.faults.add(Fault(where="/refunds", kind="cut"))

    with pytest.raises(SourceUnavailable):
        there.payments.refund(RefundOrder(payment), key="r")

    assert len([each for each in there.desk.log if each[2] == "/refunds"]) == 1


def test_what_dodo_does_not_document_is_refused(there):
    for asked in (
        lambda: there.payments.events_since(EPOCH),
        lambda: there.payments.invoice("x"),
        lambda: there.payments.preview("s", "odd", at=EPOCH),
    ):
        with pytest.raises(SourceRefused):
            asked()


def test_our_signatures_are_those_of_the_library():
    headers = signed("msg_1", BODY, AT)

    assert headers["webhook-signature"] == Webhook(SECRET).sign("msg_1", EPOCH, BODY.decode())
    assert is_signed(BODY, headers, ["whsec_b3RoZXI=", SECRET], now=EPOCH)


@pytest.mark.parametrize(("seconds", "is_taken"), [(-301, False), (-300, True), (300, True), (301, False)])
def test_old_and_future_stamps_are_refused(seconds, is_taken):
    assert is_signed(BODY, signed("msg_1", BODY, AT + seconds), [SECRET], now=EPOCH) is is_taken


def test_the_same_bytes_in_another_base64_do_not_hold():
    headers = signed("msg_1", BODY, AT)
    word = headers["webhook-signature"].removeprefix("v1,")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    twin = word[:42] + alphabet[alphabet.index(word[42]) ^ 1] + "="

    assert base64.b64decode(twin) == base64.b64decode(word)
    assert not is_signed(BODY, {**headers, "webhook-signature": f"v1,{twin}"}, [SECRET], now=EPOCH)


def test_without_a_secret_there_is_no_address_and_a_stranger_is_not_heard(there):
    headers = signed("msg_1", BODY, AT, "whsec_" + base64.b64encode(b"of somebody else, long").decode())

    with pytest.raises(Unauthenticated):
        there.payments.heard(BODY, headers, now=EPOCH)
    with pytest.raises(NotFound):
        DodoPayments(DodoAccess("key", ("",))).heard(BODY, headers, now=EPOCH)


def check_mutants(count: int, chance: random.Random) -> int:
    headers = signed("msg_1", BODY, AT)
    assert is_signed(BODY, headers, [SECRET], now=EPOCH)
    taken = 0
    for number in range(count):
        name = ("body", *headers)[number % 4]
        body = bodies(BODY, chance) if name == "body" else BODY
        changed = {} if name == "body" else {name: bodies(headers[name].encode(), chance).decode("latin-1")}
        taken += is_signed(body, {**headers, **changed}, [SECRET], now=EPOCH)
    return taken


def test_no_mutated_signature_is_taken():
    assert check_mutants(FAST, random.Random(8)) == 0


@pytest.mark.fuzz
def test_no_mutated_signature_of_many_is_taken():
    taken = check_mutants(ALL, seeded("dodo signatures"))

    told("dodo signatures", tried=ALL, taken=taken)
    assert taken == 0
