"""For tests of webhooks: an API whose shops are the sandbox's Stripe, and Dodo as far as its webhooks go; and a workspace that pays."""

from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from api.app import create_app
from domain.billing.states import Provider
from domain.ports import Shops
from gateways.dodo_payments import DodoAccess, DodoPayments
from gateways.files.store import LocalFiles
from store.database import Database
from tests.api.conftest import Caller, FakeDagster, make_parts
from tests.conftest import Member, TestUrls
from tests.gateways.shops import Shop
from tests.services.billing import payers
from tests.services.billing.payers import Payer

DODO_SECRET = "whsec_" + "c2VjcmV0IG9mIHRoZSB0ZXN0cw=="


@dataclass(frozen=True)
class Door:
    """The API as providers see it, and one of its workspaces."""

    caller: Caller
    payer: Payer


@dataclass(frozen=True)
class Standing:
    """What stands for all tests: the sandbox's shop, and an app that asks it."""

    shop: Shop
    client: TestClient[Litestar]


@pytest.fixture(scope="module")
def standing(urls: TestUrls, session_dagster: FakeDagster, files: LocalFiles) -> Iterator[Standing]:
    own = Database(urls.app, pool_size=5)
    with payers.opened() as shop:
        shops = Shops(MappingProxyType({
            Provider.STRIPE: shop.payments, Provider.DODO: DodoPayments(DodoAccess("key", (DODO_SECRET,)))
        }))  # fmt: skip
        payers.listen(shop)
        with TestClient(create_app(make_parts(own, urls.app, session_dagster, files, shops=shops))) as client:
            yield Standing(shop, client)


@pytest.fixture
def door(standing: Standing, database: Database, member: Member, dagster: FakeDagster) -> Door:
    """Nothing was told yet, and nothing launched."""
    payer = Payer(database, member, standing.shop)
    payer.told()
    return Door(Caller(standing.client), payer)
