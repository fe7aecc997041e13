"""Which arm goes when: drawn once from the plan's seed, so that anybody can draw it again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from domain.experiments.plan import ExperimentKind, Plan


@dataclass(frozen=True, slots=True)
class Slot:
    """A day, or a post of a choice. `arm` is None where all arms run side by side; `day` where it is not known."""

    slot: int
    block: int
    arm: str | None
    day: date | None = None


def schedule(plan: Plan, starts_on: date | None = None) -> tuple[Slot, ...]:
    """Every slot in order: arms in random order inside each block, so that neither a trend nor a habit of the week favours one."""
    arms = list(_drawn(plan))
    begins = None if plan.kind is ExperimentKind.CHOICE else starts_on
    days = [begins + timedelta(days=number) if begins else None for number in range(plan.slots)]
    return tuple(Slot(number, number // plan.block_slots, arms[number], days[number]) for number in range(plan.slots))


def _drawn(plan: Plan) -> Iterator[str | None]:
    import numpy as np

    chance = np.random.default_rng(plan.seed)
    for _ in range(plan.blocks):
        if plan.kind.is_side_by_side:
            yield None
        else:
            yield from (plan.arms[number].name for number in chance.permutation(len(plan.arms)))
