"""A file as a table, recognised by its content. The one door of this package; which source wrote it is decided in `domain/imports/`."""

import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from domain.imports.shapes import NO_CONTEXT, TableKind, TableShape
from domain.observations import Rejected
from gateways.files.delimited import Delimited, Row, delimiter_of, first_line, headers
from gateways.files.json_rows import Cursor, elements, find_array, json_lines, row_of
from gateways.files.limits import DEFAULT, Cut, ReadLimits, refused
from gateways.files.text import Lines, Survey, decoded, survey
from gateways.files.unpack import (
    EMPTY_ZIP,
    GZIP,
    PARQUET,
    ZIP,
    Chunks,
    Opener,
    entries,
    gunzipped,
    member,
    plain,
    refuse_others,
    unzipped,
)

SAMPLE = 20


@dataclass(frozen=True, slots=True)
class FileTable:
    """A table in a file. `records` opens it anew each time and holds one row at a time."""

    shape: TableShape
    encoding: str
    notes: tuple[str, ...]
    _rows: Callable[[], Iterator[Row]]

    @property
    def columns(self) -> tuple[str, ...]:
        return self.shape.columns

    def records(self) -> Iterator[Row]:
        return self._rows()


def open_table(source: Path | Callable[[], BinaryIO], limits: ReadLimits = DEFAULT) -> FileTable:
    """Raises Unacceptable when the file is no table that we read, or a bomb: before any row."""
    opener: Opener = (lambda: source.open("rb")) if isinstance(source, Path) else source
    head = _head(lambda: plain(opener))
    refuse_others(head)
    if head.startswith(PARQUET):
        # Loaded for the files that need it: every run and every API worker would pay its 0.2 s and 60 MB.
        from gateways.files.parquet_rows import parquet_columns, parquet_rows

        names = parquet_columns(opener, limits)
        return _parquet_table(names, lambda: parquet_rows(opener, limits))
    if head.startswith((ZIP, EMPTY_ZIP)):
        return _zipped(opener, limits)
    if head.startswith(GZIP):
        return _text_table(_not_nested(lambda: gunzipped(opener, limits)), limits)
    return _text_table(lambda: plain(opener), limits)


def _parquet_table(names: tuple[str, ...], rows: Callable[[], Iterator[Row]]) -> FileTable:
    return FileTable(TableShape(TableKind.PARQUET, names, _sample(rows)), "binary", (), rows)


def _head(chunks: Chunks) -> bytes:
    try:
        return next(chunks(), b"")
    except Cut as torn:
        raise refused(f"{torn.reason}, before its first row") from None


def _not_nested(chunks: Chunks) -> Chunks:
    head = _head(chunks)
    refuse_others(head)
    if head.startswith((ZIP, EMPTY_ZIP, GZIP, PARQUET)):
        raise refused("it is packed twice; we unpack once")
    return chunks


def _zipped(opener: Opener, limits: ReadLimits) -> FileTable:
    found = entries(opener, limits)
    if len(found) == 1:
        return _text_table(_not_nested(lambda: unzipped(opener, found[0].filename, limits)), limits)

    def rows() -> Iterator[Row]:
        return _documents(opener, limits)

    # One document that can be read makes it an archive of documents; the others are rejected one by one.
    if all(isinstance(row, Rejected) for row in islice(rows(), SAMPLE)):
        raise refused("the zip archive holds several tables, or no JSON documents; import each table as its own file")
    return FileTable(_sampled(TableKind.FILES, rows), "utf-8", (), rows)


def _documents(opener: Opener, limits: ReadLimits) -> Iterator[Row]:
    """One object per file of the archive, numbered in its order."""
    found = entries(opener, limits)
    with opener() as file, zipfile.ZipFile(file) as archive:
        for number, entry in enumerate(found, start=1):
            yield _document(archive, entry, number, limits)


def _document(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, number: int, limits: ReadLimits) -> Row:
    name = repr(entry.filename[-80:])
    if entry.file_size > limits.document_bytes:
        return Rejected(number, f"{name} is larger than {limits.document_bytes:,} bytes")
    try:
        written = b"".join(member(archive, entry, limits))
        return row_of(json.loads(written.decode("utf-8-sig")), number)
    except Cut as torn:
        return Rejected(number, f"{name}: {torn.reason}")
    except RecursionError:
        return Rejected(number, f"{name} is nested too deeply")
    except ValueError:
        packed = written.startswith((ZIP, GZIP))
        return Rejected(number, f"{name} is {'an archive within the archive' if packed else 'not readable JSON'}")


