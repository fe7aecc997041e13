"""Changes that break off: a process that dies before or after the provider did it, doubt, and keys that are too old."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import httpx
import pytest

from domain.billing.states import Provider, SubscriptionState
from domain.errors import AlreadySubscribed, Conflict, SourceRefused, SourceUnavailable
from domain.ports import Shops
from gateways.bounded_http import Limits
from gateways.dodo_payments import DodoAccess, DodoPayments
from sandbox.dodo import SECRET, Dodo
from sandbox.faults import Fault
from sandbox.serving import Desk, running
from sandbox.stripe import Trouble
from sandbox.world import Clock
from services.billing import buying
from services.billing.calling import NOT_DONE, UNDER_WAY, finish_unfinished
from services.billing.deeds import Till
from tests.gateways.shops import VISA
from tests.services.billing.payers import STRIPE

PAGES = buying.Pages("https://us.example/ok", "https://us.example/no")
LATER = UNDER_WAY + timedelta(minutes=1)


class Killed(BaseException):
    """The process is no more."""


@dataclass
class Dying:
    """A provider during whose call the process dies: after it came through, or before."""

    shop: Any
    call: str
    is_done: bool

    def __getattr__(self, name: str) -> Any:
        asked = getattr(self.shop, name)
        if name != self.call:
            return asked

        def last(*args: Any, **words: Any) -> None:
            if self.is_done:
                asked(*args, **words)
            raise Killed

        return last


@pytest.fixture
def subscriber(payer):
    payer.buy()
    payer.refresh()
    return payer


def till(payer, *, dying=None, after=timedelta()):
    shops = payer.shops if dying is None else Shops(MappingProxyType({STRIPE: dying}))
    return Till(payer, shops, datetime.now(UTC) + after)


def killed(payer, operation, call, *, is_done):
    with pytest.raises(Killed):
        buying.change(till(payer, dying=Dying(payer.shop.payments, call, is_done)), operation, "growth_monthly")


def calls(payer):
    with payer.begin() as uow:
        rows = uow.connection.exec_driver_sql("select action, state, error from billing_calls order by created_at")
        return [tuple(row) for row in rows]


def billed(payer):
    with payer.begin() as uow:
        return len(payer.shop.payments.invoices(str(uow.billing.customer(STRIPE)), limit=10))


@pytest.mark.parametrize("is_done", [True, False])
def test_whoever_asks_again_after_a_crash_gets_it_done_once(subscriber, is_done):
    killed(subscriber, "op", "change", is_done=is_done)
    assert calls(subscriber) == [("change", "open", None)]

    with pytest.raises(Conflict, match="at this moment"):
        buying.change(till(subscriber), "op", "growth_monthly")
    told = buying.change(till(subscriber, after=LATER), "op", "growth_monthly")
    again = buying.change(till(subscriber), "op", "growth_monthly")

    assert (told.answer["price"], told.is_replay, again.answer, again.is_replay) == ("growth_monthly", False, told.answer, True)
    assert subscriber.stood().plan == "growth"
    assert billed(subscriber) == 2
    assert calls(subscriber) == [("change", "done", None)]


def test_the_nightly_round_finishes_what_came_through_and_does_nothing_else(subscriber):
    killed(subscriber, "came through", "change", is_done=True)
    assert finish_unfinished(subscriber, subscriber.shops, now=datetime.now(UTC)) == 0, "somebody may still be at it"
    assert finish_unfinished(subscriber, subscriber.shops, now=datetime.now(UTC) + LATER) == 1

    assert calls(subscriber) == [("change", "done", None)]
    assert subscriber.stood().plan == "growth"
    assert finish_unfinished(subscriber, subscriber.shops, now=datetime.now(UTC) + LATER) == 0


def test_what_did_not_come_through_is_not_done_when_nobody_waits_for_it(subscriber):
    killed(subscriber, "op", "change", is_done=False)

    assert finish_unfinished(subscriber, subscriber.shops, now=datetime.now(UTC) + LATER) == 1

    assert calls(subscriber) == [("change", "failed", NOT_DONE)]
    assert (subscriber.stood().plan, billed(subscriber)) == ("starter", 1)
    assert buying.change(till(subscriber), "op", "growth_monthly").answer["price"] == "growth_monthly"
    assert calls(subscriber) == [("change", "done", None)]


@pytest.mark.parametrize(("deed", "price"), [("change", "scale_monthly"), ("cancel", None)])
def test_a_smaller_plan_that_was_planned_stays_planned_where_another_change_breaks_off(subscriber, deed, price):
    """A change drops it first; whoever paid less from the next period on would pay the larger plan again."""
    buying.change(till(subscriber), "up", "growth_monthly")
    buying.change(till(subscriber), "down", "starter_monthly")
    subscriber.shop.service.troubles.add(Trouble("POST /v1/subscriptions/", "error"))
    ask = (lambda: buying.change(till(subscriber), "op", price)) if price else (lambda: buying.cancel(till(subscriber), "op"))
    with pytest.raises(SourceUnavailable):
        ask()

    assert finish_unfinished(subscriber, subscriber.shops, now=datetime.now(UTC) + LATER) == 1

    subscriber.refresh()
    with subscriber.begin() as uow:
        (found,) = [each.subscription for each in uow.billing.mirrors()]
    assert (calls(subscriber)[-1][1], found.price, found.scheduled_price) == ("failed", "growth_monthly", "starter_monthly")
    subscriber.shop.later(days=31)
    assert subscriber.refresh().plan == "starter"


def test_a_workspace_has_one_change_at_a_time(subscriber):
    killed(subscriber, "first", "change", is_done=False)

    with pytest.raises(Conflict, match="under way"):
        buying.cancel(till(subscriber), "second")
    assert buying.cancel(till(subscriber, after=LATER), "second").answer["status"] == "canceling"
    assert calls(subscriber) == [("change", "failed", NOT_DONE), ("cancel_later", "done", None)]


def test_what_is_in_doubt_is_looked_at_before_anything_else(subscriber):
    subscriber.shop.service.troubles.add(Trouble("POST /v1/subscriptions/", "lost"))
    with pytest.raises(SourceUnavailable):
        buying.change(till(subscriber), "first", "growth_monthly")
    assert calls(subscriber)[0][:2] == ("change", "open")

    assert buying.cancel(till(subscriber), "second").answer["price"] == "growth_monthly"
    assert [each[1] for each in calls(subscriber)] == ["done", "done"]


def test_doubt_outlasts_a_key_that_is_not_accepted(subscriber):
    """Whoever cannot look does not know: a call that ended as failed would be made once more, and a refund given twice."""
    subscriber.shop.service.troubles.add(Trouble("POST /v1/subscriptions/", "lost"))
    with pytest.raises(SourceUnavailable):
        buying.change(till(subscriber), "op", "growth_monthly")
    blind = Till(subscriber, Shops(), datetime.now(UTC))

    with pytest.raises(SourceRefused):
        buying.change(blind, "op", "growth_monthly")
    with pytest.raises(SourceRefused):
        finish_unfinished(subscriber, Shops(), now=datetime.now(UTC) + LATER)

    assert calls(subscriber)[0][:2] == ("change", "open")
    assert buying.change(till(subscriber), "op", "growth_monthly").answer["price"] == "growth_monthly"
    assert billed(subscriber) == 2


def test_a_key_that_the_provider_has_forgotten_is_not_sent_again(subscriber):
    killed(subscriber, "op", "change", is_done=False)
    with subscriber.begin() as uow:
        before = uow.billing_calls.find("op")
    subscriber.shop.later(days=2)

    told = buying.change(till(subscriber, after=timedelta(days=2)), "op", "growth_monthly")

    with subscriber.begin() as uow:
        after = uow.billing_calls.find("op")
    assert told.answer["price"] == "growth_monthly"
    assert before.call_key != after.call_key
    assert billed(subscriber) == 2


def test_what_others_wrote_down_is_left_to_them(subscriber):
    with subscriber.begin() as uow:
        uow.billing_calls.open("refund", "refund", {"payment_id": "pi_1"}, call_key="a")
        uow.billing_calls.open("erasure:sub_1", "cancel_now", {"subscription_id": "sub_1"}, call_key="b")

    assert finish_unfinished(subscriber, subscriber.shops, now=datetime.now(UTC) + LATER) == 0
    assert buying.cancel(till(subscriber), "op").answer["status"] == "canceling"
    assert {each[1] for each in calls(subscriber) if each[0] in ("refund", "cancel_now")} == {"open"}


def test_at_once_is_for_who_runs_the_platform_and_for_erasure(subscriber):
    told = buying.cancel_now(till(subscriber), "erasure")

    assert (told.answer["effect"], told.answer["status"]) == ("at_once", "canceled")
    assert subscriber.stood().plan == "free"
    with pytest.raises(Conflict):
        buying.cancel_now(till(subscriber), "again")


@dataclass
class Quick:
    """A provider on whose page somebody pays at the very moment when it is to be closed."""

    shop: Any
    url: str

    def __getattr__(self, name: str) -> Any:
        if name == "close_checkout":
            assert httpx.post(self.url, json={"card": VISA}, trust_env=False).status_code == 200
        return getattr(self.shop, name)


def test_who_pays_while_another_page_is_asked_for_pays_once(payer):
    first = buying.checkout(till(payer), "first", "starter_monthly", PAGES)
    quick = Quick(payer.shop.payments, first.answer["url"])

    with pytest.raises(AlreadySubscribed):
        buying.checkout(till(payer, dying=quick), "second", "growth_monthly", PAGES)

    assert payer.stood().plan == "starter"
    assert len(payer.shop.sdk.checkout.sessions.list().data) == 1


def test_the_customer_is_made_once_also_after_a_crash(payer):
    dying = till(payer, dying=Dying(payer.shop.payments, "customer", True))
    with pytest.raises(Killed):
        buying.customer_of(dying, STRIPE)

    made = {buying.customer_of(till(payer, after=LATER), STRIPE) for _ in range(2)}

    assert len(made) == len(payer.shop.sdk.customers.list().data) == 1
    assert calls(payer) == [("customer", "done", None)]


@dataclass
class DodoStall:
    """Dodo's sandbox, which takes no keys."""

    url: str
    service: Dodo
    desk: Desk
    payments: DodoPayments

    def shops(self) -> Shops:
        return Shops(MappingProxyType({Provider.DODO: self.payments}), Provider.DODO)

    def posted(self, path: str, **words: object) -> None:
        assert httpx.post(f"{self.url}/_dodo/{path}", json=words, trust_env=False).status_code == 200


