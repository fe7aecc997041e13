"""Days that are unlike what an account's own past lets expect. Raising alerts about them is in the services."""

from domain.anomalies.finding import anomalies
from domain.anomalies.series import Anomaly, Direction, Kind, Metric, Series, Severity, gained

__all__ = ["Anomaly", "Direction", "Kind", "Metric", "Series", "Severity", "anomalies", "gained"]
