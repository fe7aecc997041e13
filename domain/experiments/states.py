"""States of an experiment and the moves between them."""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

from domain.errors import Conflict
from domain.experiments.plan import ExperimentKind, Plan, Stopping


class ExperimentState(StrEnum):
    """`stopped`: ended before its plan; with a fixed end it has no verdict then. `canceled`: given up, nothing is read of it."""

    PLANNED = "planned"
    RUNNING = "running"
    CONCLUDED = "concluded"
    STOPPED = "stopped"
    CANCELED = "canceled"


MOVES: Mapping[ExperimentState, frozenset[ExperimentState]] = MappingProxyType(
    {
        ExperimentState.PLANNED: frozenset({ExperimentState.RUNNING, ExperimentState.CANCELED}),
        ExperimentState.RUNNING: frozenset({ExperimentState.CONCLUDED, ExperimentState.STOPPED, ExperimentState.CANCELED}),
    }
)


def check_move(state: ExperimentState, wanted: ExperimentState) -> None:
    """Raises Conflict where the one does not follow the other."""
    if wanted not in MOVES.get(state, frozenset()):
        raise Conflict(f"the experiment is {state}: it cannot become {wanted}")


def check_conclusion(plan: Plan, *, is_over: bool, is_decided: bool) -> None:
    """An experiment is concluded at its planned end, or, read at any time, once it is decided. Raises Conflict."""
    if is_over or (plan.stopping is Stopping.ALWAYS_VALID and is_decided):
        return
    raise Conflict("the experiment has not come to its planned end: stop it, and it has no verdict, or let it go on")


def ends_on(plan: Plan, starts_on: date | None) -> date | None:
    """The last planned day; None before the start, and for posts of a choice, which have no days."""
    return None if starts_on is None or plan.kind is ExperimentKind.CHOICE else starts_on + timedelta(days=plan.slots - 1)


def is_over(plan: Plan, starts_on: date | None, recorded: int, *, today: date) -> bool:
    """Whether the planned end has passed: the last day is over, or every post of a choice is counted."""
    last = ends_on(plan, starts_on)
    return recorded >= plan.slots if last is None else today > last
