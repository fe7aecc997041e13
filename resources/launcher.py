"""Dagster's run launcher and run queue for one machine: runs are forked from a warm process (`resources.fork_server`).

A run starts at once where there is a place, else it stands in Dagster's own queue, which the daemon empties.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._config import UserConfigSchema
from dagster._core.launcher import CheckRunHealthResult, LaunchRunContext, RunLauncher, WorkerStatus
from dagster._core.run_coordinator import QueuedRunCoordinator, SubmitRunContext
from dagster._serdes import ConfigurableClass, ConfigurableClassData

from domain.errors import SourceUnavailable
from gateways.fork_client import ForkClient

_HEALTH = {"live": WorkerStatus.RUNNING, "waiting": WorkerStatus.RUNNING}


class WarmRunLauncher(RunLauncher[dg.DagsterInstance], ConfigurableClass):
    """Asks the fork server, whose socket the config names. Runs survive restarts of daemon, webserver and code server."""

    def __init__(self, socket: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._inst_data, self._client = inst_data, ForkClient(Path(socket))
        super().__init__()  # type: ignore[no-untyped-call]  # Dagster's

    @property
    def inst_data(self) -> ConfigurableClassData | None:
        return self._inst_data

    @classmethod
    def config_type(cls) -> UserConfigSchema:
        return {"socket": dg.StringSource}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData, config_value: Mapping[str, Any]) -> "WarmRunLauncher":
        return cls(socket=config_value["socket"], inst_data=inst_data)

    def launch_run(self, context: LaunchRunContext) -> None:
        """Raises where it cannot be started; Dagster then marks the run as failed, and its request is tried again."""
        answer = self._client.launch(context.dagster_run.run_id)
        if not answer["ok"]:
            raise SourceUnavailable("launcher", f"the run was not started: {answer['reason']}")

    def has_room(self, run_id: str) -> bool:
        """Whether this run would start right now. Its place is kept for some seconds."""
        try:
            return self._client.reserve(run_id)
        except SourceUnavailable:
            return False

    def terminate(self, run_id: str) -> bool:
        run = self._instance.get_run_by_id(run_id)
        if run is None or run.is_finished:
            return False
        self._instance.report_run_canceling(run)
        return self._client.end(run_id)

    def kill(self, run_id: str) -> None:
        """End what is left of a run that has lost its claim: it may be stopped, and must not wake."""
        self._client.end(run_id, at_once=True)

    def is_killed(self, run_id: str) -> bool:
        """Whether its process is known to have ended by force. Raises SourceUnavailable."""
        found = self._client.state(run_id)
        return bool(found["state"] == "ended" and found["code"] != 0)

    @property
    def supports_check_run_worker_health(self) -> bool:
        return True

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """A worker is as alive as its server says. A server that is away is being started again, and its workers died with it."""
        try:
            found = self._client.state(run.run_id)
        except SourceUnavailable as error:
            return CheckRunHealthResult(WorkerStatus.UNKNOWN, str(error))
        if found["state"] == "ended" and found["code"] == 0:
            return CheckRunHealthResult(WorkerStatus.SUCCESS)
        told = f"the run's process ended with code {found['code']}" if found["state"] == "ended" else "no process of ours does this run"
        return CheckRunHealthResult(_HEALTH.get(found["state"], WorkerStatus.FAILED), None if found["state"] in _HEALTH else told)


class ExpressRunCoordinator(QueuedRunCoordinator):
    """Dagster's queue, which a run passes by when the launcher has a place for it and nobody stands in the queue.

    Beside any other launcher it is Dagster's queue and no more (deploy/).
    """

    def submit_run(self, context: SubmitRunContext) -> dg.DagsterRun:
        run, launcher = context.dagster_run, self._instance.run_launcher
        is_new = run.status is dg.DagsterRunStatus.NOT_STARTED
        if is_new and isinstance(launcher, WarmRunLauncher) and not self._is_anybody_queued() and launcher.has_room(run.run_id):
            return self._instance.launch_run(run.run_id, context.workspace)
        return super().submit_run(context)

    def _is_anybody_queued(self) -> bool:
        return self._instance.get_runs_count(dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED])) > 0
