"""JSON in every wrapping; a broken element costs itself alone."""

import json

import pytest

from domain.errors import Unacceptable
from domain.imports.shapes import TableKind
from gateways.files.limits import ReadLimits
from tests.gateways.files.tables import gzipped, opened, rejected, rows

ITEMS = [{"id": number, "text": f"é {number}", "tags": [{"name": "a"}, {"name": "b"}]} for number in range(50)]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize(
    "around", [lambda items: items, lambda items: {"headers": {"a": 1}, "collector": items, "zip": "trend"}, lambda items: {"rows": items}]
)
def test_an_array_is_read_whatever_stands_around_it(indent, around):
    table = opened(gzipped(json.dumps(around(ITEMS), indent=indent, ensure_ascii=False).encode()))

    assert table.shape.kind is TableKind.JSON
    assert rows(table) == list(enumerate(ITEMS, start=1))
    assert table.columns == ("id", "text", "tags")


def test_what_stands_beside_the_array_is_context():
    table = opened(json.dumps({"name": "x", "collector": ITEMS, "zip": "trend"}).encode())

    assert table.shape.context == {"name": "x", "zip": "trend"}


def test_an_object_without_rows_is_a_row_itself():
    document = {"id": "x", "title": "t", "formats": [{"a": 1}], "extractor": "youtube"}
    table = opened(json.dumps(document, indent=1).encode())

    assert rows(table) == [(1, document)]


def test_objects_one_per_line_are_numbered_by_line():
    table = opened(b'{"a": 1}\n\n{"a": 2}\r\n{"a": \n[1]\n{"a": 3}')

    assert table.shape.kind is TableKind.NDJSON
    assert rows(table) == [(1, {"a": 1}), (3, {"a": 2}), (6, {"a": 3})]
    assert [row.line for row in rejected(table)] == [4, 5]


def test_a_broken_first_line_does_not_hide_the_others():
    assert [line for line, _ in rows(opened(b'{"a": \n{"a": 2}\n{"a": 3}\n'))] == [2, 3]


@pytest.mark.parametrize(
    "broken",
    [
        '{"id": 1, "x": nope}',
        '{"id": 1 "x": 2}',
        '{"id": ' + "9" * 5000 + "}",
        '{"id": ' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"id": "\\q"}',
    ],
)
def test_a_broken_element_of_an_array_is_rejected_alone(broken):
    table = opened(f'[{{"id": 0}}, {broken}, {{"id": 2}}, {{"id": 3}}]'.encode())

    assert [row["id"] for _, row in rows(table)] == [0, 2, 3]
    assert [row.line for row in rejected(table)] == [2]


def test_an_element_that_is_no_object_is_rejected_alone():
    table = opened(b'[{"id": 0}, 7, [1], null, {"id": 2}]')

    assert [line for line, _ in rows(table)] == [1, 5]
    assert [row.reason for row in rejected(table)][:2] == ["the row is a int, not an object", "the row is a list, not an object"]


@pytest.mark.parametrize("keep", [0.3, 0.7, 0.95])
def test_a_torn_array_gives_its_whole_elements_and_one_rejection(keep):
    content = json.dumps({"collector": ITEMS}).encode()
    torn = content[: int(len(content) * keep)]
    found = rows(opened(torn))

    assert found == list(enumerate(ITEMS, start=1))[: len(found)]
    assert len(found) >= int(50 * keep) - 2
    assert [row.line for row in rejected(opened(torn))] == [len(found) + 1]


def test_a_torn_gzip_of_lines_gives_its_whole_lines_and_one_rejection():
    packed = gzipped("\n".join(json.dumps({"n": n, "x": n * 7919 % 1000}) for n in range(5000)).encode())
    table = opened(packed[:-500])

    assert rows(table)[0] == (1, {"n": 0, "x": 0})
    assert [row.line for row in rejected(table)] == [len(rows(table)) + 1]


def test_long_elements_are_read_across_pieces_and_too_long_ones_rejected():
    long = [{"id": 1, "text": "x" * 300_000}, {"id": 2, "text": "}, {" * 50_000}, {"id": 3}]

    assert [row["id"] for _, row in rows(opened(json.dumps(long).encode()))] == [1, 2, 3]
    assert rejected(opened(json.dumps(long).encode(), ReadLimits(document_bytes=100_000)))[0].line == 1
    assert len(rejected(opened(b'{"a":1}\n{"a":"' + b"x" * 5000 + b'"}\n{"a":2}', ReadLimits(record_characters=1000)))) == 1


@pytest.mark.parametrize("content", [b"{", b'{"a"', b'{"a" 1}', b'{"a": nope}', b"{1: 2}", b"{" * 200_000])
def test_an_object_that_breaks_before_its_first_row_is_refused(content):
    with pytest.raises(Unacceptable):
        opened(content)


def test_an_object_without_rows_is_refused_when_it_is_too_large_for_one_row():
    content = json.dumps({f"key{number}": {"x": "y" * 1000} for number in range(200)}).encode()

    with pytest.raises(Unacceptable, match="too large"):
        opened(content, ReadLimits(document_bytes=50_000))


def test_an_empty_array_has_no_rows():
    assert rows(opened(b"[]")) == []
