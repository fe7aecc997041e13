"""A row with canaries in every table of tenants, walked over the metadata: what fits is told by types, checks and references."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSON, TSVECTOR, insert

from store.ids import new_id
from store.rls import PLATFORM_TABLES
from store.tables import metadata
from tests.canary.plausible import BY_COLUMN, BY_NAME, MOMENT
from tests.canary.words import canary

ROWS = 2
# Words by which rows of several tables mean the same thing, without a reference.
SHARED = ("operation",)
TABLES = tuple(table for table in metadata.sorted_tables if table.name not in PLATFORM_TABLES)


def homes() -> dict[str, str]:
    """Which table an id is the id of: the one that has it as its key and refers to nobody with it."""
    found: dict[str, str] = {}
    for table in TABLES:
        key = [column.name for column in table.primary_key.columns if column.name != "tenant_id"]
        if len(key) == 1 and isinstance(table.c[key[0]].type, sa.Uuid) and not _parents(table, key[0]):
            found.setdefault(key[0], table.name)
    return found


class Filling:
    """Fills one workspace. The connection passes row-level security, for no role of ours may write every table.

    `files`: the keys of stored files by the names of the columns that hold one.
    """

    def __init__(self, connection: sa.Connection, owner: int, tenant_id: UUID, *, user_id: UUID, files: Mapping[str, str]) -> None:
        self._connection, self._owner, self._tenant_id = connection, owner, tenant_id
        self._known: dict[str, list[Any]] = {"user_id": [user_id] * ROWS, "created_by": [user_id] * ROWS, "actor": [user_id] * ROWS}
        self._files = files
        self.rows: dict[str, list[Mapping[str, Any]]] = {}

    def fill(self) -> None:
        """Tables in the order of their references, so that each finds its parents."""
        for name in homes():
            self._known.setdefault(name, [new_id() for _ in range(ROWS)])
        for table in TABLES:
            self.rows[table.name] = [row for number in range(ROWS) if (row := self._put(table, number)) is not None]

    def _put(self, table: sa.Table, number: int) -> Mapping[str, Any] | None:
        if not [column for column in table.primary_key.columns if column.name != "tenant_id"] or table.name == "memberships":
            return self._mark(table) if number == 0 else None
        row = {column.name: self._value(column, number) for column in table.columns if column.computed is None}
        try:
            with self._connection.begin_nested():
                self._connection.execute(insert(table).values(row).on_conflict_do_nothing())
        except sa.exc.IntegrityError as error:
            raise AssertionError(f"table {table.name} needs a line in tests/canary/plausible.py: {error.orig}") from error
        return row

    def _mark(self, table: sa.Table) -> Mapping[str, Any]:
        """One row per workspace, made with it or made now."""
        mine = table.c.tenant_id == self._tenant_id
        row = {column.name: self._value(column, 0) for column in table.columns if column.computed is None}
        if not self._connection.execute(sa.select(table).where(mine)).first():
            self._connection.execute(table.insert().values(row))
        words = {name: value for name, value in row.items() if isinstance(value, str) and value.startswith("cnry")}
        if words:
            self._connection.execute(table.update().where(mine).values(words))
        return row

    def _value(self, column: "sa.Column[Any]", number: int) -> Any:
        table, name = column.table.name, column.name
        word = canary(self._owner, f"{table}_{name}" + ("" if number == 0 else f"_{number}"))
        if name == "tenant_id":
            return self._tenant_id
        if (table, name) in BY_COLUMN:
            given = BY_COLUMN[table, name]
            return given(word) if callable(given) else given
        parents = _parents(column.table, name)
        if parents and parents[0] in self.rows:
            rows = self.rows[parents[0]]
            return rows[min(number, len(rows) - 1)][parents[1]]
        if name in self._known:
            return self._known[name][number]
        if name in BY_NAME:
            return BY_NAME[name]
        if name in self._files:
            return self._files[name]
        if name in SHARED:
            return canary(self._owner, f"{name}_{number}")
        return _allowed(column, number) or _of_type(column.type, word, number)

    @cached_property
    def ids(self) -> Mapping[str, list[str]]:
        """Every id and name of this workspace by its column's name; those of the table at home first."""
        found: dict[str, list[str]] = {}
        at_home = homes()
        for home_first in (True, False):
            for table, rows in self.rows.items():
                for row in rows:
                    for name, value in row.items():
                        if isinstance(value, UUID | str) and name != "tenant_id" and (at_home.get(name) == table) is home_first:
                            found.setdefault(name, []).append(str(value))
        found["tenant_id"] = [str(self._tenant_id)]
        return {name: list(dict.fromkeys(values)) for name, values in found.items()}


def _parents(table: sa.Table, name: str) -> tuple[str, str] | None:
    """The table and column that this one refers to."""
    for constraint in table.foreign_key_constraints:
        for element in constraint.elements:
            if element.parent.name == name and name != "tenant_id":
                return element.column.table.name, element.column.name
    return None


def _checks(table: sa.Table) -> Iterator[str]:
    for constraint in (*table.constraints, *(each for column in table.columns for each in column.constraints)):
        if isinstance(constraint, sa.CheckConstraint):
            yield str(constraint.sqltext)


def _allowed(column: "sa.Column[Any]", number: int) -> Any:
    """One of the words that a check allows."""
    for check in _checks(column.table):
        found = re.fullmatch(rf"{column.name} in \(((?:'[^']*'(?:, )?)+),?\)", check)
        if found:
            words = re.findall("'([^']*)'", found[1])
            return words[number % len(words)]
    return None


def _of_type(kind: Any, word: str, number: int) -> Any:
    if isinstance(kind, ARRAY):
        return [word] if isinstance(kind.item_type, sa.Text) else [new_id()]
    if isinstance(kind, JSON):
        return {"canary": word}
    if isinstance(kind, sa.LargeBinary):
        return hashlib.sha256(word.encode()).digest() + word.encode()
    made: dict[type, Any] = {
        UUID: new_id(),
        str: word,
        int: number + 1,
        float: 0.5,
        bool: True,
        Decimal: Decimal(1),
    }
    python = sa.Text if isinstance(kind, TSVECTOR) else kind.as_generic().python_type
    moment = MOMENT + timedelta(hours=number)
    return made.get(python, moment.date() if python is type(MOMENT.date()) else moment)
