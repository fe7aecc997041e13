"""A run's hold on its work without Dagster: for services, whose work is the same whoever claims it."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from domain.imports.params import ImportParams
from domain.requests import Request, State
from gateways.files.imports import StoredImports
from gateways.files.store import LocalFiles
from services import imports
from services.imports import Tally
from store.database import Database
from store.ids import new_id
from store.imports import Import
from store.work import UnitOfWork

LIMIT_BYTES = 100_000_000


@dataclass
class Alone:
    """Stands for `services.work.Work`; remembers what was reported."""

    database: Database
    request: Request
    said: list[tuple[float, str]] = field(default_factory=list)

    @property
    def tenant_id(self) -> UUID:
        return self.request.tenant_id

    @property
    def params(self) -> Mapping[str, object]:
        return self.request.params

    @contextmanager
    def begin(self) -> Iterator[UnitOfWork]:
        with self.database.begin(self.tenant_id) as uow:
            yield uow

    def tidying(self) -> AbstractContextManager[UnitOfWork]:
        return self.database.begin(self.tenant_id)

    def ensure_months(self, months: set[str]) -> None:
        self.database.ensure_months(sorted(months))

    def report(self, share: float, note: str) -> None:
        self.said.append((share, note))

    def is_unwanted(self) -> bool:
        return False


def taken_in(
    database: Database, files: LocalFiles, tenant_id: UUID, content: Iterable[bytes], params: ImportParams, name: str = "test"
) -> tuple[Import, Alone]:
    """A file that came in, and the hold of the run that is to bring it on."""
    stored = files.put(tenant_id, content, limit_bytes=LIMIT_BYTES)
    read = imports.recognise(StoredImports(files), stored.key, params, now=datetime.now(UTC))
    with database.begin(tenant_id) as uow:
        found, request = imports.take_in(uow, stored, file_name=name, params=params, read=read)
    return found, Alone(database, request)


def loaded(files: LocalFiles, found: Import, work: Alone, *, batch_rows: int = imports.BATCH) -> tuple[Import, Tally]:
    """What the run makes of it; its request succeeds."""
    now = datetime.now(UTC)
    imports.check(work, StoredImports(files), found, now=now)
    tally = imports.load(work, StoredImports(files), found, now=now, batch_rows=batch_rows)
    with work.begin() as uow:
        uow.requests.claim(work.request.request_id, work.request.attempt, new_id().hex)
        uow.requests.end(work.request.request_id, State.SUCCEEDED)
        return uow.imports.get(found.import_id), tally
