"""What a workspace has follows how its subscriptions stand: whatever of a life is heard, in whatever order, how often and how late.

200 lives here; `make fuzz-lives` plays 20,000. Wrong rules are played as well, and have to be noticed.
"""

import pytest

from tests.money.lives.machine import LifeInMemory
from tests.money.lives.playing import is_noticed, play
from tests.money.lives.wrong import WRONG

FAST, FULL = 200, 20_000
# The others take some hundred lives to be noticed.
EASY = {
    "events are applied in the order of their arrival", "an older reading overwrites", "grace restarts each period",
    "an unknown price counts",
}  # fmt: skip


@pytest.mark.parametrize("lives", [FAST, pytest.param(FULL, marks=pytest.mark.fuzz)])
def test_what_is_heard_in_any_order_amounts_to_the_same(lives: int) -> None:
    play("lives in memory", LifeInMemory, lives)


@pytest.mark.parametrize("name", [pytest.param(each, marks=[] if each in EASY else [pytest.mark.fuzz]) for each in WRONG])
def test_wrong_rules_are_noticed(name: str) -> None:
    assert is_noticed(WRONG[name], FULL)
