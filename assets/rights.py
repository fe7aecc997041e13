"""A workspace taken along, and workspaces that go for good. An erasure is no tenant's run: it deletes these."""

from datetime import UTC, datetime, timedelta

import dagster as dg

from assets.claims import claim
from assets.described import OWNERS, result, table_metadata
from assets.partitions import tenant_of, tenants
from domain.errors import NotFound
from domain.ports import FilePort, Platforms, Shops, Traces
from domain.requests import EXPORT
from services.rights import erasing, exporting
from store.database import Database

ERASURES = "erasures"
# So long an erasure may wait for a provider, and some more, before somebody is told.
PATIENCE = timedelta(days=2)


@dg.asset(
    group_name=EXPORT, partitions_def=tenants, kinds={"file", "postgres"}, owners=OWNERS, tags={"layer": "out", "pii": "true"},
    metadata=table_metadata("exports"),
)  # fmt: skip
def out_tenant__exports(
    context: dg.AssetExecutionContext, database: dg.ResourceParam[Database], kept_files: dg.ResourceParam[FilePort]
) -> dg.MaterializeResult[None]:
    """One row per export of a workspace that was asked for: what it holds, and until when it can be fetched."""
    with claim(context, database) as work:
        made = exporting.export(work, kept_files, snapshot=database.snapshot, now=datetime.now(UTC))
    return result(sum(made.rows.values()), tables=len(made.rows), files=made.files, size_bytes=made.size_bytes)


@dg.asset_check(asset=out_tenant__exports, description="The newest export that can be fetched lies where its row says.")
def the_newest_export_is_there(
    context: dg.AssetCheckExecutionContext, database: dg.ResourceParam[Database], kept_files: dg.ResourceParam[FilePort]
) -> dg.AssetCheckResult:
    with database.begin(tenant_of(context)) as uow:
        kept = next((each for each in uow.exports.newest(limit=20) if each.file_key is not None), None)
    return dg.AssetCheckResult(passed=kept is None or _size(kept_files, kept.file_key) == kept.size_bytes)


def _size(files: FilePort, key: str | None) -> int | None:
    try:
        return files.size(key) if key is not None else None
    except NotFound:
        return None


@dg.asset(
    group_name=ERASURES, kinds={"file", "postgres"}, owners=OWNERS, tags={"layer": "core", "pii": "false"},
    metadata=table_metadata("tombstones"),
)  # fmt: skip
def core_tenant__erasures(
    database: dg.ResourceParam[Database],
    kept_files: dg.ResourceParam[FilePort],
    platforms: dg.ResourceParam[Platforms],
    traces: dg.ResourceParam[Traces],
    shops: dg.ResourceParam[Shops],
) -> dg.MaterializeResult[None]:
    """One row per workspace that was erased: the hash of its id, and when."""
    looked = erasing.erase_due(database, erasing.Outside(kept_files, platforms, traces, shops), now=datetime.now(UTC))
    with database.begin_system() as system:
        tombstones = len(system.deletions.tombstones())
    return result(tombstones, erased=looked.erased, ended=looked.ended, waiting=len(looked.put_off))


@dg.asset_check(asset=core_tenant__erasures, description="No workspace waits for days after its time to be erased.")
def no_erasure_is_overdue(database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    with database.begin_system() as system:
        overdue = system.deletions.overdue(before=datetime.now(UTC) - PATIENCE)
    return dg.AssetCheckResult(passed=overdue == 0, metadata={"overdue": overdue})
