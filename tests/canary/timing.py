"""Whether a neighbour's id takes longer to refuse than nobody's. Only the long campaign asks: it says much about the machine."""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

from store.ids import new_id
from tests.canary.calling import Door
from tests.canary.routes import Ids, Operation
from tests.canary.stage import Stage


@dataclass(frozen=True, slots=True)
class Timed:
    """Seconds per answer, by pairs."""

    foreign: tuple[float, ...]
    nobody: tuple[float, ...]

    @property
    def p95_milliseconds(self) -> tuple[float, float]:
        return _p95(self.foreign), _p95(self.nobody)

    @property
    def is_even(self) -> bool:
        """Within 5 ms."""
        one, other = self.p95_milliseconds
        return abs(one - other) <= 5


def timeable(operations: Sequence[Operation]) -> list[Operation]:
    """Reading by an id in the path: what answers 404 and changes nothing."""
    return [each for each in operations if each.method == "GET" and each.path_params and not each.is_public]


async def timed(stage: Stage, door: Door, *, pairs: int, seed: int) -> Timed:
    """So many pairs over all routes that read by an id, in chance's order."""
    chance, attacker, victim = random.Random(seed), stage.residents[-1], stage.residents[0]
    nobody: Ids = {name: [str(new_id())] if len(values[0]) == 36 else values for name, values in victim.ids.items()}
    found: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(pairs):
        operation = chance.choice(timeable(stage.operations))
        for is_foreign in chance.sample((True, False), 2):
            call = operation.call(victim.ids if is_foreign else nobody).by(attacker.key)
            began = time.perf_counter()
            await door.ask(call)
            found[is_foreign].append(time.perf_counter() - began)
    return Timed(tuple(found[True]), tuple(found[False]))


def _p95(seconds: Sequence[float]) -> float:
    return 1_000 * sorted(seconds)[int(0.95 * len(seconds))]
