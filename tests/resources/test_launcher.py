"""The launcher and the queue in Dagster's own instance, against a real fork server."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import dagster as dg
import pytest
from dagster._core.launcher import LaunchRunContext, WorkerStatus
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteRepositoryOrigin
from dagster._core.run_coordinator import SubmitRunContext
from dagster._core.test_utils import instance_for_test

from domain.errors import SourceUnavailable
from gateways.fork_client import ForkClient
from resources.launcher import ExpressRunCoordinator, WarmRunLauncher
from tests.gateways.test_forking import ended, serving

NO_WORKSPACE = cast(Any, None)
ORIGIN = RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("whyral"), "__repository__").get_job_origin("idle")


@dg.op
def nothing() -> None: ...


@dg.job
def idle() -> None:
    nothing()


@pytest.fixture
def client(tmp_path: Path) -> Iterator[ForkClient]:
    with serving(tmp_path, limit=1) as (made, _):
        yield made


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    launcher = {"module": "resources.launcher", "class": "WarmRunLauncher", "config": {"socket": str(tmp_path / "s")}}
    coordinator = {"module": "resources.launcher", "class": "ExpressRunCoordinator", "config": {"max_concurrent_runs": 1}}
    with instance_for_test(overrides={"run_launcher": launcher, "run_coordinator": coordinator}) as made:
        yield made


def new_run(instance: dg.DagsterInstance) -> dg.DagsterRun:
    return instance.create_run_for_job(idle, remote_job_origin=ORIGIN)


def submitted(instance: dg.DagsterInstance) -> dg.DagsterRun:
    run = new_run(instance)
    instance.run_coordinator.submit_run(SubmitRunContext(run, NO_WORKSPACE))
    return fresh(instance, run)


def fresh(instance: dg.DagsterInstance, run: dg.DagsterRun) -> dg.DagsterRun:
    found = instance.get_run_by_id(run.run_id)
    assert found is not None
    return found


def launcher_of(instance: dg.DagsterInstance) -> WarmRunLauncher:
    assert isinstance(instance.run_launcher, WarmRunLauncher)
    return instance.run_launcher


def test_a_run_starts_at_once_where_there_is_a_place_and_else_stands_in_the_queue(client: ForkClient, instance: dg.DagsterInstance) -> None:
    first, second = submitted(instance), submitted(instance)

    assert (first.status, client.state(first.run_id)["state"]) == (dg.DagsterRunStatus.STARTING, "live")
    assert (second.status, client.state(second.run_id)["state"]) == (dg.DagsterRunStatus.QUEUED, "unknown")


def test_nobody_overtakes_those_who_stand_in_the_queue(client: ForkClient, instance: dg.DagsterInstance) -> None:
    first, _ = submitted(instance), submitted(instance)
    client.end(first.run_id, at_once=True)
    ended(client, first.run_id)

    assert submitted(instance).status is dg.DagsterRunStatus.QUEUED


def test_without_its_server_a_run_waits_in_the_queue(instance: dg.DagsterInstance) -> None:
    assert submitted(instance).status is dg.DagsterRunStatus.QUEUED


def test_dagsters_own_daemon_knows_the_queue(instance: dg.DagsterInstance) -> None:
    config = instance.get_concurrency_config().run_queue_config

    assert isinstance(instance.run_coordinator, ExpressRunCoordinator)
    assert config is not None
    assert config.max_concurrent_runs == 1


def test_a_run_that_cannot_be_started_says_why(client: ForkClient, instance: dg.DagsterInstance) -> None:
    for key in ("sleep 1", "sleep 2", "sleep 3"):
        client.launch(key)
    run = new_run(instance)

    with pytest.raises(SourceUnavailable, match="the run was not started: full"):
        launcher_of(instance).launch_run(LaunchRunContext(run, None))


def test_the_health_of_a_worker_is_what_became_of_its_process(client: ForkClient, instance: dg.DagsterInstance) -> None:
    live, waiting, unknown = submitted(instance), new_run(instance), new_run(instance)
    client.launch(waiting.run_id)
    health = launcher_of(instance).check_run_worker_health

    assert health(live).status is WorkerStatus.RUNNING
    assert health(waiting).status is WorkerStatus.RUNNING
    assert (health(unknown).status, health(unknown).msg) == (WorkerStatus.FAILED, "no process of ours does this run")
    client.end(live.run_id, at_once=True)
    ended(client, live.run_id)
    assert (health(live).status, health(live).msg) == (WorkerStatus.FAILED, "the run's process ended with code -9")


def test_the_health_of_workers_whose_server_is_away_is_not_known(instance: dg.DagsterInstance) -> None:
    assert launcher_of(instance).check_run_worker_health(new_run(instance)).status is WorkerStatus.UNKNOWN


def test_terminating_ends_the_process_and_leaves_finished_runs_alone(client: ForkClient, instance: dg.DagsterInstance) -> None:
    run = submitted(instance)

    assert instance.run_launcher.terminate(run.run_id)

    assert fresh(instance, run).status is dg.DagsterRunStatus.CANCELING
    ended(client, run.run_id)
    instance.report_run_canceled(fresh(instance, run))
    assert not instance.run_launcher.terminate(run.run_id)
