"""Files come in: streamed to the file port, recognised, and handed to Dagster. Reports go out the same way."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import anyio.to_thread
import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from api.idempotency import IdempotencyKey, once
from api.launching import launching
from api.pages import CursorParam, Cursors, Limit, Page, page
from api.security import BEARER, known_caller, writing_tenant
from api.uploads import received
from domain.errors import NotFound, SourceUnavailable, WhyralError
from domain.imports.normalise import Normaliser
from domain.imports.params import ImportParams
from domain.observations import Platform, Selection
from domain.ports import FilePort, ImportFiles, OpenTable, RunLauncher, StoredFile
from domain.requests import Request as Asked
from services import imports
from store.database import Database, Entry
from store.imports import Import

_CHUNK = 256_000
# The same bytes, sent twice at once: the call that was refused took them away from the other.
_TAKEN_AWAY = "the same file was refused in another call meanwhile"


class ImportOut(msgspec.Struct, frozen=True, kw_only=True):
    """An imported file: how it was read and what became of its rows. `state` is its request's."""

    import_id: UUID
    request_id: UUID | None
    state: str
    file_name: str | None
    sha256: str
    size_bytes: int
    format: str | None
    encoding: str | None
    selection: str | None
    params: dict[str, Any]
    notes: list[str]
    rows: int
    accepted: int
    updated: int
    unchanged: int
    rejected: int
    videos: int
    observations: int
    report: str | None
    error: dict[str, Any] | None
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, found: Import) -> "ImportOut":
        words = {name: getattr(found, name) for name in cls.__struct_fields__ if name not in ("report", "params", "notes", "error")}
        report = f"/api/v1/imports/{found.import_id}/report" if found.report_key else None
        error = dict(found.error) if found.error else None
        return cls(**words, params=dict(found.params), notes=list(found.notes), report=report, error=error)


FileName = Annotated[str | None, QueryParameter(description="shown in lists; what the file is, is told by its content", max_length=255)]
Year = Annotated[int | None, QueryParameter(description="the year of dates that have none, such as 20.10")]
ObservedAt = Annotated[datetime | None, QueryParameter(description="when the counters were read, where the file does not say")]
SelectionParam = Annotated[Selection | None, QueryParameter(description="how the videos were chosen; trending lists are always `trending`")]
PlatformParam = Annotated[Platform | None, QueryParameter(description="checked against the file's own")]
AccountId = Annotated[str | None, QueryParameter(description="the account of a file about one account", max_length=255)]
AccountTitle = Annotated[str | None, QueryParameter(description="its title, where the id is not known", max_length=255)]
IsComplete = Annotated[bool, QueryParameter(description="the file holds every post of its accounts for its window: a census")]


