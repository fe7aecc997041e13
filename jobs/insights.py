"""Recomputing what is derived: aggregates and insights of a tenant, on request and every day."""

from collections.abc import Iterator

import dagster as dg

from assets.partitions import TENANTS, tenants

DERIVED = dg.AssetSelection.groups("aggregates", "insights")

publish_insights = dg.define_asset_job("publish_insights", selection=DERIVED, description="Aggregates and all insights of one tenant.")
deep_analysis = dg.define_asset_job(
    "deep_analysis",
    selection=dg.AssetSelection.assets("core_features__videos", "out_scores__videos", "out_insights__deep"),
    description="How posts did by hour, title and kind, and how accounts grow, of what is known now: features, scores, deep analysis.",
)
causal_analysis = dg.define_asset_job(
    "causal_analysis",
    selection=dg.AssetSelection.assets("core_features__videos", "out_scores__videos", "out_insights__effects"),
    description="What creators' choices are worth, of what is known now: features, scores, effects.",
)
refresh_accounts = dg.define_asset_job(
    "refresh_accounts", selection=DERIVED, description="The totals of accounts, and all that follows from them."
)


@dg.schedule(job=publish_insights, cron_schedule="15 3 * * *", execution_timezone="UTC", default_status=dg.DefaultScheduleStatus.RUNNING)
def daily_insights(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
    """Every tenant's insights, once a day; the run queue lets a few of them live at a time."""
    day = context.scheduled_execution_time.date().isoformat()
    for tenant in context.instance.get_dynamic_partitions(TENANTS):
        yield dg.RunRequest(run_key=f"{day}:{tenant}", partition_key=tenant)


__all__ = ["causal_analysis", "daily_insights", "deep_analysis", "publish_insights", "refresh_accounts", "tenants"]
