"""Examples of plans, drafts, scoring models and predictions."""

from typing import Any
from uuid import UUID

from api.examples.shape import ACCOUNT, CURSOR, NOON, POSTED, RELEASE, VIDEO, Example
from api.figures import MethodOut
from api.pages import Page
from api.planning.bodies import DraftIn, FitIn, ModelChangeIn, ModelIn, PredictedVideoIn, ScoresIn
from api.planning.shapes import (
    METHOD,
    DraftOut,
    ModelOut,
    PlanOut,
    PredictedOut,
    PredictionCalibrationOut,
    PredictionOut,
    ScoredOut,
    ScoresOut,
)

MODEL = UUID("01931c00-0000-7000-8000-000000000020")
PREDICTION = UUID("01931c00-0000-7000-8000-000000000021")
EFFECT = "01931c00-0000-7000-8000-000000000022"
_METHOD = MethodOut(id="planning-1/features-1", url="/docs/method#what-next")
_ITEM: dict[str, Any] = {
    "feature": "is_question", "group": "title", "choice": "is_question", "outcome": "reach", "action": "do", "is_causal": True,
    "text": "Have a question mark in the title", "verdict": "causal-supported", "effect_ids": [EFFECT], "scope": None,
    "sentence": "A question mark in the title, compared with none: raised views by 36 % (95 % interval +27 % to +45 %; ...).",
    "estimate": 0.307, "low": 0.239, "high": 0.374, "multiple": 1.36, "multiple_low": 1.27, "multiple_high": 1.45, "n": 1600,
    "accounts": 40, "usual": 0.25, "also": [], "experiment": None,
    "expected": {"from": 10_000.0, "to": 12_590.0, "low": 12_170.0, "high": 13_020.0, "level": 0.8, "reason": None,
                 "text": "expect from about 10,000 to 13,000 views, 80% 12,000 to 13,000"},
}  # fmt: skip
_TO_TEST: dict[str, Any] = {
    **_ITEM, "feature": "has_number", "choice": "has_number", "action": "test", "is_causal": False, "verdict": "associational",
    "text": "Worth testing: have a digit in the title",
    "sentence": "A digit in the title, compared with none: such posts had 28 % more views (...). An association: ...",
    "experiment": {"route": "POST /insights/experiments", "lift": 0.284, "mde_lift": 0.27, "days": 24, "assumptions": [],
                   "body": {"kind": "switchback", "name": "a digit in the title?", "metric": "views", "lift": 0.284, "days": 24,
                            "arms": [{"name": "without"}, {"name": "with"}], "varies": "title"}},
}  # fmt: skip
_MISSING = {"questions": 9, "posts_needed": 140, "nearest": [],
            "sentence": "9 questions cannot be answered yet; about 140 more posts would answer the nearest one."}  # fmt: skip
_PATTERN = {
    "feature": "is_question", "subject": "a question mark in the title", "group": "title", "outliers": 42, "others": 1558,
    "outliers_with": 26, "others_with": 530, "accounts": 21, "share": 0.62, "share_low": 0.47, "share_high": 0.75,
    "others_share": 0.34, "difference": 0.28,
    "difference_low": 0.13, "difference_high": 0.41, "lift": 1.82, "lift_low": 1.42, "lift_high": 2.34, "p": 0.0002, "q": 0.006,
    "stands_out": True, "sentence": "A question mark in the title: 62% of 42 outliers, 34% of 1,558 other posts (...).",
    "effect": {"effect_id": EFFECT, "verdict": "causal-supported", "multiple": 1.36, "multiple_low": 1.27, "multiple_high": 1.45,
               "sentence": "..."},
}  # fmt: skip
_IDEA = {
    "kind": "topic", "nature": "descriptive", "feature": "topic:sourdough", "text": "Another video about 'sourdough'", "effect_ids": [],
    "verdicts": [], "n": 31, "accounts": 1, "difference": 0.4, "low": 0.18, "high": 0.62, "multiple": 1.49, "multiple_low": 1.2,
    "multiple_high": 1.86, "sentence": "Such posts had 49 % more views than the account's other posts at the time (+20 % to +86 %, ...).",
}  # fmt: skip


def _plan(section: dict[str, Any]) -> PlanOut:
    return PlanOut(
        n=160, as_of=NOON, newest_observation=NOON, method=_METHOD, release_id=RELEASE, computed_at=NOON, stale=False,
        account_id=ACCOUNT, section={"account_id": str(ACCOUNT), "n": 160, **section}, note=None,
    )  # fmt: skip


