"""Workspaces whose time has come are erased. A run is of no tenant: nothing of it says whom it erased."""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg

from jobs.rights import erase_tenants
from store.database import Database

LOOK_SECONDS = 30


@dg.sensor(name="due_erasures", job=erase_tenants, minimum_interval_seconds=LOOK_SECONDS, default_status=dg.DefaultSensorStatus.RUNNING)
def due_erasures(_: dg.SensorEvaluationContext, database: dg.ResourceParam[Database]) -> Iterator[dg.RunRequest]:
    """One run for all that is due, once a minute at most; one that works already leaves nothing for another."""
    now = datetime.now(UTC)
    with database.begin_system() as system:
        due = system.deletions.due(now=now, limit=1)
    if due:
        yield dg.RunRequest(run_key=f"{now:%Y-%m-%dT%H:%M}")
