"""What events tell is dealt with whatever their order, however often they come, and whenever it becomes known whose they are."""

import random
from dataclasses import replace

import pytest
import sqlalchemy as sa

from domain.billing.events import EventKind
from domain.billing.inbox import WAITS
from domain.billing.orders import RefundOrder
from domain.billing.refunds import refundable
from domain.billing.states import RefundState
from services.billing.finding import find_owners
from tests.gateways.shops import DISPUTED
from tests.services.billing.payers import STRIPE


def test_a_plan_that_was_bought_is_had_by_events_alone(payer):
    payer.listen()
    payer.buy()
    told = payer.told()
    assert {is_new for is_new, _ in payer.keep(told)} == {True}

    heard = payer.hear()
    assert (heard.done, heard.waiting, heard.failed) == (payer.events()["done"], 0, 0)
    assert payer.stood().plan == "starter"
    assert payer.mails() == ["Your plan began"]
    with payer.begin() as uow:
        assert [each.state for each in uow.billing_lists.payments(limit=100, after=None)] == ["succeeded"]


@pytest.mark.parametrize("seed", range(3))
def test_order_and_repetition_of_events_do_not_matter(payer, seed):
    payer.listen()
    bought = payer.buy()
    payer.shop.payments.change(bought.subscription_id, "growth_monthly", at=payer.shop.now, key="up")
    payer.shop.payments.cancel_later(bought.subscription_id, key="end")
    told = payer.told()
    chance = random.Random(seed)
    for each in chance.sample(told * 2, k=len(told) * 2):
        payer.keep([each])
        if chance.random() < 0.2:
            payer.hear()
    payer.hear()

    assert (payer.stood().plan, payer.stood().status) == ("growth", "canceling")
    assert set(payer.events()) <= {"done", "ignored"}
    with payer.begin() as uow:
        payments = uow.billing_lists.payments(limit=100, after=None)
        assert {each.state for each in payments} == {"succeeded"}
        assert sum(each.amount_cents for each in payments) == sum(each.paid_cents for each in uow.billing.invoices())


def test_events_wait_until_it_is_known_whose_they_are(payer):
    payer.listen()
    payer.buy(is_kept=False)
    told = payer.told()
    nobodys = [each for each in told if each.reference is None]
    assert {whose for _, whose in payer.keep(nobodys)} == {None}
    assert payer.hear().done == 0

    payer.keep([each for each in told if each.reference is not None])
    payer.hear()
    assert payer.stood().plan == "starter"
    with payer.database.begin_system() as system:
        assert find_owners(system).found >= len([each for each in nobodys if each.kind is not EventKind.UNKNOWN])
    assert payer.hear().waiting == 0
    assert set(payer.events()) <= {"done", "ignored"}


def test_an_event_whose_owner_is_never_found_fails_at_last(payer, other):
    payer.listen()
    payer.buy(is_kept=False)
    (charged,) = [each for each in payer.told() if each.type == "charge.succeeded"]
    payer.keep([charged])
    states = []
    for _ in range(10):
        payer.due()
        with payer.database.begin_system() as system:
            find_owners(system)
            found = "select state from billing_events where event_id = :id"
            states.append(system.connection.execute(sa.text(found), {"id": charged.event_id}).scalar_one())

    assert states == ["kept"] * 9 + ["failed"]


def test_a_refund_and_a_dispute_are_kept_in_whatever_order_they_are_told(payer):
    payer.listen()
    payer.buy(card=DISPUTED)
    told = payer.told()
    (charge,) = {each.thing.charge_id for each in told if each.type == "charge.succeeded"}
    (payment,) = {each.thing.payment_id for each in told if each.type == "charge.succeeded"}
    payer.shop.payments.refund(RefundOrder(payment, 1_000, "requested_by_customer"), key="back")
    for each in reversed([*told, *payer.told()]):
        payer.keep([each])
        payer.hear()
    payer.due()
    with payer.database.begin_system() as system:
        find_owners(system)
    payer.hear()

    with payer.begin() as uow:
        (kept,) = uow.billing_lists.payments(limit=100, after=None)
        assert (kept.charge_id, kept.refunded_cents, kept.state) == (charge, 1_000, "succeeded")
        assert [(each.amount_cents, each.state) for each in uow.billing_lists.refunds(limit=9, after=None)] == [(1_000, "succeeded")]
        assert uow.connection.execute(sa.text("select count(*) from billing_disputes")).scalar_one() == 1


