"""The one way to the database: a transaction that belongs to a tenant (or, for sensors and reaper, to the system).

The first statement of every transaction enters a tenant; the transaction commits when its block ends without an error. That statement
also finds out whether the connection still lives: it is tried once more on a fresh one, so no connection is pinged beforehand.
Repositories hang on the `UnitOfWork`. Roles, policies and functions are in `store.rls` and the migrations.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any, TypeVar
from uuid import UUID

import psycopg
import sqlalchemy as sa

from domain.errors import FactorNeeded, Refused, SourceUnavailable, Suspended, Unacceptable, Unauthenticated
from domain.sessions import OpenSession
from store.admin import AdminWork
from store.calls import current_call
from store.entries import Entry as Entry
from store.entries import KeyEntry as KeyEntry
from store.entries import MemberEntry as MemberEntry
from store.entries import SessionEntry as SessionEntry
from store.glance import SUSPENDED, Glance, glance, once
from store.trying import may_commit
from store.work import SystemWork, UnitOfWork

Work = TypeVar("Work")

# A process that is frozen inside a transaction holds its rows' locks: the server ends it, so that the reaper gets by.
OPTIONS = "-c timezone=UTC -c lock_timeout=20s -c idle_in_transaction_session_timeout=120s"


class Database:
    """One engine per process and role. `begin` for a tenant's work, `begin_system` for what crosses tenants."""

    def __init__(self, url: str, *, system_url: str | None = None, pool_size: int = 5, application: str = "whyral") -> None:
        # Errors are logged: without the values that were bound, which may be somebody's address or hash.
        options: dict[str, Any] = {"pool_size": pool_size, "max_overflow": 5, "pool_timeout": 10, "hide_parameters": True}
        connect = {"application_name": application, "connect_timeout": 5, "options": OPTIONS}
        self._engine = sa.create_engine(url, connect_args=connect, **options)
        self._alone = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._system = sa.create_engine(system_url, connect_args=connect, **options) if system_url else None
        self.is_closed = False

    def begin(self, entry: UUID | Entry) -> AbstractContextManager[UnitOfWork]:
        """One transaction of one tenant. Entering it raises Unauthenticated where the entry is not, or no longer, good."""
        return _transaction(self._engine, lambda connection: _noted(_entered(connection, entry)))

    def glance(self, entry: Entry, kind: str) -> Glance | None:
        """What is published now, by an entry that is proven in the same statement; see `store.glance`."""
        with _translated():
            return glance(self._engine, entry, kind)

    def once(self, entry: Entry, statement: str, *, limit: int, **words: object) -> list[tuple[Any, ...]]:
        """The rows of one statement that is its own transaction; see `store.glance`."""
        with _translated():
            return once(self._engine, entry, statement, limit=limit, **words)

    def snapshot(self, tenant_id: UUID) -> AbstractContextManager[UnitOfWork]:
        """One transaction of one tenant that sees, however long it reads, what was committed when it began."""
        frozen = self._engine.execution_options(isolation_level="REPEATABLE READ")
        return _transaction(frozen, lambda connection: _entered(connection, tenant_id))

    def begin_anonymous(self) -> AbstractContextManager[UnitOfWork]:
        """One transaction of nobody: only the functions for registering and logging in answer."""
        return _transaction(self._engine, lambda connection: UnitOfWork(_alive(connection), UUID(int=0)))

    def begin_system(self) -> AbstractContextManager[SystemWork]:
        """One transaction across tenants, on the listed tables only (`store.rls.SYSTEM_TABLES`)."""
        if self._system is None:
            raise Refused("this process was not given the system role")
        return _transaction(self._system, lambda connection: SystemWork(_alive(connection)))

    def at_once(self, statement: Callable[[sa.Connection], Work]) -> Work:
        """One statement of nobody that is a transaction by itself: nothing that fails afterwards takes it back."""
        with _translated():
            connection, found = _begun(self._alone, statement)
            connection.close()
            return found

    def begin_admin(self, entry: Entry, *, second_factor: str = "when_set") -> AbstractContextManager[AdminWork]:
        """One transaction of an administrator of the platform, by a live session of their own.

        `second_factor`: `always`, `when_set` (by whoever has one) or `never` has to be proven. Raises Unauthenticated, Refused, FactorNeeded.
        """
        return _transaction(self._engine, lambda connection: _administering(connection, entry, second_factor))

    def ensure_months(self, months: Sequence[str]) -> None:
        """Make the snapshot partitions of these months ("2026-11"), each in its own short transaction."""
        for month in sorted(set(months)):
            with _transaction(self._engine, _alive) as connection:
                connection.execute(sa.text("select app.ensure_month(to_date(:month, 'YYYY-MM'))"), {"month": month})

    def check_roles(self) -> None:
        """Refuse a role that walks through row-level security."""
        for engine in filter(None, (self._engine, self._system)):
            with _transaction(engine, _alive) as connection:
                _refuse_powerful(connection)

    def ping(self) -> None:
        with _transaction(self._engine, _alive):
            pass

    def close(self) -> None:
        self.is_closed = True
        self._engine.dispose()
        if self._system is not None:
            self._system.dispose()


