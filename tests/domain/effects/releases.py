"""Releases of titles alone, from one record per video; and a release as bytes, so that two can be compared."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime

import pandas as pd

from domain.effects.estimate import as_figures, estimate_effects
from domain.effects.verdicts import Effect, Hypothesis
from domain.features.feature import FeatureKind
from domain.features.titles import FEATURES, title_features

TITLE_HYPOTHESES = tuple(
    Hypothesis(feature.name, feature.contrast, feature.step, is_presence=feature.kind is FeatureKind.PRESENCE)
    for feature in FEATURES
    if feature.is_hypothesis
)


@dataclass(frozen=True, slots=True)
class Post:
    """One video: who posted it, when, under which title, and how it did for its age."""

    video_id: str
    account_id: str
    platform: str
    format: str | None
    posted_at: datetime | None
    title: str | None
    outcome: float | None
    outcome_se: float | None
    selection: str


def estimate_title_effects(posts: Iterable[Post], *, seed: int) -> tuple[Effect, ...]:
    """One effect per title hypothesis."""
    frame = pd.DataFrame([asdict(post) for post in posts], columns=[field.name for field in fields(Post)])
    measured = title_features(frame["title"])
    columns = {feature.name: measured[feature.name].to_numpy() for feature in FEATURES}
    return estimate_effects(frame.assign(**columns), hypotheses=TITLE_HYPOTHESES, seed=seed)


def canonical(effects: Sequence[Effect]) -> bytes:
    """The same bytes for the same effects; raises ValueError for a figure that JSON does not know."""
    rows = [as_figures(effect) for effect in effects]
    return json.dumps(rows, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("utf-8")