_BODY = DraftIn(account_id=ACCOUNT, title="Why does bread rise?", hashtags=["bread"], format="short", duration_seconds=30.0)
_PREDICTED = [
    PredictedOut(horizon="7d", median=6100.0, low=2900.0, high=13_400.0, level=0.8, reason=None),
    PredictedOut(horizon="30d", median=None, low=None, high=None, level=0.8, reason="no such post was seen for so long"),
]
_CHANGE = {"effect_id": EFFECT, "feature": "is_question", "value": 1.0, "usual": 0.25, "log_points": 0.23, "se": 0.026, "counted": 1.0}
_ADVICE = {
    "field": "title", "finding": "104 characters; youtube takes 100", "suggestion": "take out 4 characters", "source": "documented",
    "url": "https://developers.google.com/youtube/v3/docs/videos#properties",
}  # fmt: skip
_DRAFT = DraftOut(
    n=1600, as_of=NOON, newest_observation=NOON, method=_METHOD, release_id=RELEASE, account_id=ACCOUNT, format="short",
    is_format_assumed=False, features={"is_question": 1.0, "title_chars": 20.0}, missing=["thumbnail_faces"],
    missing_note="not measured of drafts: topics, people and brands, sounds' charts, thumbnails", predictions=_PREDICTED, changes=[_CHANGE],
    applies=[_ITEM], could_apply=[], worth_testing=[_TO_TEST], advice=[_ADVICE],
)  # fmt: skip
_MODEL = ModelOut(
    model_id=MODEL, name="My titles", version=1, kind="given", intercept=0.0, is_useful=None, validation=None, account_id=None,
    weights=[{"feature": "has_number", "weight": 0.25, "scale": 1.0, "centre": 0.0},
             {"feature": "is_question", "weight": 0.75, "scale": 1.0, "centre": 0.0}],
    features_version="features-1", data_from=None, data_to=None, created_at=NOON, version_created_at=NOON,
)  # fmt: skip
_FITTED = ModelOut(
    model_id=MODEL, name="My titles", version=2, kind="fitted", intercept=0.01, is_useful=True, account_id=None,
    validation={"n": 800, "folds": 5, "r2": {"value": 0.12, "low": 0.05, "high": 0.18},
                "spearman": {"value": 0.33, "low": 0.25, "high": 0.4},
                "is_useful": True, "baseline": "the account's usual level", "n_fitted": 1600, "penalty": 0.1, "seed": 20260101,
                "sentence": "On 800 later posts the model takes away 12% (95 % interval 5% to 18%) of the misses of ..."},
    weights=[{"feature": "is_question", "weight": 0.14, "scale": 0.48, "centre": 0.35}],
    features_version="features-1", data_from=POSTED, data_to=NOON, created_at=NOON, version_created_at=NOON,
)  # fmt: skip
_SCORED = ScoredOut(
    draft=0, video_id=None, score=0.75, reason=None, missing=[],
    contributions=[{"feature": "has_number", "value": 0.0, "weight": 0.25, "points": 0.0},
                   {"feature": "is_question", "value": 1.0, "weight": 0.75, "points": 0.75}],
)  # fmt: skip
_PREDICTION = PredictionOut(
    prediction_id=PREDICTION, account_id=ACCOUNT, draft={"account_id": str(ACCOUNT), "title": "Why does bread rise?"},
    predictions=_PREDICTED, changes=[_CHANGE], method=_METHOD, release_id=RELEASE, made_at=NOON, video_id=VIDEO, attached_at=NOON,
    scores=[{"horizon": "7d", "views": 7200.0, "is_hit": True, "position": 0.62, "pinball": 0.09, "reason": None,
             "scored_at": "2026-11-20T03:15:00+00:00"}],
)  # fmt: skip
_CALIBRATION = PredictionCalibrationOut(
    method=METHOD, account_id=None, made=61, attached=48, abandoned=2,
    horizons={
        "7d": {"n": 41, "reason": None, "level": 0.8, "hits": {"n": 41, "count": 33, "share": 0.8, "low": 0.66, "high": 0.9},
               "mean_pinball": 0.14, "curve": [{"quantile": 0.1, "n": 41, "count": 4, "share": 0.1, "low": 0.04, "high": 0.23}],
               "bins": [{"from": 0.0, "to": 0.1, "n": 41, "count": 4, "share": 0.1, "low": 0.04, "high": 0.23}]},
        "30d": {"n": 9, "reason": "9 predictions are scored; calibration is shown from 20 on, about 11 more"},
    },
)  # fmt: skip
_MODELS, _PREDICTIONS = "/insights/scoring-models", "/insights/predictions"
_ONE = f"{_MODELS}/{{model_id}}"
EXAMPLES = {
    "GET /insights/patterns": Example(_plan({"nature": "descriptive", "outliers": 42, "reason": None, "items": [_PATTERN]})),
    "GET /insights/blueprint": Example(_plan({"do": [_ITEM], "avoid": [], "test": [_TO_TEST], "no_difference": [], "missing": _MISSING})),
    "GET /insights/quick-wins": Example(_plan({"items": [_ITEM, _TO_TEST], "missing": _MISSING})),
    "GET /insights/suggestions": Example(_plan({"items": [_IDEA], "reasons": []})),
    "POST /insights/drafts": Example(_DRAFT, body=_BODY),
    f"GET {_MODELS}": Example(Page(items=[_MODEL], next_cursor=CURSOR, has_more=True)),
    f"POST {_MODELS}": Example(_MODEL, body=ModelIn(name="My titles", weights={"is_question": 3.0, "has_number": 1.0})),
    f"GET {_ONE}": Example(_FITTED),
    f"PATCH {_ONE}": Example(_MODEL, body=ModelChangeIn(name="My titles")),
    f"POST {_ONE}/fit": Example(_FITTED, body=FitIn(features=["is_question"])),
    f"POST {_ONE}/scores": Example(
        ScoresOut(model_id=MODEL, version=1, is_useful=None, method=METHOD, items=[_SCORED]), body=ScoresIn(drafts=[_BODY])
    ),
    f"GET {_PREDICTIONS}": Example(Page(items=[_PREDICTION], next_cursor=CURSOR, has_more=True)),
    f"POST {_PREDICTIONS}": Example(_PREDICTION, body=_BODY),
    f"GET {_PREDICTIONS}/calibration": Example(_CALIBRATION),
    f"GET {_PREDICTIONS}/{{prediction_id}}": Example(_PREDICTION),
    f"POST {_PREDICTIONS}/{{prediction_id}}/video": Example(_PREDICTION, body=PredictedVideoIn(video_id=VIDEO)),
}
