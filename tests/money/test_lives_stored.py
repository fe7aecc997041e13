"""The same lives on the database, heard by the services that hear: inbox, reading anew, mirrors, and what the workspace stands at.

8 lives here; `make fuzz-lives` plays 1,000.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from domain.billing.events import BillingEvent
from domain.billing.objects import Customer
from domain.billing.standing import Standing
from domain.billing.states import Provider
from services.billing.hearing import hear
from services.billing.mirroring import follow, refresh
from store.database import Database
from store.ids import new_id
from store.work import UnitOfWork
from tests.conftest import make_member, make_urls
from tests.money.lives.hearing import Heard
from tests.money.lives.machine import DEEDS, Life, agree, picks
from tests.money.lives.playing import play
from tests.money.lives.provider import owed
from tests.money.lives.shop import MemoryShop

FAST, FULL = 8, 1_000
STRIPE = Provider.STRIPE


class LifeStored(Life):
    """Whoever hears is the real thing. Its readings are overtaken by `overtaken`."""

    database: Database

    def born(self) -> None:
        name = new_id().hex
        self.tenant_id: UUID = make_member(self.database).tenant_id
        self.held.customer_id, self.held.prefix = f"cus_{name}", name
        self.in_order, self.shop = Heard(self.held), MemoryShop(self.held)
        self.held.listener = self.told
        with self.begin() as uow:
            uow.billing.keep_customer(Customer(STRIPE, self.held.customer_id, None, None, str(self.tenant_id)))

    def begin(self) -> AbstractContextManager[UnitOfWork]:
        return self.database.begin(self.tenant_id)

    def told(self, event: BillingEvent) -> None:
        super().told(event)
        self.in_order.hear(event)

    def now(self) -> datetime:
        return self.held.now

    def keep(self, event: BillingEvent, source: str = "webhook") -> None:
        with self.database.begin_anonymous() as uow:
            assert uow.billing_events.keep(event, b"", source=source)[1] in (self.tenant_id, None)

    def hears(self) -> None:
        self.tick()
        hear(self, self.shop.shops(), self.now)

    @precondition(lambda self: self.undelivered)
    @rule(order=st.lists(picks, min_size=1, max_size=8), hears=st.booleans())
    def deliver(self, order: list[int], hears: bool) -> None:
        """Some, in any order, to be dealt with now or with others later."""
        for pick in order[: len(self.undelivered)]:
            self.keep(self.undelivered.pop(pick % len(self.undelivered)))
        if hears:
            self.hears()

    @precondition(lambda self: self.held.events)
    @rule(pick=picks)
    def deliver_again(self, pick: int) -> None:
        self.keep(self.held.events[pick % len(self.held.events)])
        self.hears()

    @precondition(lambda self: self.undelivered and self.lives())
    @rule(pick=picks, what=st.sampled_from(DEEDS))
    def overtaken(self, pick: int, what: str) -> None:
        """While one reads, something happens, and another one reads and keeps that."""

        def meanwhile() -> None:
            self.act(pick, what)
            refresh(self, self.shop.shops(), STRIPE, now=self.held.now, cause="overtakes")

        self.keep(self.undelivered.pop(pick % len(self.undelivered)))
        self.shop.meanwhile = meanwhile
        self.hears()
        self.shop.meanwhile = None

    @rule()
    def lose_what_is_on_its_way(self) -> None:
        self.undelivered.clear()

    @rule()
    def compare(self) -> None:
        for event in self.held.events:
            self.keep(event, "reconcile")
        self.undelivered.clear()
        self.hears()
        if self.is_moved:
            self.in_order.read_all()
            refresh(self, self.shop.shops(), STRIPE, now=self.held.now, cause="night")
        agree(self.in_order.standing(), self.stands(), owed(self.held))

    def stands(self) -> Standing:
        """What time alone changes is followed, and what is kept says the same."""
        with self.begin() as uow:
            uow.billing.lock()
            found = follow(uow, now=self.held.now, cause="time")
            kept = uow.billing.stood()
            assert {each.state for each in uow.billing.invoices()} <= {"open", "paid"}
            assert (kept.plan, kept.status, kept.subscription_id, kept.ends_at) == (
                found.plan, found.status, found.subscription_id, found.ends_at
            )  # fmt: skip
        return found

    def teardown(self) -> None:
        if hasattr(self, "shop"):
            self.compare()


@pytest.fixture(scope="module")
def database(superuser_url: str) -> Iterator[Database]:
    """One of its own: there is much in it afterwards."""
    urls = make_urls(superuser_url, f"lives_{new_id().hex}")
    made = Database(urls.app, system_url=urls.system, pool_size=2)
    yield made
    made.close()


@pytest.mark.parametrize("lives", [FAST, pytest.param(FULL, marks=pytest.mark.fuzz)])
def test_the_services_follow_a_life_however_it_is_told(database: Database, lives: int) -> None:
    class Here(LifeStored):
        pass

    Here.database = database
    play("lives on the database", Here, lives)
