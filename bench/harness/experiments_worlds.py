"""Made-up experiments whose truth we chose: days that share their luck, with drift and a lift or none; and many tests of headlines."""

from dataclasses import dataclass

import numpy as np

from domain.experiments.arms import ASKED, ArmTable
from domain.experiments.counts import Count
from domain.experiments.plan import Arm, ExperimentKind, Metric, Noise, NoiseSource, Plan, Stopping
from domain.experiments.schedule import schedule

IMPRESSIONS = 20_000
RATE = 0.05
# Arms of one test.
HEADLINES = 4


@dataclass(frozen=True, slots=True)
class World:
    """`noise`: log-sd that a day adds to its click rate; `own_noise`: that an arm adds on a day, beside the other; `drift` per day."""

    noise: float = 0.10
    drift: float = -0.02
    lift: float = 0.0
    own_noise: float = 0.0


def switchback(seed: int, *, days: int = 28, noise: float = 0.10, lift: float = 0.5, alpha: float = 0.05) -> Plan:
    known = Noise(noise, NoiseSource.GIVEN, IMPRESSIONS, RATE)
    return Plan(ExperimentKind.SWITCHBACK, "made up", Metric.CLICK_RATE, (Arm("A"), Arm("B")), days, lift, known, seed, alpha)


def side_by_side(seed: int, *, days: int = 28, lift: float = 0.10, stopping: Stopping = Stopping.ALWAYS_VALID) -> Plan:
    known = Noise(0.0, NoiseSource.GIVEN, IMPRESSIONS, RATE)
    return Plan(
        ExperimentKind.TITLE, "made up", Metric.CLICK_RATE, (Arm("A"), Arm("B")), days, lift, known, seed, stopping=stopping
    )  # fmt: skip


def counted(plan: Plan, world: World, seed: int) -> list[Count]:
    """What such an experiment would count. Side by side, every arm gets its share of the day's impressions."""
    chance = np.random.default_rng(seed)
    luck = world.drift * np.arange(plan.slots) + world.noise * chance.standard_normal(plan.slots)
    share = IMPRESSIONS // len(plan.arms) if plan.kind.is_side_by_side else IMPRESSIONS
    found = []
    for slot in schedule(plan):
        for number, arm in enumerate(plan.arms):
            if slot.arm in (None, arm.name):
                log_rate = np.log(RATE) + luck[slot.slot] + world.own_noise * chance.standard_normal() + number * np.log1p(world.lift)
                found.append(Count(arm.name, slot.slot, share, int(chance.binomial(share, min(float(np.exp(log_rate)), 1.0)))))
    return found


def headline_tests(tests: int, effect: float, *, arm_sd: float = 0.2, slope_sd: float = 0.0, broken: int = 0, seed: int = 1) -> ArmTable:
    """Tests of headlines in which a question mark is worth `effect`; the first `broken` of them lost half of one arm's impressions."""
    chance = np.random.default_rng(seed)
    arms = HEADLINES
    test = np.repeat(np.arange(tests), arms)
    features = np.zeros((tests * arms, len(ASKED)))
    names = [feature.name for feature in ASKED]
    features[:, names.index("is_question")] = asks = chance.integers(2, size=tests * arms)
    features[:, names.index("title_chars")] = chance.integers(20, 60, size=tests * arms)
    seen = chance.poisson(3_000, size=tests * arms)
    seen[: broken * arms : arms] //= 2
    level, slope = np.log(0.015) + 0.5 * chance.standard_normal(tests), effect + slope_sd * chance.standard_normal(tests)
    rate = np.exp(level[test] + slope[test] * asks + arm_sd * chance.standard_normal(tests * arms))
    clicks = chance.binomial(seen, np.minimum(rate, 0.5))
    return ArmTable(test, test, seen.astype("float64"), clicks.astype("float64"), features)
