"""Requests that wait are launched, attempts that died are ended, tenants get their partition key."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import dagster as dg

from assets.partitions import TENANTS
from domain.errors import SourceUnavailable
from domain.requests import KINDS, Request
from resources.launcher import WarmRunLauncher
from services import deployment, requests
from store.database import Database


def request_sensor(*, live_runs: int, jobs: Sequence[Any]) -> dg.SensorDefinition:
    # The daemon looks every 5 s, whatever is asked; asked for 5 s, a look that came a moment late would be left out.
    @dg.sensor(name="requests", jobs=jobs, minimum_interval_seconds=1, default_status=dg.DefaultSensorStatus.RUNNING)
    def launch_requests(context: dg.SensorEvaluationContext, database: dg.ResourceParam[Database]) -> Iterator[dg.RunRequest]:
        """Launch what waits: oldest first, fair between tenants, at most so many live runs. End attempts and reservations that ran out."""
        with database.begin_system() as system:
            running = system.requests.running()
        dead = dead_runs(context.instance, running)
        with database.begin_system() as system:
            reaped = requests.reap(system, dead)
            system.requests.forget_expired()
            system.ledger.sweep(datetime.now(UTC))
            deployment.watch(system, now=datetime.now(UTC))
            repair_partitions(context.instance, system.requests.tenants())
            chosen = requests.launchable(system, limit=live_runs)
        end_lost_runs(context.instance, reaped)
        for request in chosen:
            yield dg.RunRequest(
                run_key=request.run_key, job_name=KINDS[request.kind].job, partition_key=str(request.tenant_id), tags=request.tags
            )

    return launch_requests


def dead_runs(instance: dg.DagsterInstance, running: Sequence[tuple[str, bool]]) -> list[str]:
    """Which runs have lost their process: nobody need wait for their lease to run out.

    One whose lease has run out is killed first: frozen inside a transaction, it would hold its row against whoever takes over.
    """
    launcher = instance.run_launcher
    if not isinstance(launcher, WarmRunLauncher):
        return []
    with suppress(SourceUnavailable):  # without its server no worker lives
        for run_id, is_overdue in running:
            if is_overdue:
                launcher.kill(run_id)
        return [run_id for run_id, _ in running if launcher.is_killed(run_id)]
    return []


def end_lost_runs(instance: dg.DagsterInstance, reaped: list[Request]) -> None:
    """A run without signs of life fails in Dagster too, which would keep its place for it."""
    for request in reaped:
        run = instance.get_run_by_id(request.run_id) if request.run_id else None
        if run is not None and not run.is_finished:
            instance.report_run_failed(run, "the run stopped giving signs of life: its request goes on without it")


def repair_partitions(instance: dg.DagsterInstance, tenants: list[UUID]) -> None:
    """Every tenant has its key. The API adds it when the tenant registers; this mends what that missed."""
    known = set(instance.get_dynamic_partitions(TENANTS))
    lacking = [str(tenant) for tenant in tenants if str(tenant) not in known]
    if lacking:
        instance.add_dynamic_partitions(TENANTS, lacking)
