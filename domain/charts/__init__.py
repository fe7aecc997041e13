"""Charts as Vega-Lite specifications, made from the very rows that they show. Drawing is behind `domain.ports.ChartPainter`."""

from domain.charts.bands import band_rows, bands_chart
from domain.charts.features import feature_rows, features_chart
from domain.charts.forest import effect_rows, effects_chart, leading
from domain.charts.registry import CHARTS, Chart

__all__ = ["CHARTS", "Chart", "band_rows", "bands_chart", "effect_rows", "effects_chart", "feature_rows", "features_chart", "leading"]
