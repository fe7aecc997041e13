"""One page at a time on which a workspace may buy, wherever it is."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from domain.billing.states import CheckoutState, Provider
from domain.errors import AlreadySubscribed, Conflict
from domain.ports import Shops
from services.billing import buying
from services.billing.deeds import Till
from store.database import Database
from tests.conftest import make_member
from tests.gateways.shops import VISA
from tests.services.billing import payers
from tests.services.billing.payers import Payer
from tests.services.billing.test_buying import dodo

PAGES = buying.Pages("https://us.example/ok", "https://us.example/no")


@pytest.fixture
def payer(fresh: Database) -> Iterator[Payer]:
    """Ids of one Dodo's sandbox are those of another: no database sees two."""
    with payers.payer(fresh, make_member(fresh)) as made:
        yield made


def till(payer, shops=None):
    return Till(payer, shops or payer.shops, datetime.now(UTC))


def pay(page):
    return httpx.post(page["url"], json={"card": VISA}, trust_env=False).status_code


def test_a_page_is_closed_also_where_others_are_opened_elsewhere_by_now(payer):
    page = buying.checkout(till(payer), "first", "starter_monthly", PAGES).answer
    with dodo() as stall:
        both = Shops({**payer.shops.all, **stall.shops().all}, Provider.DODO)
        made = buying.checkout(till(payer, both), "second", "starter_monthly", PAGES).answer

    assert (made["provider"], pay(page)) == ("dodo", 400)


def test_who_bought_on_a_page_elsewhere_buys_no_second_plan(payer):
    page = buying.checkout(till(payer), "first", "starter_monthly", PAGES).answer
    assert pay(page) == 200
    with dodo() as stall:
        both = Shops({**payer.shops.all, **stall.shops().all}, Provider.DODO)
        with pytest.raises(AlreadySubscribed):
            buying.checkout(till(payer, both), "second", "starter_monthly", PAGES)

    assert payer.stood().plan == "starter"


@dataclass
class Busy:
    """A provider that closes no page on which somebody is paying."""

    shop: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.shop, name)

    def close_checkout(self, checkout_id: str, *, key: str) -> CheckoutState:
        assert checkout_id
        assert key
        return CheckoutState.OPEN


def test_no_other_page_is_opened_while_somebody_pays_on_one(payer):
    buying.checkout(till(payer), "first", "starter_monthly", PAGES)
    there: Any = {Provider.STRIPE: Busy(payer.shop.payments)}

    with pytest.raises(Conflict, match="is being paid"):
        buying.checkout(replace(till(payer), shops=Shops(there)), "second", "growth_monthly", PAGES)
    assert len(payer.shop.sdk.checkout.sessions.list().data) == 1
