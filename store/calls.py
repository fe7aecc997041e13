"""The call that is being served: where it came from, and who turned out to make it. Set by the API, read where something is noted.

A context variable, so that no caller has to hand it on; work that no call asked for has none.
"""

from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

from store.entries import Entry


@dataclass(slots=True)
class Call:
    """One call of the API. Who makes it is filled in as soon as the database has proven it; `entry` is what they came with."""

    request_id: str
    address: str
    user_agent: str | None = None
    entry: Entry | None = None
    tenant_id: UUID | None = None
    user_id: UUID | None = None
    key_id: UUID | None = None
    session_id: UUID | None = None
    impersonator: UUID | None = None
    error_code: str | None = None


_CURRENT: ContextVar[Call | None] = ContextVar("call", default=None)


def current_call() -> Call | None:
    """The call that this work belongs to; None for runs, sensors and commands."""
    return _CURRENT.get()


def serve(call: Call | None) -> None:
    """From here on, in this task and in what it starts, the work is this call's."""
    _CURRENT.set(call)
