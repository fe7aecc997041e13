"""Aggregates of accounts, made in SQL on the tenant's rows: of the accounts that changed, or of all of them."""

from datetime import UTC, datetime

import dagster as dg

from assets.catalogue import NAMES
from assets.claims import claim
from assets.described import OWNERS, result, table_metadata
from assets.partitions import tenant_of, tenants
from assets.tracking import name_of
from domain.observations import Platform
from store.database import Database

# What fills the catalogue's tables besides imported files.
FILLED_BY = [*(name_of(platform) for platform in Platform), "core_channels__videos", "core_library__added"]
_UPSTREAM = [NAMES["accounts"], NAMES["videos"], NAMES["video_snapshots"], *FILLED_BY]


class AggregateConfig(dg.Config):
    """`is_full`: make all accounts anew, and not only those that changed."""

    is_full: bool = False


@dg.asset(
    group_name="aggregates",
    partitions_def=tenants,
    kinds={"postgres"},
    owners=OWNERS,
    tags={"layer": "core", "pii": "false"},
    deps=_UPSTREAM,
    metadata=table_metadata("account_totals"),
)
def core_accounts__totals(
    context: dg.AssetExecutionContext, database: dg.ResourceParam[Database], config: AggregateConfig
) -> dg.MaterializeResult[None]:
    """One row per account with videos: sums of their latest counters, medians, posting rhythm."""
    with claim(context, database) as work, work.begin() as uow:
        rows = uow.aggregates.put_totals(now=datetime.now(UTC), only=work.account_ids or (), is_full=config.is_full)
    return result(rows)


@dg.asset(
    group_name="aggregates",
    partitions_def=tenants,
    kinds={"postgres"},
    owners=OWNERS,
    tags={"layer": "core", "pii": "false"},
    deps=_UPSTREAM,
    metadata=table_metadata("account_days"),
)
def core_accounts__days(
    context: dg.AssetExecutionContext, database: dg.ResourceParam[Database], config: AggregateConfig
) -> dg.MaterializeResult[None]:
    """One row per account and UTC day on which it posted or was observed: posts, and what its videos gained."""
    with claim(context, database) as work, work.begin() as uow:
        rows = uow.aggregates.put_days(now=datetime.now(UTC), only=work.account_ids or (), is_full=config.is_full)
    return result(rows)


@dg.asset_check(asset=core_accounts__totals, description="Totals are the sums of the videos they are made of.")
def totals_add_up(context: dg.AssetCheckExecutionContext, database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    with database.begin(tenant_of(context)) as uow:
        off = uow.aggregates.accounts_off_by()
    return dg.AssetCheckResult(passed=off == 0, metadata={"accounts": off})


@dg.asset_check(asset=core_accounts__days, description="The days' posts are the posts that have a date.")
def days_add_up(context: dg.AssetCheckExecutionContext, database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    with database.begin(tenant_of(context)) as uow:
        days, dated = uow.aggregates.posts_by_day_and_dated()
    return dg.AssetCheckResult(passed=days == dated, metadata={"posts_by_day": days, "posts_with_date": dated})
