"""How small an effect a plan can see, and its refusal where that is more than is hoped for. Figures are log points unless named a lift.

The unit of the test is the block (a pair of days, a day with its arms side by side, a pair of posts), never the impression: impressions of
one day share that day's luck. Power is of the two-sided t test over blocks (noncentral t).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType

import numpy as np
from scipy import optimize, special, stats

from domain.errors import FieldProblem, Unacceptable
from domain.experiments.plan import LEAST_BLOCKS, MOST_SLOTS, ExperimentKind, Metric, Noise, NoiseSource, Plan, Stopping
from domain.experiments.sequential import half_width

# Log-sd of a day (of a post, for a choice) where nothing is known. Assumptions, and said to be: views differ more than rates do, posts more
# than days of one video, and arms that share their days differ only by who happens to see them.
ASSUMED_NOISE: Mapping[tuple[ExperimentKind, Metric], float] = MappingProxyType(
    {
        (ExperimentKind.SWITCHBACK, Metric.CLICK_RATE): 0.10,
        (ExperimentKind.SWITCHBACK, Metric.VIEWS): 0.25,
        (ExperimentKind.SWITCHBACK, Metric.WATCH_SECONDS): 0.10,
        (ExperimentKind.CHOICE, Metric.CLICK_RATE): 0.30,
        (ExperimentKind.CHOICE, Metric.VIEWS): 0.80,
        (ExperimentKind.CHOICE, Metric.WATCH_SECONDS): 0.30,
    }
)
ASSUMED_SIDE_BY_SIDE: Mapping[Metric, float] = MappingProxyType({Metric.CLICK_RATE: 0.03, Metric.WATCH_SECONDS: 0.10})
LEAST_HISTORY = 14


@dataclass(frozen=True, slots=True)
class Strength:
    """What a plan can do. `mde_lift` and `power_at_lift` as shares; `slots_needed` None where two years would not do."""

    mde: float
    mde_lift: float
    power_at_lift: float
    blocks: int
    slots_needed: int | None
    assumptions: tuple[str, ...]


def strength(plan: Plan) -> Strength:
    """What the plan can see. Source: noncentral t; Johari et al. (2022) for plans that may be read at any time."""
    least = mde(plan)
    hoped = math.log1p(plan.lift)
    return Strength(least, math.expm1(least), _power(plan, hoped), plan.blocks, slots_needed(plan), tuple(_assumptions(plan)))


def check_power(plan: Plan) -> Strength:
    """The plan's strength. Raises Unacceptable where its MDE exceeds the lift that is hoped for, saying what would do."""
    found = strength(plan)
    if found.mde <= math.log1p(plan.lift):
        return found
    where, unit = ("/posts", "posts") if plan.kind is ExperimentKind.CHOICE else ("/days", "days")
    longer = f"{found.slots_needed} {unit} would do" if found.slots_needed else f"not even {MOST_SLOTS} {unit} would do"
    raise Unacceptable(
        f"{plan.slots} {unit} can only show a lift of {found.mde_lift:.1%} or more, and you hope for {plan.lift:.1%}"
        f" (power at that: {found.power_at_lift:.0%})",
        (FieldProblem(where, longer), FieldProblem("/lift", f"hope for {math.ceil(found.mde_lift * 1000) / 1000:.1%} or more")),
    )


def difference_sd(plan: Plan) -> float:
    """Log-sd of one block's difference between an arm and the control."""
    return math.sqrt(2 * _arm_variance(plan))


def _arm_variance(plan: Plan) -> float:
    noise = plan.noise
    # Days of a history already differ by the chance of their clicks, where an arm has a whole day.
    is_in_noise = noise.source is NoiseSource.HISTORY and not plan.kind.is_side_by_side
    if plan.metric is not Metric.CLICK_RATE or is_in_noise or not (noise.impressions and noise.rate):
        return noise.log_sd**2
    seen = noise.impressions / (len(plan.arms) if plan.kind.is_side_by_side else 1)
    return noise.log_sd**2 + (1 - noise.rate) / (noise.rate * seen)


def mde(plan: Plan) -> float:
    """The effect that is found with the plan's power."""
    se = difference_sd(plan) / math.sqrt(plan.blocks)
    if plan.stopping is Stopping.ALWAYS_VALID:
        return half_width(se**2, plan.alpha_each, mixing_sd(plan)) + float(stats.norm.ppf(plan.power)) * se
    return ncp_needed(plan.blocks - 1, plan.alpha_each, plan.power) * se


def mixing_sd(plan: Plan) -> float:
    """Of the mixture over effects: as large as the lift that is hoped for, which is where it should be most powerful."""
    return math.log1p(plan.lift)


