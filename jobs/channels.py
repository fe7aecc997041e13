"""Syncing own channels: one that was asked for, or every live one of a workspace; and asking for each once a day."""

import dagster as dg

from domain.requests import CHANNELS
from services.suspending import told_resting
from services.syncs import ask_daily
from store.database import Database

# So many syncs wait or run at most before the schedule asks for more: fair to what people ask for, and to the project's quota.
MOST_OPEN = 20

sync_channel = dg.define_asset_job(
    "sync_channel",
    selection=dg.AssetSelection.groups(CHANNELS),
    description="The posts of an own channel, their comments, and what only its owner is told.",
)


@dg.schedule(
    job=sync_channel,
    cron_schedule="*/10 * * * *",
    execution_timezone="America/Los_Angeles",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def daily_channel_sync(context: dg.ScheduleEvaluationContext, database: dg.ResourceParam[Database]) -> dg.SkipReason:
    """Every active channel once per day of YouTube's, a few at a time. The runs are launched like all that is asked for."""
    since = context.scheduled_execution_time.replace(hour=0, minute=0, second=0, microsecond=0)
    with database.begin_system() as system:
        asked = ask_daily(system, since=since, most_open=MOST_OPEN)
        resting = len(system.requests.suspended())
    return dg.SkipReason(f"{asked} syncs were asked for{told_resting(resting)}")
