"""Reading tracked accounts: a job per platform, and the schedule that asks for what is due."""

from datetime import UTC, datetime

import dagster as dg

from assets.tracking import name_of
from domain.observations import Platform
from services import tracking
from services.suspending import told_resting
from store.database import Database

scrapes = [
    dg.define_asset_job(
        f"scrape_{platform.value}",
        selection=dg.AssetSelection.assets(name_of(platform)),
        description=f"What is due of a workspace's accounts on {platform.value}, or the accounts that were asked for.",
    )
    for platform in Platform
]


def due_schedule(*, live_runs: int) -> dg.ScheduleDefinition:
    """Never so many that nothing else of the machine's runs finds a place."""

    @dg.schedule(
        name="due_accounts", job=scrapes[0], cron_schedule="*/5 * * * *", execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )  # fmt: skip
    def due_accounts(database: dg.ResourceParam[Database]) -> dg.SkipReason:
        """Turn what is due into requests, fair between workspaces; the sensor `requests` launches them. Old calls are forgotten."""
        now = datetime.now(UTC)
        with database.begin_system() as system:
            asked = tracking.due(system, now=now, limit=max(1, live_runs - 1))
            system.fetches.forget(now)
            resting = len(system.requests.suspended())
        return dg.SkipReason(f"{len(asked)} requests were made{told_resting(resting)}")

    return due_accounts
