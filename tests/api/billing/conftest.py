"""The API before the sandbox's Stripe: one app and one shop per module, whose clock stands at the real moment when a test begins."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import httpx
import pytest
from litestar.testing import TestClient

from api.app import create_app
from domain.billing.objects import Invoice, Subscription
from domain.billing.states import Provider
from domain.ports import Shops
from gateways.files.store import LocalFiles
from store.database import Database
from tests.api.billing.doors import door, standing  # noqa: F401 (fixtures)
from tests.api.conftest import Caller, FakeDagster, make_parts, token_of
from tests.conftest import Member, TestUrls, make_member
from tests.gateways.shops import VISA, Shop, plan_prices, shop


@dataclass(frozen=True, slots=True)
class Payer:
    """The owner of a workspace, logged in, and the shop they buy at."""

    caller: Caller
    member: Member
    database: Database
    shop: Shop

    def post(self, path: str, json: Any = None, *, key: str | None = None) -> httpx.Response:
        headers = {"Idempotency-Key": key} if key else {}
        return self.caller.post(f"/billing/{path}", json, headers=headers)

    def get(self, path: str) -> httpx.Response:
        return self.caller.get(f"/billing/{path}")

    def checkout(self, price: str = "starter_monthly", **more: str) -> httpx.Response:
        return self.post("checkout", {"price": price}, **more)

    def pay(self, page: httpx.Response, card: str = VISA) -> httpx.Response:
        return httpx.post(page.json()["url"], json={"card": card}, trust_env=False)

    def refresh(self) -> dict[str, Any]:
        answer = self.post("subscription/refresh")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def bought(self, price: str = "starter_monthly", card: str = VISA) -> dict[str, Any]:
        """Through the page, as people do."""
        page = self.checkout(price)
        assert page.status_code == 201, page.text
        assert self.pay(page, card).status_code == 200
        return self.refresh()

    def click(self, **clicked: str) -> None:
        """In the portal."""
        page = self.post("portal", {}).json()["url"]
        assert httpx.post(page, json=clicked, trust_env=False).status_code == 200

    @property
    def customers(self) -> list[Any]:
        """At the provider, by the workspace's name on them."""
        found = self.shop.sdk.customers.list({"limit": 100}).auto_paging_iter()
        return [each for each in found if each.to_dict()["metadata"].get("tenant_id") == str(self.member.tenant_id)]

    @property
    def there(self) -> tuple[Subscription, ...]:
        (customer,) = self.customers
        return self.shop.payments.subscriptions(customer.id)

    @property
    def billed(self) -> tuple[Invoice, ...]:
        (customer,) = self.customers
        return self.shop.payments.invoices(customer.id, limit=100)

    def pages(self, status: str) -> list[Any]:
        (customer,) = self.customers
        return [each for each in self.shop.sdk.checkout.sessions.list({"customer": customer.id}).data if each.status == status]


@pytest.fixture(scope="module")
def open_shop() -> Iterator[Shop]:
    with shop(epoch=datetime.now(UTC), prices=plan_prices()) as made:
        yield made


@pytest.fixture
def at_shop(open_shop: Shop) -> Iterator[Shop]:
    """The shop as tests find it: at the real moment, and well."""
    open_shop.clock.advance(datetime.now(UTC) - open_shop.now)
    yield open_shop
    open_shop.service.troubles.clear()


@pytest.fixture(scope="module")
def selling(
    open_shop: Shop, database: Database, urls: TestUrls, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestClient[Any]]:  # fmt: skip
    own, files = Database(urls.app, pool_size=10), LocalFiles(tmp_path_factory.mktemp("files"))
    shops = Shops(MappingProxyType({Provider.STRIPE: open_shop.payments}), trial_days=14)
    app = create_app(make_parts(own, urls.app, FakeDagster(), files, shops=shops))
    app.state.tests_database = database
    with TestClient(app) as running:
        yield running


@pytest.fixture
def payers(selling: TestClient[Any], database: Database, at_shop: Shop) -> Callable[[], Payer]:
    """Owners of workspaces of their own. Their trial is over: the first subscription was long ago."""

    def make() -> Payer:
        member = make_member(database)
        return Payer(Caller(selling, token_of(database, member)), member, database, at_shop)

    return make


@pytest.fixture
def newcomer(payers: Callable[[], Payer]) -> Payer:
    """Nothing was ever bought."""
    return payers()


@pytest.fixture
def payer(payers: Callable[[], Payer]) -> Payer:
    """Somebody whose trial was long ago, so that they pay from the first day."""
    found = payers()
    found.bought()
    found.shop.payments.cancel_now(found.there[0].subscription_id, key=found.shop.key())
    found.refresh()
    return found
