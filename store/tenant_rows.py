"""All rows of one tenant, table by table, as the catalogue has them: read, put back, deleted. What is done with which table is in `domain.rights`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from domain.rights import Erased, treatment
from store.repository import Repository
from store.tables import metadata

FETCHED = 500
# What triggers make of rows that are put back is taken away before the true rows come, or written over at the end.
_MADE_BY_TRIGGERS = ("account_followers", "request_events", "account_changes", "name_changes", "aggregates_made")
_TOUCHED_BY_TRIGGERS = ("requests", "collections")


@dataclass(frozen=True, slots=True)
class TenantTable:
    """A table of tenants: its columns that are exported, its primary key."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]


def tenant_tables() -> list[sa.Table]:
    """Every table of tenants, what is referred to before what refers to it."""
    return [table for table in metadata.sorted_tables if table.info["owner"] == "tenant"]


def exported() -> list[TenantTable]:
    return [_shown(table) for table in tenant_tables() if treatment(table.name).is_exported]


def coming_back() -> list[TenantTable]:
    """In the order in which they can be put back."""
    return [_shown(table) for table in tenant_tables() if treatment(table.name).comes_back]


def erased() -> list[str]:
    """In the order in which they can be deleted."""
    return [table.name for table in reversed(tenant_tables()) if treatment(table.name).erased is Erased.DELETED]


def _shown(table: sa.Table) -> TenantTable:
    hidden = treatment(table.name).hidden
    columns = tuple(each.name for each in table.columns if each.computed is None and each.name not in hidden)
    return TenantTable(table.name, columns, tuple(each.name for each in table.primary_key))


class TenantRows(Repository):
    """One tenant's rows."""

    def lines(self, table: TenantTable) -> Iterator[str]:
        """Each row as one line of JSON, in the order of the primary key; a few at a time in memory."""
        driver: psycopg.Connection[Any] = self._connection.connection.driver_connection  # type: ignore[assignment]
        columns, key = (", ".join(f'"{each}"' for each in words) for words in (table.columns, table.key))
        with driver.cursor(name=f"export_{table.name}") as cursor:
            cursor.itersize = FETCHED
            cursor.execute(
                f"select row_to_json(r)::text from (select {columns} from {table.name} where tenant_id = %s order by {key}) r", (self._tenant_id,)
            )  # fmt: skip
            for (line,) in cursor:
                yield line

    def members(self) -> Iterator[str]:
        """Members with their own words: they stand in a table of the platform."""
        yield from self._run("select row_to_json(r)::text from app.member_details() r").scalars()

    def put(self, table: TenantTable, lines: Sequence[str]) -> int:
        """Insert rows given as JSON. A table that triggers fill is emptied before the first of them: `clear`."""
        columns = ", ".join(f'"{each}"' for each in table.columns)
        done = self._connection.exec_driver_sql(
            f"insert into {table.name} ({columns}) select {columns} from json_populate_recordset(null::{table.name}, %s::json)",
            (f"[{','.join(lines)}]",),
        )
        return done.rowcount

    def clear(self, table: TenantTable) -> None:
        if table.name in _MADE_BY_TRIGGERS:
            self._run(f"delete from {table.name} where tenant_id = :tenant")

    def is_touched(self, table: TenantTable) -> bool:
        return table.name in _TOUCHED_BY_TRIGGERS

    def is_made(self, table: TenantTable) -> bool:
        return table.name in _MADE_BY_TRIGGERS

    def write_over(self, table: TenantTable, lines: Sequence[str]) -> None:
        """Give rows that are there the words that they came with."""
        words = ", ".join(f'"{each}" = r."{each}"' for each in table.columns if each not in table.key)
        same = " and ".join(f't."{each}" = r."{each}"' for each in table.key)
        self._connection.exec_driver_sql(
            f"update {table.name} t set {words} from json_populate_recordset(null::{table.name}, %s::json) r where t.tenant_id = %s and {same}",
            (f"[{','.join(lines)}]", self._tenant_id),
        )

    def delete(self, table: str, *, batch: int) -> int:
        """So many rows at most, by their key: also of a table in partitions. Returns how many went: none while something refers to them."""
        key = ", ".join(each.name for each in metadata.tables[table].primary_key)
        try:
            with self._connection.begin_nested():
                return self._run(
                    f"delete from {table} where tenant_id = :tenant and ({key}) in"
                    f" (select {key} from {table} where tenant_id = :tenant limit :batch)",
                    batch=batch,
                ).rowcount
        except IntegrityError:
            return 0

    def left(self) -> dict[str, int]:
        """How many rows are still there, by table, of those that are to go."""
        counts = {name: int(self._run(f"select count(*) from {name} where tenant_id = :tenant").scalar_one()) for name in erased()}
        return {name: rows for name, rows in counts.items() if rows}

    def subscribe_free(self) -> None:
        self._run("insert into subscriptions (tenant_id, plan, status) values (:tenant, 'free', 'active')")

    def member_ids(self) -> list[UUID]:
        return list(self._run("select user_id from memberships where tenant_id = :tenant order by created_at, user_id").scalars())

    def owners(self) -> list[UUID]:
        """Locked: of two owners who leave at once, one stays."""
        found = "select user_id from memberships where tenant_id = :tenant and role = 'owner' order by user_id for update"
        return list(self._run(found).scalars())

    def owns_channels(self, user_id: UUID) -> bool:
        found = "select exists(select from channels where tenant_id = :tenant and user_id = :user)"
        return bool(self._run(found, user=user_id).scalar_one())

    def forget_mails(self, recipient: str) -> int:
        done = self._run("delete from outbox where tenant_id = :tenant and lower(recipient) = lower(:recipient)", recipient=recipient)
        return done.rowcount

    def forget_user(self, user_id: UUID) -> bool:
        """Somebody's membership goes, and with their last one the user. Returns whether the user went."""
        return bool(self._run("select app.forget_user(:user)", user=user_id).scalar_one())

    def scrub(self) -> int:
        """Words leave the trail, consents on their way end."""
        return int(self._run("select app.scrub()").scalar_one())
