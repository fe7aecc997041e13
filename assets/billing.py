"""What payment providers tell of a workspace, and once a night whether what is kept of them is what they hold. No run begins a payment."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from assets.claims import claim
from assets.described import OWNERS, result, table_metadata
from assets.partitions import tenant_of, tenants
from domain.ports import Shops
from domain.requests import BILLING
from services.billing.hearing import hear
from services.billing.reconciling import reconcile
from store.database import Database

RECONCILING = "reconciling"


@dg.asset(
    group_name=BILLING, partitions_def=tenants, kinds={"stripe", "postgres"}, owners=OWNERS, tags={"layer": "raw", "pii": "true"},
    metadata=table_metadata("billing_events"),
)  # fmt: skip
def raw_billing__events(
    context: dg.AssetExecutionContext, database: dg.ResourceParam[Database], shops: dg.ResourceParam[Shops]
) -> dg.MaterializeResult[None]:
    """One row per event of a payment provider, as it came. What waits is dealt with: whatever it tells of is read anew and mirrored."""
    with claim(context, database) as work:
        heard = hear(work, shops, lambda: datetime.now(UTC))
    return result(heard.done, waiting=heard.waiting, failed=heard.failed)


@dg.asset_check(asset=raw_billing__events, description="No event of the workspace was given up.")
def no_event_was_given_up(context: dg.AssetCheckExecutionContext, database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    with database.begin_system() as system:
        counts = system.billing.counts(tenant_of(context))
    return dg.AssetCheckResult(passed="failed" not in counts, severity=dg.AssetCheckSeverity.WARN, metadata=dict(counts))


@dg.asset(
    group_name=RECONCILING, kinds={"stripe", "postgres"}, owners=OWNERS, tags={"layer": "core", "pii": "true"},
    metadata=table_metadata("billing_subscriptions"),
)  # fmt: skip
def core_billing__mirrors(database: dg.ResourceParam[Database], shops: dg.ResourceParam[Shops]) -> dg.MaterializeResult[None]:
    """One row per subscription of a payment provider, as it holds it: read anew, and events that were lost on their way are kept."""
    done = reconcile(database, shops, now=datetime.now(UTC))
    return result(
        done.read, listed=done.listed, lost=done.lost, differing=done.differing, behind=done.behind, unread=done.unread,
        finished=done.finished, pruned=done.pruned, reasons=dg.MetadataValue.json(done.reasons),
    )  # fmt: skip


@dg.asset_check(asset=core_billing__mirrors, description="Before it was mended, nothing had to be: mirrors said what the provider says.")
def mirrors_equal_the_provider(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
    """A mirror that was wrong although nothing was lost is a fault of ours; what was lost, or a provider that is away, is worth a look."""
    told = _told(context.instance)
    severity = dg.AssetCheckSeverity.ERROR if told["differing"] and not told["lost"] else dg.AssetCheckSeverity.WARN
    reasons = _reasons(context.instance)
    is_well = not (told["differing"] or told["lost"] or told["unread"] or reasons)
    return dg.AssetCheckResult(passed=is_well, severity=severity, metadata={**told, "reasons": dg.MetadataValue.json(reasons)})


def _told(instance: dg.DagsterInstance) -> dict[str, int]:
    found = _newest(instance)
    return {name: int(str(found[name].value)) for name in ("differing", "lost", "unread", "behind")}


def _reasons(instance: dg.DagsterInstance) -> list[str]:
    """What could not be asked."""
    said = _newest(instance)["reasons"].value
    return [str(each) for each in said] if isinstance(said, list) else []


def _newest(instance: dg.DagsterInstance) -> Mapping[str, dg.MetadataValue[Any]]:
    """What the newest night said."""
    made = instance.get_latest_materialization_event(core_billing__mirrors.key)
    if made is None or made.asset_materialization is None:
        raise dg.Failure("materialize the asset first: its check looks at what that found", allow_retries=False)
    return made.asset_materialization.metadata
