"""The one envelope of computed figures: n, as_of, data age and method; and the moment that a call may ask about."""

from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

import msgspec
from litestar.params import QueryParameter

from domain.analytics import Method
from domain.errors import FieldProblem, Unacceptable

AsOf = Annotated[
    datetime | None,
    QueryParameter(name="as_of", description="as it was known at this moment, with its offset from UTC; left out: as known now"),
]
EARLIEST, LATEST = datetime(2005, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
T = TypeVar("T")


class MethodOut(msgspec.Struct, frozen=True, kw_only=True):
    """How the figure was made: an id that changes with the formula, and the page that explains it."""

    id: str
    url: str

    @classmethod
    def of(cls, method: Method) -> "MethodOut":
        return cls(id=method.id, url=method.url)


class Computed(msgspec.Struct, frozen=True):
    """Every computed figure: on how much it stands (`n`), as of when, how fresh, and how it was made.

    `as_of` is the moment that was asked about, else `newest_observation`; both are null where nothing was observed.
    """

    n: int
    as_of: datetime | None
    newest_observation: datetime | None
    method: MethodOut


def framed(frame: Computed) -> dict[str, Any]:
    """The envelope's fields, to build an answer with."""
    return {name: getattr(frame, name) for name in Computed.__struct_fields__}


def asked_moment(as_of: datetime | None) -> datetime | None:
    """The moment as asked, checked. Raises Unacceptable without an offset: a guess could be half a day off."""
    if as_of is None:
        return None
    if as_of.tzinfo is None:
        raise Unacceptable("as_of cannot be accepted", (FieldProblem("as_of", "say the offset from UTC, such as 2026-11-01T00:00:00Z"),))
    if not EARLIEST <= as_of <= LATEST:
        raise Unacceptable("as_of cannot be accepted", (FieldProblem("as_of", "choose a moment from 2005 to 2099"),))
    return as_of.astimezone(UTC)


def words_of(q: str | None) -> str | None:
    """What is searched for, checked; None for nothing."""
    if q is not None and "\0" in q:
        raise Unacceptable("q cannot be accepted", (FieldProblem("q", "search for text"),))
    return q.strip() or None if q else None
