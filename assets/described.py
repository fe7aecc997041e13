"""What every asset tells about itself: columns made from the table, row counts, a chart drawn from the very rows it shows."""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import dagster as dg

from assets.partitions import tenants
from domain.ports import ChartPainter
from store.tables import metadata

OWNERS = ["team:data"]


def columns(table: str) -> dg.TableSchema:
    """The column schema as it stands in the database's own description."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                column.name, type=str(column.type).lower(), constraints=dg.TableColumnConstraints(nullable=bool(column.nullable))
            )
            for column in metadata.tables[table].columns
        ]
    )


def table_metadata(table: str) -> dict[str, Any]:
    """For the definition of an asset that is one table."""
    return {"dagster/column_schema": columns(table), "dagster/table_name": f"public.{table}"}


def core_asset(
    table: str, *, group: str, kinds: set[str], deps: Sequence[dg.AssetsDefinition] = ()
) -> Callable[[Callable[..., dg.MaterializeResult[None]]], dg.AssetsDefinition]:
    """An asset of people's data that is one table of a tenant."""
    return dg.asset(
        group_name=group, partitions_def=tenants, kinds=kinds, owners=OWNERS, tags={"layer": "core", "pii": "true"}, deps=deps,
        metadata=table_metadata(table),
    )  # fmt: skip


def result(rows: int, **more: Any) -> dg.MaterializeResult[None]:
    return dg.MaterializeResult(metadata={"dagster/row_count": rows, **{name: value for name, value in more.items() if value is not None}})


def picture(painter: ChartPainter, chart: Mapping[str, Any]) -> dg.MarkdownMetadataValue:
    """A chart as a picture in the asset's panel."""
    encoded = base64.b64encode(painter.png(chart)).decode()
    return dg.MetadataValue.md(f"![chart](data:image/png;base64,{encoded})")


def shown_rows(rows: Sequence[Mapping[str, Any]]) -> dg.JsonMetadataValue:
    """The rows behind a chart."""
    return dg.MetadataValue.json(json.loads(json.dumps(list(rows), default=str)))
