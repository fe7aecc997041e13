"""Operators are told once a day of what nobody else notices: money without a plan, money twice, events given up, disputes."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from domain.billing.inbox import WAITS
from domain.billing.states import SubscriptionState
from services.billing.finding import find_owners
from services.billing.telling import tell_operators
from store.database import Database
from store.work import PLATFORM
from tests.api.administering import promoted
from tests.conftest import make_member
from tests.gateways.shops import DISPUTED
from tests.services.billing import payers
from tests.services.billing.payers import Payer


@pytest.fixture
def payer(fresh: Database) -> Iterator[Payer]:
    """Nobody else pays in this deployment."""
    with payers.payer(fresh, make_member(fresh)) as made:
        yield made


def tell(payer, *, after=timedelta()):
    with payer.database.begin_system() as system:
        return tell_operators(system, now=datetime.now(UTC) + after)


def told(payer):
    with payer.database.begin_system() as system:
        found = system.connection.execute(sa.text("select details from alerts where tenant_id = :p order by created_at"), {"p": PLATFORM})
        return [{name: count for name, count in row.details.items() if count} for row in found]


def test_nobody_is_told_where_all_is_well(payer):
    payer.buy()
    payer.refresh()

    assert not tell(payer)


def test_events_that_are_nobodys_and_were_given_up_are_told_once_a_day(payer):
    boss = promoted(payer.database, make_member(payer.database))
    payer.listen()
    payer.buy(is_kept=False)
    payer.keep([each for each in payer.told() if each.type == "charge.succeeded"])
    for _ in range(len(WAITS) + 1):
        payer.due()
        with payer.database.begin_system() as system:
            find_owners(system)

    assert tell(payer)
    with payer.database.begin_system() as system:
        for alert in system.platform().trust.alerts():
            system.platform().trust.resolve(alert.alert_id)
    assert not tell(payer), "also where somebody ticked it off"
    assert told(payer) == [{"failed_events": 1}]
    with payer.database.begin_system() as system:
        assert list(system.connection.execute(sa.text("select recipient from outbox")).scalars()) == [boss.email]
    assert not tell(payer, after=timedelta(days=2)), "that was two days ago"


def test_money_without_a_plan_and_money_twice_are_told_as_long_as_they_last(payer):
    first, second = payer.buy(), payer.buy("growth_monthly")
    payer.refresh()
    assert tell(payer)
    with payer.begin() as uow:
        (mirror,) = [each for each in uow.billing.mirrors() if each.subscription == second]
        uow.billing.keep(replace(mirror, subscription=replace(second, price="unheard_of")), uow.billing.offers())
        (mirror,) = [each for each in uow.billing.mirrors() if each.subscription == first]
        uow.billing.keep(replace(mirror, subscription=replace(first, state=SubscriptionState.CANCELED)), uow.billing.offers())
    assert tell(payer, after=timedelta(days=1))

    assert told(payer) == [{"paying_twice": 1}, {"without_plan": 1}]


def test_a_dispute_is_told(payer):
    payer.listen()
    payer.buy(card=DISPUTED)
    payer.keep(payer.told())
    payer.hear()
    payer.due()
    with payer.database.begin_system() as system:
        find_owners(system)
    payer.hear()

    assert tell(payer)
    assert told(payer) == [{"disputes": 1}]
