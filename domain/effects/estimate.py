"""The entry: one release of effects from one row per video. The same rows, hypotheses and seed give the same bytes."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime

import numpy as np
import pandas as pd

from domain.effects.designs import design_of
from domain.effects.gate import LEAST_ACCOUNTS, accounts_that_vary, benjamini_hochberg, gates_of, posts_needed, round_up, verdict_of
from domain.effects.inference import LEAST_FREE_POSTS, Figures, infer
from domain.effects.panel import Floats, Panel, build_panel
from domain.effects.verdicts import METHOD_VERSION, Design, Effect, Gate, Hypothesis, Verdict, sentence
from domain.features.feature import FeatureKind
from domain.features.titles import FEATURES, FEATURES_VERSION, title_features

TITLE_HYPOTHESES = tuple(
    Hypothesis(feature.name, feature.contrast, feature.step, is_presence=feature.kind is FeatureKind.PRESENCE)
    for feature in FEATURES
    if feature.is_hypothesis
)
ESTIMANDS: Mapping[Design, str] = {
    Design.WITHIN_ACCOUNT: "Mean difference in log views for {contrast}, among posts of the same account and format, net of the account's "
    "own growth line, the platform's week, week-end and hour, and the other features of this release.",
    Design.WITHIN_TIME: "Mean difference in log views for {contrast}, among posts of the same account and format at different times, net "
    "of the account's own growth line, week-end and hour, and the other features of this release.",
}
SIGNIFICANT_DIGITS = 10


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


def estimate_effects(frame: pd.DataFrame, *, hypotheses: Sequence[Hypothesis], seed: int) -> tuple[Effect, ...]:
    """One effect per hypothesis, in the order given. Columns: `panel.COLUMNS` and one per hypothesis."""
    panel = build_panel(frame, hypotheses)
    figures = infer(panel, hypotheses, seed)
    q = dict(zip(figures, benjamini_hochberg([found.p for found in figures.values()]), strict=True))
    return tuple(
        _effect(panel, column, hypothesis, figures.get(hypothesis.feature), q.get(hypothesis.feature, 1.0), len(figures))
        for column, hypothesis in zip(panel.features.T, hypotheses, strict=True)
    )


def _effect(panel: Panel, column: Floats, hypothesis: Hypothesis, found: Figures | None, q: float, hypotheses: int) -> Effect:
    unanswered = replace(_unanswered(panel, column, hypothesis), hypotheses=max(hypotheses, 1))
    if found is None:
        return unanswered
    gates = gates_of(panel, found, q, accounts_that_vary(panel, column, hypothesis), unanswered.design)
    verdict = verdict_of(found, gates)
    is_open = verdict is Verdict.INCONCLUSIVE
    return replace(
        unanswered,
        verdict=verdict,
        estimate=found.estimate,
        se=found.se,
        low=found.low if math.isfinite(found.low) else None,
        high=found.high if math.isfinite(found.high) else None,
        p=found.p,
        q=q,
        mde=found.mde,
        robustness_value=found.robustness_value,
        posts_needed=posts_needed(panel.n, found, hypotheses) if is_open else None,
        is_lag_adjusted=found.is_lag_adjusted,
        reason=_reason(found, gates) if is_open else None,
        gates=gates,
    )


def _unanswered(panel: Panel, column: Floats, hypothesis: Hypothesis) -> Effect:
    """What can be said of any hypothesis: the comparison and its counts."""
    design = design_of(panel)
    treated = int(np.sum(column > 0)) if hypothesis.is_presence else None
    few = LEAST_FREE_POSTS - panel.free_posts
    return Effect(
        feature=hypothesis.feature,
        contrast=hypothesis.contrast,
        estimand=ESTIMANDS[design].format(contrast=hypothesis.contrast),
        verdict=Verdict.INCONCLUSIVE,
        design=design,
        n=panel.n,
        accounts=panel.accounts,
        treated=treated,
        control=None if treated is None else panel.n - treated,
        naive=_naive(panel, column),
        posts_needed=round_up(few) if few > 0 else None,
        reason="too few comparable posts" if few > 0 else "the posts of an account differ too little in this",
    )


def _naive(panel: Panel, column: Floats) -> float | None:
    """What a plain comparison of all posts would say; published beside the answer, never instead of it."""
    centred = column - column.mean() if panel.n else column
    spread = float(centred @ centred)
    return float(centred @ panel.outcome) / spread if spread > 0 else None


def _reason(found: Figures, gates: tuple[Gate, ...]) -> str:
    failed = {gate.name for gate in gates if not gate.passed}
    if "census" in failed:
        return "these posts were picked by how they did, and show no clear difference"
    if "accounts" in failed:
        return f"fewer than {LEAST_ACCOUNTS} accounts, and the posts at hand show no clear difference"
    if "overlap" in failed:
        return "too few accounts show both sides"
    if found.low > 0 or found.high < 0:
        return "the difference is not clear once all questions of this release are counted"
    return "the interval holds both a relevant difference and none"


def as_figures(effect: Effect) -> dict[str, object]:
    """The effect as JSON values; floats to ten digits, which is what survives another machine's last bit."""
    multiples = {"multiple": effect.multiple, "multiple_low": effect.multiple_low, "multiple_high": effect.multiple_high}
    return {name: _plain(value) for name, value in (asdict(effect) | multiples | {"sentence": sentence(effect)}).items()}


def canonical(effects: Sequence[Effect]) -> bytes:
    """The release as bytes, for its hash and its replay."""
    rows = [as_figures(effect) for effect in effects]
    return json.dumps(rows, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("utf-8")


def _plain(value: object) -> object:
    if isinstance(value, float):
        return float(f"{value:.{SIGNIFICANT_DIGITS}g}")
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
