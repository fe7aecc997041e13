"""Runs that ended badly without telling their request: killed, lost, or refused before their first step."""

from uuid import UUID

import dagster as dg

from domain.requests import ATTEMPT_TAG, REQUEST_TAG
from services.requests import EndedRun, run_ended
from store.database import Database


@dg.run_failure_sensor(name="failed_runs", default_status=dg.DefaultSensorStatus.RUNNING, minimum_interval_seconds=1)
def failed_runs(context: dg.RunFailureSensorContext, database: dg.ResourceParam[Database]) -> None:
    """End the attempt of a run that died; its request gets its next attempt, or has failed and an alert says so."""
    tags = context.dagster_run.tags
    try:
        tenant_id = UUID(tags.get("dagster/partition", ""))
    except ValueError:
        return  # of no tenant, such as a chart's run
    request = UUID(tags[REQUEST_TAG]) if REQUEST_TAG in tags else None
    ended = EndedRun(
        context.dagster_run.run_id, request, int(tags.get(ATTEMPT_TAG, "1")), context.failure_event.message or "the run failed"
    )
    with database.begin_system() as system:
        run_ended(system, tenant_id, ended)
