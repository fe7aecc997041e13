"""What Dagster's storage knows of a tenant, and deleting it: runs, their events, tags, logs and ticks, the tenant's partition key.

Dagster deletes a run with its events. What it has no call for (the last materialization that a key remembers, check results, ticks,
backfills) is deleted from its tables; cached statuses are made anew by themselves.
"""

from contextlib import AbstractContextManager, nullcontext
from typing import Any
from uuid import UUID

import dagster as dg

from domain.errors import SourceUnavailable

BATCH = 100
_PARTITION = "dagster/partition"
# The name of the one partition set, as `assets.partitions` has it.
_TENANTS = "tenants"
# Where the key is a column's whole word, or a run of the tenant is named by its id.
_EXACT = (("event_logs", "partition"), ("asset_check_executions", "partition"), ("asset_event_tags", "value"))
# Where it stands somewhere within a text: tables that are small, or that Dagster itself clears after days.
_WITHIN = (
    ("runs", "bulk_actions", "body"),
    ("ticks", "job_ticks", "tick_body"),
    ("ticks", "asset_daemon_asset_evaluations", "asset_evaluation_body"),
)
# A row for all tenants: only what it remembers of the last run goes.
_CACHES = ("last_materialization", "cached_status_data")


class DagsterTraces:
    """Fills the port `Traces` over an instance."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self._instance = instance

    def forget(self, tenant_id: UUID) -> int:
        """Raises SourceUnavailable while a run of the tenant has not ended."""
        key, gone = str(tenant_id), 0
        while runs := self._instance.get_runs(dg.RunsFilter(tags={_PARTITION: key}), limit=BATCH):
            if any(not run.is_finished for run in runs):
                raise SourceUnavailable("dagster", "a run of the workspace has not ended")
            self._forget_checks([run.run_id for run in runs])
            for run in runs:
                self._instance.compute_log_manager.delete_logs(prefix=[run.run_id])
                self._instance.delete_run(run.run_id)
            gone += len(runs)
        self._sweep(key)
        self._instance.delete_dynamic_partition(_TENANTS, key)
        return gone

    def _forget_checks(self, runs: list[str]) -> None:
        ids = ", ".join(f"'{UUID(each)}'" for each in runs)
        self._run("events", f"delete from asset_check_executions where run_id in ({ids})")  # noqa: S608 - ids of hexadecimal digits

    def _sweep(self, key: str) -> None:
        for table, column in _EXACT:
            self._run("events", f"delete from {table} where {column} = '{key}'")  # noqa: S608 - names of ours and an id
        for place, table, column in _WITHIN:
            self._run(place, f"delete from {table} where {_holds(column, key)}")  # noqa: S608 - the same
        for column in _CACHES:
            self._run("events", f"update asset_keys set {column} = null where {_holds(column, key)}")  # noqa: S608 - the same

    def _run(self, place: str, statement: str) -> None:
        with self._connection(place) as connection:
            if connection is not None:
                connection.exec_driver_sql(statement)

    def _connection(self, place: str) -> AbstractContextManager[Any]:
        stores: dict[str, Any] = {
            "events": self._instance.event_log_storage, "runs": self._instance.run_storage, "ticks": self._instance.schedule_storage
        }  # fmt: skip
        store = stores[place]
        return store.index_connection() if place == "events" else store.connect() if store is not None else nullcontext()


def _holds(column: str, key: str) -> str:
    """Without a pattern: each database writes those in another way."""
    return f"replace({column}, '{key}', '') <> {column}"


@dg.resource(description="what Dagster remembers of a tenant's runs, to be deleted with the tenant")
def traces(context: dg.InitResourceContext) -> DagsterTraces:
    """The instance that the run belongs to."""
    if context.instance is None:
        raise dg.DagsterInvariantViolationError("traces are an instance's: run it within one")
    return DagsterTraces(context.instance)
