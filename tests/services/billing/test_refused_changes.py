"""A change that cannot be paid says what the payer can do."""

import pytest

from domain.errors import PaymentNeeded
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
