"""Answers of YouTube Analytics (v2) in our words. Which reports there are is in `domain.owner_reports`."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from domain.imports import moments
from domain.imports.values import Unreadable, figure, mapping, shown
from domain.owner_reports import ReportSpec
from domain.sources import ReportRow

KIND = "youtubeAnalytics#resultTable"


def read_report(payload: object, spec: ReportSpec) -> tuple[ReportRow, ...]:
    """Columns are found by their names. A report about days without figures has no rows; a metric that is null stays out."""
    body = mapping(payload, "the answer")
    if body.get("kind") != KIND:
        raise Unreadable(f"the answer is of kind {shown(body.get('kind'))}, not {KIND}", "kind")
    places = _places(body, spec)
    rows = body.get("rows") or []
    if not isinstance(rows, list):
        raise Unreadable(f"rows is {shown(rows)}, not a list", "rows")
    return tuple(_row(row, places, spec) for row in rows)


def _places(body: Mapping[str, object], spec: ReportSpec) -> dict[str, int]:
    headers = body.get("columnHeaders")
    if not isinstance(headers, list):
        raise Unreadable("columnHeaders is not a list", "columnHeaders")
    places = {str(mapping(header, "columnHeaders").get("name")): place for place, header in enumerate(headers)}
    absent = [name for name in (*spec.dimensions, *spec.metrics) if name not in places]
    if absent:
        raise Unreadable(f"the report lacks {', '.join(absent)}", "columnHeaders")
    return places


def _row(row: object, places: Mapping[str, int], spec: ReportSpec) -> ReportRow:
    if not isinstance(row, list) or len(row) != len(places):
        raise Unreadable("a row has another number of cells than there are columns", "rows")
    dimensions = [_dimension(row[places[name]], name) for name in spec.dimensions]
    metrics = {name: amount for name in spec.metrics if (amount := _metric(row[places[name]], name)) is not None}
    day = moments.iso(dimensions.pop(0), "day").at.date().isoformat() if spec.is_by_day else None
    return ReportRow(day, tuple(dimensions), MappingProxyType(metrics))


def _dimension(value: object, name: str) -> str:
    """Shares of a video's length come as numbers: 0.5 and 0.50 are the same place."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"{Decimal(str(value)).normalize():f}"
    if not isinstance(value, str) or not 0 < len(value) <= 200:
        raise Unreadable(f"{name} is {shown(value)}, not the name of a group", name)
    return value


def _metric(value: object, name: str) -> Decimal | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float))):
        raise Unreadable(f"{name} is {shown(value)}, not a number", name)
    return figure(value, name)
