"""What became of each row of an import, as a CSV for people. Streamed, packed, and never a formula."""

import csv
import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from domain.catalogue import Outcome
from domain.csv_cells import guard_cell

HEADER = ("line", "outcome", "video", "reason")


class ReportWriter:
    """Takes one line per row of the file, in any order."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._rows = csv.writer(text, lineterminator="\r\n")
        self._rows.writerow(HEADER)

    def write(self, line: int, outcome: Outcome, video: str | None = None, reason: str | None = None) -> None:
        self._rows.writerow((line, outcome.value, guard_cell(video or ""), guard_cell(reason or "")))


@contextmanager
def report_writer(file: BinaryIO) -> Iterator[ReportWriter]:
    """Writes into `file`, which stays open. The same rows give the same bytes: no name, no time of day in the gzip header."""
    with (
        gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0) as packed,
        io.TextIOWrapper(packed, encoding="utf-8", errors="replace", newline="") as text,
    ):
        yield ReportWriter(text)
