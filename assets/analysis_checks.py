"""What must hold of forecasts, the deep analysis and anomalies."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import dagster as dg

from assets.analyses import out_forecasts__videos, out_insights__anomalies, out_insights__deep
from assets.insight_checks import NAMED
from assets.partitions import tenant_of
from services.insights.anomalies import EVENTS
from services.insights.deep import ACCOUNTS, SECTIONS
from store.database import Database
from store.releases import EVERYBODY


@dg.asset_check(
    asset=out_forecasts__videos,
    blocking=True,
    description="No forecast contradicts itself: a figure inside its interval, or a reason why there is none.",
)
def forecasts_are_consistent(context: dg.AssetCheckExecutionContext, database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    with database.begin(tenant_of(context)) as uow:
        broken, counts = uow.forecasts.broken(), uow.forecasts.counts()
    return dg.AssetCheckResult(passed=broken == 0, metadata={"broken": broken, "counts": counts})


@dg.asset_check(
    asset=out_insights__deep,
    description="Every figure of the deep analysis has its interval around it, n and accounts, or the reason why it is missing.",
)
def descriptions_have_intervals(context: dg.AssetCheckExecutionContext, database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    with database.begin(tenant_of(context)) as uow:
        accounts = uow.releases.finding("deep", ACCOUNTS)
        scopes = [EVERYBODY, *(UUID(each["account_id"]) for each in accounts.value["items"])] if accounts and accounts.figures else []
        found = [(scope, uow.served.sections("deep", scope, names=SECTIONS)) for scope in scopes]
    rows = [(scope, row) for scope, each in found if each for text in each.figures.values() for row in _figures(json.loads(text))]
    wrong = [f"{scope}: {row['name']}" for scope, row in rows if not _is_honest(row)]
    return dg.AssetCheckResult(passed=bool(found) and not wrong, metadata={"wrong": wrong[:NAMED], "figures": len(rows)})


@dg.asset_check(asset=out_insights__anomalies, description="Every event lies outside the range that was expected, once.")
def anomalies_are_outside(context: dg.AssetCheckExecutionContext, database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    with database.begin(tenant_of(context)) as uow:
        found = uow.releases.finding("anomalies", EVENTS)
    events = found.value if found and found.figures else []
    keys = Counter(each["dedupe_key"] for each in events)
    wrong = [each["dedupe_key"] for each in events if each["low"] <= each["observed"] <= each["high"] or each["last_day"] < each["day"]]
    wrong += sorted(key for key, n in keys.items() if n > 1)
    return dg.AssetCheckResult(passed=found is not None and not wrong, metadata={"wrong": wrong[:NAMED], "events": len(events)})


def _figures(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every difference that was looked for, however deep."""
    if isinstance(value, Mapping) and "difference" in value:
        yield value
    elif isinstance(value, Mapping | list):
        for each in value.values() if isinstance(value, Mapping) else value:
            yield from _figures(each)


def _is_honest(row: Mapping[str, Any]) -> bool:
    if row["difference"] is None:
        return bool(row["reason"])
    return row["low"] is not None and row["high"] is not None and row["low"] <= row["difference"] <= row["high"] and row["n"] > 0
