"""Dealing with what payment providers told of a workspace; once a night, all of them read anew; once an hour, what time alone changes."""

import dagster as dg

from assets.billing import RECONCILING
from domain.requests import BILLING
from services.billing.reconciling import turn
from services.billing.telling import tell_operators
from store.database import Database

hear_payments = dg.define_asset_job(
    "hear_payments", selection=dg.AssetSelection.groups(BILLING), description="What payment providers told of a workspace is dealt with."
)
reconcile_payments = dg.define_asset_job(
    "reconcile_payments",
    selection=dg.AssetSelection.groups(RECONCILING),
    description="Events that were lost are fetched, and all that is mirrored of payment providers is read anew.",
)


@dg.schedule(job=reconcile_payments, cron_schedule="40 1 * * *", execution_timezone="UTC", default_status=dg.DefaultScheduleStatus.RUNNING)
def nightly_reconciling(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """Once a night, before revenue is counted."""
    return dg.RunRequest(run_key=context.scheduled_execution_time.date().isoformat())


@dg.schedule(job=hear_payments, cron_schedule="5 * * * *", execution_timezone="UTC", default_status=dg.DefaultScheduleStatus.RUNNING)
def hourly_standing(context: dg.ScheduleEvaluationContext, database: dg.ResourceParam[Database]) -> dg.SkipReason:
    """What ends has ended, also where nobody said so; overdue payments are reminded of; operators are told what needs a look.

    It launches no run: no provider is asked.
    """
    changed = turn(database, now=context.scheduled_execution_time)
    with database.begin_system() as system:
        tell_operators(system, now=context.scheduled_execution_time)
    return dg.SkipReason(f"{changed} workspaces stand otherwise than an hour ago")
