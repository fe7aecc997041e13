"""The request sensor: launches what waits once, repairs partitions, ends attempts that gave no sign of life."""

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import dagster as dg
import pytest
import sqlalchemy as sa
from dagster._core.test_utils import instance_for_test

from assets.partitions import TENANTS
from definitions import JOBS
from domain.requests import ATTEMPT_TAG, KINDS, REQUEST_TAG, Request, State
from gateways.fork_client import ForkClient
from sensors.requests import request_sensor
from services import requests as verbs
from store.database import Database
from tests.conftest import make_member
from tests.gateways.test_forking import ended, serving

LATER = (
    "update requests set created_at = created_at - interval '1 minute', not_before = not_before - interval '1 minute',"
    " launched_at = launched_at - interval '10 minutes', lease_until = lease_until - interval '10 minutes'"
)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


@dg.op
def nothing() -> None: ...


@dg.job
def idle() -> None:
    nothing()


def ask(database: Database, tenant_id: UUID) -> Request:
    with database.begin(tenant_id) as uow:
        return verbs.ask(uow, "insights", {})


def time_passes(database: Database, tenant_id: UUID) -> None:
    with database.begin(tenant_id) as uow:
        uow.connection.execute(sa.text(LATER))


def look(database: Database, instance: dg.DagsterInstance, *, live_runs: int = 3) -> list[dg.RunRequest]:
    """One evaluation of the sensor; the runs it asks for."""
    sensor = request_sensor(live_runs=live_runs, jobs=JOBS)
    with dg.build_sensor_context(instance=instance, resources={"database": database}) as context:
        return [each for each in sensor(context) or [] if isinstance(each, dg.RunRequest)]


def test_what_waits_is_launched_under_its_own_tags(fresh: Database, instance: dg.DagsterInstance) -> None:
    tenant_id = make_member(fresh).tenant_id
    request = ask(fresh, tenant_id)
    time_passes(fresh, tenant_id)

    [run] = look(fresh, instance)

    assert (run.job_name, run.partition_key) == ("publish_insights", str(tenant_id))
    assert (run.tags[REQUEST_TAG], run.tags[ATTEMPT_TAG]) == (str(request.request_id), "1")


def test_a_request_that_the_api_is_launching_is_left_to_it(fresh: Database, instance: dg.DagsterInstance) -> None:
    request = ask(fresh, make_member(fresh).tenant_id)
    with fresh.begin(request.tenant_id) as uow:
        uow.requests.mark_launched(request.request_id)

    assert look(fresh, instance) == []


def test_a_launch_that_the_api_took_back_is_made_under_another_run_key(fresh: Database, instance: dg.DagsterInstance) -> None:
    request = ask(fresh, make_member(fresh).tenant_id)
    with fresh.begin(request.tenant_id) as uow:
        marked = uow.requests.mark_launched(request.request_id)
        uow.requests.take_launch_back(marked)

    [run] = look(fresh, instance)

    assert (run.tags, run.run_key != marked.run_key) == ({**marked.tags}, True)


def test_a_second_look_launches_nothing_again(fresh: Database, instance: dg.DagsterInstance) -> None:
    tenant_id = make_member(fresh).tenant_id
    ask(fresh, tenant_id)
    time_passes(fresh, tenant_id)
    assert len(look(fresh, instance)) == 1

    assert look(fresh, instance) == []


def test_a_launch_that_came_to_nothing_is_made_again_under_another_run_key(fresh: Database, instance: dg.DagsterInstance) -> None:
    tenant_id = make_member(fresh).tenant_id
    ask(fresh, tenant_id)
    time_passes(fresh, tenant_id)
    [first] = look(fresh, instance)
    time_passes(fresh, tenant_id)

    [second] = look(fresh, instance)

    assert (first.tags, first.run_key != second.run_key) == (second.tags, True)


def test_only_so_many_runs_are_live_at_once(fresh: Database, instance: dg.DagsterInstance) -> None:
    for _ in range(3):
        tenant_id = make_member(fresh).tenant_id
        ask(fresh, tenant_id)
        time_passes(fresh, tenant_id)

    assert [len(look(fresh, instance, live_runs=2)) for _ in range(2)] == [2, 0]


def test_a_tenant_without_its_partition_gets_it(fresh: Database, instance: dg.DagsterInstance) -> None:
    tenants = {str(make_member(fresh).tenant_id) for _ in range(2)}
    instance.add_dynamic_partitions(TENANTS, [min(tenants)])

    look(fresh, instance)

    assert set(instance.get_dynamic_partitions(TENANTS)) == tenants


