"""Randomised results as effects of a release: own tests, outcomes that a platform reported, and features pooled over many tests."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from domain.effects.verdicts import Design, Effect, Gate, Kind, Verdict
from domain.experiments.plan import METHOD_VERSION, OUTCOME_OF, ExperimentKind, Plan
from domain.experiments.pooling import Pool, PooledFeature
from domain.experiments.ratio import THRESHOLD, RatioCheck
from domain.experiments.reading import Comparison, Reading, verdict_of
from domain.experiments.reported import ReportedTest, reported_effect
from domain.experiments.wording import Basis, sentence_of

MOST_Q = 0.05
# Of pooled tests, the share that may fail the sample-ratio check.
MOST_LEFT_OUT = 0.10
# A pooled feature that moves clicks by less than this either way makes no relevant difference.
RELEVANT = math.log(1.05)
NOT_CLEAR_AMONG_ALL = "the difference is not clear once all questions of this release are counted"
NOT_CLEAR = "the interval holds both a relevant difference and none"


@dataclass(frozen=True, slots=True)
class OwnTest:
    """An own experiment that was read at its end."""

    experiment_id: str
    plan: Plan
    reading: Reading
    window_from: str | None = None
    window_to: str | None = None


@dataclass(frozen=True, slots=True)
class PooledTests:
    """Many tests that came in as a table. `is_own`: run by the tenant itself, else as its owner reported them."""

    import_id: str
    pool: Pool
    is_own: bool


@dataclass(frozen=True, slots=True)
class ExperimentCandidate:
    """A `domain.effects.verdicts.Candidate`: the verdict hangs on the release's q as well as on the test's own level."""

    effect: Effect
    alpha: float
    margin: float
    basis: Basis

    @property
    def p(self) -> float | None:
        return self.effect.p

    def judged(self, q: float, hypotheses: int) -> Effect:
        found = replace(self.effect, q=q, hypotheses=hypotheses)
        gates = (*found.gates, Gate("q", q <= MOST_Q, q, MOST_Q, "among all hypotheses of the release"))
        verdict = self._verdict(found, gates)
        reason = None if verdict is not Verdict.INCONCLUSIVE else found.reason or self._why(q)
        judged = replace(found, gates=gates, verdict=verdict, reason=reason)
        return replace(judged, wording=sentence_of(judged, self.basis))

    def _verdict(self, found: Effect, gates: tuple[Gate, ...]) -> Verdict:
        if found.estimate is None or found.p is None or found.low is None or found.high is None:
            return Verdict.INCONCLUSIVE
        verdict = verdict_of(found.p, (found.low, found.high), alpha=self.alpha, margin=self.margin)
        if verdict is not Verdict.EXPERIMENTAL:
            return verdict
        return found.verdict if all(gate.passed for gate in gates) else Verdict.INCONCLUSIVE

    def _why(self, q: float) -> str:
        is_clear_alone = self.effect.p is not None and self.effect.p <= self.alpha
        return NOT_CLEAR_AMONG_ALL if is_clear_alone and q > MOST_Q else NOT_CLEAR


def experiment_effects(
    tested: Iterable[OwnTest] = (), reported: Iterable[ReportedTest] = (), pooled: Iterable[PooledTests] = ()
) -> tuple[ExperimentCandidate | Effect, ...]:
    """Every randomised result of a tenant. What was reported without p waits for nobody and is an Effect at once."""
    own = [_own(each, comparison) for each in tested for comparison in each.reading.comparisons]
    pools = [_pooled(each, feature) for each in pooled for feature in each.pool.features]
    return (*own, *(reported_effect(each) for each in reported), *pools)


def _own(tested: OwnTest, found: Comparison) -> ExperimentCandidate:
    plan = tested.plan
    unit = {ExperimentKind.SWITCHBACK: "blocks of days", ExperimentKind.CHOICE: "blocks of posts"}.get(plan.kind, "days side by side")
    effect = Effect(
        feature=f"{tested.experiment_id}/{found.arm}",
        contrast=f"“{found.arm}” instead of “{found.control}” in the test “{plan.name}”",
        estimand=f"Mean difference in log {plan.metric} between “{found.arm}” and “{found.control}”, over {unit}; arms drawn at random.",
        verdict=Verdict.EXPERIMENTAL,
        design=Design.RANDOMISED,
        n=found.blocks * len(plan.arms),
        accounts=1,
        treated=found.blocks,
        control=found.blocks,
        estimate=found.estimate,
        se=found.se,
        low=found.low,
        high=found.high,
        p=found.p,
        mde=found.mde,
        gates=(_ratio_gate(tested.reading.ratio),),
        method=METHOD_VERSION,
        outcome=OUTCOME_OF[plan.metric],
        group=plan.varies,
        kind=Kind.EXPERIMENT,
        window_from=tested.window_from,
        window_to=tested.window_to,
        reason=None if found.estimate is not None else "the counts hold no difference that could be measured",
    )
    return ExperimentCandidate(effect, plan.alpha_each, math.log1p(plan.lift), Basis(f"{found.blocks} {unit}", level=found.level))


def _ratio_gate(ratio: RatioCheck) -> Gate:
    return Gate("sample_ratio", ratio.passed, ratio.p, THRESHOLD, f"{ratio.unit} by arm, against equal shares (chi-square)")


def _left_out(pool: Pool) -> Gate:
    """Single tests that fail are left out; where many do, whatever drew the arms is not to be trusted with the others either."""
    share = pool.excluded / pool.tests if pool.tests else 0.0
    detail = f"share of tests that failed the check and are left out: {pool.excluded:,} of {pool.tests:,}"
    return Gate("sample_ratio", share <= MOST_LEFT_OUT, share, MOST_LEFT_OUT, detail)


def _pooled(tests: PooledTests, found: PooledFeature) -> ExperimentCandidate:
    base = f"{found.tests:,} tests, {found.arms:,} arms"
    effect = Effect(
        feature=f"{found.feature}/{tests.import_id}",
        contrast=found.contrast,
        estimand=f"Mean difference in log clicks per impression for {found.contrast}, between randomised arms of the same test, "
        "the other title features held equal; tests weighed with random effects.",
        verdict=Verdict.EXPERIMENTAL if tests.is_own else Verdict.EXPERIMENTAL_SELF_REPORTED,
        design=Design.RANDOMISED,
        n=found.arms,
        accounts=1,
        treated=found.treated,
        control=None if found.treated is None else found.arms - found.treated,
        estimate=found.estimate,
        se=found.se,
        low=found.low,
        high=found.high,
        p=found.p,
        mde=found.mde,
        gates=(_left_out(tests.pool),),
        method=METHOD_VERSION,
        outcome=OUTCOME_OF[tests.pool.metric],
        kind=Kind.EXPERIMENT,
        assumptions=("whoever wrote the arms changed nothing else, on average, along with the feature",),
        reason=found.reason,
    )
    return ExperimentCandidate(effect, 0.05, RELEVANT, Basis(base, "randomised tests"))
