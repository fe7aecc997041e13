"""Examples of outliers, forecasts, effects, analyses, anomalies, charts and releases."""

from typing import Any

from api.examples.shape import ACCOUNT, CURSOR, EFFECT, IMPORT, NOON, POSTED, RELEASE, REQUEST, VIDEO, Example
from api.figures import MethodOut
from api.insights.analyses import AnalysisOut
from api.insights.anomalies import AnomaliesOut, AnomalyOut
from api.insights.effects import EffectDetailOut, EffectOut, EffectsOut, GateOut, GatesOut, PerCentOut, PlaceboOut, WindowOut
from api.insights.outliers import ForecastOut, ForetoldOut, OutlierOut, OutliersOut, VideoForecastOut
from api.pages import Page
from api.pictures import TYPES
from api.releases import ListedReleaseOut, ReleaseOut, ReplayOut
from api.requests import RequestOut


def _told(method: str, section: str, *, n: int = 1600) -> dict[str, Any]:
    """What stands above every published figure."""
    return {
        "n": n, "as_of": NOON, "newest_observation": NOON, "method": MethodOut(id=method, url=f"/docs/method#{section}"),
        "release_id": RELEASE, "computed_at": NOON, "stale": False, "note": None,
    }  # fmt: skip


_LEVEL = 0.8
_OUTLIER = OutlierOut(
    VIDEO, ACCOUNT, "Example Kitchen", "tiktok", "short", "Why does bread rise?", "https://www.example.org/v/7301234567890123456", POSTED,
    12_000, 4.2, 2.9, 6.1, 3.8, 0.97, 20, 2.4, "[1,5)", 1.1, "[1,5)", "census", False,
    [ForetoldOut("7d", 7.0, 19_000, 14_500, 26_000, _LEVEL, None)],
)  # fmt: skip
_OUTLIERS = OutliersOut(
    **_told("maturity-local-median/1", "scores"), without_score={"fewer than five comparable posts": 12}, items=[_OUTLIER],
    next_cursor=CURSOR, has_more=True,
)  # fmt: skip
_FORECAST = VideoForecastOut(
    **_told("own-course-conformal/1", "forecasts"), video_id=VIDEO, is_promoted=None,
    items=[ForecastOut(
        horizon="7d", age_days=2.4, target_age_days=7.0, views=12_000, predicted=19_000, low=14_500, high=26_000, level=_LEVEL,
        velocity=3_100, velocity_multiple=2.2, reason=None,
    )],
)  # fmt: skip
_EFFECT = EffectOut(
    effect_id=EFFECT,
    key="reach/feature/is_question",
    outcome="reach",
    group="title",
    kind="feature",
    window_from="2026-05-01T08:00:00+00:00",
    window_to="2026-11-07T18:30:00+00:00",
    placebo=0.01,
    placebo_p=0.74,
    permutation_p=0.002,
    overlap=38,
    assumptions=["posts of one account differ in nothing else that goes with the choice and is not adjusted for"],
    method="effects-2",
    feature="is_question",
    contrast="a question in the title, compared with none",
    estimand="Mean difference in log views ...",
    design="within-account",
    verdict="causal-supported",
    reason=None,
    estimate=0.307,
    low=0.239,
    high=0.374,
    multiple=1.36,
    sentence="A question in the title: raised views by 36 % (95 % interval +27 % to +45 %; 1,600 posts of 40 accounts).",
    multiple_low=1.27,
    multiple_high=1.45,
    naive=0.11,
    p=1.1e-11,
    q=1.1e-10,
    hypotheses=6,
    n=1600,
    accounts=40,
    treated=560,
    control=1040,
    mde=0.12,
    robustness_value=0.21,
    posts_needed=None,
    is_lag_adjusted=False,
    gates=[{"name": "census", "passed": True, "value": 1.0, "threshold": 1.0, "detail": "every post of the window is in"}],
)
_EFFECTS = EffectsOut(**_told("effects-2", "effects"), items=[_EFFECT], next_cursor=None, has_more=False)
_DETAIL = EffectDetailOut(
    **_told("effects-2", "effects"), effect=_EFFECT, clusters=40, per_cent=PerCentOut(estimate=35.9, low=27.0, high=45.4, mde=12.7),
    window=WindowOut(begins=_EFFECT.window_from, ends=_EFFECT.window_to), placebo=PlaceboOut(estimate=0.01, p=0.74, permutation_p=0.002),
)  # fmt: skip
_GATES = GatesOut(
    **_told("effects-2", "effects"), hypotheses=6, verdicts={"causal-supported": 1, "inconclusive": 5},
    items=[GateOut(name="census", asked=6, passed=6)],
)  # fmt: skip
_SENTENCE = "Of 61 slots, hours and weekdays with enough posts, none differs clearly in reach from the other posts of the same account."
_DEEP = AnalysisOut(
    **_told("deep-analysis/1", "deep-analysis"), account_id=None, missing=[],
    sections={"posting_time": {"nature": "descriptive", "sentence": _SENTENCE, "n": 1600, "table": [], "best": []}},
)  # fmt: skip
_CAUSAL = AnalysisOut(**_told("effects-2", "effects"), account_id=None, sections={"changes": []}, missing=["people"])
_ANOMALY = AnomalyOut(
    metric="views", account_id=ACCOUNT, day=NOON.date(), last_day=NOON.date(), expected=4_100, low=2_300, high=7_200, observed=39_000,
    score=3.9, direction="up", kind="too early to tell", severity="critical", method="anomalies/1",
    dedupe_key=f"anomaly:views:{ACCOUNT}:{NOON.date()}",
)  # fmt: skip
_ANOMALIES = AnomaliesOut(
    **_told("anomalies/1", "anomalies", n=5400), watched={"accounts": 40, "series": {"views": 38}, "too_short": 4}, items=[_ANOMALY],
    next_cursor=None, has_more=False,
)  # fmt: skip
_CHARTS = ("/insights/effects", "/insights/outliers", "/insights/deep/posting-time", "/insights/changes", "/videos/{video_id}/forecast")
_DRAWN = {"svg": '<svg xmlns="http://www.w3.org/2000/svg"/>', "png": "(bytes)", "json": '{"mark": "point"}'}


