"""Any bytes at all: a reader refuses or reads, and keeps within its memory."""

import gzip
import json
import tracemalloc
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Unacceptable
from domain.observations import Rejected
from gateways.files.limits import ReadLimits
from gateways.files.tables import open_table
from tests.gateways.files.tables import gzipped, opened, zipped
from tests.gateways.files.test_parquet import own, parquet

SEEDS = {
    "csv": b'id,title\n1,"one\ntwo"\n2,three\n' * 5,
    "json": json.dumps({"a": 1, "collector": [{"id": n, "x": [{"y": "é"}]} for n in range(9)], "zip": "trend"}).encode(),
    "ndjson": b'{"a": 1}\n{"a": "x"}\n' * 5,
    "gzip": gzipped(b"id,title\n1,one\n" * 9),
    "zip": zipped({"a.json": '{"id": 1}', "b.json": '{"id": 2}'}),
    "one": zipped({"a.csv": "id,title\n1,one\n"}),
    "parquet": parquet([own(number) for number in range(9)]),
    "utf-16": "id,title\n1,é\n".encode("utf-16"),
}
MEGABYTE = 1024 * 1024


def drained(content: bytes) -> None:
    """Reads everything; only the documented refusal may be raised."""
    with suppress(Unacceptable):
        for row in opened(content, ReadLimits(record_characters=2000, document_bytes=5000)).records():
            assert isinstance(row, Rejected) or isinstance(row[1], dict)


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_crash_a_reader(content):
    drained(content)


@pytest.mark.parametrize("kind", SEEDS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_no_damage_crashes_a_reader(kind, data):
    content = bytearray(SEEDS[kind])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    drained(bytes(content[: data.draw(st.integers(1, len(content)))]))


def csv_lines() -> Iterator[bytes]:
    yield b"id,title,text\n"
    for number in range(20_000):
        yield b'%d,"title number %d","%s"\n' % (number, number, b"word " * 250)


def json_items() -> Iterator[bytes]:
    yield b'{"collector": ['
    for number in range(10_000):
        yield b'%s{"id": %d, "text": "%s"}' % (b"," if number else b"", number, b"word " * 400)
    yield b"]}"


@pytest.mark.parametrize(("pieces", "expected", "megabytes"), [(csv_lines, 20_000, 4), (json_items, 10_000, 12)])
def test_a_long_file_is_read_in_little_memory(tmp_path: Path, pieces, expected, megabytes):
    """Some 20 to 25 MB unpacked; a reader that held the file would hold far more than the limits below.

    JSON needs more: to see whether it has lines, one line may grow to the longest row allowed (4 MB).
    """
    path = tmp_path / "long"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.writelines(pieces())

    tracemalloc.start()
    try:
        count = sum(1 for _ in open_table(path).records())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert count == expected
    assert peak < megabytes * MEGABYTE


def test_a_deep_tail_behind_an_array_does_not_crash_a_reader():
    drained(b'[{"a": 1}], "b": ' + b"[" * 4000)


def test_one_endless_line_is_read_in_little_memory(tmp_path: Path):
    path = tmp_path / "endless"
    path.write_bytes(b"id,title\n1," + b"x" * 40 * MEGABYTE + b"\n2,two\n")

    tracemalloc.start()
    try:
        rows = list(open_table(path, ReadLimits(record_characters=MEGABYTE)).records())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert [row if isinstance(row, Rejected) else row[0] for row in rows] == [
        Rejected(2, "the line is longer than 1,048,576 characters"),
        3,
    ]
    assert peak < 12 * MEGABYTE
