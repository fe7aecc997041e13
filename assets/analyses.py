"""What is published beside scores and effects: forecasts, the deep analysis, anomalies. Their checks are in `analysis_checks`."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from assets.aggregates import core_accounts__days, core_accounts__totals
from assets.claims import claim
from assets.described import picture, shown_rows
from assets.insights import core_features__videos, insight, out_scores__videos, told
from domain.charts import CHARTS
from domain.ports import ChartPainter
from services.insights.anomalies import ANOMALIES, WATCHED
from services.insights.charts import fan_rows
from services.insights.deep import ACCOUNTS, DEEP
from services.insights.forecasts import FORECASTS
from services.insights.kind import Section
from services.insights.releases import publish
from store.database import Database


@insight("forecasts", deps=[core_accounts__totals, core_accounts__days])
def out_forecasts__videos(
    context: dg.AssetExecutionContext, database: dg.ResourceParam[Database], charts: dg.ResourceParam[ChartPainter]
) -> dg.MaterializeResult[None]:
    """One row per video and horizon: the views it will have, with an 80 % interval, or the reason why that cannot be told."""
    with claim(context, database) as work:
        published = publish(work, FORECASTS, as_of=datetime.now(UTC))
        with work.begin() as uow:
            counts, rows = uow.forecasts.counts(), fan_rows(uow, uow.forecasts.most_awaited())
    chart = picture(charts, CHARTS["growth-fan"].draw(rows))
    return told(published, counts=dg.MetadataValue.json(counts), chart=chart, chart_rows=shown_rows(rows))


@insight("findings", deps=[core_features__videos, out_scores__videos])
def out_insights__deep(
    context: dg.AssetExecutionContext, database: dg.ResourceParam[Database], charts: dg.ResourceParam[ChartPainter]
) -> dg.MaterializeResult[None]:
    """One row per section of the deep analysis and account (or all of them): figures with intervals and n, or why there are none."""
    with claim(context, database) as work:
        published = publish(work, DEEP, as_of=datetime.now(UTC))
    found = _of_all(published.made.sections)
    rows = found["posting_time"]["table"]
    accounts = dg.MetadataValue.json(dict(found[ACCOUNTS]))
    chart = picture(charts, CHARTS["posting-time"].draw(rows))
    return told(published, rows=len(published.made.sections), accounts=accounts, chart=chart, chart_rows=shown_rows(rows))


@insight("findings", deps=[core_accounts__totals, core_accounts__days])
def out_insights__anomalies(context: dg.AssetExecutionContext, database: dg.ResourceParam[Database]) -> dg.MaterializeResult[None]:
    """One row per event: days of an account's views, reactions, followers or revenue that are unlike its own past."""
    with claim(context, database) as work:
        published = publish(work, ANOMALIES, as_of=datetime.now(UTC))
    watched = dg.MetadataValue.json(dict(_of_all(published.made.sections)[WATCHED]))
    return told(published, watched=watched, events=shown_rows(published.made.rows[:20]))


def _of_all(sections: Sequence[Section]) -> Mapping[str, Any]:
    return {each.name: each.figures for each in sections if each.scope is None}
