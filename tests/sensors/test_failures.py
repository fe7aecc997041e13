"""Runs that died without a word: their request goes on without them."""

from collections.abc import Iterator
from uuid import UUID

import dagster as dg
import pytest

from domain.requests import Request, State
from sensors.failures import failed_runs
from services import requests as verbs
from store.database import Database
from store.trust import Alert
from tests.conftest import make_member


@dg.job(name="publish_insights")
def dying() -> None:
    """A run of it is only ever reported as failed."""


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


def ask(database: Database, tenant_id: UUID) -> Request:
    with database.begin(tenant_id) as uow:
        return verbs.ask(uow, "insights", {})


def die(database: Database, instance: dg.DagsterInstance, request: Request, *, attempt: int = 1, has_claimed: bool = True) -> None:
    """A run of the request starts, claims, and dies; the sensor is told."""
    tags = {**request.tags, "whyral/attempt": str(attempt), "dagster/partition": str(request.tenant_id)}
    run = instance.create_run_for_job(job_def=dying, tags=tags, status=dg.DagsterRunStatus.STARTED)
    with database.begin(request.tenant_id) as uow:
        if has_claimed:
            uow.requests.claim(request.request_id, attempt, run.run_id)
        else:
            uow.requests.mark_launched(request.request_id)
    hear(database, instance, run)


def hear(database: Database, instance: dg.DagsterInstance, run: dg.DagsterRun) -> None:
    instance.report_run_failed(run)
    dead = instance.get_run_by_id(run.run_id)
    event = instance.all_logs(run.run_id)[-1].dagster_event
    assert dead is not None
    assert event is not None
    context = dg.build_run_status_sensor_context("failed_runs", event, instance, dead, resources={"database": database})
    failed_runs(context.for_run_failure())


def outcome(database: Database, request: Request) -> tuple[Request, list[Alert]]:
    with database.begin(request.tenant_id) as uow:
        return uow.requests.get(request.request_id), uow.trust.alerts()


def test_a_run_that_died_with_the_claim_gives_way_to_the_next_attempt(fresh: Database, instance: dg.DagsterInstance) -> None:
    request = ask(fresh, make_member(fresh).tenant_id)

    die(fresh, instance, request)

    now, alerts = outcome(fresh, request)
    assert (now.state, now.attempt, alerts) == (State.PENDING, 2, [])


def test_a_run_that_died_before_it_could_claim_gives_way_too(fresh: Database, instance: dg.DagsterInstance) -> None:
    request = ask(fresh, make_member(fresh).tenant_id)

    die(fresh, instance, request, has_claimed=False)

    now, _ = outcome(fresh, request)
    assert (now.state, now.attempt) == (State.PENDING, 2)


def test_after_the_last_attempt_the_tenant_is_told_once(fresh: Database, instance: dg.DagsterInstance) -> None:
    request = ask(fresh, make_member(fresh).tenant_id)

    for attempt in (1, 2, 3):
        die(fresh, instance, request, attempt=attempt)

    now, alerts = outcome(fresh, request)
    assert (now.state, [alert.kind for alert in alerts]) == (State.FAILED, ["request_failed"])


def test_a_run_that_died_after_its_work_was_done_changes_nothing(fresh: Database, instance: dg.DagsterInstance) -> None:
    request = ask(fresh, make_member(fresh).tenant_id)
    with fresh.begin(request.tenant_id) as uow:
        uow.requests.claim(request.request_id, 1, "run")
        uow.requests.finish_step(request.request_id, "step", planned=["step"])

    die(fresh, instance, request)

    now, alerts = outcome(fresh, request)
    assert (now.state, alerts) == (State.SUCCEEDED, [])


def test_a_failed_run_of_no_tenant_is_nobodys(fresh: Database, instance: dg.DagsterInstance) -> None:
    request = ask(fresh, make_member(fresh).tenant_id)

    hear(fresh, instance, instance.create_run_for_job(job_def=dying, status=dg.DagsterRunStatus.STARTED))

    assert outcome(fresh, request)[0].state is State.PENDING


def test_a_run_of_no_tenant_ends_without_an_alarm(fresh: Database, instance: dg.DagsterInstance) -> None:
    tags = {"dagster/partition": "FR|2026-11-25"}
    run = instance.create_run_for_job(job_def=dying, tags=tags, status=dg.DagsterRunStatus.STARTED)

    hear(fresh, instance, run)

    with fresh.begin_system() as system:
        assert system.connection.exec_driver_sql("select count(*) from alerts").scalar_one() == 0
