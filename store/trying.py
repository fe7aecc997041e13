"""Trying out what a call would take: inside `trying()` no transaction commits, and the first that took something ends the call.

What was taken, and the errors on the way, are the real ones: the call runs up to its first commit, against the real counters.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from domain.errors import WhyralError
from domain.usage import Taken

_TRIED: ContextVar[list[Taken] | None] = ContextVar("tried", default=None)


class Tried(WhyralError):
    """The transaction was undone; this is what it took. Whoever cleans up after a call that fails does so after this one, too."""

    code = "tried"

    def __init__(self, taken: tuple[Taken, ...]) -> None:
        super().__init__("tried out, and undone")
        self.taken = taken


@contextmanager
def trying() -> Iterator[None]:
    """Whatever runs in here, in this thread or in one that it starts with its context, leaves nothing behind in the database."""
    token = _TRIED.set([])
    try:
        yield
    finally:
        _TRIED.reset(token)


def took(taken: Taken) -> None:
    """Remember a take until its transaction ends."""
    tried = _TRIED.get()
    if tried is not None:
        tried.append(taken)


def is_trying() -> bool:
    return _TRIED.get() is not None


def may_commit() -> bool:
    """Whether the transaction that ends now may commit. Raises Tried where it took something and may not."""
    tried = _TRIED.get()
    if tried:
        raise Tried(tuple(tried))
    return tried is None
