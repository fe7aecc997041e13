"""Figures about money, once a day: first of each workspace, then of the deployment."""

from collections.abc import Iterator

import dagster as dg

from assets.money import REVENUE
from assets.partitions import TENANTS
from domain.requests import MONEY

count_money = dg.define_asset_job(
    "count_money", selection=dg.AssetSelection.groups(MONEY), description="A workspace's use and costs by day, and whether its books agree."
)
count_revenue = dg.define_asset_job(
    "count_revenue",
    selection=dg.AssetSelection.groups(REVENUE),
    description="Revenue, payments and unit costs of the deployment by day.",
)


@dg.schedule(job=count_money, cron_schedule="20 0 * * *", execution_timezone="UTC", default_status=dg.DefaultScheduleStatus.RUNNING)
def daily_money(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
    """Every workspace's day, soon after it is over."""
    day = context.scheduled_execution_time.date().isoformat()
    for tenant in context.instance.get_dynamic_partitions(TENANTS):
        yield dg.RunRequest(run_key=f"{day}:{tenant}", partition_key=tenant)


@dg.schedule(job=count_revenue, cron_schedule="30 2 * * *", execution_timezone="UTC", default_status=dg.DefaultScheduleStatus.RUNNING)
def daily_revenue(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """After the workspaces' days; those that were late are in the next day's run."""
    return dg.RunRequest(run_key=context.scheduled_execution_time.date().isoformat())
