"""What every repository has: an open transaction and its tenant."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeAlias
from uuid import UUID

import psycopg
import sqlalchemy as sa

# One batch of a tenant's rows at a time, whoever brings or deletes it.
LOCK = "select pg_advisory_xact_lock(hashtextextended('catalogue ' || cast(:tenant as uuid), 0))"

# A row of any width.
Row: TypeAlias = sa.Row[*tuple[Any, ...]]


# Two levels of brackets may stand within.
_OPTIONAL = re.compile(r"\(%\((\w+)\)s::[\w\[\]]+ is null or ((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)")


@lru_cache(maxsize=512)
def narrowed(statement: str, absent: frozenset[str], limit: int) -> str:
    """A statement with its limit, and without the conditions on what was not asked."""
    asked = _OPTIONAL.sub(lambda found: "true" if found[1] in absent else f"({found[2]})", statement)
    return asked.replace("%(limit)s", str(limit))


class Repository:
    """Bound to one tenant. Row-level security is the second wall, this binding the first."""

    def __init__(self, connection: sa.Connection, tenant_id: UUID) -> None:
        self._connection, self._tenant_id = connection, tenant_id

    def _run(self, statement: sa.Executable | str, **words: object) -> sa.CursorResult[Any]:
        """Run a statement; a text one finds the tenant under `:tenant`."""
        if isinstance(statement, str):
            return self._connection.execute(sa.text(statement), {"tenant": self._tenant_id, **words})
        return self._connection.execute(statement, words or None)

    def _read(self, statement: str, **words: object) -> list[Row]:
        """A hot read: the text goes straight to the driver, nothing is compiled per call. The tenant is under `%(tenant)s`."""
        return list(self._connection.exec_driver_sql(statement, {"tenant": self._tenant_id, **words}))

    def _read_hot(self, statement: str, **words: object) -> list[tuple[Any, ...]]:
        """The hottest reads: the driver's own cursor in this same transaction, its results in binary (docs/decisions/0010-hot-reads.md)."""
        driver: psycopg.Connection[Any] = self._connection.connection.driver_connection  # type: ignore[assignment]
        with driver.cursor(binary=True) as cursor:
            return cursor.execute(statement, {"tenant": self._tenant_id, **words}).fetchall()

    def _read_asked(self, statement: str, *, limit: int = 1, **words: object) -> list[tuple[Any, ...]]:
        """The same with the limit, and only what was asked, in the statement: `(%(name)s::type is null or ...)` falls away where it is None.

        As bound words they would have the statement planned anew for each call.
        """
        absent = frozenset(name for name, word in words.items() if word is None)
        return self._read_hot(narrowed(statement, absent, limit), **words)

    def _videos(self) -> frozenset[str]:
        """The tenant's videos by id; none of them goes while this transaction is open. For what a join would look up row by row."""
        self._run(LOCK)
        return frozenset(row[0] for row in self._read("select video_id::text from videos where tenant_id = %(tenant)s"))

    def _insert(self, table: sa.Table, values: Mapping[str, object]) -> None:
        self._connection.execute(table.insert().values(tenant_id=self._tenant_id, **values))
