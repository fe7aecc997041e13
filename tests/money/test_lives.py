"""What a workspace has follows how its subscriptions stand: whatever of a life is heard, in whatever order, how often and how late.

200 lives here; `make fuzz-billing` plays 20,000. Wrong rules are played as well, and have to be noticed.
"""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.money.lives.machine import STEPS, LifeInMemory

FAST, FULL = 200, 20_000


def play(lives: int, machine: type[LifeInMemory] = LifeInMemory) -> None:
    quiet = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.large_base_example, HealthCheck.data_too_large]
    how = settings(max_examples=lives, stateful_step_count=STEPS, deadline=None, suppress_health_check=quiet, database=None)
    run_state_machine_as_test(machine, settings=how)


@pytest.mark.parametrize("lives", [FAST, pytest.param(FULL, marks=pytest.mark.fuzz)])
def test_what_is_heard_in_any_order_amounts_to_the_same(lives: int) -> None:
    play(lives)
