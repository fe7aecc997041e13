"""The door of /admin: administrators of the platform, by a live session of their own.

That is proven before the body is read, and again in each transaction.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

import msgspec
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler
from litestar.params import QueryParameter

from api.pages import Cursors, Page, page
from api.security import known_caller
from services.administering import Act
from store.admin import AdminWork
from store.database import Database, Entry

T = TypeVar("T")
S = TypeVar("S")
Wanted = Annotated[str | None, QueryParameter(min_length=1, max_length=200, description="only those whose name or address has it")]


@dataclass(frozen=True, slots=True)
class Administering:
    """One call of an administrator."""

    database: Database
    entry: Entry
    second_factor: str
    cursors: Cursors
    request_id: str

    def begin(self) -> AbstractContextManager[AdminWork]:
        return self.database.begin_admin(self.entry, second_factor=self.second_factor)

    @contextmanager
    def look(self, what: str, subject: object = "", *, tenant_id: UUID | None = None, **asked: object) -> Iterator[AdminWork]:
        """A transaction that reads what is somebody's. It leaves a line in the platform's audit log, and in that of the workspace read.

        `asked`: how the read was narrowed down; None and False say nothing.
        """
        with self.begin() as work:
            yield work
            narrowed = {name: word for name, word in asked.items() if word is not None and word is not False}
            work.note_look(what, str(subject), tenant_id=tenant_id, asked=narrowed, request_id=self.request_id)

    def act(self, reason: str | None = None) -> Act:
        return Act(reason, self.request_id)

    def before(self, cursor: str | None, scope: str) -> tuple[datetime, UUID] | None:
        found: tuple[datetime, UUID] | None = self.cursors.read(cursor, f"admin:{scope}", tuple[datetime, UUID]) if cursor else None
        return found

    def page(self, found: Sequence[S], limit: int, shape: type[T], moment: str, key: str, scope: str) -> Page[T]:
        """A page whose positions are two fields of its items."""
        return page(
            found, limit, shape=lambda each: told(shape, each), position=lambda each: (getattr(each, moment), getattr(each, key)),
            cursors=self.cursors, scope=f"admin:{scope}",
        )  # fmt: skip


async def known_admin(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Guard: anybody else learns only that they are not one."""
    await known_caller(connection, handler)
    state = connection.app.state
    await asyncio.to_thread(_proven, state.database, connection.state.entry, state.admin_second_factor)


def _proven(database: Database, entry: Entry, second_factor: str) -> None:
    with database.begin_admin(entry, second_factor=second_factor):
        pass


async def administering(request: Request[Any, Any, Any]) -> Administering:
    state = request.app.state
    request_id = str(request.scope["state"].get("request_id", ""))
    return Administering(state.database, request.state.entry, state.admin_second_factor, state.cursors, request_id)


def told(shape: type[T], found: object) -> T:
    """The shape of what was found; it has the same fields."""
    return msgspec.convert(found, shape, from_attributes=True)