def test_an_attempt_without_a_sign_of_life_is_ended_in_dagster_too(fresh: Database, instance: dg.DagsterInstance) -> None:
    tenant_id = make_member(fresh).tenant_id
    request = ask(fresh, tenant_id)
    run = instance.create_run_for_job(job_def=dg.job(name="publish_insights")(lambda: None), status=dg.DagsterRunStatus.STARTED)
    with fresh.begin(tenant_id) as uow:
        uow.requests.claim(request.request_id, 1, run.run_id)
    time_passes(fresh, tenant_id)

    look(fresh, instance)

    ended = instance.get_run_by_id(run.run_id)
    with fresh.begin(tenant_id) as uow:
        now = uow.requests.get(request.request_id)
    assert (now.state, now.attempt) == (State.PENDING, 2)
    assert ended is not None
    assert ended.status is dg.DagsterRunStatus.FAILURE


def test_an_attempt_that_lives_is_left_alone(fresh: Database, instance: dg.DagsterInstance) -> None:
    tenant_id = make_member(fresh).tenant_id
    request = ask(fresh, tenant_id)
    with fresh.begin(tenant_id) as uow:
        uow.requests.claim(request.request_id, 1, "run")

    look(fresh, instance)

    with fresh.begin(tenant_id) as uow:
        assert uow.requests.get(request.request_id).state is State.RUNNING


@dataclass(frozen=True)
class Launched:
    """A claimed request whose run is a process of a real fork server."""

    request: Request
    run_id: str
    client: ForkClient
    worker: int
    instance: dg.DagsterInstance

    @property
    def run_status(self) -> dg.DagsterRunStatus:
        run = self.instance.get_run_by_id(self.run_id)
        assert run is not None
        return run.status


@pytest.fixture
def launched(fresh: Database, tmp_path: Path) -> Iterator[Launched]:
    launcher = {"module": "resources.launcher", "class": "WarmRunLauncher", "config": {"socket": str(tmp_path / "s")}}
    request = ask(fresh, make_member(fresh).tenant_id)
    with serving(tmp_path) as (client, _), instance_for_test(overrides={"run_launcher": launcher}) as instance:
        run = instance.create_run_for_job(idle)
        with fresh.begin(request.tenant_id) as uow:
            uow.requests.claim(request.request_id, 1, run.run_id)
        yield Launched(request, run.run_id, client, client.launch(run.run_id)["pid"], instance)


def test_a_live_run_is_left_alone(fresh: Database, launched: Launched) -> None:
    look(fresh, launched.instance)

    found = state_of(fresh, launched.request)
    assert (found.state, found.attempt, launched.client.state(launched.run_id)["state"]) == (State.RUNNING, 1, "live")


def test_a_run_whose_process_was_killed_need_not_wait_for_its_lease(fresh: Database, launched: Launched) -> None:
    os.kill(launched.worker, signal.SIGKILL)
    ended(launched.client, launched.run_id)

    look(fresh, launched.instance)

    found = state_of(fresh, launched.request)
    assert (found.state, found.attempt, (found.error or {})["code"]) == (State.PENDING, 2, "worker_died")
    assert launched.run_status is dg.DagsterRunStatus.FAILURE


def test_a_run_that_is_frozen_inside_a_transaction_is_killed_when_its_lease_has_run_out(fresh: Database, launched: Launched) -> None:
    time_passes(fresh, launched.request.tenant_id)
    os.kill(launched.worker, signal.SIGSTOP)
    with fresh.begin(launched.request.tenant_id) as uow:  # the row that it would hold
        uow.requests.get(launched.request.request_id, lock=True)
        look(fresh, launched.instance)

    assert ended(launched.client, launched.run_id) == -signal.SIGKILL
    look(fresh, launched.instance)
    assert state_of(fresh, launched.request).attempt == 2
    assert launched.run_status is dg.DagsterRunStatus.FAILURE


def state_of(database: Database, request: Request) -> Request:
    with database.begin(request.tenant_id) as uow:
        return uow.requests.get(request.request_id)


def test_every_kind_of_request_has_its_job_in_the_definitions() -> None:
    assert {each.job for each in KINDS.values() if each.job} <= {each.name for each in JOBS}
