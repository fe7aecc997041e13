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
# Rows that are told of in text: deleted where the tenant's key, or a run of it, stands within.
_ROWS = {
    "events": (("event_logs", ("event",)), ("asset_check_executions", ("evaluation_event", "partition")), ("asset_event_tags", ("value",))),
    "runs": (("bulk_actions", ("body",)),),
    "ticks": (("job_ticks", ("tick_body",)), ("asset_daemon_asset_evaluations", ("asset_evaluation_body",))),
}
# A row for all tenants: only what it remembers of the last run goes.
_CACHES = (("asset_keys", ("last_materialization", "cached_status_data")),)


class DagsterTraces:
    """Fills the port `Traces` over an instance."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self._instance = instance

    def forget(self, tenant_id: UUID) -> int:
        """Raises SourceUnavailable while a run of the tenant has not ended."""
        key, gone = str(tenant_id), list[str]()
        while runs := self._instance.get_runs(dg.RunsFilter(tags={_PARTITION: key}), limit=BATCH):
            if any(not run.is_finished for run in runs):
                raise SourceUnavailable("dagster", "a run of the workspace has not ended")
            for run in runs:
                self._instance.compute_log_manager.delete_logs(prefix=[run.run_id])
                self._instance.delete_run(run.run_id)
                gone.append(run.run_id)
        self._sweep([key, *gone])
        self._instance.delete_dynamic_partition(_TENANTS, key)
        return len(gone)

    def _sweep(self, words: list[str]) -> None:
        for place, tables in _ROWS.items():
            for table, columns in tables:
                for word in words:
                    self._run(place, f"delete from {table} where {_holds(columns, word)}")  # noqa: S608 - names of ours
        for table, columns in _CACHES:
            for column in columns:
                for word in words:
                    self._run("events", f"update {table} set {column} = null where {_holds((column,), word)}")  # noqa: S608 - the same

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


def _holds(columns: tuple[str, ...], word: str) -> str:
    """Without a pattern: each database writes those in another way. A word is an id of hexadecimal digits."""
    plain = str(UUID(word))
    return " or ".join(f"replace({column}, '{plain}', '') <> {column}" for column in columns)


@dg.resource(description="what Dagster remembers of a tenant's runs, to be deleted with the tenant")
def traces(context: dg.InitResourceContext) -> DagsterTraces:
    """The instance that the run belongs to."""
    if context.instance is None:
        raise dg.DagsterInvariantViolationError("traces are an instance's: run it within one")
    return DagsterTraces(context.instance)
