"""The metadata that every table hangs on, and the columns that repeat. What a table means is in its own module."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = sa.MetaData(naming_convention=NAMING)
Json = JSONB(none_as_null=True)
Moment = sa.TIMESTAMP(timezone=True)


def uuid(name: str, *, primary_key: bool = False, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, UUID(as_uuid=True), primary_key=primary_key, nullable=nullable)


def created_at() -> sa.Column[Any]:
    return moment("created_at", default_now=True)


def moment(name: str, *, primary_key: bool = False, nullable: bool = False, default_now: bool = False) -> sa.Column[Any]:
    return sa.Column(name, Moment, primary_key=primary_key, nullable=nullable, server_default=sa.func.now() if default_now else None)


def count(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    """A counter of the outside world: never negative, unknown where it is null."""
    return sa.Column(name, sa.BigInteger, sa.CheckConstraint(f"{name} >= 0", name=f"{name}_not_negative"), nullable=nullable)


def tally(name: str) -> sa.Column[Any]:
    """A counter of ours: starts at zero."""
    return sa.Column(name, sa.BigInteger, nullable=False, server_default="0")


def tenant_table(name: str, *parts: Any, **options: Any) -> sa.Table:
    """A table whose rows belong to a tenant: `tenant_id` comes first, row-level security is forced (see `store.rls`)."""
    return sa.Table(name, metadata, uuid("tenant_id", primary_key=True), *parts, info={"owner": "tenant"}, **options)