@contextmanager
def _transaction(engine: sa.Engine, first: Callable[[sa.Connection], Work]) -> Iterator[Work]:
    """A transaction whose first statement is made by `first`. It commits when its block ends without an error."""
    with _translated():
        connection, work = _begun(engine, first)
        with connection:
            try:
                yield work
            except psycopg.OperationalError as error:
                connection.invalidate(error)  # SQLAlchemy does not see what the driver's own cursor met
                raise
            if may_commit():
                connection.commit()


def _begun(engine: sa.Engine, first: Callable[[sa.Connection], Work]) -> tuple[sa.Connection, Work]:
    try:
        return _tried(engine, first)
    except sa.exc.OperationalError as error:
        if not error.connection_invalidated:
            raise
        # The server had closed it while nobody used it; the pool gave up all its connections of before.
        return _tried(engine, first)


def _tried(engine: sa.Engine, first: Callable[[sa.Connection], Work]) -> tuple[sa.Connection, Work]:
    with ExitStack() as undo:
        connection = undo.enter_context(engine.connect())
        work = first(connection)
        undo.pop_all()
        return connection, work


def _alive(connection: sa.Connection) -> sa.Connection:
    """A first statement that enters nothing."""
    connection.exec_driver_sql("select")
    return connection


def _noted(work: UnitOfWork) -> UnitOfWork:
    """The call that is being served is told who makes it."""
    call = current_call()
    if call is not None and work.user_id is not None:
        call.tenant_id, call.user_id, call.key_id = work.tenant_id, work.user_id, work.key_id
        if work.session is not None:
            call.session_id, call.impersonator = work.session.session_id, work.session.impersonator
    return work


def _entered(connection: sa.Connection, entry: UUID | Entry) -> UnitOfWork:
    if isinstance(entry, UUID):
        connection.exec_driver_sql("select set_config('app.tenant', %s, true)", (str(entry),))
        return UnitOfWork(connection, entry)
    if isinstance(entry, KeyEntry):
        row = connection.exec_driver_sql("select * from app.enter_key(%s)", (entry.key_hash,)).first()
        if row is None:
            raise Unauthenticated("the API key is not known, was revoked or has expired")
        tenant_id, user_id, key_id, scopes, role = row
        return UnitOfWork(connection, tenant_id, user_id=user_id, key_id=key_id, role=role, scopes=tuple(scopes))
    if isinstance(entry, SessionEntry):
        return _of_session(connection, entry)
    if not isinstance(entry, MemberEntry):
        raise Unauthenticated("the credential is of no known kind")
    row = connection.exec_driver_sql("select * from app.enter_member(%s, %s)", (entry.tenant_id, entry.user_id)).first()
    if row is None:
        raise Unauthenticated("the token's user is no longer a member of this workspace")
    return UnitOfWork(connection, entry.tenant_id, user_id=entry.user_id, role=row.role)


def _of_session(connection: sa.Connection, entry: SessionEntry) -> UnitOfWork:
    words = (entry.session_id, entry.secret_hash, entry.tenant_id)
    row = connection.exec_driver_sql("select * from app.enter_session(%s, %s, %s)", words).first()
    if row is None or row.impersonator != entry.impersonator:
        raise Unauthenticated("the session has ended: log in again")
    return UnitOfWork(
        connection, row.tenant_id, user_id=row.user_id, role=row.role, session=OpenSession(
            row.session_id, impersonator=row.impersonator, second_factor_at=row.second_factor_at, is_platform_admin=row.is_platform_admin
        ),
    )  # fmt: skip


def _administering(connection: sa.Connection, entry: Entry, second_factor: str) -> AdminWork:
    if not isinstance(entry, SessionEntry) or entry.impersonator is not None:
        raise Refused("only for administrators of the platform, by their own session")
    words = (entry.session_id, entry.secret_hash, second_factor)
    row = connection.exec_driver_sql("select * from app.enter_admin(%s, %s, %s)", words).first()
    if row is None:
        raise Unauthenticated("the session has ended: log in again")
    if row.outcome == "factor":
        raise FactorNeeded("administrators prove a second factor: log in with one")
    if row.outcome != "entered":
        raise Refused("only for administrators of the platform, by their own session")
    return AdminWork(connection, row.user_id, row.session_id)


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
    except UnicodeEncodeError as error:  # half of a character, which JSON may hold and text may not
        raise Unacceptable("text with half of a character cannot be stored") from error
    except (sa.exc.DBAPIError, psycopg.Error) as error:  # hot reads use the driver itself (docs/decisions/0010-hot-reads.md)
        cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
        if isinstance(cause, psycopg.Error) and cause.sqlstate == SUSPENDED:
            raise Suspended("the workspace is suspended: ask whoever runs this deployment") from error
        if isinstance(cause, psycopg.OperationalError):
            raise SourceUnavailable("database", str(cause).splitlines()[0]) from error
        # The one character that PostgreSQL keeps in no text and no JSON; it can come in by any word of a caller.
        is_nul = isinstance(cause, psycopg.errors.UntranslatableCharacter | psycopg.errors.CharacterNotInRepertoire)
        if is_nul or (isinstance(cause, psycopg.DataError) and "NUL" in str(cause)):
            raise Unacceptable("text with the character U+0000 cannot be stored") from error
        raise
