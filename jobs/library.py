"""Adding links, clearing what may not be kept, and reading charts of sounds: a job each, and the schedules of the last two."""

from collections.abc import Iterator

import dagster as dg

from assets.partitions import TENANTS
from assets.trending import COUNTRY, DAY
from domain.requests import ADDING, RETENTION
from domain.trending import Country

add_urls = dg.define_asset_job(
    "add_urls", selection=dg.AssetSelection.groups(ADDING), description="Links that somebody gave: each is read, kept, and told of."
)
tidy_library = dg.define_asset_job(
    "tidy_library",
    selection=dg.AssetSelection.groups(RETENTION),
    description="What expires soon is read again, what has expired is deleted, and a report says how much.",
)
read_charts = dg.define_asset_job(
    "read_charts", selection=dg.AssetSelection.groups("trending"), description="A country's chart of sounds, as it is now."
)


@dg.schedule(job=tidy_library, cron_schedule="45 2 * * *", execution_timezone="UTC", default_status=dg.DefaultScheduleStatus.RUNNING)
def daily_tidying(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
    """Every tenant's library, once a day, before its insights are made."""
    day = context.scheduled_execution_time.date().isoformat()
    for tenant in context.instance.get_dynamic_partitions(TENANTS):
        yield dg.RunRequest(run_key=f"{day}:{tenant}", partition_key=tenant)


@dg.schedule(job=read_charts, cron_schedule="30 5 * * *", execution_timezone="UTC", default_status=dg.DefaultScheduleStatus.RUNNING)
def daily_charts(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
    """Every country's chart, once a day; in between those that somebody asks for (the sensor `wanted_charts`)."""
    day = context.scheduled_execution_time.date().isoformat()
    for country in Country:
        yield dg.RunRequest(run_key=f"{day}:{country}", partition_key=dg.MultiPartitionKey({DAY: day, COUNTRY: country.value}))
