"""A workspace with a canary in every table, in every text and JSON column that may hold any words, and in the bodies of its files."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from domain.ports import FilePort, StoredFile
from store.database import Database
from store.ids import new_id
from store.tenant_rows import tenant_tables
from tests.conftest import Member

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
MADE_BY_REGISTERING = ("tenants", "memberships", "subscriptions")
# What no rule of the columns says.
KNOWN: dict[str, dict[str, Any]] = {
    "requests": {"state": "succeeded", "kind": "insights", "claim_on": "graph", "run_id": None, "lease_until": None},
    "request_events": {"state": "succeeded", "version": 99},
    "account_followers": {"observed_at": datetime(2026, 11, 21, tzinfo=UTC)},
    "connections": {"status": "revoked", "access_token": None, "refresh_token": None},
    "video_snapshots": {"observed_at": NOW},
    "video_thumbnails": dict.fromkeys(
        ("measured_at", "sha256", "width", "height", "brightness", "contrast", "colourfulness", "faces", "text_share")
    ),
    "clips": {"start_seconds": 0.25},
    "clip_candidates": {"start_seconds": 0.25},
    "owner_availability": {"is_available": True, "reason": None},
    # Money and the trail stay: by their rules they hold ids and words of ours.
    "reservations": {
        "operation": "operation of ours",
        "subject": "youtube",
        "state": "reserved",
        "spent_usd": None,
        "service": "insights",
        "production": None,
        "run_id": None,
    },
    "ledger_entries": {"source": "available", "target": "reserved", "operation": "operation of ours"},
    "audit_log": {"action": "workspace.filled"},
    **{
        f"billing_{name}": {"provider": "stripe", "data": {}, "state": "paid", "currency": "usd", "version": 1, **words}
        for name, words in {
            "invoices": {"invoice_id": "in_1", "subscription_id": "sub_1"},
            "payments": {"payment_id": "pi_1", "invoice_id": "in_1"},
            "refunds": {"refund_id": "re_1", "payment_id": "pi_1"},
            "disputes": {"dispute_id": "dp_1", "payment_id": "pi_1"},
        }.items()
    },
    "subscription_changes": {
        "plan": "free",
        "status": "active",
        "provider": "stripe",
        "subscription_id": "sub_1",
        "price": "starter_monthly",
        "currency": "usd",
        "cause": "event",
    },
    "billing_subscriptions": {"state": "active", "plan": None, "provider": "stripe"},
    "billing_customers": {"provider": "stripe"},
    "billing_methods": {"provider": "stripe"},
    "billing_calls": {"state": "open", "ended_at": None},
    "plan_overrides": {"plan": None, "period": "day", "what": "imports_per_day"},
}
LEFT_OUT = ("deletions", "exports", "leaving_files")


@dataclass
class Filled:
    """What was put in."""

    member: Member
    canary: str
    tables: dict[str, set[str]] = field(default_factory=dict)
    files: list[StoredFile] = field(default_factory=list)


def fill(database: Database, member: Member, files: FilePort) -> Filled:
    """One row per table of tenants, each with as many canaries as it takes."""
    filled = Filled(member, f"canary{new_id().hex}")
    filled.files = [files.put(member.tenant_id, [f"{filled.canary} in file {n}".encode()], limit_bytes=1000) for n in range(3)]
    rows: dict[str, dict[str, Any]] = {}
    with database.begin(member.tenant_id) as uow:
        for table in tenant_tables():
            if table.name in LEFT_OUT:
                continue
            if table.name in MADE_BY_REGISTERING:
                rows[table.name] = {"tenant_id": member.tenant_id, "user_id": member.user_id}
                continue
            rows[table.name] = _inserted(uow.connection, table, filled, rows)
            filled.tables[table.name] = {name for name, word in rows[table.name].items() if filled.canary in str(word)}
        uow.connection.execute(sa.text("update tenants set name = :name"), {"name": filled.canary})
    return filled


def _inserted(connection: sa.Connection, table: sa.Table, filled: Filled, rows: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The fullest row that its constraints let in."""
    errors = []
    for attempt in (_all, _needed_and_words, _needed):
        row = {each.name: _value(each, filled) for each in table.columns if each.computed is None and attempt(each)}
        row |= _references(table, rows, set(row)) | KNOWN.get(table.name, {})
        row["tenant_id"] = filled.member.tenant_id
        try:
            with connection.begin_nested():
                connection.execute(table.insert().values(row))
        except (sa.exc.IntegrityError, sa.exc.DataError) as error:
            errors.append(str(error.orig))
        else:
            return row
    raise AssertionError(f"{table.name}: {errors}")


def _all(_: "sa.Column[Any]") -> bool:
    return True


def _needed(column: "sa.Column[Any]") -> bool:
    return not column.nullable and column.server_default is None


def _needed_and_words(column: "sa.Column[Any]") -> bool:
    return _needed(column) or (_is_words(column) and not _rules(column))


def _is_words(column: "sa.Column[Any]") -> bool:
    return isinstance(column.type, (sa.Text, sa.JSON))


def _rules(column: "sa.Column[Any]") -> list[str]:
    checks = [*column.table.constraints, *column.constraints]
    told = [str(each.sqltext) for each in checks if isinstance(each, sa.CheckConstraint)]
    return [each for each in told if re.search(rf"\b{column.name}\b", each)]


def _references(table: sa.Table, rows: dict[str, dict[str, Any]], wanted: set[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key in table.foreign_key_constraints:
        for element in key.elements:
            if element.parent.name in wanted and element.column.table.name in rows:
                found[element.parent.name] = rows[element.column.table.name][element.column.name]
    return found


def _value(column: "sa.Column[Any]", filled: Filled) -> Any:
    if column.name in ("user_id", "created_by", "asked_by", "actor"):
        return filled.member.user_id
    if column.name.endswith(("file_key", "_key")) and column.name not in ("dedupe_key", "price_key", "video_key"):
        return filled.files[0].key
    if column.name.endswith("sha256"):
        return filled.files[0].sha256
    if isinstance(column.type, sa.JSON):
        return {"note": filled.canary}
    if isinstance(column.type, ARRAY):
        return [filled.canary] if isinstance(column.type.item_type, sa.Text) else []
    if isinstance(column.type, sa.Text):
        quoted = [word for rule in _rules(column) for word in re.findall(r"'([^']+)'", rule)]
        return quoted[0] if quoted else f'=1+1 "{filled.canary}" {column.name}\n\\x'
    made: dict[type, Any] = {
        UUID: new_id(), int: 1, float: 0.5, bool: False, Decimal: Decimal("0.1234567890"), bytes: b"x" * 8, date: NOW.date(), datetime: NOW,
    }  # fmt: skip
    return made[column.type.as_generic().python_type]


def found_in(connection: psycopg.Connection[Any], words: list[str]) -> dict[str, int]:
    """In which tables of a database, of whatever schema, any of these words stands, in any column."""
    found = {}
    for schema, table in list(_tables(connection)):
        search = " or ".join("position(%s in r::text) > 0" for _ in words)
        count = connection.execute(f'select count(*) from "{schema}"."{table}" r where {search}', words).fetchone()
        if count is not None and count[0]:
            found[table] = count[0]
    return found


def _tables(connection: psycopg.Connection[Any]) -> Iterator[tuple[str, str]]:
    yield from connection.execute(
        "select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p')"
        " and not c.relispartition and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')"
    ).fetchall()
