"""Days of made-up experiments whose truth we chose: click counts with days that share their luck, drift, and a lift or none."""

from dataclasses import dataclass

import numpy as np

from domain.experiments.counts import Count
from domain.experiments.plan import Arm, ExperimentKind, Metric, Noise, NoiseSource, Plan, Stopping
from domain.experiments.schedule import schedule

IMPRESSIONS = 20_000
RATE = 0.05


@dataclass(frozen=True, slots=True)
class World:
    """`noise`: log-sd that a day adds to its click rate; `own_noise`: that an arm adds on a day, beside the other; `drift` per day."""

    noise: float = 0.10
    drift: float = -0.02
    lift: float = 0.0
    own_noise: float = 0.0


def switchback(seed: int, *, days: int = 28, noise: float = 0.10, lift: float = 0.5) -> Plan:
    known = Noise(noise, NoiseSource.GIVEN, IMPRESSIONS, RATE)
    return Plan(ExperimentKind.SWITCHBACK, "made up", Metric.CLICK_RATE, (Arm("A"), Arm("B")), days, lift, known, seed)


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
