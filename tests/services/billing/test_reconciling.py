"""What was not heard is made up for at night; what time alone changes is changed by the hour."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import pytest
import sqlalchemy as sa

from domain.billing.events import EventKind
from domain.billing.objects import Customer
from domain.billing.orders import NewCustomer, RefundOrder
from domain.billing.shelf import EVENTS
from domain.billing.standing import GRACE, LEEWAY
from domain.billing.states import Provider
from domain.errors import FailureCategory, PaymentNeeded, SourceRefused, SourceUnavailable
from domain.ports import Shops
from services.billing.asking import ask_for_waiting
from services.billing.finding import find_owners
from services.billing.reconciling import PATIENCE, reconcile, turn
from store.database import Database
from tests.conftest import make_member
from tests.gateways.shops import DECLINES_LATER
from tests.services.billing import payers
from tests.services.billing.payers import Payer


@pytest.fixture
def payer(fresh: Database) -> Iterator[Payer]:
    """Nobody else pays in this deployment."""
    with payers.payer(fresh, make_member(fresh)) as made:
        yield made


class Away:
    """A provider that answers nobody."""

    def __getattr__(self, name: str) -> Any:
        def asked(*_: object, **__: object) -> None:
            raise SourceUnavailable("dodo", "it does not answer", category=FailureCategory.NETWORK)

        return asked


@dataclass
class NoEvents:
    """A provider whose key may do all but list events."""

    shop: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.shop, name)

    def events_since(self, moment: object) -> None:
        raise SourceRefused("stripe", "the key may not do this", category=FailureCategory.NOT_CONFIGURED)


def night(payer):
    return reconcile(payer.database, payer.shops, now=payer.shop.now)


def test_events_that_were_lost_are_kept_and_dealt_with(payer):
    payer.listen()
    payer.buy()
    told = payer.told()
    payer.keep(told[::2])
    done = night(payer)

    known = [each.event_id for each in told if each.type in EVENTS]

    assert (done.listed, done.lost) == (len(known), len(set(known) - {each.event_id for each in told[::2]}))
    assert night(payer).lost == 0
    payer.hear()
    with payer.begin() as uow:
        assert [each.state for each in uow.billing_lists.payments(limit=100, after=None)] == ["succeeded"]


def test_the_events_that_operators_are_asked_for_are_all_that_is_needed(payer):
    """Of payments and refunds nothing is known but what events tell; and what nobody was asked to send is not lost."""
    payer.listen()
    bought = payer.buy()
    payment = payer.shop.payments.invoices(bought.customer_id, limit=1)[0].payment_id
    assert payment
    payer.shop.payments.refund(RefundOrder(payment, 1_000), key="back")
    told = payer.told()
    payer.keep(each for each in told if each.type in EVENTS)
    payer.hear()
    with payer.database.begin_system() as system:
        find_owners(system)  # a refund names its payment alone
    payer.hear()

    assert {each.kind for each in told if each.type not in EVENTS} - {EventKind.UNKNOWN}  # there are some that we could read
    assert night(payer).lost == 0
    with payer.begin() as uow:
        assert [(each.state, each.refunded_cents) for each in uow.billing_lists.payments(limit=100, after=None)] == [("succeeded", 1_000)]
        assert [each.amount_cents for each in uow.billing.refunds_of(payment)] == [1_000]


def bought_by(payer, email):
    """Who owned the workspace when it began to pay."""
    made = payer.shop.payments.customer(NewCustomer(str(payer.member.tenant_id), email, "Before"), key="before")
    with payer.begin() as uow:
        uow.billing.keep_customer(made)
    return made.customer_id


def test_receipts_go_to_who_owns_the_workspace_by_now(payer):
    customer = bought_by(payer, "before@example.com")
    night(payer)
    assert payer.shop.sdk.customers.retrieve(customer).email == payer.member.email

    payer.shop.sdk.customers.update(customer, {"email": "before@example.com"})  # chosen in the portal
    night(payer)
    assert payer.shop.sdk.customers.retrieve(customer).email == "before@example.com"


def test_receipts_go_on_to_the_address_that_a_payer_chose(payer):
    customer = bought_by(payer, "before@example.com")
    payer.shop.sdk.customers.update(customer, {"email": "books@example.com"})
    night(payer)
    night(payer)

    assert payer.shop.sdk.customers.retrieve(customer).email == "books@example.com"


def test_an_address_that_the_provider_refuses_is_tried_again_and_all_else_was_read(payer, monkeypatch):
    customer = bought_by(payer, "before@example.com")

    def refused(*_, **__):
        raise SourceRefused("stripe", "Invalid email address")

    with monkeypatch.context() as once:
        once.setattr(payer.shop.payments, "readdress", refused)
        done = night(payer)
    night(payer)

    assert (done.read, done.unread) == (1, 0)
    assert payer.shop.sdk.customers.retrieve(customer).email == payer.member.email


@pytest.mark.parametrize("is_owners", [True, False])
def test_an_address_that_an_operator_typed_is_theirs(payer, is_owners):
    """A customer that was made in the dashboard, with our name for the workspace."""
    payer.listen()
    typed = payer.member.email if is_owners else "books@example.com"
    made = payer.shop.sdk.customers.create({"email": typed, "metadata": {"tenant_id": str(payer.member.tenant_id)}})
    payer.keep(payer.told())
    payer.hear()
    night(payer)

    with payer.begin() as uow:
        assert uow.billing.customer(Provider.STRIPE) == made.id
        assert uow.billing.payer(Provider.STRIPE)[1] == (typed if is_owners else None)
    assert payer.shop.sdk.customers.retrieve(made.id).email == typed


def test_nobody_writes_to_a_customer_that_is_gone(payer):
    customer = bought_by(payer, "before@example.com")
    payer.shop.sdk.customers.delete(customer)

    assert (night(payer).unread, night(payer).unread) == (0, 0)


def test_what_is_mirrored_otherwise_is_counted_and_mended(payer):
    bought = payer.buy()
    payer.refresh()
    payer.shop.payments.change(bought.subscription_id, "growth_monthly", at=payer.shop.now, key="up")
    first, second = night(payer), night(payer)

    assert (first.read, first.differing, first.behind) == (1, 2, 0)  # the subscription, and the invoice of the change
    assert (second.read, second.differing) == (1, 0)
    assert payer.stood().plan == "growth"


def test_a_workspace_whose_events_wait_is_behind_and_not_wrong(payer):
    payer.listen()
    payer.buy()
    payer.keep(payer.told())

    assert (night(payer).behind, night(payer).differing) == (1, 0)


def test_a_provider_that_is_away_is_not_asked_for_all_workspaces(payer):
    shop = payer.shop
    for _ in range(7):
        replace(payer, member=make_member(payer.database)).customer()
    shop.door("troubles", where="GET /v1/subscriptions", kind="error", times=100)
    done = night(payer)

    assert (done.read, done.unread) == (0, 5)
    assert len(done.reasons) == 1


def test_payers_are_read_before_those_who_only_looked_at_a_page(payer):
    for _ in range(2):
        replace(payer, member=make_member(payer.database)).customer()
    payer.buy()
    payer.refresh()

    assert reconcile(payer.database, payer.shops, now=payer.shop.now, most=1).read == 1
    with payer.begin() as uow:
        (mirror,) = uow.billing.mirrors()
    reconcile(payer.database, payer.shops, now=payer.shop.later(days=1), most=1)
    with payer.begin() as uow:
        assert uow.billing.mirrors()[0].read_at > mirror.read_at


def test_a_provider_that_is_away_holds_up_no_other(payer):
    payer.buy()
    for _ in range(PATIENCE + 1):
        other = replace(payer, member=make_member(payer.database))
        with other.begin() as uow:
            uow.billing.keep_customer(Customer(Provider.DODO, f"cus_{other.member.tenant_id}", None, None, None))
    shops = Shops(MappingProxyType({Provider.DODO: Away(), Provider.STRIPE: payer.shop.payments}))
    done = reconcile(payer.database, shops, now=payer.shop.now)

    assert (done.read, done.unread) == (1, PATIENCE)
    assert done.reasons[0].startswith("dodo is away")


def test_a_list_of_events_that_we_may_not_read_is_told_of(payer):
    payer.customer()
    there: Any = {Provider.STRIPE: NoEvents(payer.shop.payments)}

    assert reconcile(payer.database, Shops(there), now=payer.shop.now).reasons == ["stripe: stripe: the key may not do this"]


def test_more_overdue_payers_than_are_seen_to_at_once_hold_up_nobody(payer):
    there = sorted((payer, *(replace(payer, member=make_member(payer.database)) for _ in range(2))), key=lambda each: each.member.tenant_id)
    bought = {each.member.tenant_id: each.buy() for each in there}
    for each in there[:2]:
        payer.shop.click(bought[each.member.tenant_id].customer_id, do="card", card=DECLINES_LATER)
    payer.shop.payments.cancel_later(bought[there[2].member.tenant_id].subscription_id, key="end")
    there[2].refresh()
    payer.shop.later(days=31)
    payer.shop.later(hours=2)
    for each in there[:2]:
        assert each.refresh().status == "failed"

    turn(payer.database, now=payer.shop.now, most=1)

    assert there[2].stood().plan == "free"


def test_changes_that_broke_off_are_ended(payer):
    bought = payer.buy()
    payer.refresh()
    wanted = {"asked": {}, "provider": "stripe", "subscription_id": bought.subscription_id}
    with payer.begin() as uow:
        uow.billing_calls.open("op", "cancel_later", wanted, call_key="key")
        uow.connection.execute(sa.text("update billing_calls set created_at = created_at - interval '1 hour'"))
    payer.shop.payments.cancel_later(bought.subscription_id, key="key")

    assert night(payer).finished == 1
    with payer.begin() as uow:
        assert uow.billing_calls.unfinished(before=payer.shop.now) == []


def test_events_that_were_dealt_with_long_ago_go(payer):
    payer.listen()
    payer.buy()
    payer.keep(payer.told())
    payer.hear()
    night(payer)
    assert payer.events()
    with payer.database.begin_system() as system:
        system.connection.execute(sa.text("update billing_events set ended_at = ended_at - interval '91 days' where state <> 'kept'"))

    assert night(payer).pruned > 0
    assert set(payer.events()) <= {"kept"}


def test_nobody_is_forgotten_between_keeping_and_asking(payer):
    payer.listen()
    payer.buy()
    payer.keep(payer.told())
    with payer.database.begin_system() as system:
        asked = ask_for_waiting(system), ask_for_waiting(system)

    assert asked == (1, 0)
    with payer.begin() as uow:
        (request,) = uow.requests.page(limit=10, kinds=["billing"])
        uow.requests.cancel(request.request_id)
    payer.hear()
    with payer.database.begin_system() as system:
        assert ask_for_waiting(system) == 0


def test_a_plan_that_ends_has_ended_also_if_nobody_says_so(payer):
    bought = payer.buy()
    payer.shop.payments.cancel_later(bought.subscription_id, key="end")
    payer.refresh()
    end = bought.period_end
    assert end is not None

    assert turn(payer.database, now=end) == 0
    assert turn(payer.database, now=end + LEEWAY) == 1
    assert turn(payer.database, now=end + LEEWAY) == 0
    assert payer.stood().plan == "free"
    assert payer.mails()[-1] == "Your plan has ended"


def test_an_overdue_payment_is_reminded_of_and_borne_with_until_its_grace_is_over(payer):
    bought = payer.buy()
    payer.refresh()
    payer.shop.click(bought.customer_id, do="card", card=DECLINES_LATER)
    payer.shop.clock.advance(timedelta(days=31, hours=2))
    failed = payer.refresh()
    assert failed.grace_until is not None
    since = failed.grace_until - GRACE
    assert payer.alerts() == ["payment_overdue"]
    for day in range(15):
        turn(payer.database, now=since + timedelta(days=day, hours=3))
        turn(payer.database, now=since + timedelta(days=day, hours=4))

    reminders = [each for each in payer.mails() if "payment" in each]
    assert reminders == ["A payment failed", *(f"A payment is still missing (reminder {number})" for number in (2, 3, 4))]
    assert (payer.stood().plan, payer.stood().status) == ("starter", "failed")
    with payer.begin() as uow:
        uow.connection.execute(sa.text("update subscriptions set grace_until = clock_timestamp()"))
        with pytest.raises(PaymentNeeded):
            uow.usage.take("clips_per_day", 1, operation="after the grace", now=payer.shop.now)


def test_what_the_provider_ends_itself_after_failed_payments_ends(payer):
    bought = payer.buy()
    payer.refresh()
    payer.shop.click(bought.customer_id, do="card", card=DECLINES_LATER)
    for _ in range(70):
        payer.shop.clock.advance(timedelta(days=1))
        if payer.shop.again(bought).state == "canceled":
            break
    payer.refresh()

    assert payer.stood().plan == "free"
    assert payer.alerts() == []