_NODES, _HALVES = np.polynomial.legendre.leggauss(200)
_CHANCES, _WEIGHTS = (_NODES + 1) / 2, _HALVES / 2


@lru_cache(maxsize=4096)
def ncp_needed(df: int, alpha: float, power: float) -> float:
    """Effect over standard error at which a two-sided t test of level `alpha` has this power."""
    about = float(stats.t.ppf(1 - alpha / 2, df) + stats.t.ppf(power, df))
    if df < 3:
        # With so few blocks the noncentral t is out of reach of its series; the sum of quantiles is a little too large then.
        return about
    high = about + 1
    while t_power(high, df, alpha) < power:
        high *= 2
    return float(optimize.brentq(lambda ncp: t_power(ncp, df, alpha) - power, 0.0, high, xtol=1e-6))


def t_power(ncp: float, df: float, alpha: float) -> float:
    """Power of the two-sided t test at this effect over its standard error."""
    critical = float(stats.t.ppf(1 - alpha / 2, df))
    found = float(1 - special.nctdtr(df, ncp, critical) + special.nctdtr(df, ncp, -critical))
    return _integrated_power(ncp, df, critical) if math.isnan(found) else found


def _integrated_power(ncp: float, df: float, critical: float) -> float:
    """The same as a mean over the error's own chance, right to 2e-5: with few blocks and a small alpha `nctdtr` ends in NaN."""
    scale = np.sqrt(special.chdtri(df, 1 - _CHANCES) / df)
    return float(_WEIGHTS @ (special.ndtr(ncp - critical * scale) + special.ndtr(-ncp - critical * scale)))


def _power(plan: Plan, effect: float) -> float:
    se = difference_sd(plan) / math.sqrt(plan.blocks)
    if se == 0:
        return 1.0
    if plan.stopping is Stopping.ALWAYS_VALID:
        return float(stats.norm.cdf((effect - half_width(se**2, plan.alpha_each, mixing_sd(plan))) / se))
    # Beyond ten times its standard error every effect is found.
    return 1.0 if effect > 10 * se else t_power(effect / se, plan.blocks - 1, plan.alpha_each)


def slots_needed(plan: Plan) -> int | None:
    """The fewest slots at which the MDE is no more than the lift; None beyond `MOST_SLOTS`."""
    step, hoped = plan.block_slots, math.log1p(plan.lift)
    low, high = LEAST_BLOCKS, MOST_SLOTS // step
    if mde(replace(plan, slots=high * step)) > hoped:
        return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if mde(replace(plan, slots=middle * step)) <= hoped else (middle + 1, high)
    return low * step


def noise_of(values: Sequence[float | None]) -> float:
    """Log-sd of a day, of neighbouring days' differences, so that no trend enters. Values: the metric by day, None for a missing day.

    Raises Unacceptable under 14 usable differences.
    """
    logs = np.log([np.nan if value is None or value <= 0 else value for value in values])
    steps = np.diff(logs)
    steps = steps[np.isfinite(steps)]
    if len(steps) < LEAST_HISTORY:
        raise Unacceptable(
            "the history is too short",
            (FieldProblem("/history", f"send {LEAST_HISTORY + 1} days or more in a row with the metric above 0, or day_noise instead"),),
        )
    return float(np.sqrt(np.mean(steps**2) / 2))


def assumed_noise(kind: ExperimentKind, metric: Metric, impressions: float | None, rate: float | None) -> Noise:
    """What is taken where nothing is known."""
    log_sd = ASSUMED_SIDE_BY_SIDE.get(metric, 0.0) if kind.is_side_by_side else ASSUMED_NOISE[kind, metric]
    return Noise(log_sd, NoiseSource.ASSUMED, impressions, rate)


def _assumptions(plan: Plan) -> Sequence[str]:
    noise = plan.noise
    told = {
        NoiseSource.HISTORY: f"days differ by a log-sd of {noise.log_sd:.3f}, as in {noise.days} days of history",
        NoiseSource.GIVEN: f"days differ by a log-sd of {noise.log_sd:.3f}, as you said",
        NoiseSource.ASSUMED: f"days differ by a log-sd of {noise.log_sd:.2f}: an assumption, send day_noise or history for your own",
    }
    rest = {
        ExperimentKind.SWITCHBACK: "an arm's effect ends with its day: what lingers pulls the difference toward none",
        ExperimentKind.CHOICE: "both versions are equally ready to publish when one is drawn",
    }
    return [told[noise.source], rest.get(plan.kind, "each viewer is shown an arm at random, by whoever serves them")]