def _text_table(chunks: Chunks, limits: ReadLimits) -> FileTable:
    seen = survey(chunks)
    start = next((text for text in decoded(chunks, seen.encoding) if text.strip("\ufeff \t\r\n")), "").lstrip("\ufeff \t\r\n")
    if not start:
        raise refused("the file is empty")
    if start.startswith(("[", "{")):
        return _json_table(chunks, seen, limits)
    if start.startswith("<"):
        raise refused("this is a web page or XML; we read CSV, JSON, NDJSON and Parquet")
    return _csv_table(chunks, seen, limits)


def _csv_table(chunks: Chunks, seen: Survey, limits: ReadLimits) -> FileTable:
    def lines() -> Lines:
        return Lines(decoded(chunks, seen.encoding), limits.record_characters)

    header = first_line(lines())
    if "\0" in header:
        raise refused("this is not a text; we read CSV, JSON, NDJSON and Parquet")
    sign = delimiter_of(header)
    names = headers(header, sign, limits)

    def rows() -> Iterator[Row]:
        below = lines()
        first_line(below)
        return Delimited(below, names, sign, limits).rows()

    return FileTable(TableShape(TableKind.CSV, names, _sample(rows)), seen.encoding, seen.notes, rows)


def _json_table(chunks: Chunks, seen: Survey, limits: ReadLimits) -> FileTable:
    def lines() -> Iterator[Row]:
        return json_lines(Lines(decoded(chunks, seen.encoding), limits.record_characters), limits)

    def array() -> Iterator[Row]:
        cursor = _cursor(chunks, seen, limits)
        find_array(cursor)
        return elements(cursor)

    if _is_by_line(lines, _cursor(chunks, seen, limits)):
        return FileTable(_sampled(TableKind.NDJSON, lines), seen.encoding, seen.notes, lines)
    before, whole = find_array(_cursor(chunks, seen, limits))
    if whole is not None:
        return FileTable(_sampled(TableKind.JSON, lambda: iter([(1, whole)])), seen.encoding, seen.notes, lambda: iter([(1, whole)]))
    return FileTable(_sampled(TableKind.JSON, array, before | _after(seen.tail)), seen.encoding, seen.notes, array)


def _cursor(chunks: Chunks, seen: Survey, limits: ReadLimits) -> Cursor:
    return Cursor(decoded(chunks, seen.encoding), limits.document_bytes)


def _is_by_line(lines: Callable[[], Iterator[Row]], cursor: Cursor) -> bool:
    """Several lines that are objects of their own, broken ones among them or not. One line alone is read as one object."""
    whole = [not isinstance(row, Rejected) for row in islice(lines(), SAMPLE)]
    return cursor.peek() == "{" and len(whole) > 1 and (whole[0] or sum(whole) > 1)


def _after(tail: bytes) -> dict[str, str]:
    """The plain values that stand behind the array, at the end of the file."""
    behind = tail.decode("utf-8", "replace").rpartition("]")[2].lstrip(" ,\r\n\t")
    try:
        found = json.loads("{" + behind) if behind else {}
    except (ValueError, RecursionError):
        return {}
    return {key: str(value) for key, value in found.items() if isinstance(value, (str, int))}


def _sample(rows: Callable[[], Iterator[Row]]) -> tuple[Mapping[str, object], ...]:
    return tuple(_outline(row[1]) for row in islice(rows(), SAMPLE) if not isinstance(row, Rejected))


def _outline(record: Mapping[str, object]) -> Mapping[str, object]:
    """A record without its bulk: a sample of long rows must not hold them."""
    return {
        key: "…" if isinstance(value, (list, dict)) or (isinstance(value, str) and len(value) > 200) else value
        for key, value in record.items()
    }


def _sampled(kind: TableKind, rows: Callable[[], Iterator[Row]], context: Mapping[str, str] = NO_CONTEXT) -> TableShape:
    """The columns of a table without a header: every key of its first rows."""
    sample = _sample(rows)
    return TableShape(kind, tuple(dict.fromkeys(key for row in sample for key in row)), sample, context)
