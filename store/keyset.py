"""Keyset pages over a nullable column, stable under inserts: known values first, in either direction, unknown ones last.

Two statements instead of one with OR: each is a plain range over the index `(tenant_id, key desc nulls last, id)`, read forwards or backwards.
What the columns are is the caller's.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

Key: TypeAlias = int | float | datetime | None
Rows: TypeAlias = Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page ended: the sort key of its last row and that row's id."""

    key: Key
    row_id: UUID | str


@dataclass(frozen=True, slots=True)
class Clauses:
    """What a statement needs for its part of a page: a condition and an order. Bound words are `at` and `after`."""

    where: str
    order: str


def known(key: str, row_id: str, *, is_descending: bool, is_after: bool) -> Clauses:
    """Rows whose key is known."""
    past, next_id = ("<", ">") if is_descending else (">", "<")
    where = f"{key} is not null"
    if is_after:
        where += f" and {key} {past}= %(at)s and ({key} {past} %(at)s or {row_id} {next_id} %(after)s)"
    return Clauses(where, f"{key} desc nulls last, {row_id}" if is_descending else f"{key} asc nulls first, {row_id} desc")


def unknown(key: str, row_id: str, *, is_descending: bool, is_after: bool) -> Clauses:
    """Rows whose key is not known, by id alone."""
    where = f"{key} is null" + (f" and {row_id} {'>' if is_descending else '<'} %(after)s" if is_after else "")
    return Clauses(where, row_id if is_descending else f"{row_id} desc")


def read(run: Callable[[bool, bool, int, Mapping[str, object]], Rows], position: Position | None, limit: int) -> Rows:
    """A page out of at most two statements; `run(is_known, is_after, limit, words)` reads one part."""
    found: Rows = []
    if position is None or position.key is not None:
        is_after = position is not None
        words = {"at": position.key, "after": position.row_id} if position is not None else {}
        found = run(True, is_after, limit, words)
    if len(found) < limit:
        within = position if position is not None and position.key is None else None
        words = {"after": within.row_id} if within is not None else {}
        found = [*found, *run(False, within is not None, limit - len(found), words)]
    return found
