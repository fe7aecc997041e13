"""Tables of arms as stored: one row per file with what was pooled from it, one row per arm. Own experiments are in `store.experiments`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from domain.errors import NotFound
from domain.experiments.arm_rows import ArmRow
from store.repository import Repository
from store.tables.experiments import experiment_imports


@dataclass(frozen=True, slots=True)
class ImportedTests:
    """One table of tests. `pool` is as it is served; `is_own`: run by the tenant itself, else as its owner reported them."""

    import_id: UUID
    name: str
    is_own: bool
    sha256: str
    columns: Mapping[str, Any]
    tests: int
    arms: int
    rejected: int
    problems: Sequence[str]
    pool: Mapping[str, Any]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class StoredTest:
    """The arms of one test, in the order of the file."""

    test: str
    arms: tuple[ArmRow, ...]


_SHOWN = tuple(experiment_imports.c[name] for name in ImportedTests.__dataclass_fields__)
_TESTS = """
select test, within, title, impressions, clicks from experiment_arms where tenant_id = :tenant and import_id = :id and test > :after
   and test <= (select max(test) from (
     select distinct test from experiment_arms where tenant_id = :tenant and import_id = :id and test > :after order by test limit :limit) t)
 order by test, arm"""


class ExperimentTables(Repository):
    """One tenant's tables of tests."""

    def add(self, facts: Mapping[str, object], arms: Iterable[ArmRow]) -> ImportedTests:
        """Keep a table and its arms; rows stream into the database."""
        self._insert(experiment_imports, facts)
        import_id = UUID(str(facts["import_id"]))
        self._copy(import_id, arms)
        return self.get(import_id)

    def _copy(self, import_id: UUID, arms: Iterable[ArmRow]) -> None:
        # COPY does not go through row-level security: it fills a table of this transaction, and an insert does the rest.
        self._run("create temporary table incoming_arms (like experiment_arms) on commit drop")
        driver: Any = self._connection.connection.driver_connection
        numbers: dict[str, int] = {}
        columns = "tenant_id, import_id, test, arm, within, title, impressions, clicks"
        with driver.cursor() as cursor, cursor.copy(f"copy incoming_arms ({columns}) from stdin") as copy:
            for each in arms:
                numbers[each.test] = numbers.get(each.test, 0) + 1
                row = (each.test, numbers[each.test], each.within, each.title, each.impressions, each.clicks)
                copy.write_row((self._tenant_id, import_id, *row))
        self._run(f"insert into experiment_arms ({columns}) select {columns} from incoming_arms")
        self._run("drop table incoming_arms")

    def get(self, import_id: UUID) -> ImportedTests:
        mine = sa.select(*_SHOWN).where(experiment_imports.c.tenant_id == self._tenant_id, experiment_imports.c.import_id == import_id)
        row = self._run(mine).first()
        if row is None:
            raise NotFound("table of experiments", import_id)
        return ImportedTests(**row._mapping)

    def count(self) -> int:
        return int(self._read("select count(*) from experiment_imports where tenant_id = %(tenant)s")[0][0])

    def page(self, *, limit: int | None, before: tuple[datetime, UUID] | None = None) -> list[ImportedTests]:
        """Newest first, strictly before the given position."""
        found = sa.select(*_SHOWN).where(experiment_imports.c.tenant_id == self._tenant_id)
        if before is not None:
            place = sa.tuple_(experiment_imports.c.created_at, experiment_imports.c.import_id)
            found = found.where(place < sa.tuple_(*map(sa.literal, before)))
        ordered = found.order_by(experiment_imports.c.created_at.desc(), experiment_imports.c.import_id.desc()).limit(limit)
        return [ImportedTests(**row._mapping) for row in self._run(ordered)]

    def tests(self, import_id: UUID, *, limit: int, after: str = "") -> list[StoredTest]:
        """Tests with their arms, in the order of their names."""
        found: dict[str, list[ArmRow]] = {}
        for row in self._run(_TESTS, id=import_id, limit=limit, after=after):
            found.setdefault(row.test, []).append(ArmRow(row.test, row.within, row.title, row.impressions, row.clicks))
        return [StoredTest(test, tuple(arms)) for test, arms in found.items()]

    def delete(self, import_id: UUID) -> None:
        """The table, its arms and what was pooled from them. Raises NotFound."""
        mine = experiment_imports.delete().where(
            experiment_imports.c.tenant_id == self._tenant_id, experiment_imports.c.import_id == import_id
        )
        if self._run(mine).rowcount == 0:
            raise NotFound("table of experiments", import_id)
