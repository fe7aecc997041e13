"""What payment providers told goes through the real graph: heard by a run with a claim, asked for by a sensor, reconciled by night."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType

import dagster as dg
import pytest

from domain.requests import State
from jobs.billing import hourly_standing
from sensors.billing import heard_events
from services.billing.asking import ask
from tests.assets.conftest import Graph
from tests.assets.test_checks import evaluated
from tests.conftest import Member
from tests.services.billing import payers
from tests.services.billing.payers import STRIPE, Payer


@pytest.fixture
def payer(graph: Graph, member: Member) -> Iterator[Payer]:
    with payers.payer(graph.database, member) as made:
        made.listen()
        yield made


@pytest.fixture
def paying(graph: Graph, payer: Payer) -> Graph:
    """The graph, whose shops are the sandbox's."""
    return replace(graph, shops=payer.shops)


def test_a_run_deals_with_what_was_told(paying: Graph, payer: Payer) -> None:
    payer.buy()
    payer.keep(payer.told())
    with payer.begin() as uow:
        request = ask(uow)
    assert request is not None

    assert paying.run("hear_payments", request).success
    assert payer.stood().plan == "starter"
    assert set(payer.events()) <= {"done", "ignored"}
    with payer.begin() as uow:
        assert uow.requests.get(request.request_id).state is State.SUCCEEDED
    assert evaluated(paying, "no_event_was_given_up")


def test_while_the_provider_is_away_the_run_succeeds_and_the_events_wait(paying: Graph, payer: Payer) -> None:
    payer.buy()
    payer.keep(payer.told())
    payer.shop.door("troubles", where="GET /v1/subscriptions", kind="error", times=100)

    assert paying.run("hear_payments").success
    assert payer.stood().plan == "free"
    assert payer.events()["kept"] > 0


def test_the_sensor_asks_for_what_nobody_asked_for(paying: Graph, payer: Payer) -> None:
    payer.buy()
    payer.keep(payer.told())
    context = dg.build_sensor_context(resources={"database": paying.database})

    heard_events(context)
    with payer.begin() as uow:
        (request,) = uow.requests.page(limit=10, kinds=["billing"])
    assert paying.run("hear_payments", request).success
    assert payer.stood().plan == "starter"


def test_the_hour_launches_nothing(paying: Graph, payer: Payer) -> None:
    context = dg.build_schedule_context(resources={"database": paying.database}, scheduled_execution_time=datetime.now(UTC))
    payer.buy()
    payer.refresh()

    assert isinstance(hourly_standing(context), dg.SkipReason)
    assert payer.stood().plan == "starter"


def test_the_night_says_what_was_wrong_before_it_was_mended(paying: Graph, payer: Payer) -> None:
    bought = payer.buy()
    payer.refresh()
    payer.shop.payments.change(bought.subscription_id, "growth_monthly", at=payer.shop.now, key="up")
    job = paying.defs.resolve_job_def("reconcile_payments")

    def night() -> tuple[bool, object]:
        done = job.execute_in_process(instance=paying.instance)
        assert done.success
        (check,) = done.get_asset_check_evaluations()
        return check.passed, check.metadata["differing"].value

    assert night() == (False, 2)
    night()  # events that were lost are listed once
    assert night()[1] == 0
    assert payer.stood().plan == "growth"


def test_without_a_key_events_wait_for_one(graph: Graph, payer: Payer) -> None:
    payer.customer()
    payer.keep(payer.told())

    assert graph.run("hear_payments").success
    assert payer.events() == {"kept": 1}
    payer.due()
    assert replace(graph, shops=replace(graph.shops, all=MappingProxyType({STRIPE: payer.shop.payments}))).run("hear_payments").success
    assert payer.events() == {"done": 1}


def test_an_event_that_was_given_up_is_seen(paying: Graph, payer: Payer) -> None:
    payer.buy()
    (told, *_) = [each for each in payer.told() if each.type == "charge.succeeded"]
    payer.keep([replace(told, body=told.body.replace(b'"amount": 3900', b'"amount": "much"'))])

    assert paying.run("hear_payments").success
    assert payer.events() == {"failed": 1}
    assert payer.alerts() == ["billing_event_failed"]
    assert not evaluated(paying, "no_event_was_given_up")
