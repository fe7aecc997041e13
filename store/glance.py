"""Reads of one statement that is its own transaction and proves the caller first: one round trip, where a unit of work needs four.

For the hottest reads only (docs/decisions/0010-hot-reads.md). Nothing found means no more than that: nothing is there, the entry is not good,
or the connection is not. What reads in a unit of work afterwards tells which.
"""

from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
import sqlalchemy as sa

from domain.errors import Unauthenticated
from store import releases_sql
from store.entries import Entry, KeyEntry, MemberEntry, SessionEntry
from store.repository import narrowed

# The state in which the functions of entering refuse a workspace that is suspended.
SUSPENDED = "WH403"


class Glance(NamedTuple):
    """Whose workspace it is, the newest release of a kind, and whether something was seen since. A release itself never changes."""

    tenant_id: UUID
    release_id: UUID
    is_stale: bool


# Each is one row where the entry is good. Its function enters the workspace, and only with its row is the rest read: by then policies let the
# workspace's rows through, and before that none.
_BY_KEY = "app.enter_key(%(key_hash)s) e"
_BY_MEMBER = "(select %(member_of)s::uuid as tenant_id from app.enter_member(%(member_of)s, %(member)s) offset 0) e"
_BY_SESSION = """(select s.* from app.enter_session(%(session)s, %(secret)s, %(workspace)s) s
  where s.impersonator is not distinct from %(impersonator)s::uuid offset 0) e"""
_NEWEST = f"select %(tenant)s as tenant_id, h.release_id, h.is_stale from ({releases_sql.LATEST}) h"


def once(engine: sa.Engine, entry: Entry, statement: str, *, limit: int = 1, **words: object) -> list[tuple[Any, ...]]:
    """The rows of a statement as for `Repository._read_asked`. It has to name `%(tenant)s`: only then is it read after the entry."""
    absent = frozenset(name for name, word in words.items() if word is None)
    entered, proof = _entered(entry)
    text, pooled = _within(entered, narrowed(statement, absent, limit)), engine.raw_connection()
    driver: psycopg.Connection[Any] = pooled.driver_connection  # type: ignore[assignment]
    try:
        driver.autocommit = True
        with driver.cursor(binary=True) as cursor:
            rows = cursor.execute(text, {**words, **proof}).fetchall()
        driver.autocommit = False
    except psycopg.OperationalError:
        pooled.invalidate()
        return []
    except psycopg.DatabaseError as error:
        if error.sqlstate != SUSPENDED:
            pooled.invalidate()
            raise
        driver.autocommit = False  # the unit of work says so in words
        return []
    except psycopg.Error:
        pooled.invalidate()
        raise
    finally:
        pooled.close()
    return rows


def glance(engine: sa.Engine, entry: Entry, kind: str) -> Glance | None:
    """What is published now; None where nothing is found."""
    rows = once(engine, entry, _NEWEST, kind=kind, as_of=None)
    return Glance(*rows[0]) if rows else None


@lru_cache(maxsize=512)
def _within(entered: str, statement: str) -> str:
    return f"select x.* from {entered}, lateral ({statement.replace('%(tenant)s', 'e.tenant_id')} offset 0) x"


def _entered(entry: Entry) -> tuple[str, dict[str, object]]:
    if isinstance(entry, KeyEntry):
        return _BY_KEY, {"key_hash": entry.key_hash}
    if isinstance(entry, MemberEntry):
        return _BY_MEMBER, {"member_of": entry.tenant_id, "member": entry.user_id}
    if isinstance(entry, SessionEntry):
        return _BY_SESSION, {
            "session": entry.session_id,
            "secret": entry.secret_hash,
            "workspace": entry.tenant_id,
            "impersonator": entry.impersonator,
        }
    raise Unauthenticated("the credential is of no known kind")
