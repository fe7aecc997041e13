"""Logs of the platform, kept for their days, and the heads of the audit chains. They belong to no tenant: no partition, no claim."""

from datetime import UTC, datetime

import dagster as dg

from assets.described import OWNERS, result, table_metadata
from domain.ports import FilePort
from domain.retention import LogsKept
from services import logs
from store.database import Database

GROUP = "logs"


@dg.asset(
    group_name=GROUP, kinds={"postgres"}, owners=OWNERS, tags={"layer": "out", "pii": "true"}, metadata=table_metadata("access_log"),
)  # fmt: skip
def out_logs__kept(database: dg.ResourceParam[Database], logs_kept: dg.ResourceParam[LogsKept]) -> dg.MaterializeResult[None]:
    """One row per call of the API, for as long as it is kept; what is older goes, with old sign-ins, addresses and mails."""
    done = logs.prune(database, logs_kept, now=datetime.now(UTC))
    return result(
        done.pruned.rows + done.mails_deleted, access=done.pruned.access, auth=done.pruned.auth, addresses=done.pruned.addresses,
        mails=done.mails_deleted, mails_blanked=done.mails_blanked,
    )  # fmt: skip


@dg.asset(
    group_name=GROUP, kinds={"postgres", "json"}, owners=OWNERS, tags={"layer": "out", "pii": "false"},
    metadata=table_metadata("audit_exports"), deps=[out_logs__kept],
)  # fmt: skip
def out_audit__heads(database: dg.ResourceParam[Database], kept_files: dg.ResourceParam[FilePort]) -> dg.MaterializeResult[None]:
    """One row per day: where the file lies with the last link of every audit chain, and its SHA-256."""
    made = logs.export_heads(database, kept_files, now=datetime.now(UTC))
    return result(made.chains, day=made.day.isoformat(), file_key=made.file_key, sha256=made.sha256)


@dg.asset_check(asset=out_logs__kept, description="No line of a log is kept for longer than it may be.")
def logs_are_in_time(database: dg.ResourceParam[Database], logs_kept: dg.ResourceParam[LogsKept]) -> dg.AssetCheckResult:
    left = logs.overdue(database, logs_kept, now=datetime.now(UTC))
    return dg.AssetCheckResult(passed=left == 0, metadata={"rows": left})


@dg.asset_check(asset=out_audit__heads, description="Every audit chain holds, and extends what was exported the days before.")
def audit_chains_hold(database: dg.ResourceParam[Database], kept_files: dg.ResourceParam[FilePort]) -> dg.AssetCheckResult:
    found = logs.broken(database, kept_files)
    return dg.AssetCheckResult(passed=not found, metadata={"broken": dg.MetadataValue.json(logs.told(found))})
