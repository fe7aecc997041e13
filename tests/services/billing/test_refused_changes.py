"""A change that cannot be made leaves what was planned, and says what the payer can do."""

import pytest

from domain.errors import PaymentNeeded, SourceRefused
from sandbox.stripe import Trouble
from services.billing import buying
from services.billing.deeds import Till
from tests.gateways.shops import ASKS


def change(payer, price, operation):
    return buying.change(Till(payer, payer.shops, payer.shop.now), operation, price)


def test_without_a_card_the_payer_is_told_to_add_one(payer):
    bought = payer.buy()
    payer.refresh()
    kept = payer.shop.service.books.kept
    kept[bought.subscription_id]["default_payment_method"] = None
    kept[bought.customer_id]["invoice_settings"]["default_payment_method"] = None

    with pytest.raises(PaymentNeeded, match="add one in the portal"):
        change(payer, "growth_monthly", "up")
    assert payer.shop.again(bought).price == "starter_monthly"


def test_a_card_that_asks_its_owner_was_not_declined(payer):
    bought = payer.buy()
    payer.refresh()
    payer.shop.click(bought.customer_id, do="card", card=ASKS)

    with pytest.raises(PaymentNeeded, match="The bank wants the payer to confirm this payment"):
        change(payer, "growth_monthly", "up")


@pytest.fixture
def planned(payer):
    """Starter was planned to follow growth."""
    bought = payer.buy("growth_monthly")
    payer.refresh()
    change(payer, "starter_monthly", "down")
    assert payer.shop.again(bought).scheduled_price == "starter_monthly"
    return bought


def test_a_price_that_cannot_be_had_leaves_what_was_planned(payer, planned):
    (price,) = payer.shop.sdk.prices.list({"lookup_keys": ["scale_monthly"]}).data
    payer.shop.sdk.prices.update(price.id, {"active": False})

    with pytest.raises(SourceRefused):
        change(payer, "scale_monthly", "up")
    assert payer.shop.again(planned).scheduled_price == "starter_monthly"


def test_a_change_that_the_provider_refuses_leaves_what_was_planned(payer, planned):
    payer.shop.service.troubles.add(Trouble("POST /v1/subscriptions/", "refused", times=2))

    with pytest.raises(SourceRefused):
        change(payer, "scale_monthly", "up")
    assert payer.shop.again(planned).scheduled_price == "starter_monthly"
    with payer.begin() as uow:
        assert uow.billing_calls.find("up").state == "failed"
