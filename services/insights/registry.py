"""The kinds of releases there are, by name."""

from collections.abc import Mapping

from services.insights import effects, features, plans, scores
from services.insights.kind import ReleaseKind

KINDS: Mapping[str, ReleaseKind] = {each.name: each for each in (features.FEATURES, scores.SCORES, effects.EFFECTS, plans.PLANS)}
