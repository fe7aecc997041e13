"""Examples of outliers, effects and releases."""

from api.examples.shape import ACCOUNT, CURSOR, IMPORT, NOON, POSTED, RELEASE, VIDEO, Example
from api.figures import MethodOut
from api.insights import EffectOut, EffectsOut, OutlierOut, OutliersOut
from api.pages import Page
from api.releases import ReleaseOut, ReplayOut

_OUTLIER = OutlierOut(
    video_id=VIDEO,
    account_id=ACCOUNT,
    account="Example Kitchen",
    platform="tiktok",
    format="short",
    title="Why does bread rise?",
    url="https://www.example.org/v/7301234567890123456",
    posted_at=POSTED,
    views=12_000,
    multiple=4.2,
    low=2.9,
    high=6.1,
    shrunk_multiple=3.8,
    p_outlier=0.97,
    peers=20,
    age_days=2.4,
    virality_band="[1,5)",
    naive_multiple=1.1,
    naive_band="[1,5)",
    selection="census",
)
_OUTLIERS = OutliersOut(
    n=1600,
    as_of=NOON,
    newest_observation=NOON,
    method=MethodOut(id="maturity-local-median/1", url="/docs/method#scores"),
    release_id=RELEASE,
    without_score={"fewer than five comparable posts": 12},
    items=[_OUTLIER],
    next_cursor=CURSOR,
    has_more=True,
    note=None,
)
_EFFECT = EffectOut(
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
_EFFECTS = EffectsOut(
    n=1600,
    as_of=NOON,
    newest_observation=NOON,
    method=MethodOut(id="effects-1", url="/docs/method#effects"),
    release_id=RELEASE,
    items=[_EFFECT],
    note=None,
)
_RELEASE = ReleaseOut(
    release_id=RELEASE,
    kind="effects",
    method="effects-1",
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
_REPLAY = ReplayOut(release_id=RELEASE, is_same=True, inputs_hash="5b1c" * 16, outputs_hash="9d20" * 16, reason=None)

EXAMPLES = {
    "GET /insights/outliers": Example(_OUTLIERS),
    "GET /insights/effects": Example(_EFFECTS),
    "GET /insights/releases/{release_id}": Example(_RELEASE),
    "GET /insights/releases": Example(Page(items=[_RELEASE], next_cursor=CURSOR, has_more=True)),
    "GET /insights/releases/{release_id}/replay": Example(_REPLAY),
    "POST /insights/releases/{release_id}/replay": Example(_REPLAY),
}
