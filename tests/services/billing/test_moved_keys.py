"""A lookup key that was moved to another price changes nothing for whoever pays the old one."""

import pytest

from domain.billing.stripe_wording import SOLD_AS
from domain.errors import PaymentNeeded
from services.billing import buying
from services.billing.deeds import Till
from tests.gateways.shops import DECLINES_LATER


def change(payer, price, operation):
    return buying.change(Till(payer, payer.shops, payer.shop.now), operation, price)


def moved(payer, price_id, key):
    """The key stands for a dearer price from now on."""
    old = payer.shop.sdk.prices.retrieve(price_id)
    return payer.shop.sdk.prices.create(
        {
            "product": old.product, "currency": "usd", "unit_amount": 99_900, "recurring": {"interval": "month"},
            "lookup_key": key, "transfer_lookup_key": True,
        }
    )  # fmt: skip


def test_what_was_planned_and_has_begun_is_not_planned_again_at_another_price(payer):
    bought = payer.buy("growth_monthly")
    payer.refresh()
    change(payer, "starter_monthly", "down")
    payer.shop.later(days=31)
    payer.refresh()
    payer.shop.sdk.prices.update(payer.shop.again(bought).price_id, {"metadata": {SOLD_AS: "starter_monthly"}})
    dearer = moved(payer, payer.shop.again(bought).price_id, "starter_monthly")
    payer.shop.click(bought.customer_id, do="card", card=DECLINES_LATER)
    payer.refresh()

    with payer.begin() as uow:
        (mirror,) = uow.billing.mirrors()
    assert (mirror.subscription.price, mirror.subscription.scheduled_price) == ("starter_monthly", None)
    with pytest.raises(PaymentNeeded):
        change(payer, "scale_monthly", "up")
    schedules = [each for each in payer.shop.sdk.subscription_schedules.list().data if each.status == "active"]
    assert dearer.id not in [item.price for each in schedules for phase in each.phases for item in phase["items"]]
