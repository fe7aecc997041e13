"""Tracked accounts, an asset per platform: what is due is read, and each account says how it went. Posts go to the catalogue's tables."""

from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
from pydantic import Field

from assets.claims import claim
from assets.described import OWNERS, result, table_metadata
from assets.partitions import tenant_of, tenants
from domain.observations import Platform
from domain.ports import Platforms
from domain.requests import TRACKING
from services.scraping import refresh
from services.settling import Tally
from store.database import Database
from store.trackings import Listed
from store.work import UnitOfWork

# Due work is looked for every five minutes; what is overdue for so long was forgotten.
OVERDUE = timedelta(hours=2)
FAILING_SHARE = 0.5


class TrackingConfig(dg.Config):
    """Which accounts; none: all that are due."""

    account_ids: list[str] = Field(default_factory=list)


def name_of(platform: Platform) -> str:
    return f"core_tracking__{platform.value}"


def tracked(platform: Platform) -> dg.AssetsDefinition:
    @dg.asset(
        name=name_of(platform),
        group_name=TRACKING,
        partitions_def=tenants,
        kinds={"postgres", platform.value},
        owners=OWNERS,
        tags={"layer": "core", "pii": "true"},
        metadata=table_metadata("trackings"),
        pool=platform.value,
        description=f"One row per tracked account on {platform.value}: state, last and next run, and in words what is wrong, if anything.",
    )
    def body(
        context: dg.AssetExecutionContext,
        database: dg.ResourceParam[Database],
        platforms: dg.ResourceParam[Platforms],
        config: TrackingConfig,
    ) -> dg.MaterializeResult[None]:
        with claim(context, database) as work:
            tally = refresh(work, platforms, platform, account_ids=work.account_ids)
            with work.begin() as uow:
                states, troubled = _states(uow, platform), uow.trackings.troubled(platform.value)
        tracked = sum(states.values()) - states["overdue"]
        return result(tracked, **_told(tally), states=dg.MetadataValue.json(states), troubled=_table(troubled))

    return body


def checked(platform: Platform) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        name=f"accounts_on_{platform.value}_are_read",
        asset=name_of(platform),
        description="At most half of the accounts that are read at all are failing, and none is overdue by two hours.",
    )
    def check(context: dg.AssetCheckExecutionContext, database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
        with database.begin(tenant_of(context)) as uow:
            counts = _states(uow, platform)
        read = sum(counts.get(state, 0) for state in ("live", "stale", "failing"))
        failing = counts.get("failing", 0)
        return dg.AssetCheckResult(
            passed=failing <= FAILING_SHARE * read and counts["overdue"] == 0, severity=dg.AssetCheckSeverity.WARN,
            metadata={"failing": failing, "read": read, "overdue": counts["overdue"]},
        )  # fmt: skip

    return check


def _states(uow: UnitOfWork, platform: Platform) -> dict[str, int]:
    return dict(uow.trackings.counts(platform.value, now=datetime.now(UTC), overdue_after=OVERDUE))


def _told(tally: Tally) -> dict[str, Any]:
    return {
        "accounts": tally.done,
        "outcomes": dg.MetadataValue.json(dict(tally.outcomes)),
        "posts": tally.posts,
        "new_observations": tally.new,
        "gone": tally.gone,
        "postponed": tally.postponed,
        "calls_answered_by": dg.MetadataValue.json(tally.answered),
        "stopped": tally.stopped[1] if tally.stopped else None,
    }


def _table(troubled: list[Listed]) -> dg.TableMetadataValue | None:
    """The accounts that do not go well, the longest first."""
    if not troubled:
        return None
    columns = ("account", "state", "failures", "what is wrong", "next try")
    rows = [
        dg.TableRecord(dict(zip(columns, (
            each.username or each.title or str(each.tracking.account_id), each.tracking.state.value, each.tracking.consecutive_failures,
            each.tracking.error_words or "", f"{each.tracking.next_run_at:%Y-%m-%d %H:%M}" if each.tracking.next_run_at else "none",
        ), strict=True)))
        for each in troubled
    ]  # fmt: skip
    kinds = {"failures": "int"}
    return dg.MetadataValue.table(rows, dg.TableSchema([dg.TableColumn(name, kinds.get(name, "string")) for name in columns]))


tracking_assets = [tracked(platform) for platform in Platform]
tracking_checks = [checked(platform) for platform in Platform]
