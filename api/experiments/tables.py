"""Tables that come in: counts of one experiment as a file, many tests at once, and what they say about observational estimates.

A file is read while the caller waits and then forgotten: what is kept are its rows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

import anyio.to_thread
from litestar import Controller, Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, QueryParameter

from api.experiments.shapes import CountedOut
from api.experiments.table_shapes import CalibrationOut, ImportedTestsOut, ListedTestsOut, TestOut
from api.idempotency import IdempotencyKey, once
from api.pages import CursorParam, Limit, Page, page
from api.places import Places
from api.reading import Reading
from api.security import BEARER, known_caller, needs_write, writing_tenant
from api.uploads import received
from domain.errors import NotFound, SourceUnavailable
from domain.experiments.arm_rows import ArmColumns
from domain.ports import FilePort, ImportFiles, OpenTable, StoredFile
from services import experiment_tables, experiments
from store.database import Database, Entry
from store.ids import new_id

T = TypeVar("T")
TABLE_BYTES = 100_000_000
_TAKEN_AWAY = "the same file was refused in another call meanwhile"
_TAKEN_IN = ResponseSpec(ImportedTestsOut, generate_examples=False, description="Taken in.")
ImportName = Annotated[str, QueryParameter(description="shown in lists", min_length=1, max_length=200)]
IsOwn = Annotated[bool, QueryParameter(description="you ran these tests and drew the arms at random; else they count as self-reported")]
TestColumn = Annotated[str, QueryParameter(description="the column that says which test an arm belongs to")]
TitleColumn = Annotated[str, QueryParameter(description="the column of titles")]
SeenColumn = Annotated[str, QueryParameter(description="the column of impressions")]
ClicksColumn = Annotated[str, QueryParameter(description="the column of clicks")]
WithinColumn = Annotated[
    str | None, QueryParameter(description="compare only arms that are equal in this column, such as the picture's id")
]


class ExperimentTableController(Controller):
    """Tables of randomised tests."""

    path = "/insights/experiments"
    tags = ["experiments"]
    guards = [known_caller]
    security = BEARER

    @post("/{experiment_id:uuid}/counts/file", status_code=200, request_max_body_size=None)
    async def import_counts(
        self, experiment_id: FromPath[UUID], request: Request[Any, Any, Any], database: NamedDependency[Database],
        entry: NamedDependency[Entry], files: NamedDependency[FilePort], tables: NamedDependency[ImportFiles],
        places: NamedDependency[Places],
    ) -> CountedOut:  # fmt: skip
        """Tell counts as a file (CSV, JSON, Parquet) with the columns arm, day (or post), impressions, clicks, views, watch_seconds."""
        call = await _received(request, _Parts(database, entry, files, tables, places))
        return await anyio.to_thread.run_sync(call.counted, experiment_id)

    @post("/imports", status_code=201, request_max_body_size=None, responses={201: _TAKEN_IN})
    async def import_tests(
        self, request: Request[Any, Any, Any], database: NamedDependency[Database], entry: NamedDependency[Entry],
        files: NamedDependency[FilePort], tables: NamedDependency[ImportFiles], places: NamedDependency[Places],
        name: ImportName, is_own: IsOwn = False,
        test_column: TestColumn = "test_id", title_column: TitleColumn = "title", impressions_column: SeenColumn = "impressions",
        clicks_column: ClicksColumn = "clicks", within_column: WithinColumn = None, idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:  # fmt: skip
        """Take in a table of randomised tests, one row per arm, and pool what features of titles are worth across them."""
        columns = ArmColumns(test_column, title_column, impressions_column, clicks_column, within_column)
        call = await _received(request, _Parts(database, entry, files, tables, places))
        return await anyio.to_thread.run_sync(call.taken_in, columns, {"name": name, "is_own": is_own}, idempotency_key)

    @get("/imports", sync_to_thread=True)
    def list_imports(self, reading: NamedDependency[Reading], cursor: CursorParam = None, limit: Limit = 20) -> Page[ListedTestsOut]:
        """List tables of tests, newest first."""
        before = reading.cursors.read(cursor, "experiment-tables", tuple[datetime, UUID]) if cursor else None
        with reading.database.begin(reading.entry) as uow:
            found = uow.experiment_tables.page(limit=limit + 1, before=before)
        return page(
            found, limit, shape=ListedTestsOut.of, cursors=reading.cursors, scope="experiment-tables",
            position=lambda each: (each.created_at, each.import_id),
        )  # fmt: skip

    @get("/imports/{import_id:uuid}", sync_to_thread=True)
    def get_import(self, import_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]) -> ImportedTestsOut:
        """One table: its tests, those that failed the sample-ratio check, and the pooled effects with their intervals."""
        with database.begin(entry) as uow:
            return ImportedTestsOut.of(uow.experiment_tables.get(import_id))

    @get("/imports/{import_id:uuid}/tests", sync_to_thread=True)
    def list_tests(
        self, import_id: FromPath[UUID], reading: NamedDependency[Reading], cursor: CursorParam = None, limit: Limit = 20
    ) -> Page[TestOut]:
        """List the tests of a table with the click rate of each arm and the sample-ratio check."""
        scope = f"experiment-tests:{import_id}"
        after = reading.cursors.read(cursor, scope, tuple[str])[0] if cursor else ""
        with reading.database.begin(reading.entry) as uow:
            uow.experiment_tables.get(import_id)
            found = uow.experiment_tables.tests(import_id, limit=limit + 1, after=after)
        return page(found, limit, shape=TestOut.of, position=lambda each: (each.test,), cursors=reading.cursors, scope=scope)

    @delete("/imports/{import_id:uuid}", sync_to_thread=True)
    def delete_import(self, import_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]) -> None:
        """Delete a table with its tests; published releases keep what they said."""
        with database.begin(entry) as uow:
            needs_write(uow)
            uow.experiment_tables.delete(import_id)

    @get("/calibration", sync_to_thread=True)
    def calibration(
        self, database: NamedDependency[Database], entry: NamedDependency[Entry], places: NamedDependency[Places]
    ) -> CalibrationOut:
        """How far observational estimates of title features are from randomised ones. Nothing under five pairs."""
        with database.begin(entry) as uow, places.take(uow.tenant_id):
            return CalibrationOut.of(*experiment_tables.calibration(uow))


@dataclass(frozen=True, slots=True)
class _Parts:
    """What such a call stands on."""

    database: Database
    entry: Entry
    files: FilePort
    tables: ImportFiles
    places: Places


async def _received(request: Request[Any, Any, Any], parts: _Parts) -> "_TableCall":
    tenant_id = await anyio.to_thread.run_sync(writing_tenant, parts.database, parts.entry)
    _, stored = await received(request, parts.files, tenant_id, TABLE_BYTES)
    return _TableCall(parts, tenant_id, stored)


@dataclass(frozen=True, slots=True)
class _TableCall:
    """What happens, in a thread, once the file is here; whatever comes of it, the file is forgotten at the end."""

    parts: _Parts
    tenant_id: UUID
    stored: StoredFile

    def counted(self, experiment_id: UUID) -> CountedOut:
        return self._reading(lambda table: self._counted(table, experiment_id))

    def _counted(self, table: OpenTable, experiment_id: UUID) -> CountedOut:
        with self.parts.database.begin(self.parts.entry) as uow:
            told, problems = experiment_tables.told(uow, table, experiment_id)
            kept = experiments.count(uow, experiment_id, told, today=datetime.now(UTC).date())
        return CountedOut(received=len(told), kept=kept, rejected=len(problems), problems=problems[: experiment_tables.SHOWN_PROBLEMS])

    def taken_in(self, columns: ArmColumns, facts: dict[str, object], key: str | None) -> Response[bytes]:
        return self._reading(lambda table: self._taken_in(table, columns, facts, key))

    def _taken_in(self, table: OpenTable, columns: ArmColumns, facts: dict[str, object], key: str | None) -> Response[bytes]:
        read = experiment_tables.read_table(table, columns)
        with self.parts.database.begin(self.parts.entry) as uow:

            def effect() -> tuple[ImportedTestsOut, int, dict[str, str]]:
                import_id = new_id()
                known = {"import_id": import_id, "sha256": self.stored.sha256, **facts}
                made = ImportedTestsOut.of(experiment_tables.take_in(uow, table, columns, read, known))
                return made, 201, {"Location": f"/api/v1/insights/experiments/imports/{import_id}"}

            body = {"sha256": self.stored.sha256, "columns": columns, **facts}
            return once(uow, key, route="POST /insights/experiments/imports", body=body, effect=effect)

    def _reading(self, use: Callable[[OpenTable], T]) -> T:
        # Reading takes seconds: a workspace gets only some of the worker's threads for it.
        try:
            with self.parts.places.take(self.tenant_id):
                return use(self.parts.tables.table(self.stored.key))
        except NotFound as error:
            if self.parts.tables.holds(self.stored.key):
                raise
            raise SourceUnavailable("files", _TAKEN_AWAY) from error
        finally:
            self._forget()

    def _forget(self) -> None:
        with self.parts.database.begin(self.parts.entry) as uow:
            uow.kept.lock(self.stored.sha256)
            if not uow.kept.is_held(self.stored.sha256):
                self.parts.files.delete(self.stored.key)
