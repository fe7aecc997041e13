"""The script of the guides, lived in this process: the API over HTTP, the sandbox's Stripe, webhooks between them; runs are done in place.

`make billing-life` lives it on a whole Whyral with Dagster.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa
import uvicorn

from api.app import Parts, create_app
from docs.guides import billing_life as life
from docs.guides.billing_place import Amiss, Place, newcomer, sdk
from domain.ports import Shops
from gateways.files.store import LocalFiles
from gateways.machine import free_port
from gateways.payment_providers import PaymentOptions, shops
from sandbox.addresses import STRIPE_KEY, STRIPE_WEBHOOK_SECRET
from sandbox.serving import Desk, running
from sandbox.stripe import Stripe
from sandbox.stripe.keeping import Keeper
from sandbox.stripe.opening import open_shop
from sandbox.world import Clock
from services.billing.finding import find_owners
from services.billing.hearing import hear
from store.database import Database
from store.work import UnitOfWork
from tests.api.conftest import FakeDagster, make_parts
from tests.conftest import TestUrls
from up import sandbox_shop


@dataclass
class Here:
    """What stands in for Dagster: the inbox is dealt with whenever somebody waits."""

    database: Database
    shops: Shops
    service: Stripe
    tenant_id: UUID | None = None

    def begin(self) -> AbstractContextManager[UnitOfWork]:
        assert self.tenant_id is not None
        return self.database.begin(self.tenant_id)

    def settle(self) -> None:
        self.service.webhooks.pump()
        with self.database.begin_system() as system:
            find_owners(system)
        hear(self, self.shops, lambda: datetime.now(UTC))

    def mails(self) -> list[str]:
        wanted = sa.text("select subject from outbox where tenant_id = :tenant order by created_at")
        with self.database.begin_system() as system:
            return list(system.connection.execute(wanted, {"tenant": self.tenant_id}).scalars())


@pytest.fixture
def place(database: Database, urls: TestUrls, tmp_path: Path) -> Iterator[tuple[Place, Here]]:
    port, clock = free_port(), Clock()
    service = Stripe(clock)
    Keeper(tmp_path / "stripe.json", service)
    open_shop(service.books, sandbox_shop(port))
    with ExitStack() as stack:
        sandbox = stack.enter_context(running(Desk([service], clock))).url
        paid = shops(PaymentOptions(stripe_key=STRIPE_KEY, stripe_webhook_secrets=(STRIPE_WEBHOOK_SECRET,), stripe_url=sandbox))
        parts = make_parts(database, urls.app, FakeDagster(), LocalFiles(tmp_path), shops=paid)
        stack.enter_context(_served(port, replace(parts, api_url=f"http://127.0.0.1:{port}")))
        here = Here(database, paid, service)
        http = stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=30, trust_env=False))
        yield Place(http, sdk(sandbox), sandbox, here.settle, here.mails), here


@contextmanager
def _served(port: int, parts: Parts) -> Iterator[None]:
    server = uvicorn.Server(uvicorn.Config(create_app(parts), host="127.0.0.1", port=port, log_level="warning", ws="none", lifespan="off"))
    serving = threading.Thread(target=server.run, daemon=True)
    serving.start()
    while not server.started:
        assert serving.is_alive()
        time.sleep(0.02)
    yield
    server.should_exit = True
    serving.join(20)


def test_the_whole_life_agrees_with_stripe_to_the_cent(place: tuple[Place, Here]) -> None:
    there, here = place
    tenant_id = newcomer(there.api)
    here.tenant_id = UUID(tenant_id)

    life.live(there, tenant_id)

    lines, is_equal = life.told(there.rows)
    assert is_equal, "\n".join(lines)
    assert {step.split(":")[0] for step, _, _ in there.rows} >= {"checkout", "portal", "upgrade", "downgrade", "recovered", "refund"}


def test_a_cent_of_difference_is_told() -> None:
    lines, is_equal = life.told([("same", 3_900, 3_900), ("other", 3_900, 3_901), ("none of ours", None, 1)])

    assert not is_equal
    assert [line.endswith("DIFFERS") for line in lines] == [False, False, True, True]


def test_an_answer_that_is_an_error_ends_the_life_with_its_words(place: tuple[Place, Here]) -> None:
    with pytest.raises(Amiss, match="GET /api/v1/billing/subscription answered 401"):
        place[0].get("/billing/subscription")
