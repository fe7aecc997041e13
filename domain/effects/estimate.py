"""The entry: one release of effects from one row per video. The same rows, hypotheses and seed give the same bytes."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime

import pandas as pd

from domain.effects.candidates import candidates, judge
from domain.effects.sentences import sentence
from domain.effects.verdicts import METHOD_VERSION, Effect, Hypothesis, Outcome
from domain.features.feature import FeatureKind
from domain.features.titles import FEATURES, FEATURES_VERSION, title_features
from domain.figures import plain

TITLE_HYPOTHESES = tuple(
    Hypothesis(feature.name, feature.contrast, feature.step, is_presence=feature.kind is FeatureKind.PRESENCE)
    for feature in FEATURES
    if feature.is_hypothesis
)


@dataclass(frozen=True, slots=True)
class Post:
    """One video as this subject needs it: who posted it, when, under which title, and how it did for its age."""

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
    effects = estimate_effects(with_title_features(frame), hypotheses=TITLE_HYPOTHESES, seed=seed)
    return tuple(replace(effect, method=f"{METHOD_VERSION}/{FEATURES_VERSION}") for effect in effects)


def with_title_features(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with one column per title feature."""
    features = title_features(frame["title"])
    return frame.assign(**{feature.name: features[feature.name].to_numpy() for feature in FEATURES})


def estimate_effects(
    frame: pd.DataFrame, *, hypotheses: Sequence[Hypothesis], outcome: Outcome = Outcome.REACH, scope: str | None = None, seed: int
) -> tuple[Effect, ...]:
    """One effect per hypothesis, in the order given, as if nothing else were in the release (`candidates` and `judge` in one)."""
    return judge(candidates(frame, hypotheses, outcome=outcome, scope=scope, seed=seed))


def as_figures(effect: Effect) -> dict[str, object]:
    """The effect as JSON values; floats to ten digits, which is what survives another machine's last bit."""
    multiples = {"multiple": effect.multiple, "multiple_low": effect.multiple_low, "multiple_high": effect.multiple_high}
    return {name: plain(value) for name, value in (asdict(effect) | multiples | {"sentence": sentence(effect)}).items()}


def canonical(effects: Sequence[Effect]) -> bytes:
    """The release as bytes, for its hash and its replay."""
    rows = [as_figures(effect) for effect in effects]
    return json.dumps(rows, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("utf-8")