@contextmanager
def dodo() -> Iterator[DodoStall]:
    clock = Clock()
    service = Dodo(clock)
    desk = Desk([service], clock)
    with running(desk) as server:
        products = {"starter_monthly": "prod_starter", "growth_monthly": "prod_growth"}
        access = DodoAccess("key", (SECRET,), products, server.url, Limits(tries=1, first_wait_seconds=0.0, wait_seconds=0.0))
        payments = DodoPayments(access)
        yield DodoStall(server.url, service, desk, payments)
        payments.close()


def test_where_no_key_is_taken_a_look_comes_first(payer):
    with dodo() as stall:
        here = Till(payer, stall.shops(), datetime.now(UTC))
        page = buying.checkout(here, "buy", "starter_monthly", PAGES).answer
        stall.posted(f"pay/{page['checkout_id']}")
        buying.read_anew(Till(payer, stall.shops(), datetime.now(UTC)))
        assert payer.stood().plan == "starter"

        # The change comes through, what it came to cannot be read.
        stall.desk.faults.add(Fault(where="/subscriptions/[^/]+$", kind="503", skip=1))
        with pytest.raises(SourceUnavailable):
            buying.change(Till(payer, stall.shops(), datetime.now(UTC)), "up", "growth_monthly")
        told = buying.change(Till(payer, stall.shops(), datetime.now(UTC)), "up", "growth_monthly")

        assert (told.answer["price"], told.answer["plan"], payer.stood().plan) == ("growth_monthly", "growth", "growth")
        ending = buying.cancel(Till(payer, stall.shops(), datetime.now(UTC)), "end")
        assert (ending.answer["status"], payer.stood().status) == ("canceling", SubscriptionState.CANCELING)
