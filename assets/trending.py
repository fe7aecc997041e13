"""Charts of sounds, per day and country. They belong to no tenant, so there is no claim: a chart is put whole, and the newer one stays."""

from datetime import UTC, date, datetime

import dagster as dg

from assets.described import OWNERS, result, table_metadata
from assets.failures import as_failure
from assets.partitions import partition_of
from domain.errors import WhyralError
from domain.observations import Platform
from domain.ports import Platforms
from domain.trending import Country
from services import charts
from store.database import Database

COUNTRY, DAY = "country", "day"
FIRST_DAY = "2026-11-01"
days_of_countries = dg.MultiPartitionsDefinition(
    {DAY: dg.DailyPartitionsDefinition(FIRST_DAY, end_offset=1), COUNTRY: dg.StaticPartitionsDefinition([each.value for each in Country])}
)


def place_of(key: str) -> tuple[Country, date]:
    """The country and day of a partition's key; its parts stand in the order of their names."""
    country, day = key.split("|")
    return Country(country), date.fromisoformat(day)


@dg.asset(
    group_name="trending", partitions_def=days_of_countries, kinds={"postgres", "tiktok"}, owners=OWNERS, pool="tiktok_charts",
    tags={"layer": "raw", "pii": "false"}, metadata=table_metadata("trending_sounds"),
    retry_policy=dg.RetryPolicy(max_retries=2, delay=20, backoff=dg.Backoff.EXPONENTIAL),
)  # fmt: skip
def raw_tiktok__trending_sounds(
    context: dg.AssetExecutionContext, database: dg.ResourceParam[Database], platforms: dg.ResourceParam[Platforms]
) -> dg.MaterializeResult[None]:
    """One row per place of a country's chart of sounds on a day, as it was read last; read again once it is an hour old."""
    country, day = place_of(context.partition_key)
    try:
        chart = charts.refresh(database, platforms, country, day)
    except WhyralError as error:
        raise as_failure(error) from error
    return result(len(chart.ranks), is_read_now=chart.is_read, captured_at=chart.captured_at.isoformat())


@dg.asset_check(asset=raw_tiktok__trending_sounds, description="The chart is not empty, and its ranks are 1, 2, 3 ... without a gap.")
def charts_are_whole(context: dg.AssetCheckExecutionContext, database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    country, day = place_of(partition_of(context))
    with database.begin_system() as system:
        ranks = system.trending.ranks(Platform.TIKTOK, country, day)
    is_whole = ranks == list(range(1, len(ranks) + 1)) and bool(ranks)
    return dg.AssetCheckResult(passed=is_whole, metadata={"places": len(ranks), "looked_at": datetime.now(UTC).isoformat()})
