"""Imports: taking a file in, recognising it, bringing its rows into the catalogue. Reading bytes is behind `domain.ports.ImportFiles`."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from uuid import UUID

from domain.catalogue import Outcome, RowOutcome
from domain.errors import Unacceptable
from domain.imports.normalise import Normaliser, normaliser
from domain.imports.params import ImportParams
from domain.observations import Observed, Platform, Rejected, Selection
from domain.ports import ImportFiles, OpenTable, ReportSink, StoredFile
from domain.requests import Request
from services import owner_imports
from services.work import Work
from store.catalogue import Origin
from store.ids import new_id
from store.imports import Import
from store.work import UnitOfWork

# One transaction each. A batch has some forty statements whatever its size: a small one pays them for few rows. This many rows are 50 MB.
BATCH = 20_000


@dataclass(slots=True)
class Tally:
    """What the rows of a file came to, so far."""

    rows: int = 0
    observations: int = 0
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    videos: set[str] = field(default_factory=set)

    def add(self, outcomes: list[RowOutcome]) -> None:
        self.rows += len(outcomes)
        self.outcomes.update(each.outcome for each in outcomes)
        good = [each for each in outcomes if each.outcome is not Outcome.REJECTED and each.video]
        self.observations += len(good)
        self.videos.update(each.video for each in good if each.video)

    def counts(self) -> dict[str, int]:
        return {
            "rows": self.rows, "videos": len(self.videos), "observations": self.observations,
            **{outcome.value: self.outcomes[outcome] for outcome in Outcome},
        }  # fmt: skip


def params_of(stored: Mapping[str, Any]) -> ImportParams:
    """Parameters as kept in the database, back as what they mean."""
    words = dict(stored)
    if words.get("observed_at"):
        words["observed_at"] = datetime.fromisoformat(words["observed_at"])
    if words.get("selection"):
        words["selection"] = Selection(words["selection"])
    if words.get("platform"):
        words["platform"] = Platform(words["platform"])
    return ImportParams(**words)


def params_kept(params: ImportParams) -> dict[str, Any]:
    """Only what was said, as JSON."""
    words = {name: getattr(params, name) for name in ImportParams.__dataclass_fields__}
    return {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in words.items() if value not in (None, False)
    }


def recognise(files: ImportFiles, key: str, params: ImportParams, *, now: datetime) -> tuple[OpenTable, Normaliser]:
    """The file as a table, and who reads its rows. Raises Unacceptable, naming every parameter at fault, before any row is read."""
    table = files.table(key)
    return table, normaliser(table.shape, params, now=now)


def take_in(
    uow: UnitOfWork, file: StoredFile, *, file_name: str | None, params: ImportParams, read: tuple[OpenTable, Normaliser]
) -> tuple[Import, Request]:
    """The import and the request for its run, in one transaction. Raises LimitReached, and Unacceptable for days of a channel not ours."""
    table, reader = read
    owner_imports.check_channel(uow, reader.format, params)
    import_id, request_id = new_id(), new_id()
    uow.usage.take("imports_per_day", 1, operation=_operation(import_id), now=datetime.now(UTC), request_id=request_id)
    request = uow.requests.ask(
        request_id=request_id, kind="import", subject=f"import:{import_id}", params={"import_id": str(import_id)}, user_id=uow.user_id
    )
    kept = {
        "file_name": file_name, "file_key": file.key, "sha256": file.sha256, "size_bytes": file.size_bytes,
        "format": reader.format.value, "selection": reader.selection.value, "encoding": table.encoding,
    }  # fmt: skip
    return uow.imports.add(import_id=import_id, request_id=request_id, file=kept, params=params_kept(params), user_id=uow.user_id), request


def wanted(work: Work) -> list[Import]:
    """The import that the run was asked for; else those that no run has finished."""
    with work.begin() as uow:
        asked = work.params.get("import_id")
        return [uow.imports.get(UUID(str(asked)))] if asked else uow.imports.unfinished()


def check(work: Work, files: ImportFiles, found: Import, *, now: datetime) -> str:
    """Recognise the kept file once more: what was true when it came in must still be. Returns its format.

    A file that is refused now is done with, says why, and is given back to the day's imports.
    """
    try:
        table, reader = recognise(files, found.file_key, params_of(found.params), now=now)
    except Unacceptable as error:
        refuse(work, found, error, now=now)
        raise
    with work.begin() as uow:
        uow.imports.update(
            found.import_id, format=reader.format.value, selection=reader.selection.value, encoding=table.encoding, recognised_at=now
        )
    return reader.format.value


def refuse(work: Work, found: Import, error: Unacceptable, *, now: datetime) -> None:
    """Nobody reads this file: no later run tries it again, and it was not one of the day's imports."""
    with work.begin() as uow:
        uow.imports.update(found.import_id, error={"code": error.code, "detail": error.detail}, finished_at=now)
        uow.usage.give_back(_operation(found.import_id))


def _operation(import_id: UUID) -> str:
    return f"import:{import_id}"


def load(work: Work, files: ImportFiles, found: Import, *, now: datetime, batch_rows: int = BATCH) -> Tally:
    """Bring every readable row of one file into the catalogue, batch by batch; tell per row what it came to."""
    params = params_of(found.params)
    table, reader = recognise(files, found.file_key, params, now=now)
    origin = Origin(source=f"import:{reader.format.value}", selection=reader.selection.value, import_id=found.import_id)
    tally = Tally()
    with files.report(work.tenant_id) as report:
        for batch in batches(_read(table, reader), batch_rows):
            tally.add(_put(work, batch, origin, report.sink))
            work.report(table.share(), f"{found.file_name or reader.format.value}: {tally.rows} rows")
    notes = [*table.notes, *(f"{note}: {count} rows" for note, count in reader.notes().items())]
    with work.begin() as uow:
        uow.imports.update(found.import_id, **tally.counts(), notes=notes, report_key=report.key, error=None, finished_at=datetime.now(UTC))
        uow.usage.deliver(_operation(found.import_id))  # the rows are in, however the request ends
    return tally


def _read(table: OpenTable, reader: Normaliser) -> Iterator[Observed | Rejected]:
    for record in table.records():
        yield record if isinstance(record, Rejected) else reader.read(*record)


def batches(rows: Iterator[Observed | Rejected], size: int) -> Iterator[list[Observed | Rejected]]:
    while batch := list(islice(rows, size)):
        yield batch


def _put(work: Work, batch: list[Observed | Rejected], origin: Origin, sink: ReportSink) -> list[RowOutcome]:
    seen = [row for row in batch if isinstance(row, Observed)]
    work.ensure_months({f"{row.observed_at:%Y-%m}" for row in seen})
    with work.begin() as uow:
        outcomes = uow.catalogue.put([row for row in seen if row.day is None], origin)
        outcomes += owner_imports.put_days(uow, [row for row in seen if row.day is not None], source=origin.source)
    outcomes += [RowOutcome(row.line, Outcome.REJECTED, None, row.reason) for row in batch if isinstance(row, Rejected)]
    for each in sorted(outcomes, key=lambda outcome: outcome.line):
        sink.write(each.line, each.outcome, each.video, each.reason)
    return outcomes
