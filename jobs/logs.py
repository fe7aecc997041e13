"""Logs, once a day: what is past its day goes, and the heads of the audit chains are written where the database cannot reach."""

import dagster as dg

keep_logs = dg.define_asset_job(
    "keep_logs",
    selection=dg.AssetSelection.groups("logs"),
    description="Old lines of logs and old mails are deleted; the heads of all audit chains go to the file store.",
)


@dg.schedule(job=keep_logs, cron_schedule="15 3 * * *", execution_timezone="UTC", default_status=dg.DefaultScheduleStatus.RUNNING)
def daily_logs(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """Once a day, after the libraries were tidied."""
    return dg.RunRequest(run_key=context.scheduled_execution_time.date().isoformat())
