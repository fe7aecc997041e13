"""Every chart by its name: the columns of its rows, and what draws it. Rows come from whoever asks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from domain.charts import bands, calibration, events, fan, forest, growth, outliers, posting
from domain.charts.look import Row, Spec


@dataclass(frozen=True, slots=True)
class Chart:
    """`draw` takes rows that have all of `columns` (None: unknown) and gives a Vega-Lite specification, also of no rows."""

    title: str
    columns: tuple[str, ...]
    draw: Callable[[Sequence[Row]], Spec]


CHARTS: Mapping[str, Chart] = {
    "effects": Chart(forest.TITLE, forest.COLUMNS, forest.effects_chart),
    "outliers": Chart(outliers.TITLE, outliers.COLUMNS, outliers.outliers_chart),
    "growth-fan": Chart(fan.TITLE, fan.COLUMNS, fan.fan_chart),
    "posting-time": Chart(posting.TITLE, posting.COLUMNS, posting.posting_chart),
    "event-study": Chart(events.TITLE, events.COLUMNS, events.events_chart),
    "calibration": Chart(calibration.TITLE, calibration.COLUMNS, calibration.calibration_chart),
    "growth": Chart(growth.TITLE, growth.COLUMNS, growth.growth_chart),
    "bands": Chart(bands.TITLE, bands.COLUMNS, bands.bands_chart),
}
