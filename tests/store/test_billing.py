"""What is mirrored of payment providers: each workspace's own, never older than what was known, and events kept once."""

from datetime import timedelta

import pytest

from domain.billing.events import BillingEvent, EventKind
from domain.billing.objects import Customer
from domain.billing.standing import mirrored, standing
from domain.billing.states import Provider, SubscriptionState
from domain.errors import Conflict, PaymentNeeded
from store.ids import new_id
from tests.domain.billing.test_standing import NOW, subscription


def customer(name):
    return Customer(Provider.STRIPE, name, "payer@example.org", None, None)


def event(number, **words):
    told = {"customer_id": None, "subscription_id": None, "reference": None} | words
    return BillingEvent(
        provider=Provider.STRIPE, event_id=f"evt_{number}", kind=EventKind.SUBSCRIPTION, type="subscription.updated", created_at=NOW,
        thing=None, thing_id=None, wording=None, is_live=False, **told,
    )  # fmt: skip


def stand(uow, found, *, now=NOW):
    offers = uow.billing.offers()
    uow.billing.keep(mirrored(None, found, at=now), offers)
    return uow.billing.stand(standing(uow.billing.mirrors(), offers, now=now), now=now, cause="test")


def test_a_workspace_has_what_its_subscription_says(database, member):
    found = subscription(subscription_id=f"sub_{new_id().hex}")
    with database.begin(member.tenant_id) as uow:
        first, again = stand(uow, found), stand(uow, found)

        assert (first, again) == (True, False)
        assert uow.plans.current() == ("starter", "active")
        assert uow.billing.mirrors()[0].subscription == found


def test_an_older_reading_is_not_kept(database, member):
    found = subscription(subscription_id=f"sub_{new_id().hex}")
    with database.begin(member.tenant_id) as uow:
        offers = uow.billing.offers()
        uow.billing.keep(mirrored(None, found, at=NOW), offers)
        uow.billing.keep(
            mirrored(None, subscription(subscription_id=found.subscription_id, price=None), at=NOW - timedelta(seconds=1)), offers
        )

        assert [each.subscription.price for each in uow.billing.mirrors()] == ["starter_monthly"]


def test_an_overdue_payment_is_borne_with_for_its_grace(database, member):
    ours = new_id().hex
    with database.begin(member.tenant_id) as uow:
        now = uow.connection.exec_driver_sql("select now()").scalar_one()
        stand(
            uow, subscription(subscription_id=f"sub_{ours}", state=SubscriptionState.FAILED, period_start=now - timedelta(days=1)), now=now
        )
        uow.usage.take("clips_per_day", 1, operation="borne with", now=now)
        long_ago = subscription(subscription_id=f"sub_{ours}", state=SubscriptionState.FAILED, period_start=now - timedelta(days=30))
        stand(uow, long_ago, now=now + timedelta(seconds=1))

        with pytest.raises(PaymentNeeded):
            uow.usage.take("clips_per_day", 1, operation="no more", now=now)


def test_a_customer_pays_for_one_workspace(database, member, other):
    name = f"cus_{new_id().hex}"
    with database.begin(member.tenant_id) as uow:
        assert uow.billing.keep_customer(customer(name)) == uow.billing.keep_customer(customer("cus_another")) == name
    with database.begin(other.tenant_id) as uow, pytest.raises(Conflict):
        uow.billing.keep_customer(customer(name))


def test_an_event_is_kept_once_and_is_its_workspaces(database, member, other):
    name, number = f"cus_{new_id().hex}", new_id().hex
    with database.begin(member.tenant_id) as uow:
        uow.billing.keep_customer(customer(name))
    with database.begin_anonymous() as uow:
        kept = [uow.billing_events.keep(event(number, customer_id=name, reference=str(other.tenant_id)), b"{}") for _ in range(2)]

    assert kept == [(True, member.tenant_id), (False, member.tenant_id)]
    with database.begin(other.tenant_id) as uow:
        assert uow.billing_events.waiting() == []
    with database.begin(member.tenant_id) as uow:
        (waiting,) = uow.billing_events.waiting()
        uow.billing_events.settle(waiting, error="later", retry_at=NOW)
        assert [each.event_id for each in uow.billing_events.waiting()] == [f"evt_{number}"]
        uow.billing_events.settle(waiting)
        assert uow.billing_events.waiting() == []


@pytest.mark.parametrize("noted", ["nonsense", "' or true --", None])
def test_an_event_of_nobody_is_kept_all_the_same(database, noted):
    with database.begin_anonymous() as uow:
        assert uow.billing_events.keep(event(new_id().hex, reference=noted), b"{}") == (True, None)


def test_a_call_is_written_down_once(database, member):
    with database.begin(member.tenant_id) as uow:
        first = uow.billing_calls.open("op", "cancel", {"subscription": "sub_1"}, call_key="k1")
        again = uow.billing_calls.open("op", "cancel", {"subscription": "sub_1"}, call_key="k2")

        assert (first.call_key, again.call_key, again.state) == ("k1", "k1", "open")
        with pytest.raises(Conflict):
            uow.billing_calls.open("op", "cancel", {"subscription": "sub_2"}, call_key="k3")
        uow.billing_calls.end("op", answer={"state": "canceling"})
        uow.billing_calls.end("op", error="too late")
        assert uow.billing_calls.open("op", "cancel", {"subscription": "sub_1"}, call_key="k4").answer == {"state": "canceling"}
