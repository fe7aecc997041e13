"""Reading an experiment: progress while it must not be looked at, then each arm against the control, or why there is no verdict.

The fixed end is a paired t test over blocks: arms of one block share its days, so neither the day's luck nor a trend enters; impressions
are never taken for independent. Rates are (count + 1/2) / (n + 1) (Anscombe 1956), so that a day without clicks has a log.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from domain.effects.verdicts import Verdict
from domain.experiments.counts import Count
from domain.experiments.plan import Metric, Plan, Stopping
from domain.experiments.power import mixing_sd, ncp_needed
from domain.experiments.ratio import RatioCheck, ratio_check
from domain.experiments.sequential import half_width, p_value
from domain.experiments.states import ExperimentState

# Of the planned blocks, so many must be whole at the end: a test that lost its bad days is no test.
LEAST_WHOLE = 0.8
# Before so many days nobody knows whether they differ by more than the chance of their clicks.
LEAST_DAYS = 7
# Below this an error is the last bits of constant figures.
NO_SPREAD = 1e-9
NOT_YET = "the planned end has not come: looking earlier would make chance look like an effect"
FAILED_RATIO = "the arms did not get their shares (p < 0.001): something other than chance assigns, so there is no verdict"

LOST_ARM = "far more days or posts of one arm are missing than of the other (p < 0.001): record them, there is no verdict until then"


@dataclass(frozen=True, slots=True)
class Comparison:
    """An arm against the control, in log points, with its interval (`level`: shared among arms). None where there is no answer."""

    arm: str
    control: str
    blocks: int
    level: float
    verdict: Verdict
    estimate: float | None = None
    se: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    mde: float | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """`withheld` says why there are no comparisons. `blocks` of `blocks_planned` are whole; `recorded` counts (arm, slot)."""

    is_final: bool
    withheld: str | None
    comparisons: tuple[Comparison, ...]
    ratio: RatioCheck
    recorded: int
    blocks: int
    blocks_planned: int

    @property
    def is_decided(self) -> bool:
        return any(each.verdict is Verdict.EXPERIMENTAL for each in self.comparisons)


def read(plan: Plan, counts: Sequence[Count], *, state: ExperimentState, is_over: bool) -> Reading:
    """What may be said now. Counts: the newest of each arm and slot, in any order."""
    blocks = whole_blocks(plan, counts)
    ratio = _ratio(plan, counts)
    withheld = _withheld(plan, state, ratio, blocks=len(blocks), is_over=is_over)
    compared = () if withheld else tuple(_compared(plan, blocks, arm.name) for arm in plan.arms[1:])
    is_final = is_over or state in (ExperimentState.CONCLUDED, ExperimentState.STOPPED)
    return Reading(is_final, withheld, compared, ratio, len(counts), len(blocks), plan.blocks)


def _withheld(plan: Plan, state: ExperimentState, ratio: RatioCheck, *, blocks: int, is_over: bool) -> str | None:
    if state in (ExperimentState.PLANNED, ExperimentState.CANCELED):
        return f"the experiment is {state}"
    if not ratio.passed:
        return FAILED_RATIO if plan.kind.is_side_by_side else LOST_ARM
    if plan.stopping is Stopping.ALWAYS_VALID:
        return None if blocks >= LEAST_DAYS else f"fewer than {LEAST_DAYS} days are counted: how much they differ is not known yet"
    if state is ExperimentState.STOPPED:
        return "it was stopped before its planned end"
    if not is_over:
        return NOT_YET
    if blocks < _fewest(plan):
        return f"only {blocks} of {plan.blocks} blocks are whole: record the days that are missing"
    return None


def _fewest(plan: Plan) -> int:
    """Blocks that a fixed end stands on at least."""
    return math.ceil(LEAST_WHOLE * plan.blocks)


def whole_blocks(plan: Plan, counts: Sequence[Count]) -> dict[int, dict[str, Count]]:
    """Blocks in which every arm was counted, by number, each arm's count by its name."""
    found: dict[int, dict[str, Count]] = {}
    for each in sorted(counts, key=lambda count: (count.slot, count.arm)):
        found.setdefault(each.slot // plan.block_slots, {})[each.arm] = each
    return {number: arms for number, arms in found.items() if len(arms) == len(plan.arms)}


def _ratio(plan: Plan, counts: Sequence[Count]) -> RatioCheck:
    """Side by side, viewers were assigned: impressions are compared, where every count has them. Else days or posts.

    Never views: a title that is clicked more often has more of them, which is what it was tested for.
    """
    if not plan.kind.is_side_by_side:
        return ratio_check([sum(each.arm == arm.name for each in counts) for arm in plan.arms], unit="days or posts")
    is_known = all(each.impressions is not None for each in counts)
    shown = [sum(each.impressions or 0 for each in counts if each.arm == arm.name and is_known) for arm in plan.arms]
    return ratio_check(shown, unit="impressions")


def log_metric(metric: Metric, count: Count) -> float:
    """The metric of one arm and slot in logs; NaN where nothing can be said, such as seconds per view without views."""
    if metric is Metric.CLICK_RATE:
        return math.log(((count.clicks or 0) + 0.5) / ((count.impressions or 0) + 1))
    if metric is Metric.VIEWS:
        return math.log((count.views or 0) + 0.5)
    return math.log(count.watch_seconds / count.views) if count.watch_seconds and count.views else math.nan


def _compared(plan: Plan, blocks: Mapping[int, Mapping[str, Count]], arm: str) -> Comparison:
    return _at_any_time(plan, blocks, arm) if plan.stopping is Stopping.ALWAYS_VALID else _at_the_end(plan, blocks, arm)


def differences(plan: Plan, blocks: Mapping[int, Mapping[str, Count]], arm: str) -> list[float]:
    """Log points by block, in order; blocks in which the metric of one of the two cannot be had are left out."""
    control = plan.control.name
    found = (log_metric(plan.metric, each[arm]) - log_metric(plan.metric, each[control]) for each in blocks.values())
    return [value for value in found if math.isfinite(value)]


def _at_the_end(plan: Plan, blocks: Mapping[int, Mapping[str, Count]], arm: str) -> Comparison:
    found = np.array(differences(plan, blocks, arm))
    n = len(found)
    se = float(found.std(ddof=1)) / math.sqrt(n) if n > 1 else 0.0
    if se < NO_SPREAD or n < _fewest(plan):
        # No spread at all is no certainty: such counts were not measured. Nor is what is left when blocks without the metric are gone.
        return Comparison(arm, plan.control.name, n, 1 - plan.alpha_each, Verdict.INCONCLUSIVE)
    mean = float(found.mean())
    reach = float(stats.t.ppf(1 - plan.alpha_each / 2, n - 1)) * se
    p = float(2 * stats.t.sf(abs(mean) / se, n - 1))
    return _made(plan, arm, _Figures(mean, se, reach, p, n, ncp_needed(n - 1, plan.alpha_each, plan.power) * se))


@dataclass(frozen=True, slots=True)
class _Figures:
    estimate: float
    se: float
    reach: float
    p: float
    blocks: int
    mde: float


def _at_any_time(plan: Plan, blocks: Mapping[int, Mapping[str, Count]], arm: str) -> Comparison:
    """Of all clicks so far; the variance of their chance is widened where days differ by more than that (never narrowed)."""
    mine, theirs = (_totals(blocks, name) for name in (arm, plan.control.name))
    difference = math.log((mine[1] + 0.5) / (mine[0] + 1)) - math.log((theirs[1] + 0.5) / (theirs[0] + 1))
    chance = sum(1 / (clicks + 0.5) - 1 / (seen + 1) for seen, clicks in (mine, theirs))
    variance = chance * max(1.0, _overdispersion(blocks, arm, plan.control.name))
    reach = half_width(variance, plan.alpha_each, mixing_sd(plan))
    p = p_value(difference, variance, mixing_sd(plan))
    return _made(plan, arm, _Figures(difference, math.sqrt(variance), reach, p, len(blocks), reach))


def _totals(blocks: Mapping[int, Mapping[str, Count]], arm: str) -> tuple[int, int]:
    return sum(each[arm].impressions or 0 for each in blocks.values()), sum(each[arm].clicks or 0 for each in blocks.values())


def _overdispersion(blocks: Mapping[int, Mapping[str, Count]], arm: str, control: str) -> float:
    """Spread of the days' differences over what chance gives (Pearson's statistic over its degrees of freedom)."""
    rates = [[log_metric(Metric.CLICK_RATE, each[name]) for each in blocks.values()] for name in (arm, control)]
    chance = [
        sum(1 / ((each[name].clicks or 0) + 0.5) - 1 / ((each[name].impressions or 0) + 1) for name in (arm, control))
        for each in blocks.values()
    ]
    weights, found = 1 / np.array(chance), np.array(rates[0]) - np.array(rates[1])
    centre = float(weights @ found / weights.sum())
    return float(weights @ (found - centre) ** 2 / (len(found) - 1))


def _made(plan: Plan, arm: str, found: _Figures) -> Comparison:
    low, high = found.estimate - found.reach, found.estimate + found.reach
    verdict = verdict_of(found.p, (low, high), alpha=plan.alpha_each, margin=math.log1p(plan.lift))
    level = 1 - plan.alpha_each
    return Comparison(
        arm, plan.control.name, found.blocks, level, verdict, found.estimate, found.se, low, high, found.p, found.mde
    )  # fmt: skip


def verdict_of(p: float, bounds: tuple[float, float], *, alpha: float, margin: float) -> Verdict:
    """Clear, clearly smaller than what was hoped for, or neither."""
    if p <= alpha:
        return Verdict.EXPERIMENTAL
    return Verdict.REFUTED if -margin < bounds[0] and bounds[1] < margin else Verdict.INCONCLUSIVE