def test_what_bounced_was_not_given_back_and_can_be_given_back_again(payer):
    payer.listen()
    bought = payer.buy()
    payment = payer.shop.payments.invoices(bought.customer_id, limit=1)[0].payment_id
    made = payer.shop.payments.refund(RefundOrder(payment), key="back")
    books = payer.shop.service.books
    told = payer.told()
    with books.changing(books.kept[made.refund_id], "refund.failed") as refund:
        refund["status"] = "failed"
    for each in (told, payer.told()):
        payer.keep(each)
        payer.hear()
    with payer.database.begin_system() as system:
        find_owners(system)
    payer.hear()

    with payer.begin() as uow:
        (kept,), refunds = uow.billing_lists.payments(limit=100, after=None), uow.billing.refunds_of(payment)
        assert [each.state for each in refunds] == ["failed"]
        assert (kept.state, kept.refunded_cents) == ("succeeded", 0)
        assert refundable(uow.billing.payment(payment), refunds, None) == kept.amount_cents
        again = replace(refunds[0], refund_id="re_again", state=RefundState.PENDING, amount_cents=1_000)
        assert refundable(uow.billing.payment(payment), [*refunds, again], None) == kept.amount_cents - 1_000


def test_while_the_provider_is_away_events_wait_longer_each_time_and_fail_at_last(payer):
    payer.listen()
    payer.buy()
    (told,) = [each for each in payer.told() if each.type == "customer.subscription.created"]
    payer.keep([told])
    payer.shop.door("troubles", where="GET /v1/subscriptions", kind="error", times=100)
    waits = []
    for _ in WAITS:
        assert payer.hear().waiting == 1
        with payer.database.begin_system() as system:
            found = "select next_try_at from billing_events where event_id = :id"
            waits.append(system.connection.execute(sa.text(found), {"id": told.event_id}).scalar_one() - payer.shop.now)
        assert payer.hear().waiting == 0  # it is not due
        payer.due()

    assert tuple(waits) == WAITS
    assert payer.hear().failed == 1
    assert payer.alerts() == ["billing_event_failed"]
    assert payer.stood().plan == "free"


def test_what_nobody_knows_is_kept_and_does_nothing(payer):
    payer.listen()
    payer.customer()
    (told,) = payer.told()
    payer.keep([replace(told, event_id="evt_odd_" + told.event_id, kind=EventKind.UNKNOWN)])

    assert payer.hear().done == 0
    assert payer.events() == {"ignored": 1}


def test_a_customer_of_another_workspace_is_not_taken_by_a_name_in_an_event(payer, other):
    """Whoever opens a page of ours in another's name pays, and has the plan; the other's customer stays theirs."""
    payer.listen()
    bought = payer.buy()
    told = payer.told()
    stranger = replace(payer, member=other)
    theirs = stranger.customer()
    forged = [replace(each, customer_id=None, subscription_id=None, reference=str(other.tenant_id)) for each in told]
    payer.keep(replace(each, event_id=f"{each.event_id}_x", customer_id=bought.customer_id) for each in forged)
    payer.hear()
    stranger.hear()

    assert stranger.stood().plan == "free"
    with stranger.begin() as uow:
        assert uow.billing.customer(STRIPE) == theirs.customer_id


def test_an_invoice_that_is_gone_holds_nothing_up(payer):
    payer.listen()
    payer.buy()
    told = payer.told()
    (paid,) = [each for each in told if each.type == "invoice.paid"]
    gone = paid.body.replace(paid.thing.invoice_id.encode(), b"in_that_was_a_draft")
    payer.keep([replace(paid, body=gone)])

    assert payer.hear().done == 1
    assert payer.stood().plan == "starter"


def test_a_payment_says_which_invoice_it_paid_and_how_its_dispute_stands(payer):
    """Neither is said of the payment itself at Stripe."""
    payer.listen()
    bought = payer.buy(card=DISPUTED)
    payer.keep(payer.told())
    payer.hear()
    with payer.database.begin_system() as system:
        find_owners(system)
    payer.hear()
    with payer.begin() as uow:
        (paid,) = uow.billing_lists.payments(limit=9, after=None)
        (invoice,) = uow.billing_lists.invoices(limit=9, after=None)

        assert (uow.billing.payment(paid.payment_id).invoice_id, invoice.payment_id) == (None, paid.payment_id)
        assert (paid.invoice_id, paid.subscription_id) == (invoice.invoice_id, bought.subscription_id)
        assert uow.billing_lists.disputes([paid.payment_id, "pi_other"]) == {paid.payment_id: "open"}
        assert uow.billing_lists.disputes([]) == {}
