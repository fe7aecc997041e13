"""Imported files, raw: kept by hash, recognised by content. Their rows become the catalogue in `assets.catalogue`."""

from datetime import UTC, datetime

import dagster as dg

from assets.claims import claim
from assets.described import OWNERS, result, table_metadata
from assets.partitions import tenant_of, tenants
from domain.ports import ImportFiles
from services import imports
from store.database import Database


class ImportConfig(dg.Config):
    """Which import; empty: every one that no run has finished."""

    import_id: str = ""


@dg.asset(
    group_name="imports",
    partitions_def=tenants,
    kinds={"file", "postgres"},
    owners=OWNERS,
    tags={"layer": "raw", "pii": "true"},
    metadata=table_metadata("imports"),
)
def raw_imports__files(
    context: dg.AssetExecutionContext, database: dg.ResourceParam[Database], files: dg.ResourceParam[ImportFiles], config: ImportConfig
) -> dg.MaterializeResult[None]:
    """One row per imported file: its format as recognised by content, its parameters, and the key of the raw bytes that are kept."""
    with claim(context, database) as work:
        now = datetime.now(UTC)
        found = imports.wanted(work)
        formats = [imports.check(work, files, each, now=now) for each in found]
    return result(len(found), formats=", ".join(sorted(set(formats))) or None, bytes=sum(each.size_bytes for each in found))


@dg.asset_check(asset=raw_imports__files, blocking=True, description="The bytes of every file that still waits are there.")
def raw_files_are_kept(
    context: dg.AssetCheckExecutionContext, database: dg.ResourceParam[Database], files: dg.ResourceParam[ImportFiles]
) -> dg.AssetCheckResult:
    with database.begin(tenant_of(context)) as uow:
        lost = [str(each.import_id) for each in uow.imports.unfinished() if not files.holds(each.file_key)]
    return dg.AssetCheckResult(passed=not lost, metadata={"lost": lost})
