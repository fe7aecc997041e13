"""How many calls were made: counters that all workers share. Who is counted on what is in `domain.limits`."""

from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from domain.limits import Counter

# The X-Request-ID of the call that is being answered; rows remember what they came of.
CALL_ID: ContextVar[str | None] = ContextVar("call_id", default=None)

_TAKE = "select place, granted, used, left_seconds, is_full from app.take_calls(%s::text[], %s::int[], %s::bigint[], %s::bigint[])"


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one counter: calls granted (0 where any counter was full), used by all workers, seconds until the window ends."""

    counter: Counter
    granted: int
    used: int
    left_seconds: float
    is_full: bool


def take(connection: sa.Connection, counters: Sequence[Counter]) -> list[Taken]:
    """A block from each counter, or nothing from any where one is full. One statement, and one transaction."""
    words = (
        [each.subject for each in counters],
        [each.seconds for each in counters],
        [each.limit for each in counters],
        [each.block for each in counters],
    )
    return [Taken(counters[place - 1], *row) for place, *row in connection.exec_driver_sql(_TAKE, words)]


def owner_of_key(connection: sa.Connection, key_hash: bytes) -> tuple[UUID, UUID] | None:
    """The workspace and the user of a key that is good at the moment."""
    row = connection.exec_driver_sql("select tenant_id, user_id from app.owner_of_key(%s)", (key_hash,)).first()
    return (row.tenant_id, row.user_id) if row else None
