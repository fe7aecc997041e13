"""Roles and databases, made once by a superuser (ours of the embedded server, or the operator's); then Alembic, as the owner.

Safe when several processes start at once: everything runs under one advisory lock.
"""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import psycopg
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg import sql

from store import plans
from store.rls import APP, DEFINER, OWNER, SYSTEM

DAGSTER = "whyral_dagster"
LOGIN_ROLES = (OWNER, APP, SYSTEM, DAGSTER)
MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 7_420_417_001


def ensure_roles(superuser_dsn: str, passwords: Mapping[str, str]) -> None:
    """The login roles with their passwords, and the definer without one. None of them is a superuser."""
    with psycopg.connect(superuser_dsn, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", [_LOCK])
        # Many rounds of hashing protect words that people choose. These are random, and every event of a run is a connection of its own.
        connection.execute("select set_config(name, '1', false) from pg_settings where name = 'scram_iterations'")
        known = {row[0] for row in connection.execute("select rolname from pg_roles")}
        for role in LOGIN_ROLES:
            verb = sql.SQL("alter" if role in known else "create")
            connection.execute(
                sql.SQL("{} role {} login nosuperuser nobypassrls nocreaterole nocreatedb password {}").format(
                    verb, sql.Identifier(role), sql.Literal(passwords[role])
                )
            )
        if DEFINER not in known:
            connection.execute(sql.SQL("create role {} nologin").format(sql.Identifier(DEFINER)))
        connection.execute(sql.SQL("grant {} to {}").format(sql.Identifier(DEFINER), sql.Identifier(OWNER)))


def ensure_database(superuser_dsn: str, name: str, *, owner: str, template: str | None = None, guests: tuple[str, ...] = ()) -> None:
    """A database that only its owner and the named guests may connect to."""
    with psycopg.connect(superuser_dsn, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", [_LOCK])
        if connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone() is None:
            make = sql.SQL("create database {} owner {}").format(sql.Identifier(name), sql.Identifier(owner))
            connection.execute(make + sql.SQL(" template {}").format(sql.Identifier(template)) if template else make)
        connection.execute(sql.SQL("revoke all on database {} from public").format(sql.Identifier(name)))
        for guest in (owner, *guests):
            connection.execute(sql.SQL("grant connect, temporary on database {} to {}").format(sql.Identifier(name), sql.Identifier(guest)))


def migrate(owner_url: str, *, caps: tuple[Decimal, Decimal] | None = None) -> None:
    """Bring the schema to head and the plans to the packaged version. The advisory lock lets one process do it while the others wait.

    `caps`: what outside calls of the whole deployment may cost in a day and in a month, in USD; None leaves what is there.
    """
    engine = sa.create_engine(owner_url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.execute(sa.text("select pg_advisory_lock(:number)"), {"number": _LOCK + 1})
        connection.commit()
        command.upgrade(_config(connection), "head")
        plans.load(connection)
        if caps is not None:
            plans.set_deployment_caps(connection, *caps)
        connection.commit()
        connection.execute(sa.text("select pg_advisory_unlock(:number)"), {"number": _LOCK + 1})
    engine.dispose()


def is_empty(superuser_dsn: str) -> bool:
    """Whether a database has no table of anybody's."""
    with psycopg.connect(superuser_dsn) as connection:
        found = connection.execute(
            "select exists(select from pg_class c join pg_namespace n on n.oid = c.relnamespace"
            " where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema'))"
        ).fetchone()
    return found is not None and not found[0]


def end_sessions(superuser_dsn: str, reason: str) -> int:
    """Every live session of everybody ends. Returns how many."""
    with psycopg.connect(superuser_dsn) as connection:
        ended = "update sessions set ended_at = clock_timestamp(), end_reason = %s where ended_at is null"
        return connection.execute(ended, (reason,)).rowcount


def head() -> str:
    """The newest revision that this code has."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head() or ""


def _config(connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
