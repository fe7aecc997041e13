"""A read that its caller waits for counts where the platform answered, also that there is nothing; else it is given back."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime

from domain.errors import FailureCategory, NotFound, SourceFailed
from domain.observations import Platform
from store.work import UnitOfWork

Begin = Callable[[], AbstractContextManager[UnitOfWork]]
# What the platform says of a thing, not of itself.
ANSWERS = frozenset({FailureCategory.NOT_FOUND, FailureCategory.PRIVATE})


@contextmanager
def counted(begin: Begin, meter: str, operation: str, *, platform: Platform | None = None) -> Iterator[None]:
    """Once per operation; one that was given back counts anew. Raises LimitReached, NotInPlan and PaymentNeeded before anything is read."""
    with begin() as uow:
        mine = uow.usage.anew(operation)
        uow.usage.take(meter, 1, operation=mine, now=datetime.now(UTC), platform=platform)
    try:
        yield
    except Exception as error:
        with begin() as uow:
            if is_answer(error):
                _deliver(uow, operation, mine)
            else:
                uow.usage.give_back(mine)
        raise
    with begin() as uow:
        _deliver(uow, operation, mine)


def _deliver(uow: UnitOfWork, operation: str, mine: str) -> None:
    """Another call of the same may have failed meanwhile and given back what this one took, and a third taken it anew: that one counts."""
    newest = uow.usage.anew(operation)
    uow.usage.deliver(newest if uow.usage.is_known(newest) else mine)


def is_answer(error: Exception) -> bool:
    """Whether this is what was asked for, though it is nothing."""
    return isinstance(error, NotFound) or (isinstance(error, SourceFailed) and error.category in ANSWERS)
