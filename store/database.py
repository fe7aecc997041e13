"""The one way to the database: a transaction that belongs to a tenant (or, for sensors and reaper, to the system).

The first statement of every transaction enters a tenant; the transaction commits when its block ends without an error.
Repositories hang on the `UnitOfWork`. Roles, policies and functions are in `store.rls` and the migrations.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
import sqlalchemy as sa

from domain.errors import Refused, SourceUnavailable, Unacceptable, Unauthenticated
from store.work import SystemWork, UnitOfWork

# A process that is frozen inside a transaction holds its rows' locks: the server ends it, so that the reaper gets by.
OPTIONS = "-c timezone=UTC -c lock_timeout=20s -c idle_in_transaction_session_timeout=120s"


class Entry:
    """A way into a tenant that still has to be proven to the database."""


@dataclass(frozen=True, slots=True)
class KeyEntry(Entry):
    """Enter by an API key. The tenant is known only afterwards."""

    key_hash: bytes


@dataclass(frozen=True, slots=True)
class MemberEntry(Entry):
    """Enter as a member, by a token whose signature was checked."""

    tenant_id: UUID
    user_id: UUID


class Database:
    """One engine per process and role. `begin` for a tenant's work, `begin_system` for what crosses tenants."""

    def __init__(self, url: str, *, system_url: str | None = None, pool_size: int = 5, application: str = "whyral") -> None:
        # Errors are logged: without the values that were bound, which may be somebody's address or hash.
        options: dict[str, Any] = {
            "pool_size": pool_size, "max_overflow": 5, "pool_pre_ping": True, "pool_timeout": 10, "hide_parameters": True,
        }  # fmt: skip
        connect = {"application_name": application, "connect_timeout": 5, "options": OPTIONS}
        self._engine = sa.create_engine(url, connect_args=connect, **options)
        self._system = sa.create_engine(system_url, connect_args=connect, **options) if system_url else None

    @contextmanager
    def begin(self, entry: UUID | Entry) -> Iterator[UnitOfWork]:
        """One transaction of one tenant. Raises Unauthenticated where the entry is not, or no longer, good."""
        with _translated(), self._engine.begin() as connection:
            yield _entered(connection, entry)

    @contextmanager
    def begin_anonymous(self) -> Iterator[UnitOfWork]:
        """One transaction of nobody: only the functions for registering and logging in answer."""
        with _translated(), self._engine.begin() as connection:
            yield UnitOfWork(connection, UUID(int=0))

    @contextmanager
    def begin_system(self) -> Iterator[SystemWork]:
        """One transaction across tenants, on the listed tables only (`store.rls.SYSTEM_TABLES`)."""
        if self._system is None:
            raise Refused("this process was not given the system role")
        with _translated(), self._system.begin() as connection:
            yield SystemWork(connection)

    def ensure_months(self, months: Sequence[str]) -> None:
        """Make the snapshot partitions of these months ("2026-11"), each in its own short transaction."""
        for month in sorted(set(months)):
            with _translated(), self._engine.begin() as connection:
                connection.execute(sa.text("select app.ensure_month(to_date(:month, 'YYYY-MM'))"), {"month": month})

    def check_roles(self) -> None:
        """Refuse a role that walks through row-level security."""
        for engine in filter(None, (self._engine, self._system)):
            with _translated(), engine.connect() as connection:
                _refuse_powerful(connection)

    def ping(self) -> None:
        with _translated(), self._engine.connect() as connection:
            connection.execute(sa.text("select 1"))

    def close(self) -> None:
        self._engine.dispose()
        if self._system is not None:
            self._system.dispose()


def _entered(connection: sa.Connection, entry: UUID | Entry) -> UnitOfWork:
    if isinstance(entry, UUID):
        connection.execute(sa.text("select set_config('app.tenant', :tenant, true)"), {"tenant": str(entry)})
        return UnitOfWork(connection, entry)
    if isinstance(entry, KeyEntry):
        row = connection.execute(sa.text("select * from app.enter(:hash)"), {"hash": entry.key_hash}).first()
        if row is None:
            raise Unauthenticated("the API key is not known, was revoked or has expired")
        return UnitOfWork(connection, row.tenant_id, user_id=row.user_id, key_id=row.key_id, scopes=tuple(row.scopes))
    if not isinstance(entry, MemberEntry):
        raise Unauthenticated("the credential is of no known kind")
    words = {"tenant": entry.tenant_id, "member": entry.user_id}
    row = connection.execute(sa.text("select * from app.enter_member(:tenant, :member)"), words).first()
    if row is None:
        raise Unauthenticated("the token's user is no longer a member of this workspace")
    return UnitOfWork(connection, entry.tenant_id, user_id=entry.user_id, role=row.role)


def _refuse_powerful(connection: sa.Connection) -> None:
    row = connection.execute(
        sa.text(
            "select rolname, rolsuper, rolbypassrls, exists(select from pg_class where relowner = pg_roles.oid) as owns"
            " from pg_roles where rolname = current_user"
        )
    ).one()
    if row.rolsuper or row.rolbypassrls or row.owns:
        raise Refused(
            f"database role {row.rolname} is a superuser, passes row-level security or owns tables: "
            "give DATABASE_URL a role that is and does none of these (docs/guides/production.md)"
        )


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except sa.exc.TimeoutError as error:
        raise SourceUnavailable("database", "no free connection within 10 s") from error
    except sa.exc.OperationalError as error:
        lost = error.connection_invalidated or isinstance(error.orig, psycopg.OperationalError)
        if lost:
            raise SourceUnavailable("database", str(error.orig).splitlines()[0]) from error
        raise
    except sa.exc.DataError as error:
        # The one character that PostgreSQL keeps in no text and no JSON; it can come in by any word of a caller.
        if isinstance(error.orig, psycopg.errors.UntranslatableCharacter) or "NUL" in str(error.orig):
            raise Unacceptable("text with the character U+0000 cannot be stored") from error
        raise
