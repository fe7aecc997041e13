"""A customer that somebody deleted at the provider: its workspace buys again by another one, and what it paid stays its own."""

from datetime import UTC, datetime

import httpx
import pytest

from domain.errors import Conflict
from services.billing import buying
from services.billing.deeds import Till
from services.billing.finding import find_owners
from tests.gateways.shops import VISA
from tests.services.billing.payers import STRIPE

PAGES = buying.Pages("https://us.example/ok", "https://us.example/no")


def till(payer):
    return Till(payer, payer.shops, datetime.now(UTC))


def customer_of(payer):
    with payer.begin() as uow:
        return uow.billing.customer(STRIPE)


def pay(payer, operation, price):
    page = buying.checkout(till(payer), operation, price, PAGES).answer
    assert httpx.post(page["url"], json={"card": VISA}, trust_env=False).status_code == 200
    return payer.refresh()


def test_a_workspace_whose_customer_was_deleted_buys_again(payer):
    assert pay(payer, "first", "growth_monthly").plan == "growth"
    old = customer_of(payer)
    payer.shop.sdk.customers.delete(old)

    again = pay(payer, "second", "starter_monthly")

    assert (again.plan, customer_of(payer) != old) == ("starter", True)
    with payer.begin() as uow:
        assert sorted(each.subscription.state for each in uow.billing.mirrors()) == ["active", "canceled"]


def test_it_is_replaced_once_and_the_next_purchase_keeps_the_new_one(payer):
    pay(payer, "first", "growth_monthly")
    payer.shop.sdk.customers.delete(customer_of(payer))
    buying.checkout(till(payer), "second", "starter_monthly", PAGES)
    new = customer_of(payer)
    buying.checkout(till(payer), "third", "starter_monthly", PAGES)

    assert customer_of(payer) == new
    assert len(payer.shop.sdk.customers.list().data) == 1


def test_the_portal_says_what_to_do_where_the_customer_was_deleted(payer):
    pay(payer, "first", "growth_monthly")
    payer.shop.sdk.customers.delete(customer_of(payer))

    with pytest.raises(Conflict, match="buy a plan anew"):
        buying.portal(till(payer), "https://us.example/back")
    pay(payer, "second", "starter_monthly")
    assert buying.portal(till(payer), "https://us.example/back").url


def test_what_is_told_late_of_the_former_customer_is_dealt_with(payer):
    payer.listen()
    pay(payer, "first", "growth_monthly")
    payer.shop.sdk.customers.delete(customer_of(payer))
    told = payer.told()
    pay(payer, "second", "starter_monthly")
    payer.keep(told)
    with payer.database.begin_system() as system:
        find_owners(system)
    heard = payer.hear()

    assert (heard.waiting, heard.failed) == (0, 0)
    assert set(payer.events()) <= {"done", "ignored"}
    assert payer.stood().plan == "starter"
    with payer.begin() as uow:
        assert [each.state for each in uow.billing_lists.payments(limit=10, after=None)] == ["succeeded"]
