"""Reading a list of a platform's records: what is odd is noted, what nobody can read says that the answer is no answer."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from domain.imports.values import Unreadable

Record = Mapping[str, object]
Thing = TypeVar("Thing")
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Read(Generic[Thing]):
    """What could be read, and a note for each record that could not."""

    things: tuple[Thing, ...]
    notes: tuple[str, ...] = ()


def read_each(records: Iterable[object], read: Callable[[Record], Thing], *, subject: str) -> Read[Thing]:
    """Each record by itself. Raises Unreadable where half of them or more cannot be read: then the platform speaks otherwise now."""
    things: list[Thing] = []
    odd: list[str] = []
    for record in records:
        try:
            things.append(read(record_of(record, subject)))
        except Unreadable as error:
            odd.append(error.reason)
    if odd and len(odd) >= len(things):
        raise Unreadable(f"{len(odd)} of {len(odd) + len(things)} {subject} cannot be read: {'; '.join(odd[:_SHOWN])}")
    return Read(tuple(things), tuple(f"one of the {subject} was left out: {reason}" for reason in odd))


def record_of(value: object, subject: str) -> Record:
    """An object; anything else is no answer."""
    if not isinstance(value, Mapping):
        raise Unreadable(f"{subject}: {type(value).__name__} where an object was due")
    return value


def list_of(value: object, subject: str) -> list[object]:
    """A list; nothing is not an empty one."""
    if not isinstance(value, list):
        raise Unreadable(f"{subject}: {type(value).__name__} where a list was due")
    return value
