"""An API whose shops are the sandbox's Stripe, and Dodo as far as its webhooks go; and a workspace that pays."""

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
from tests.services.billing import payers
from tests.services.billing.payers import Payer

DODO_SECRET = "whsec_" + "c2VjcmV0IG9mIHRoZSB0ZXN0cw=="


@dataclass(frozen=True)
class Door:
    """The API as providers see it, and one of its workspaces."""

    caller: Caller
    payer: Payer
    app: Litestar


@pytest.fixture
def door(database: Database, urls: TestUrls, member: Member, dagster: FakeDagster, files: LocalFiles) -> Iterator[Door]:
    own = Database(urls.app, pool_size=5)
    with payers.payer(database, member) as payer:
        payer.listen()
        shops = Shops(MappingProxyType({**payer.shops.all, Provider.DODO: DodoPayments(DodoAccess("key", (DODO_SECRET,)))}))
        app = create_app(make_parts(own, urls.app, dagster, files, shops=shops))
        with TestClient(app) as client:
            yield Door(Caller(client), payer, app)
