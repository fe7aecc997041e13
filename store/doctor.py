"""What `whyral doctor` asks a database: who we are there, row-level security, the schema's revision, the daemon's heartbeats. Reads only."""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import URL

from domain.doctor.database import Role, Walls
from domain.doctor.parts import Heartbeat
from domain.errors import SourceRefused, SourceUnavailable
from store.bootstrap import MIGRATIONS
from store.rls import PLATFORM_TABLES

CONNECT_SECONDS = 3
OPTIONS = "-c statement_timeout=5s -c lock_timeout=2s -c default_transaction_read_only=on"

# Whatever kind it is of, and in whichever database: pg_shdepend knows all that a role owns.
_ROLE = """
select r.rolname as name, r.rolsuper as is_superuser, r.rolbypassrls as passes_security,
  (select count(*) from pg_shdepend d where d.refclassid = 'pg_authid'::regclass and d.refobjid = r.oid and d.deptype = 'o') as owned_objects,
  array(select g.rolname::text from pg_roles g where g.oid <> r.oid and not r.rolsuper and pg_has_role(r.oid, g.oid, 'member')
     and (g.rolsuper or g.rolbypassrls or exists(select from pg_shdepend d where d.refobjid = g.oid and d.deptype = 'o')) order by 1) as powerful_groups
  from pg_roles r where r.rolname = current_user"""
_TABLES = """
select c.relname as name, c.relrowsecurity and c.relforcerowsecurity as is_forced, c.relispartition as is_partition,
  exists(select from pg_policy p where p.polrelid = c.oid and (p.polname = 'tenant' or c.relname = any(:platform))) as has_policy
  from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname <> 'alembic_version' order by 1"""
_HEARTBEATS = "select daemon_type, body, extract(epoch from clock_timestamp()) as now from daemon_heartbeats"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What a role that serves sees of its database."""

    version: int
    where: str
    role: Role
    walls: Walls


def parsed(url: str) -> URL:
    """Never quotes what it could not read: there is a password in it."""
    try:
        read = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        raise SourceRefused("database", "its URL cannot be read as one") from None
    # An @ of the password that was not encoded: its tail now stands where the host should, and drivers quote hosts.
    if url.partition("?")[0].count("@") > 1:
        raise SourceRefused("database", "its URL cannot be read as one")
    return read


def scheme_of(url: str) -> str:
    """Empty where it cannot be read as a URL."""
    try:
        return parsed(url).drivername
    except SourceRefused:
        return ""


def password_of(url: str) -> str | None:
    try:
        return parsed(url).password
    except SourceRefused:
        return None


def clock_ahead_seconds(url: str) -> float:
    """How far the server's clock is ahead of ours."""
    with _connected(url) as connection:
        before = time.time()
        theirs = float(connection.execute(sa.text("select extract(epoch from clock_timestamp())")).scalar_one())
        return theirs - (before + time.time()) / 2


def catalogue(url: str) -> Catalogue:
    with _connected(url) as connection:
        role = connection.execute(sa.text(_ROLE)).one()
        tables = connection.execute(sa.text(_TABLES), {"platform": sorted(PLATFORM_TABLES)}).all()
        version = int(connection.execute(sa.text("select current_setting('server_version_num')")).scalar_one())
        address = parsed(url)
        return Catalogue(version, f"{address.host}:{address.port or 5432}", Role(**role._mapping), _walls(tables))


def revisions(owner_url: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What the database is at, and what this code is at."""
    with _connected(owner_url) as connection:
        current = MigrationContext.configure(connection).get_current_heads()
    return tuple(current), tuple(ScriptDirectory(str(MIGRATIONS)).get_heads())


def heartbeats(dagster_url: str) -> dict[str, Heartbeat]:
    """The last one of each daemon, from Dagster's own database."""
    with _connected(dagster_url) as connection:
        if not sa.inspect(connection).has_table("daemon_heartbeats"):
            return {}
        rows = connection.execute(sa.text(_HEARTBEATS)).all()
    # The column is in whatever zone a session had; the body counts seconds of the epoch.
    told = {row.daemon_type: (json.loads(row.body), float(row.now)) for row in rows}
    return {name: Heartbeat(now - body["timestamp"], len(body.get("errors") or ())) for name, (body, now) in told.items()}


def _walls(tables: Sequence[sa.Row[tuple[Any, ...]]]) -> Walls:
    return Walls(
        len(tables),
        [row.name for row in tables if not row.is_forced],
        [row.name for row in tables if not row.has_policy and not row.is_partition],
    )


@contextmanager
def _connected(url: str) -> Iterator[sa.Connection]:
    """Ours for psycopg 3, whichever driver the URL names for others."""
    words = {"connect_timeout": CONNECT_SECONDS, "options": OPTIONS, "application_name": "whyral-doctor"}
    engine = sa.create_engine(
        parsed(url).set(drivername="postgresql+psycopg"), connect_args=words, poolclass=sa.NullPool, hide_parameters=True
    )
    try:
        with engine.connect() as connection:
            yield connection
    except sa.exc.DBAPIError as error:
        raise SourceUnavailable("database", str(error.orig).splitlines()[0]) from error
    finally:
        engine.dispose()
