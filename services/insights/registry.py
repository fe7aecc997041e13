"""The kinds of releases there are, by name."""

from collections.abc import Mapping

from services.insights import anomalies, deep, effects, features, forecasts, plans, scores
from services.insights.kind import ReleaseKind

KINDS: Mapping[str, ReleaseKind] = {
    each.name: each
    for each in (
        features.FEATURES, scores.SCORES, forecasts.FORECASTS, effects.EFFECTS, plans.PLANS, deep.DEEP, anomalies.ANOMALIES,
    )
}  # fmt: skip