class ImportController(Controller):
    """Files that come in."""

    path = "/imports"
    tags = ["imports"]
    guards = [known_caller]
    security = BEARER

    @post("/", status_code=202, request_max_body_size=None)
    async def upload(
        self, request: Request[Any, Any, Any], database: NamedDependency[Database], entry: NamedDependency[Entry],
        files: NamedDependency[FilePort], tables: NamedDependency[ImportFiles], launcher: NamedDependency[RunLauncher],
        import_limit_bytes: NamedDependency[int], file_name: FileName = None, year: Year = None, observed_at: ObservedAt = None,
        selection: SelectionParam = None, platform: PlatformParam = None, account_external_id: AccountId = None,
        account_title: AccountTitle = None, is_complete: IsComplete = False, idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:  # fmt: skip
        """Import a file: the body is the file itself (or one multipart part), streamed, up to 1 GB.

        It is recognised by its content at once; a parameter that its format needs and that is missing is named in a 422.
        """
        params = ImportParams(
            year=year, observed_at=observed_at, selection=selection, platform=platform, account_external_id=account_external_id,
            account_title=account_title, is_complete=is_complete,
        )  # fmt: skip
        tenant_id = await anyio.to_thread.run_sync(writing_tenant, database, entry)
        name, stored = await received(request, files, tenant_id, import_limit_bytes)
        work = _Upload(database, entry, files, tables, launcher, stored, file_name or name, params, idempotency_key)
        return await anyio.to_thread.run_sync(work.run)

    @get("/", sync_to_thread=True)
    def list_imports(
        self,
        database: NamedDependency[Database],
        entry: NamedDependency[Entry],
        cursors: NamedDependency[Cursors],
        cursor: CursorParam = None,
        limit: Limit = 20,
    ) -> Page[ImportOut]:
        """List imports, newest first."""
        before = cursors.read(cursor, "imports", tuple[datetime, UUID]) if cursor else None
        with database.begin(entry) as uow:
            found = uow.imports.page(limit=limit + 1, before=before)
        return page(
            found, limit, shape=ImportOut.of, position=lambda each: (each.created_at, each.import_id), cursors=cursors, scope="imports"
        )

    @get("/{import_id:uuid}", sync_to_thread=True)
    def get_import(self, import_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]) -> ImportOut:
        """One import and what became of its rows."""
        with database.begin(entry) as uow:
            return ImportOut.of(uow.imports.get(import_id))

    @get("/{import_id:uuid}/report", sync_to_thread=True)
    def report(
        self,
        import_id: FromPath[UUID],
        database: NamedDependency[Database],
        entry: NamedDependency[Entry],
        files: NamedDependency[FilePort],
    ) -> Stream:
        """Download the per-row report: a gzipped CSV with line, outcome, video and reason."""
        with database.begin(entry) as uow:
            key = uow.imports.get(import_id).report_key
        if key is None:
            raise NotFound("report of import", import_id)
        files.size(key)  # 404 where the file is gone: once the stream has begun, nothing can be told any more
        headers = {"Content-Disposition": f'attachment; filename="import-{import_id}.csv.gz"'}
        return Stream(_chunks(files, key), media_type="application/gzip", headers=headers)


class _Upload:
    """What happens, in a thread, once the file is kept."""

    def __init__(
        self,
        database: Database,
        entry: Entry,
        files: FilePort,
        tables: ImportFiles,
        launcher: RunLauncher,
        stored: StoredFile,
        file_name: str | None,
        params: ImportParams,
        key: str | None,
    ) -> None:
        self._database, self._entry, self._files, self._tables, self._launcher = database, entry, files, tables, launcher
        self._stored, self._file_name, self._params, self._key = stored, file_name, params, key

    def run(self) -> Response[bytes]:
        asked: list[Asked] = []
        try:
            answer = self._taken_in(self._recognised(), asked)
        except WhyralError:
            self._forget()
            raise
        return launching(answer, self._database, self._launcher, asked)

    def _recognised(self) -> tuple[OpenTable, Normaliser]:
        try:
            return imports.recognise(self._tables, self._stored.key, self._params, now=datetime.now(UTC))
        except NotFound as error:
            raise SourceUnavailable("files", _TAKEN_AWAY) from error

    def _taken_in(self, read: tuple[OpenTable, Normaliser], asked: list[Asked]) -> Response[bytes]:
        with self._database.begin(self._entry) as uow:
            uow.kept.lock(self._stored.sha256)
            if not self._tables.holds(self._stored.key):
                raise SourceUnavailable("files", _TAKEN_AWAY)

            def effect() -> tuple[ImportOut, int, dict[str, str]]:
                made, request = imports.take_in(uow, self._stored, file_name=self._file_name, params=self._params, read=read)
                asked.append(request)
                return ImportOut.of(made), 202, {"Location": f"/api/v1/requests/{request.request_id}"}

            body = {"sha256": self._stored.sha256, "params": imports.params_kept(self._params)}
            return once(uow, self._key, route="POST /imports", body=body, effect=effect)

    def _forget(self) -> None:
        """What nobody reads is not kept, unless something else stands on the same bytes."""
        with self._database.begin(self._entry) as uow:
            uow.kept.lock(self._stored.sha256)
            if not uow.kept.is_held(self._stored.sha256):
                self._files.delete(self._stored.key)


def _chunks(files: FilePort, key: str) -> Iterator[bytes]:
    with files.open(key) as file:
        while chunk := file.read(_CHUNK):
            yield chunk