def _asked(kind: str) -> RequestOut:
    return RequestOut(
        request_id=REQUEST, kind=kind, subject=kind, params={}, state="pending", attempt=0, max_attempts=3, progress=0.0, note="",
        error=None, run_id=None, created_at=NOON, started_at=None, finished_at=None,
    )  # fmt: skip


_RELEASE = ReleaseOut(
    release_id=RELEASE,
    kind="effects",
    method="effects-2",
    code_version="0.1.0",
    seed=20260101,
    inputs_hash="5b1c" * 16,
    outputs_hash="9d20" * 16,
    inputs_count=1600,
    data_versions={
        "read_at": "2026-11-10T12:00:00+00:00",
        "snapshots": {
            "count": 14_200,
            "newest_observed_at": "2026-11-10T12:00:00+00:00",
            "newest_recorded_at": "2026-11-10T11:59:58+00:00",
        },
        "imports": {"count": 1, "sha256": "77aa" * 16, "newest": [{"import_id": str(IMPORT), "sha256": "3f0b" * 16}]},
        "features": "features-1",
    },
    as_of=NOON,
    newest_observation=NOON,
    created_at=NOON,
)
_LISTED = ListedReleaseOut(**{name: getattr(_RELEASE, name) for name in ListedReleaseOut.__struct_fields__})
_REPLAY = ReplayOut(release_id=RELEASE, is_same=True, inputs_hash="5b1c" * 16, outputs_hash="9d20" * 16, reason=None)

EXAMPLES = {
    "GET /insights/outliers": Example(_OUTLIERS),
    "GET /videos/{video_id}/forecast": Example(_FORECAST),
    "GET /insights/effects": Example(_EFFECTS),
    "GET /insights/effects/{effect_id}": Example(_DETAIL),
    "GET /insights/gates": Example(_GATES),
    "POST /insights/deep": Example(_asked("deep")),
    "GET /insights/deep": Example(_DEEP),
    "GET /insights/deep/cached": Example(_DEEP),
    "POST /insights/causal": Example(_asked("causal")),
    "GET /insights/causal": Example(_CAUSAL),
    "GET /insights/causal/cached": Example(_CAUSAL),
    "POST /insights/advanced": Example(_asked("causal")),
    "GET /insights/advanced": Example(_CAUSAL),
    "GET /insights/anomalies": Example(_ANOMALIES),
    **{f"GET {path}/chart.{form}": Example(_DRAWN[form], media_type=kind) for path in _CHARTS for form, kind in TYPES.items()},
    "GET /insights/releases/{release_id}": Example(_RELEASE),
    "GET /insights/releases": Example(Page(items=[_LISTED], next_cursor=CURSOR, has_more=True)),
    "GET /insights/releases/{release_id}/replay": Example(_REPLAY),
    "POST /insights/releases/{release_id}/replay": Example(_REPLAY),
}
