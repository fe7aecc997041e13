"""Reading an answer while its call is still under way: what cannot be read is no answer, so it is neither kept nor counted as one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from domain.errors import SourceUnavailable
from domain.imports.values import Unreadable
from domain.sources import Answer, SourceName

Thing = TypeVar("Thing")


def readable(source: SourceName, read: Callable[[], Thing]) -> Thing:
    """What `read` makes of an answer. Raises SourceUnavailable (parse_error) where it is worded otherwise than we know."""
    try:
        return read()
    except Unreadable as error:
        raise SourceUnavailable(source, error.reason, category="parse_error") from error


def checked(source: SourceName, answer: Answer, read: Callable[[Any], object], *, units: Callable[[Any], int] | None = None) -> Answer:
    """The answer, if it can be read; with what it did cost."""
    readable(source, lambda: read(answer.payload))
    return replace(answer, units=units(answer.payload)) if units else answer


def moment_of(answer: Answer) -> datetime:
    """When it was fetched: a kept answer says so itself."""
    return answer.fetched_at or datetime.now(UTC)
