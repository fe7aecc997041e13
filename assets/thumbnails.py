"""Thumbnails as measured. Fetching is a gateway's work; what features make of the figures is in `domain.features.thumbnails`."""

from datetime import UTC, datetime

import dagster as dg

from assets.aggregates import core_accounts__totals
from assets.claims import claim
from assets.described import OWNERS, result, table_metadata
from assets.partitions import tenant_of, tenants
from domain.ports import Platforms
from services import thumbnails
from store.database import Database


@dg.asset(
    group_name="insights", partitions_def=tenants, kinds={"opencv", "postgres"}, owners=OWNERS, tags={"layer": "core", "pii": "false"},
    deps=[core_accounts__totals], metadata=table_metadata("video_thumbnails"),
)  # fmt: skip
def core_thumbnails__videos(
    context: dg.AssetExecutionContext, database: dg.ResourceParam[Database], platforms: dg.ResourceParam[Platforms]
) -> dg.MaterializeResult[None]:
    """One row per video whose thumbnail was looked at: brightness, colour, faces, writing; or why it could not be measured."""
    with claim(context, database) as work:
        report = thumbnails.measure_due(work, platforms, now=datetime.now(UTC))
        with work.begin() as uow:
            outcomes = uow.thumbnails.reasons()
    words = {"measured": report.measured, "failed": report.failed, "left": report.left, "note": report.note or ""}
    return result(sum(outcomes.values()), outcomes=dg.MetadataValue.json(outcomes), **words)


@dg.asset_check(asset=core_thumbnails__videos, description="No measure of a thumbnail is outside what it can be.")
def thumbnails_are_plausible(context: dg.AssetCheckExecutionContext, database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    with database.begin(tenant_of(context)) as uow:
        broken = uow.thumbnails.broken()
    return dg.AssetCheckResult(passed=broken == 0, metadata={"thumbnails": broken})
