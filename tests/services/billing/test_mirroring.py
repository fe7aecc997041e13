"""What the provider holds is what the workspace has, whoever reads it and whenever; its owner is told of every change once."""

from dataclasses import replace
from typing import Any

import pytest

from domain.billing.objects import Subscription
from domain.billing.states import SubscriptionState
from domain.billing.stripe_wording import SOLD_AS
from domain.errors import Conflict, SourceRefused, SourceUnavailable
from domain.ports import Shops
from services.billing import mirroring
from tests.gateways.shops import DECLINES_LATER
from tests.services.billing.payers import STRIPE


def test_what_was_bought_is_had_and_told(payer):
    bought = payer.buy("growth_monthly")
    found = payer.refresh()

    assert (found.plan, found.status, found.subscription_id, found.month_cents) == ("growth", "active", bought.subscription_id, 9_900)
    with payer.begin() as uow:
        assert uow.plans.current() == ("growth", "active")
        assert [each.paid_cents for each in uow.billing.invoices()] == [9_900]
        assert [each.last4 for each in uow.billing_lists.methods()] == ["4242"]
    assert payer.mails() == ["Your plan began"]
    assert payer.notes() == 1


def test_reading_the_same_again_changes_and_tells_nothing(payer):
    payer.buy()
    assert payer.refresh() == payer.refresh()

    assert payer.mails() == ["Your plan began"]
    with payer.begin() as uow:
        assert uow.billing.changes() == 1


def test_a_workspace_that_never_paid_is_asked_nothing(payer):
    assert payer.refresh().plan == "free"
    assert payer.mails() == []


def test_a_plan_that_is_to_end_says_so_and_ends(payer):
    bought = payer.buy()
    payer.refresh()
    payer.shop.payments.cancel_later(bought.subscription_id, key="cancel")
    ending = payer.refresh()
    assert (ending.status, ending.ends_at) == (SubscriptionState.CANCELING, bought.period_end)

    payer.shop.payments.resume(bought.subscription_id, key="resume")
    assert payer.refresh().status is SubscriptionState.ACTIVE
    payer.shop.payments.cancel_now(bought.subscription_id, key="now")
    assert payer.refresh().plan == "free"
    assert payer.mails() == ["Your plan began", "Your plan will end", "Your plan goes on", "Your plan has ended"]


def test_another_plan_is_told(payer):
    bought = payer.buy()
    payer.refresh()
    payer.shop.payments.change(bought.subscription_id, "growth_monthly", at=payer.shop.now, key="up")

    assert payer.refresh().plan == "growth"
    assert payer.mails() == ["Your plan began", "Your plan has changed"]


def test_a_price_that_is_raised_leaves_who_pays_the_old_one_as_they_are(payer):
    bought = payer.buy()
    payer.shop.sdk.prices.update(bought.price_id, {"metadata": {SOLD_AS: "starter_monthly"}})
    before = payer.refresh()
    old = payer.shop.sdk.prices.retrieve(bought.price_id)
    payer.shop.sdk.prices.create(
        {
            "product": old.product, "currency": "usd", "unit_amount": 99_900, "recurring": {"interval": "month"},
            "lookup_key": "starter_monthly", "transfer_lookup_key": True,
        }
    )  # fmt: skip

    assert payer.shop.sdk.prices.retrieve(bought.price_id).lookup_key is None
    assert payer.refresh() == before
    payer.shop.later(days=31)
    assert (payer.refresh().plan, payer.refresh().month_cents) == ("starter", before.month_cents)
    assert payer.mails() == ["Your plan began"]


def test_a_payment_that_fails_is_told_once_and_its_arrival_too(payer):
    bought = payer.buy()
    payer.refresh()
    payer.shop.click(bought.customer_id, do="card", card=DECLINES_LATER)
    payer.shop.later(days=31)
    payer.shop.later(hours=2)
    failed = payer.refresh()
    assert failed.status is SubscriptionState.FAILED
    assert failed.grace_until is not None
    payer.refresh()
    assert payer.mails() == ["Your plan began", "A payment failed"]

    payer.shop.click(bought.customer_id, do="card", card="4242424242424242")
    payer.shop.later(days=4)
    assert payer.refresh().status is SubscriptionState.ACTIVE
    assert payer.mails()[-1] == "Your payment arrived"


def test_a_subscription_is_taken_by_the_workspace_whose_name_it_carries(payer):
    bought = payer.buy(is_kept=False)
    found = mirroring.refresh_subscription(payer, payer.shops, STRIPE, bought.subscription_id, now=payer.shop.now, cause="test")

    assert found.plan == "starter"
    with payer.begin() as uow:
        assert uow.billing.customer(STRIPE) == bought.customer_id


def test_a_subscription_of_another_workspace_is_not_taken(payer, other):
    bought = payer.buy(is_kept=False)
    stranger = replace(payer, member=other)

    with pytest.raises(Conflict):
        mirroring.refresh_subscription(stranger, payer.shops, STRIPE, bought.subscription_id, now=payer.shop.now, cause="test")
    assert stranger.stood().plan == "free"


def test_a_provider_that_does_not_answer_changes_nothing(payer):
    payer.buy()
    payer.shop.door("troubles", where="GET /v1/invoices", kind="error", times=20)
    with pytest.raises(SourceUnavailable):
        payer.refresh()
    assert payer.stood().plan == "free"


def test_without_a_key_nothing_is_read(payer):
    payer.buy()
    with pytest.raises(SourceRefused):
        mirroring.refresh(payer, Shops(), STRIPE, now=payer.shop.now, cause="test")


def test_whoever_was_overtaken_reads_again(payer):
    """Between reading and keeping of the first, the plan changed and somebody else had it kept."""
    bought = payer.buy()
    payer.refresh()
    shop, late = payer.shop.payments, list[Subscription]()

    class Slow:
        def subscription(self, subscription_id):
            found = shop.subscription(subscription_id)
            if not late:
                late.append(found)
                shop.change(subscription_id, "growth_monthly", at=payer.shop.now, key="up")
                assert payer.refresh().plan == "growth"
            return found

    there: Any = {STRIPE: Slow()}
    slow = Shops(there)
    mirroring.refresh_subscription(payer, slow, STRIPE, bought.subscription_id, now=payer.shop.now, cause="test")

    assert late[0].price == "starter_monthly"
    assert payer.stood().plan == "growth"
