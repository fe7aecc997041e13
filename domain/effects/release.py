"""One release of effects: every hypothesis of a tenant, all outcomes and scopes, judged together so that q counts them all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from domain.effects.estimate import estimate_effects
from domain.effects.verdicts import METHOD_VERSION, Effect, Hypothesis
from domain.features.feature import Feature, FeatureKind, Known
from domain.features.table import FeatureTable


@dataclass(frozen=True, slots=True, eq=False)
class EffectsRelease:
    """What is published together. `sections`: further tables by name (people, combinations ...), as JSON values."""

    effects: tuple[Effect, ...]
    sections: Mapping[str, Any] = field(default_factory=dict)
    method: str = METHOD_VERSION


def effects_release(posts: pd.DataFrame, features: FeatureTable, *, experiments: Sequence[Effect] = (), seed: int) -> EffectsRelease:
    """All effects of a tenant. Posts: `domain.posts.COLUMNS`; experiments: own randomised results, which also calibrate the others."""
    frame = posts.join(features.frame, on="video_id")
    effects = estimate_effects(frame, hypotheses=[hypothesis_of(each) for each in features.features if may_be_asked(each)], seed=seed)
    return EffectsRelease((*effects, *experiments))


def may_be_asked(feature: Feature) -> bool:
    """Only what its creator controls, and what is known before anybody has seen the post."""
    return feature.is_hypothesis and feature.is_controllable and feature.known is Known.BEFORE


def hypothesis_of(feature: Feature) -> Hypothesis:
    is_presence = feature.kind is FeatureKind.PRESENCE
    return Hypothesis(feature.name, feature.contrast, feature.step, is_presence=is_presence, group=feature.group.value)
