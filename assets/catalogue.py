"""The catalogue: accounts, videos, their texts and snapshots. One pass over a file fills all four."""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg

from assets.claims import claim
from assets.described import OWNERS, table_metadata
from assets.imports import ImportConfig, raw_imports__files
from assets.partitions import tenant_of, tenants
from domain.ports import ImportFiles
from services import imports
from store.database import Database

ROWS = {
    "accounts": "One row per public creator profile seen on a platform; provisional while only its title or handle is known.",
    "videos": "One row per post that was seen, with its latest counters and how it came in (selection).",
    "video_texts": "One row per change of a post's title, description or thumbnail, valid from `seen_from`. Append-only.",
    "video_snapshots": "One row per post and moment at which a counter had changed. Append-only.",
}
NAMES = {
    table: f"core_catalogue__{table.removeprefix('video_')}" if table == "video_snapshots" else f"core_catalogue__{table}" for table in ROWS
}
FRESH_DAYS = 3


def _spec(table: str) -> dg.AssetSpec:
    return dg.AssetSpec(
        NAMES[table],
        deps=[raw_imports__files],
        description=ROWS[table],
        group_name="catalogue",
        kinds={"postgres"},
        owners=OWNERS,
        tags={"layer": "core", "pii": "true"},
        metadata=table_metadata(table),
        partitions_def=tenants,
    )


@dg.multi_asset(name="core_catalogue", specs=[_spec(table) for table in ROWS], partitions_def=tenants)
def core_catalogue(
    context: dg.AssetExecutionContext, database: dg.ResourceParam[Database], files: dg.ResourceParam[ImportFiles], config: ImportConfig
) -> Iterator[dg.MaterializeResult[None]]:
    """Every readable row of the wanted files, upserted; a row that cannot be read stops nothing and is in the import's report."""
    now = datetime.now(UTC)
    with claim(context, database) as work:
        tallies = [imports.load(work, files, found, now=now) for found in imports.wanted(work)]
        with work.begin() as uow:
            counts = uow.aggregates.counts(now=now)
    rows = {"accounts": counts.accounts, "videos": counts.videos, "video_texts": counts.texts, "video_snapshots": counts.snapshots}
    came = {name: sum(tally.counts()[name] for tally in tallies) for name in ("accepted", "updated", "unchanged", "rejected")}
    for table, count in rows.items():
        yield dg.MaterializeResult(asset_key=NAMES[table], metadata={"dagster/row_count": count, **came})


@dg.asset_check(asset=NAMES["videos"], blocking=True, description="No post and no observation lies in the future.")
def no_future_dates(context: dg.AssetCheckExecutionContext, database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    with database.begin(tenant_of(context)) as uow:
        found = uow.aggregates.counts(now=datetime.now(UTC)).future_dates
    return dg.AssetCheckResult(passed=found == 0, metadata={"videos": found})


@dg.asset_check(asset=NAMES["video_snapshots"], blocking=True, description="No counter is negative.")
def no_negative_counts(context: dg.AssetCheckExecutionContext, database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    with database.begin(tenant_of(context)) as uow:
        found = uow.aggregates.counts(now=datetime.now(UTC)).negative_counts
    return dg.AssetCheckResult(passed=found == 0, metadata={"snapshots": found})


@dg.asset_check(
    asset=NAMES["video_snapshots"],
    description="Views never fall. Platforms do take views back (spam, merged posts): that is a warning with its number.",
)
def views_do_not_fall(context: dg.AssetCheckExecutionContext, database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    with database.begin(tenant_of(context)) as uow:
        found = uow.aggregates.counts(now=datetime.now(UTC)).falling_views
    return dg.AssetCheckResult(passed=found == 0, severity=dg.AssetCheckSeverity.WARN, metadata={"snapshots": found})


@dg.asset_check(asset=NAMES["videos"], description="The newest observation is younger than three days.")
def videos_are_fresh(context: dg.AssetCheckExecutionContext, database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    now = datetime.now(UTC)
    with database.begin(tenant_of(context)) as uow:
        newest = uow.aggregates.counts(now=now).newest_observation
    days = (now - newest).total_seconds() / 86_400 if newest else None
    return dg.AssetCheckResult(
        passed=days is not None and days <= FRESH_DAYS,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"age_days": days if days is not None else "no videos"},
    )


@dg.asset_check(asset=NAMES["accounts"], description="No two real accounts answer to the same handle.")
def handles_are_unique(context: dg.AssetCheckExecutionContext, database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    with database.begin(tenant_of(context)) as uow:
        found = uow.aggregates.shared_handles()
    return dg.AssetCheckResult(passed=not found, severity=dg.AssetCheckSeverity.WARN, metadata={"handles": found[:20]})


@dg.asset_check(asset=NAMES["video_texts"], description="Every post that has a title has its history.")
def titles_have_history(context: dg.AssetCheckExecutionContext, database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    with database.begin(tenant_of(context)) as uow:
        found = uow.aggregates.titles_without_history()
    return dg.AssetCheckResult(passed=found == 0, metadata={"videos": found})
