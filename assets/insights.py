"""What is published: scores and effects of a tenant, each as a release, with a chart drawn from the very rows."""

from datetime import UTC, datetime

import dagster as dg

from assets.aggregates import core_accounts__days, core_accounts__totals
from assets.claims import claim
from assets.described import OWNERS, picture, result, shown_rows, table_metadata
from assets.partitions import tenant_of, tenants
from domain.charts import band_rows, bands_chart, effect_rows, effects_chart
from domain.ports import ChartPainter
from services import insights
from store.database import Database

_TAGS = {"layer": "out", "pii": "false"}


@dg.asset(
    group_name="insights",
    partitions_def=tenants,
    kinds={"pandas", "postgres"},
    owners=OWNERS,
    tags=_TAGS,
    deps=[core_accounts__totals, core_accounts__days],
    metadata=table_metadata("scores"),
)
def out_scores__videos(
    context: dg.AssetExecutionContext, database: dg.ResourceParam[Database], charts: dg.ResourceParam[ChartPainter]
) -> dg.MaterializeResult[None]:
    """One row per video with a snapshot: its multiple with interval and n, or the reason why it has none."""
    with claim(context, database) as work:
        published = insights.publish_scores(work, as_of=datetime.now(UTC))
        with work.begin() as uow:
            rows, counts = band_rows(uow.insights.bands()), uow.insights.score_counts()
    return result(
        published.rows,
        release=str(published.release_id),
        method=published.method,
        counts=dg.MetadataValue.json(counts),
        chart=picture(charts, bands_chart(rows)),
        chart_rows=shown_rows(rows),
    )


@dg.asset(
    group_name="insights",
    partitions_def=tenants,
    kinds={"pandas", "postgres"},
    owners=OWNERS,
    tags=_TAGS,
    deps=[out_scores__videos],
    metadata=table_metadata("effects"),
)
def out_insights__effects(
    context: dg.AssetExecutionContext, database: dg.ResourceParam[Database], charts: dg.ResourceParam[ChartPainter]
) -> dg.MaterializeResult[None]:
    """One row per title feature: its effect on views with interval, gates and verdict, or an honest no."""
    with claim(context, database) as work:
        published, figures = insights.publish_effects(work, as_of=datetime.now(UTC))
    rows = effect_rows(figures)
    return result(
        published.rows,
        release=str(published.release_id),
        method=published.method,
        posts=published.inputs,
        chart=picture(charts, effects_chart(rows)),
        chart_rows=shown_rows(rows),
    )


@dg.asset_check(
    asset=out_scores__videos, blocking=True, description="No score contradicts itself: inside its interval, 5 peers or a reason."
)
def scores_are_consistent(context: dg.AssetCheckExecutionContext, database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    with database.begin(tenant_of(context)) as uow:
        broken, counts = uow.insights.broken_scores(), uow.insights.score_counts()
    return dg.AssetCheckResult(passed=broken == 0, metadata={"broken": broken, "counts": counts})


@dg.asset_check(asset=out_insights__effects, description="No effect without interval, gates and n; none is causal on selected data.")
def effects_are_honest(context: dg.AssetCheckExecutionContext, database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    with database.begin(tenant_of(context)) as uow:
        release = uow.insights.latest("effects")
        figures = uow.insights.effects(release.release_id) if release else []
        has_census = any(post["selection"] == "census" for post in uow.insights.posts())
    wrong = [str(each["feature"]) for each in figures if not insights.is_honest(each, has_census=has_census)]
    return dg.AssetCheckResult(passed=bool(figures) and not wrong, metadata={"wrong": wrong, "effects": len(figures)})
