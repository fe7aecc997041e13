"""How many calls were made: counters that all workers share. Who is counted on what is in `domain.limits`."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from domain.limits import Caller, Counter
from store.entries import Entry, KeyEntry, SessionEntry

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


def caller_of(connection: sa.Connection, entry: Entry) -> Caller | None:
    """Whose calls count, by a key that is good at the moment or a session that is live; None where it is not."""
    if isinstance(entry, KeyEntry):
        row = connection.exec_driver_sql("select tenant_id, user_id from app.owner_of_key(%s)", (entry.key_hash,)).first()
        return Caller(f"key:{entry.key_hash.hex()[:32]}", row.tenant_id, row.user_id) if row else None
    if not isinstance(entry, SessionEntry):
        return None
    words = (entry.session_id, entry.secret_hash)
    row = connection.exec_driver_sql("select tenant_id, user_id from app.owner_of_session(%s, %s)", words).first()
    workspace = (entry.tenant_id or row.tenant_id) if row else None
    return Caller(f"user:{row.user_id}", workspace, row.user_id) if row and workspace else None
