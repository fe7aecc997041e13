"""Every tenant's insights once a day."""

from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from assets.partitions import TENANTS
from definitions import defs
from jobs.insights import daily_insights


def test_every_tenant_gets_one_run_a_day(tmp_path: Path) -> None:
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        instance.add_dynamic_partitions(TENANTS, ["one", "two"])

        def keys(day: int) -> list[tuple[str | None, str | None]]:
            context = dg.build_schedule_context(
                instance=instance,
                repository_def=defs.get_repository_def(),
                scheduled_execution_time=datetime(2026, 11, day, 3, 15, tzinfo=UTC),
            )
            return [(run.partition_key, run.run_key) for run in daily_insights.evaluate_tick(context).run_requests or []]

        assert keys(20) == [("one", "2026-11-20:one"), ("two", "2026-11-20:two")]
        assert not set(keys(20)) & set(keys(21))
