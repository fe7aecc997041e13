"""A process of its own that imports one file as a run does, and tells how long it took and how large it grew. Started by `bench.ingest`."""

import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import assets.catalogue  # noqa: F401 - a run has Dagster and our assets in memory
from domain.imports.params import ImportParams
from domain.observations import Rejected
from domain.requests import Request
from gateways.files.imports import StoredImports
from gateways.files.store import LocalFiles
from services import imports
from store.database import Database
from store.ids import new_id
from store.imports import Import
from store.work import UnitOfWork

LIMIT_BYTES = 4_000_000_000
_PIECE = 1_000_000


@dataclass
class Hold:
    """A run's claim without Dagster: every transaction proves it, as in `assets.claims`."""

    database: Database
    request: Request
    run_id: str

    @property
    def tenant_id(self) -> UUID:
        return self.request.tenant_id

    @property
    def params(self) -> Mapping[str, object]:
        return self.request.params

    @contextmanager
    def begin(self) -> Iterator[UnitOfWork]:
        with self.database.begin(self.tenant_id) as uow:
            uow.requests.renew(self.request.request_id, self.request.attempt, self.run_id)
            yield uow

    def tidying(self) -> AbstractContextManager[UnitOfWork]:
        return self.database.begin(self.tenant_id)

    def is_unwanted(self) -> bool:
        return False

    def ensure_months(self, months: set[str]) -> None:
        self.database.ensure_months(sorted(months))

    def report(self, share: float, note: str) -> None:
        with self.begin() as uow:
            uow.requests.report(self.request.request_id, progress=min(share, 0.999), note=note)


def main() -> None:
    asked = json.loads(sys.stdin.read())
    database, files = Database(asked["url"]), LocalFiles(Path(asked["home"]) / "files")
    stored = StoredImports(files)
    loaded_mb = peak_mb()
    found, hold = _taken_in(database, files, Path(asked["file"]))
    began = time.perf_counter()
    tally = imports.load(hold, stored, found, now=datetime.now(UTC))
    seconds = time.perf_counter() - began
    largest = peak_mb()
    if tally.counts()["accepted"] != tally.rows:
        raise AssertionError(f"not every row was accepted: {tally.counts()}")
    database.close()
    reading = _reading_seconds(stored, found.file_key)
    print(json.dumps({"seconds": seconds, "reading_seconds": reading, "peak_mb": largest, "loaded_mb": loaded_mb, "rows": tally.rows}))


def _taken_in(database: Database, files: LocalFiles, file: Path) -> tuple[Import, Hold]:
    tenant_id, run_id = new_id(), new_id().hex
    with database.begin_anonymous() as uow:
        uow.identity.register(user_id=new_id(), tenant_id=tenant_id, email="bench@example.org", password_hash="x", names=(None, "Bench"))
    with file.open("rb") as content:
        stored = files.put(tenant_id, iter(lambda: content.read(_PIECE), b""), limit_bytes=LIMIT_BYTES)
    params = ImportParams()
    read = imports.recognise(StoredImports(files), stored.key, params, now=datetime.now(UTC))
    with database.begin(tenant_id) as uow:
        found, request = imports.take_in(uow, stored, file_name=file.name, params=params, read=read)
        uow.requests.claim(request.request_id, request.attempt, run_id)
    return found, Hold(database, request, run_id)


def _reading_seconds(files: StoredImports, key: str) -> float:
    """The same rows, read and normalised once more, and put nowhere."""
    table, reader = imports.recognise(files, key, ImportParams(), now=datetime.now(UTC))
    began = time.perf_counter()
    for record in table.records():
        if not isinstance(record, Rejected):
            reader.read(*record)
    return time.perf_counter() - began


def peak_mb() -> float:
    """Of this program: what `getrusage` tells may be of the one that started it."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the kernel does not tell VmHWM")


if __name__ == "__main__":
    main()
