"""Bytes that are not kept any longer, beside what `assets.library` deletes of the library."""

from datetime import UTC, datetime

import dagster as dg

from assets.claims import claim
from assets.clips import out_clips__renders, raw_media__files
from assets.described import OWNERS, result, table_metadata
from assets.partitions import tenant_of, tenants
from domain.ports import FilePort
from domain.requests import RETENTION
from domain.retention import BytesKept
from services import letting_go
from services.retention import GRACE
from store.database import Database


@dg.asset(
    group_name=RETENTION, partitions_def=tenants, kinds={"file", "postgres"}, owners=OWNERS, tags={"layer": "out", "pii": "false"},
    deps=[raw_media__files, out_clips__renders], metadata=table_metadata("leaving_files"),
)  # fmt: skip
def out_retention__files(
    context: dg.AssetExecutionContext,
    database: dg.ResourceParam[Database],
    kept_files: dg.ResourceParam[FilePort],
    bytes_kept: dg.ResourceParam[BytesKept],
) -> dg.MaterializeResult[None]:
    """One row per file whose days are over and whose bytes are still to be deleted: none, once a run has ended."""
    with claim(context, database) as work:
        gone = letting_go.let_go(work, kept_files, bytes_kept, now=datetime.now(UTC))
        with work.begin() as uow:
            left = len(uow.leaving.waiting(limit=letting_go.BATCH))
    return result(left, videos=gone.videos, clips=gone.clips, thumbnails=gone.thumbnails, deleted=gone.deleted, shared=gone.shared)


@dg.asset_check(asset=out_retention__files, description="No bytes are kept for a day longer than their days.")
def no_bytes_are_overdue(
    context: dg.AssetCheckExecutionContext, database: dg.ResourceParam[Database], bytes_kept: dg.ResourceParam[BytesKept]
) -> dg.AssetCheckResult:
    since = datetime.now(UTC) - GRACE
    with database.begin(tenant_of(context)) as uow:
        left = uow.leaving.overdue(
            videos_before=since - bytes_kept.video, thumbnails_before=since - bytes_kept.thumbnail, marked_before=since
        )
    return dg.AssetCheckResult(passed=not any(left.values()), metadata={"rows": dg.MetadataValue.json(left)})
