"""Imported files by their key: opened as tables, with how much of them has been read; and the reports about their rows."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO
from uuid import UUID

from domain.errors import NotFound
from domain.imports.shapes import TableShape
from domain.observations import Rejected
from domain.ports import FilePort, ReportSink
from gateways.files.report import report_writer
from gateways.files.tables import FileTable, open_table

_CHUNK = 1_000_000
_REPORT_LIMIT = 1_000_000_000


class _Progress:
    """Opens the file as often as it is asked to, and knows where the latest reader stands."""

    def __init__(self, files: FilePort, key: str) -> None:
        self._size = max(1, files.size(key))
        self._files, self._key = files, key
        self._latest: BinaryIO | None = None

    def __call__(self) -> BinaryIO:
        self._latest = self._files.open(self._key)
        return self._latest

    def share(self) -> float:
        if self._latest is None or self._latest.closed:
            return 0.0
        return min(1.0, self._latest.tell() / self._size)


@dataclass(frozen=True, slots=True)
class ImportedTable:
    """A table of an imported file."""

    _table: FileTable
    _progress: _Progress

    @property
    def shape(self) -> TableShape:
        return self._table.shape

    @property
    def encoding(self) -> str:
        return self._table.encoding

    @property
    def notes(self) -> tuple[str, ...]:
        return self._table.notes

    def records(self) -> Iterator[tuple[int, Mapping[str, object]] | Rejected]:
        return self._table.records()

    def share(self) -> float:
        return self._progress.share()


@dataclass(slots=True)
class Report:
    """A report while it is written."""

    sink: ReportSink
    key: str | None = field(default=None)


class StoredImports:
    """The port of `services.imports`, over the file port."""

    def __init__(self, files: FilePort) -> None:
        self._files = files

    def holds(self, key: str) -> bool:
        try:
            self._files.size(key)
        except NotFound:
            return False
        return True

    def table(self, key: str) -> ImportedTable:
        progress = _Progress(self._files, key)
        return ImportedTable(open_table(progress), progress)

    @contextmanager
    def report(self, tenant_id: UUID) -> Iterator[Report]:
        with tempfile.TemporaryFile() as file:
            with report_writer(file) as sink:
                report = Report(sink)
                yield report
            file.seek(0)
            report.key = self._files.put(tenant_id, iter(lambda: file.read(_CHUNK), b""), limit_bytes=_REPORT_LIMIT).key
