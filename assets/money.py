"""Figures about money: use and costs of each workspace; revenue, payments and unit costs of the deployment, by day."""

from datetime import UTC, datetime

import dagster as dg

from assets.claims import claim
from assets.described import OWNERS, result, table_metadata
from assets.partitions import tenant_of, tenants
from domain.requests import MONEY
from domain.usage import utc_day
from services import figures
from store.database import Database

REVENUE = "revenue"


class DaysConfig(dg.Config):
    """`is_full`: make all days again, and not only those that changed."""

    is_full: bool = False


@dg.asset(
    group_name=MONEY, partitions_def=tenants, kinds={"postgres"}, owners=OWNERS, tags={"layer": "core", "pii": "false"},
    metadata=table_metadata("usage_days"),
)  # fmt: skip
def core_usage__days(
    context: dg.AssetExecutionContext, database: dg.ResourceParam[Database], config: DaysConfig
) -> dg.MaterializeResult[None]:
    """One row per UTC day and meter that something was taken of: what counts, what was given back, what is delivered."""
    with claim(context, database) as work, work.begin() as uow:
        made, rows = uow.figures.put_usage(now=datetime.now(UTC), is_full=config.is_full)
    return result(rows, made=made)


@dg.asset(
    group_name=MONEY, partitions_def=tenants, kinds={"postgres"}, owners=OWNERS, tags={"layer": "core", "pii": "false"},
    metadata=table_metadata("cost_days"),
)  # fmt: skip
def core_costs__days(
    context: dg.AssetExecutionContext, database: dg.ResourceParam[Database], config: DaysConfig
) -> dg.MaterializeResult[None]:
    """One row per UTC day, provider and kind of work that paid calls were made for: what they hold and have cost."""
    with claim(context, database) as work, work.begin() as uow:
        made, rows = uow.figures.put_costs(now=datetime.now(UTC), is_full=config.is_full)
    return result(rows, made=made)


@dg.asset(
    group_name=REVENUE, kinds={"postgres"}, owners=OWNERS, tags={"layer": "out", "pii": "false"}, metadata=table_metadata("revenue_days")
)
def out_revenue__days(database: dg.ResourceParam[Database], config: DaysConfig) -> dg.MaterializeResult[None]:
    """One row per UTC day, plan and currency: MRR and subscribers when the day ended, and what came and went on it."""
    made = figures.make_revenue(database, now=datetime.now(UTC), is_full=config.is_full)
    return result(made.rows, changed=made.changed, since=made.since.isoformat(), until=made.until.isoformat())


@dg.asset(
    group_name=REVENUE, kinds={"postgres"}, owners=OWNERS, tags={"layer": "out", "pii": "false"}, metadata=table_metadata("cash_days")
)
def out_revenue__cash(database: dg.ResourceParam[Database]) -> dg.MaterializeResult[None]:
    """One row per UTC day, provider and currency: what was paid and what was given back."""
    made = figures.make_cash(database, now=datetime.now(UTC))
    return result(made.rows, changed=made.changed)


@dg.asset(
    group_name=REVENUE, kinds={"postgres"}, owners=OWNERS, tags={"layer": "out", "pii": "false"}, metadata=table_metadata("unit_days"),
    deps=[core_usage__days, core_costs__days],
)  # fmt: skip
def out_revenue__units(database: dg.ResourceParam[Database], config: DaysConfig) -> dg.MaterializeResult[None]:
    """One row per UTC day, plan and unit (clip, video, analysis, production ...): how many, and what they cost us."""
    made = figures.make_units(database, now=datetime.now(UTC), is_full=config.is_full)
    return result(made.rows, changed=made.changed, since=made.since.isoformat(), until=made.until.isoformat())


@dg.asset_check(asset=core_usage__days, description="The days, and the counters of limits, are the sums of the takes.")
def usage_adds_up(context: dg.AssetCheckExecutionContext, database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    with database.begin(tenant_of(context)) as uow:
        days, counters = uow.figures.usage_off(), uow.figures.counters_off()
    return dg.AssetCheckResult(passed=days == counters == 0, metadata={"days": days, "counters": counters})


@dg.asset_check(asset=core_costs__days, description="Reservations, entries and the ledger's days agree to the last digit.")
def ledger_balances(context: dg.AssetCheckExecutionContext, database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    with database.begin(tenant_of(context)) as uow:
        off = uow.figures.books_off()
    return dg.AssetCheckResult(passed=not any(off.values()), metadata=dict(off))


@dg.asset_check(asset=core_costs__days, description="The days' costs are those of the ledger.")
def costs_add_up(context: dg.AssetCheckExecutionContext, database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    with database.begin(tenant_of(context)) as uow:
        off = uow.figures.costs_off()
    return dg.AssetCheckResult(passed=off == 0, metadata={"days": off})


@dg.asset_check(asset=out_revenue__days, description="MRR follows from the day before by what came and went, to the cent.")
def revenue_adds_up(database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    off = figures.broken_revenue(database)
    first = f"{off[0].day} {off[0].plan} {off[0].currency}" if off else "none"
    return dg.AssetCheckResult(passed=not off, metadata={"rows": len(off), "first": first})


@dg.asset_check(asset=out_revenue__cash, description="No payment or refund that we know of is missing.")
def cash_is_whole(database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    with database.begin_system() as system:
        off = system.figures.cash_off(before=datetime.now(UTC) - figures.PATIENCE)
    return dg.AssetCheckResult(passed=off == 0, metadata={"days": off})


@dg.asset_check(asset=out_revenue__units, description="Each day's outside costs are those of all workspaces.")
def unit_costs_add_up(database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    now = datetime.now(UTC)
    with database.begin_system() as system:
        off = system.figures.units_off(today=utc_day(now), before=now - figures.PATIENCE)
    return dg.AssetCheckResult(passed=not off, metadata={"days": len(off)})
