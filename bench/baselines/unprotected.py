"""Our own API without its walls: a superuser's connection, which no policy binds, and nobody is checked at the door.

Who calls is looked up in memory. Everything else is the product's, so that the difference is what the walls cost.
"""

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

import psycopg
import sqlalchemy as sa
from litestar import Litestar

from api import app
from settings import Settings
from store.database import Database, Entry, KeyEntry, _transaction
from store.work import UnitOfWork

_KEYS = "select key_hash, tenant_id, user_id, key_id, scopes from api_keys"


class Unprotected(Database):
    """Every key of the stage, known beforehand."""

    def __init__(self, url: str, **options: Any) -> None:
        super().__init__(url, **options)
        with psycopg.connect(os.environ["WHYRAL_BENCH_KEYS"]) as connection:
            rows = connection.execute(_KEYS).fetchall()
        self._known: Mapping[bytes, tuple[Any, ...]] = {bytes(key_hash): tuple(rest) for key_hash, *rest in rows}

    def begin(self, entry: UUID | Entry) -> AbstractContextManager[UnitOfWork]:
        assert isinstance(entry, KeyEntry)
        return _transaction(self._engine, lambda connection: self._entered(connection, entry))

    def _entered(self, connection: sa.Connection, entry: KeyEntry) -> UnitOfWork:
        tenant_id, user_id, key_id, scopes = self._known[entry.key_hash]
        return UnitOfWork(connection, tenant_id, user_id=user_id, key_id=key_id, scopes=tuple(scopes))

    def check_roles(self) -> None:
        """A superuser is what this one is for."""


def application() -> Litestar:
    vars(app)["Database"] = Unprotected
    return app.application(Settings())
