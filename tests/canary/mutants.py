"""Builds that lack a wall. The statements are altered on their way to the driver, whichever repository made them."""

import re
from collections.abc import Callable
from typing import Any

import psycopg
import sqlalchemy as sa

from store.database import Database

_FILTER = re.compile(r"(?:\b\w+\.)?tenant_id\s*=\s*(?:cast\()?%\(\w+\)s(?:::uuid| as uuid\))?", re.IGNORECASE)


class Statements:
    """What was sent, and how many of the repositories' filters were taken out of it."""

    def __init__(self, *, is_filtered: bool) -> None:
        self._is_filtered = is_filtered
        self.sent = 0
        self.stripped = 0

    def __call__(self, statement: str) -> str:
        self.sent += 1
        if self._is_filtered:
            return statement
        open_to_all, count = _FILTER.subn("true", statement)
        self.stripped += count
        return open_to_all


def watch(database: Database, statements: Callable[[str], str]) -> Database:
    """Every statement of this database's pool passes through `statements`, also those that go straight to the driver."""

    class Watched(psycopg.Cursor[Any]):
        def execute(self, query: Any, *words: Any, **options: Any) -> "Watched":
            super().execute(statements(query) if isinstance(query, str) else query, *words, **options)
            return self

    def connected(connection: Any, _: Any) -> None:
        connection.cursor_factory = Watched

    sa.event.listen(database._engine, "connect", connected)  # the pool is nobody else's business, except of one who takes a wall down
    return database
