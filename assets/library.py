"""What is made of the library: hashtags, sounds, links that were added, and what may not be kept any longer."""

from datetime import UTC, datetime

import dagster as dg

from assets.aggregates import FILLED_BY, AggregateConfig
from assets.catalogue import NAMES
from assets.claims import claim
from assets.described import OWNERS, result, table_metadata
from assets.partitions import tenant_of, tenants
from domain.ports import Platforms
from domain.requests import ADDING, RETENTION
from services import adding_runs, retention
from store.database import Database

_UPSTREAM = [NAMES["accounts"], NAMES["videos"], *FILLED_BY]


class AddingConfig(dg.Config):
    """Which links; empty: all that no run has brought to an end."""

    scrape_id: str = ""


@dg.asset(
    group_name="aggregates", partitions_def=tenants, kinds={"postgres"}, owners=OWNERS, tags={"layer": "core", "pii": "false"},
    deps=_UPSTREAM, metadata=table_metadata("hashtags"),
)  # fmt: skip
def core_library__hashtags(
    context: dg.AssetExecutionContext, database: dg.ResourceParam[Database], config: AggregateConfig
) -> dg.MaterializeResult[None]:
    """One row per hashtag and platform: the posts that use it, their accounts, views and likes."""
    with claim(context, database) as work, work.begin() as uow:
        rows = uow.aggregates.put_hashtags(now=datetime.now(UTC), only=work.account_ids or (), is_full=config.is_full)
    return result(rows)


@dg.asset(
    group_name="aggregates", partitions_def=tenants, kinds={"postgres"}, owners=OWNERS, tags={"layer": "core", "pii": "false"},
    deps=_UPSTREAM, metadata=table_metadata("sounds"),
)  # fmt: skip
def core_library__sounds(
    context: dg.AssetExecutionContext, database: dg.ResourceParam[Database], config: AggregateConfig
) -> dg.MaterializeResult[None]:
    """One row per sound and platform: the posts that use it, their accounts, views and likes, its newest title."""
    with claim(context, database) as work, work.begin() as uow:
        rows = uow.aggregates.put_sounds(now=datetime.now(UTC), only=work.account_ids or (), is_full=config.is_full)
    return result(rows)


@dg.asset(
    group_name=ADDING, partitions_def=tenants, kinds={"postgres"}, owners=OWNERS, tags={"layer": "core", "pii": "true"},
    metadata=table_metadata("scraped_urls"),
)  # fmt: skip
def core_library__added(
    context: dg.AssetExecutionContext, database: dg.ResourceParam[Database], platforms: dg.ResourceParam[Platforms], config: AddingConfig
) -> dg.MaterializeResult[None]:
    """One row per URL asked for: what became of it."""
    with claim(context, database) as work:
        adding_runs.add_wanted(work, platforms)
        with work.begin() as uow:
            tally = uow.scrapes.tally()
    return result(sum(tally.values()), outcomes=dg.MetadataValue.json(tally))


@dg.asset(
    group_name=RETENTION, partitions_def=tenants, kinds={"postgres"}, owners=OWNERS, tags={"layer": "out", "pii": "false"},
    deps=list(NAMES.values()), metadata=table_metadata("retention_reports"),
)  # fmt: skip
def out_retention__report(
    context: dg.AssetExecutionContext, database: dg.ResourceParam[Database], platforms: dg.ResourceParam[Platforms]
) -> dg.MaterializeResult[None]:
    """One row per run: what was read again before its time was up, what was deleted, and what is the oldest that is kept."""
    with claim(context, database) as work:
        report = retention.tidy(work, platforms, now=datetime.now(UTC))
        with work.begin() as uow:
            rows = uow.retention.reports()
    return result(
        rows, refreshed=report.refreshed, removed=report.removed, deleted=dg.MetadataValue.json(dict(report.deleted)),
        oldest=dg.MetadataValue.json(dict(report.oldest)), trouble=dg.MetadataValue.json(report.trouble),
    )  # fmt: skip


@dg.asset_check(asset=core_library__hashtags, description="Hashtags are the sums of the videos that use them.")
def hashtags_add_up(context: dg.AssetCheckExecutionContext, database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    with database.begin(tenant_of(context)) as uow:
        off = uow.aggregates.names_off_by("hashtags")
    return dg.AssetCheckResult(passed=off == 0, metadata={"hashtags": off})


@dg.asset_check(asset=core_library__sounds, description="Sounds are the sums of the videos that use them.")
def sounds_add_up(context: dg.AssetCheckExecutionContext, database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    with database.begin(tenant_of(context)) as uow:
        off = uow.aggregates.names_off_by("sounds")
    return dg.AssetCheckResult(passed=off == 0, metadata={"sounds": off})


@dg.asset_check(asset=core_library__added, description="Every link that is done says what became of it, and a failed one why.")
def added_links_say_why(context: dg.AssetCheckExecutionContext, database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    with database.begin(tenant_of(context)) as uow:
        silent = uow.scrapes.without_reason()
    return dg.AssetCheckResult(passed=silent == 0, metadata={"links": silent})


@dg.asset_check(asset=out_retention__report, description="No row is kept for longer than its source allows.")
def nothing_is_overdue(
    context: dg.AssetCheckExecutionContext, database: dg.ResourceParam[Database], platforms: dg.ResourceParam[Platforms]
) -> dg.AssetCheckResult:
    with database.begin(tenant_of(context)) as uow:
        left = uow.retention.overdue(now=datetime.now(UTC) - retention.GRACE, is_amended=platforms.is_amended)
    return dg.AssetCheckResult(passed=not any(left.values()), metadata={"rows": dg.MetadataValue.json(left)})
