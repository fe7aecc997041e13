"""Playing lives: how many, from which seed, and what was in them."""

from collections import Counter

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.money.lives.hearing import Rules
from tests.money.lives.machine import STEPS, Life, LifeInMemory
from tests.trust.campaign import seeded, told

# Hypothesis remembers all that it tried, so that nothing is tried twice: too much for 20,000.
AT_ONCE = 1_000
QUIET = list(HealthCheck)


def play(name: str, machine: type[Life], lives: int) -> None:
    """Raises where what was heard does not amount to what the provider says, with the shortest life that shows it."""
    chance, found = seeded(name), Counter[str]()

    class Counted(machine):  # type: ignore[misc, valid-type]
        def teardown(self) -> None:
            super().teardown()
            found.update(lives=1, events=len(self.held.events), most=max(0, len(self.held.events) - found["most"]))

    for begun in range(0, lives, AT_ONCE):
        how = settings(
            max_examples=min(AT_ONCE, lives - begun), stateful_step_count=STEPS, deadline=None, suppress_health_check=QUIET, database=None
        )  # fmt: skip
        run_state_machine_as_test(seed(chance.randint(0, 10**9))(Counted), settings=how)
    told(name, **found)


def is_noticed(wrong: Rules, lives: int) -> bool:
    """Whether so many lives show that rules are wrong."""

    class Wrong(LifeInMemory):
        obeys = wrong

    how = settings(
        max_examples=lives, stateful_step_count=STEPS, deadline=None, suppress_health_check=QUIET, database=None, phases=[Phase.generate],
        report_multiple_bugs=False,
    )  # fmt: skip
    try:
        run_state_machine_as_test(seed(seeded("planted").randint(0, 10**9))(Wrong), settings=how)
    except AssertionError:
        return True
    return False
