"""What is published of a tenant: features, scores, effects, plans; each time it is a release. More of them are in `assets.analyses`."""

from collections.abc import Callable
from datetime import UTC, datetime

import dagster as dg

from assets.aggregates import core_accounts__days, core_accounts__totals
from assets.claims import claim
from assets.described import OWNERS, picture, result, shown_rows, table_metadata
from assets.partitions import tenants
from assets.thumbnails import core_thumbnails__videos
from domain.charts import band_rows, bands_chart, effect_rows, effects_chart, feature_rows, features_chart, leading
from domain.ports import ChartPainter
from services.insights.effects import EFFECTS
from services.insights.features import FEATURES
from services.insights.plans import PLANS
from services.insights.releases import Published, publish
from services.insights.scores import SCORES
from services.planning import score_due
from store.database import Database


def insight(
    table: str, *, deps: list[dg.AssetsDefinition], layer: str = "out"
) -> Callable[[Callable[..., dg.MaterializeResult[None]]], dg.AssetsDefinition]:
    """An asset that is a release of a tenant."""
    return dg.asset(
        group_name="insights", partitions_def=tenants, kinds={"pandas", "postgres"}, owners=OWNERS, tags={"layer": layer, "pii": "false"},
        deps=deps, metadata=table_metadata(table),
    )  # fmt: skip


def told(published: Published, *, rows: int | None = None, **more: object) -> dg.MaterializeResult[None]:
    """What every release says of itself, so that it can be found and made again."""
    return result(
        len(published.made.rows) if rows is None else rows, release=str(published.release_id), method=published.made.method,
        inputs=published.inputs, outputs_hash=published.outputs_hash, **more,
    )  # fmt: skip


@insight("video_features", deps=[core_accounts__totals, core_accounts__days, core_thumbnails__videos], layer="core")
def core_features__videos(
    context: dg.AssetExecutionContext, database: dg.ResourceParam[Database], charts: dg.ResourceParam[ChartPainter]
) -> dg.MaterializeResult[None]:
    """One row per video: what was measured of its texts, timing, sound and picture; written anew only where that has changed."""
    with claim(context, database) as work:
        published = publish(work, FEATURES, as_of=datetime.now(UTC))
    rows = feature_rows([figures for _, figures, _ in published.made.rows])
    return told(published, chart=picture(charts, features_chart(rows)), chart_rows=shown_rows(rows))


@insight("scores", deps=[core_accounts__totals, core_accounts__days])
def out_scores__videos(
    context: dg.AssetExecutionContext, database: dg.ResourceParam[Database], charts: dg.ResourceParam[ChartPainter]
) -> dg.MaterializeResult[None]:
    """One row per video with a snapshot: its multiple with interval and n, or the reason why it has none."""
    with claim(context, database) as work:
        published = publish(work, SCORES, as_of=datetime.now(UTC))
        with work.begin() as uow:
            rows, counts = band_rows(uow.insights.bands()), uow.insights.score_counts()
    return told(published, counts=dg.MetadataValue.json(counts), chart=picture(charts, bands_chart(rows)), chart_rows=shown_rows(rows))


@insight("effects", deps=[core_features__videos, out_scores__videos])
def out_insights__effects(
    context: dg.AssetExecutionContext, database: dg.ResourceParam[Database], charts: dg.ResourceParam[ChartPainter]
) -> dg.MaterializeResult[None]:
    """One row per question about what a creator chooses: its effect with interval, gates and verdict, or an honest no."""
    with claim(context, database) as work:
        published = publish(work, EFFECTS, as_of=datetime.now(UTC))
    rows = effect_rows(leading(published.made.rows))
    return told(published, posts=published.inputs, chart=picture(charts, effects_chart(rows)), chart_rows=shown_rows(rows))


@insight("findings", deps=[out_insights__effects, out_scores__videos])
def out_insights__next(context: dg.AssetExecutionContext, database: dg.ResourceParam[Database]) -> dg.MaterializeResult[None]:
    """One row per section of plans, of all accounts and of each: patterns, blueprint, quick wins, suggestions. Scores due predictions."""
    now = datetime.now(UTC)
    with claim(context, database) as work:
        published = publish(work, PLANS, as_of=now)
        scored = score_due(work, now=now)
    items = {name: count for name, account_id, count in published.made.rows if account_id is None}
    return told(published, predictions_scored=scored, items=dg.MetadataValue.json(items))
