"""Examples of experiments."""

from datetime import date
from uuid import UUID

from api.examples.shape import CURSOR, NOON, RELEASE, Example
from api.experiments.bodies import ArmIn, CountIn, CountsIn, ExperimentIn, OutcomeIn, StartIn, StateIn, UnitIn, VariantIn
from api.experiments.shapes import (
    AssignedOut,
    CountedOut,
    DesignOut,
    ExperimentOut,
    OutcomeOut,
    RatioOut,
    ReadingOut,
    ResultOut,
    ScheduleOut,
    SlotOut,
)
from api.experiments.table_shapes import ArmOut, CalibrationOut, ImportedTestsOut, ListedTestsOut, PairOut, TestOut
from api.figures import MethodOut
from api.pages import Page
from domain.experiments.plan import ExperimentKind, Metric, Stopping
from domain.experiments.reported import ReportedOutcome
from domain.experiments.states import ExperimentState

EXPERIMENT = UUID("0192f0c1-2f00-7000-8000-00000000e001")
TABLE = UUID("0192f0c1-2f00-7000-8000-00000000e002")
_BODY = ExperimentIn(
    kind=ExperimentKind.SWITCHBACK,
    name="Title of the tour",
    metric=Metric.CLICK_RATE,
    arms=[ArmIn(name="A", text="The tour"), ArmIn(name="B", text="Is this the tour?")],
    lift=0.2,
    days=28,
    impressions=20_000,
    base_rate=0.05,
    day_noise=0.1,
)
_DESIGN = DesignOut(
    mde=0.12,
    mde_lift=0.128,
    power_at_lift=0.989,
    blocks=14,
    slots_needed=16,
    noise={"log_sd": 0.1, "source": "given", "impressions": 20000.0, "rate": 0.05, "days": 0},
    assumptions=[
        "days differ by a log-sd of 0.100, as you said",
        "an arm's effect ends with its day",
    ],
)
_EXPERIMENT = ExperimentOut(
    experiment_id=EXPERIMENT,
    source="own",
    kind="switchback",
    name="Title of the tour",
    state=ExperimentState.RUNNING,
    plan={"kind": "switchback", "name": "Title of the tour", "slots": 28, "seed": 20260101, "alpha": 0.05, "stopping": "fixed_end"},
    plan_hash="5b1c" * 16,
    starts_on=date(2026, 11, 1),
    ends_on=date(2026, 11, 28),
    started_at=NOON,
    ended_at=None,
    created_at=NOON,
    design=_DESIGN,
)
_RESULT = ResultOut(
    feature=f"{EXPERIMENT}/B",
    outcome="clicks",
    verdict="experimental",
    sentence="“B” instead of “A” in the test “Title of the tour”: raised clicks per impression by 21.3 % in a randomised test "
    "(95 % interval +11.8 % to +31.6 %; 14 blocks of days).",
    reason=None,
    estimand="Mean difference in log click_rate between “B” and “A”, over blocks of days; arms drawn at random.",
    estimate=0.193,
    low=0.112,
    high=0.274,
    multiple=1.213,
    p=0.0002,
    q=0.0002,
    mde=0.113,
    n=28,
)
_RATIO = RatioOut(unit="days or posts", observed=[14, 14], expected=[14.0, 14.0], p=1.0, passed=True)
_READING = ReadingOut(
    n=28,
    as_of=NOON,
    newest_observation=NOON,
    method=MethodOut(id="experiments-1", url="/docs/method#experiments"),
    experiment_id=EXPERIMENT,
    state=ExperimentState.RUNNING,
    stopping=Stopping.FIXED_END,
    is_final=True,
    withheld=None,
    blocks=14,
    blocks_planned=14,
    ratio=_RATIO,
    level=0.95,
    results=[_RESULT],
)
_REPORTED = ExperimentOut(
    experiment_id=EXPERIMENT,
    source="reported",
    kind="title",
    name="New title",
    state=ExperimentState.CONCLUDED,
    plan={"name": "New title", "outcome": "winner", "winner": "new"},
    plan_hash="9d20" * 16,
    starts_on=None,
    ends_on=None,
    started_at=None,
    ended_at=None,
    created_at=NOON,
)
_OUTCOME = ResultOut(
    feature=str(EXPERIMENT),
    outcome="watch-time share",
    verdict="experimental (self-reported)",
    sentence="In YouTube's own test “New title”, as reported by its owner, “new” won by its share of watch time (share of watch time: "
    "“old” 46.0%, “new” 54.0%; YouTube gives no interval). It says nothing about views.",
    reason="YouTube gives no interval",
    estimand="Difference in log share of watch time between variants that YouTube showed at random, as its owner reported it.",
    estimate=0.16,
    low=None,
    high=None,
    multiple=1.174,
    p=None,
    q=None,
    mde=None,
    n=2,
)
_LISTED = ListedTestsOut(
    import_id=TABLE, name="Headlines of 2015", is_own=True, tests=2471, arms=11_417, excluded=398, rejected=0, created_at=NOON
)  # fmt: skip
_COLUMNS = {"test": "test_id", "title": "headline", "impressions": "impressions", "clicks": "clicks", "within": None}
_TABLE = ImportedTestsOut(
    **{name: getattr(_LISTED, name) for name in ListedTestsOut.__struct_fields__},
    sha256="5b1c" * 16,
    columns=_COLUMNS,
    problems=[],
    arm_sd=0.2,
    effects=[_RESULT],
)
_TEST = TestOut(
    test="a1",
    ratio=RatioOut(unit="impressions", observed=[3052, 3033], expected=[3042.5, 3042.5], p=0.81, passed=True),
    arms=[ArmOut(title="Why does bread rise?", within="", impressions=3052, clicks=150, click_rate=0.0491)],
)
_PAIR = PairOut(
    feature="is_question", observed=-0.05, observed_se=0.04, experimental=-0.11, experimental_se=0.017, difference=0.06, z=1.38
)  # fmt: skip
_CALIBRATION = CalibrationOut(
    n=5,
    method=MethodOut(id="experiments-1", url="/docs/method#experiments"),
    release_id=RELEASE,
    reason=None,
    bias=0.02,
    bias_low=-0.03,
    bias_high=0.07,
    ratio=0.9,
    ratio_low=0.4,
    ratio_high=1.4,
    between_sd=0.02,
    widening=1.2,
    pairs=[_PAIR],
)
_BASE = "/insights/experiments"
_ONE = f"{_BASE}/{{experiment_id}}"
EXAMPLES = {
    f"GET {_BASE}": Example(Page(items=[_EXPERIMENT], next_cursor=CURSOR, has_more=True)),
    f"POST {_BASE}": Example(_EXPERIMENT, body=_BODY),
    f"POST {_BASE}/design": Example(_DESIGN, body=_BODY),
    f"POST {_BASE}/outcomes": Example(
        OutcomeOut(experiment=_REPORTED, result=_OUTCOME),
        body=OutcomeIn(
            name="New title",
            outcome=ReportedOutcome.WINNER,
            winner="new",
            variants=[VariantIn(name="old", watch_time_share=0.46), VariantIn(name="new", watch_time_share=0.54)],
        ),
    ),
    f"GET {_ONE}": Example(_EXPERIMENT),
    f"PATCH {_ONE}": Example(_EXPERIMENT, body=StateIn(state=ExperimentState.CONCLUDED)),
    f"POST {_ONE}/start": Example(_EXPERIMENT, body=StartIn(starts_on=date(2026, 11, 1))),
    f"POST {_ONE}/counts": Example(
        CountedOut(received=1, kept=1), body=CountsIn(counts=[CountIn(arm="A", day=date(2026, 11, 1), impressions=20_100, clicks=1010)])
    ),
    f"POST {_ONE}/counts/file": Example(CountedOut(received=56, kept=56)),
    f"POST {_ONE}/assignments": Example(AssignedOut(post="draft-17", arm="B", slot=0), body=UnitIn(post="draft-17")),
    f"GET {_ONE}/schedule": Example(
        ScheduleOut(experiment_id=EXPERIMENT, seed=20260101, items=[SlotOut(slot=0, block=0, day=date(2026, 11, 1), arm="B", post=None)])
    ),
    f"GET {_ONE}/readings": Example(_READING),
    f"POST {_BASE}/imports": Example(_TABLE),
    f"GET {_BASE}/imports": Example(Page(items=[_LISTED], next_cursor=CURSOR, has_more=True)),
    f"GET {_BASE}/imports/{{import_id}}": Example(_TABLE),
    f"GET {_BASE}/imports/{{import_id}}/tests": Example(Page(items=[_TEST], next_cursor=CURSOR, has_more=True)),
    f"GET {_BASE}/calibration": Example(_CALIBRATION),
}
