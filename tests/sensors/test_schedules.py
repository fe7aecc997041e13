"""Every tenant's insights once a day; what is due of tracked accounts every five minutes."""

from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from assets.partitions import TENANTS
from definitions import defs
from domain.observations import Platform
from domain.sources import Target
from jobs.insights import daily_insights
from jobs.tracking import due_schedule
from services import tracking
from store.database import Database
from tests.conftest import make_member


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


def test_what_is_due_becomes_requests_every_five_minutes(fresh: Database) -> None:
    tenant_id = make_member(fresh).tenant_id
    with fresh.begin(tenant_id) as uow:
        tracking.track(uow, Target(Platform.X, username="ana"), now=datetime.now(UTC))
    schedule = due_schedule(live_runs=3)
    moment = datetime(2026, 11, 20, 3, 15, tzinfo=UTC)

    def tick() -> str:
        context = dg.build_schedule_context(scheduled_execution_time=moment, resources={"database": fresh})
        with context:
            return schedule.evaluate_tick(context).skip_message or ""

    with fresh.begin(tenant_id) as uow:
        uow.overrides.suspend("a disputed payment")
    resting = tick()
    with fresh.begin(tenant_id) as uow:
        uow.overrides.restore()
    told = [tick(), tick()]

    assert resting == "0 requests were made; what is due of 1 suspended workspaces waits"
    with fresh.begin(tenant_id) as uow:
        kinds = [each.kind for each in uow.requests.page(limit=10)]
    assert told == ["1 requests were made", "0 requests were made"]
    assert (kinds, schedule.cron_schedule) == (["scrape.x"], "*/5 * * * *")
