"""CSV and its relatives as records, streaming: any of four delimiters, quotes, cells over several lines, torn ends."""

import csv
from collections.abc import Iterator, Mapping

from domain.imports.values import tidy_header
from domain.observations import Rejected
from gateways.files.limits import ReadLimits, refused
from gateways.files.text import Lines

DELIMITERS = (",", ";", "\t", "|")
Row = tuple[int, Mapping[str, object]] | Rejected
# Ends every text that we parse: where it is not a row of its own, a quote was left open.
_END = "\x00end of the file\x00"


def delimiter_of(header: str) -> str:
    """The one that makes most columns of the first line."""
    return max(DELIMITERS, key=lambda sign: len(_cells(header, sign)))


def headers(header: str, sign: str, limits: ReadLimits) -> tuple[str, ...]:
    names = tuple(tidy_header(name) for name in _cells(header, sign))
    if len(names) > limits.columns:
        raise refused(f"it has {len(names)} columns; we read at most {limits.columns}")
    twice = next((name for name in names if name and names.count(name) > 1), None)
    if twice is not None:
        raise refused(f"the column {twice[:60]!r} is there twice")
    return names


def _cells(header: str, sign: str) -> list[str]:
    try:
        return next(csv.reader([header], delimiter=sign), [])
    except csv.Error as error:
        raise refused(f"its first line cannot be read as CSV: {error}") from None


class Delimited:
    """One pass over the rows below the header."""

    def __init__(self, lines: Lines, names: tuple[str, ...], sign: str, limits: ReadLimits) -> None:
        self._lines, self._names, self._limits = lines, names, limits
        self._reader = csv.reader(_closed(lines), delimiter=sign)

    def rows(self) -> Iterator[Row]:
        while True:
            after = self._lines.number
            try:
                cells = next(self._reader, [_END])
            except csv.Error as error:
                yield Rejected(after + 1, f"the row cannot be read as CSV: {error}")
                continue
            if self._lines.take_too_long():
                yield Rejected(after + 1, f"the line is longer than {self._limits.record_characters:,} characters")
            elif cells and cells[-1].endswith(_END):
                yield from self._ending(after + 1, cells)
                return
            elif cells:
                yield self._row(after + 1, cells)

    def _row(self, line: int, cells: list[str]) -> Row:
        if len(cells) != len(self._names):
            return Rejected(line, f"the row has {len(cells)} columns, the header {len(self._names)}")
        if max(map(len, cells)) > self._limits.field_characters:
            return Rejected(line, f"a cell is longer than {self._limits.field_characters:,} characters")
        if "\0" in "".join(cells):
            return Rejected(line, "the row holds NUL bytes")
        return line, dict(zip(self._names, cells, strict=True))

    def _ending(self, line: int, cells: list[str]) -> Iterator[Rejected]:
        if self._lines.cut:
            yield Rejected(line, f"{self._lines.cut}: this row and all after it are missing")
        elif cells != [_END]:
            yield Rejected(line, "a quote is opened here and never closed: everything after it is one cell")


def first_line(lines: Lines) -> str:
    """The header; it must be whole and on one line."""
    for line in lines:
        if line.strip():
            return line
    if lines.cut:
        raise refused(f"{lines.cut}, before its first row")
    raise refused("the file is empty")


def _closed(lines: Lines) -> Iterator[str]:
    """Not a method: a reader that is left half way would hold its file open in a cycle, until the collector comes by."""
    yield from lines
    yield _END
