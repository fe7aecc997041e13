"""CSV: encodings, delimiters, cells over several lines, torn ends, rows that stop nothing."""

import pytest

from domain.errors import Unacceptable
from domain.imports.shapes import TableKind
from domain.observations import Rejected
from gateways.files.limits import ReadLimits
from gateways.files.tables import open_table
from tests.gateways.files.tables import gzipped, opened, rejected, rows, written

PLAIN = b"id,title\n1,one\n2,two\n"


def test_a_path_and_a_factory_of_files_read_alike(tmp_path):
    assert (
        rows(open_table(written(tmp_path, PLAIN)))
        == rows(opened(PLAIN))
        == [(2, {"id": "1", "title": "one"}), (3, {"id": "2", "title": "two"})]
    )


def test_the_name_of_a_file_says_nothing(tmp_path):
    path = tmp_path / "picture.png"
    path.write_bytes(gzipped(PLAIN))

    assert open_table(path).shape.kind is TableKind.CSV


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_in_the_header(sign):
    table = opened(f'id{sign}"a title"{sign}n\n1{sign}"x{sign}y"{sign}2\n'.encode())

    assert table.columns == ("id", "a title", "n")
    assert rows(table) == [(2, {"id": "1", "a title": f"x{sign}y", "n": "2"})]


def test_a_cell_over_several_lines_keeps_them_and_the_next_line_number_is_true():
    table = opened(b'id,title\r\n1,"one\r\ntwo ""quoted"""\r\n2,three\r\n')

    assert rows(table) == [(2, {"id": "1", "title": 'one\r\ntwo "quoted"'}), (4, {"id": "2", "title": "three"})]


@pytest.mark.parametrize(
    ("content", "encoding", "noted"),
    [
        ("id,title\n1,é\n".encode(), "utf-8", False),
        ("id,title\n1,é\n".encode("utf-8-sig"), "utf-8-sig", False),
        ("id,title\n1,é\n".encode("utf-16"), "utf-16", False),
        ("\ufeffid,title\n1,é\n".encode("utf-16-be"), "utf-16", False),
        ("id,title\n1,é\n".encode("cp1252"), "cp1252", True),
        (b"id,title\n" + b"1,ascii\n" * 90_000 + "1,é\n".encode("cp1252"), "cp1252", True),
    ],
)
def test_the_encoding_is_decided_over_the_whole_file_and_declared(content, encoding, noted):
    table = opened(content)

    assert (table.encoding, bool(table.notes)) == (encoding, noted)
    assert table.columns == ("id", "title")
    assert rows(table)[-1][1]["title"] == "é"


def test_a_damaged_letter_in_a_utf8_file_does_not_turn_the_others_into_mojibake():
    table = opened("id,title\n1,éèê\n2,ö".encode() + b"\xff\n")

    assert table.encoding == "utf-8"
    assert "damaged" in table.notes[0]
    assert [row["title"] for _, row in rows(table)] == ["éèê", "ö\udcff"]


def test_mojibake_that_stands_in_the_file_is_left_as_it_is():
    table = opened("id,title\n1,Ã©\ufffd\n".encode())

    assert table.notes == ()
    assert rows(table)[0][1]["title"] == "Ã©\ufffd"


def test_headers_are_freed_of_what_exports_hide_in_them():
    assert opened("Vid\u00adeo,Video\u00a0title\n1,x\n".encode()).columns == ("Video", "Video title")


def test_rows_that_cannot_be_read_are_named_and_stop_nothing():
    table = opened(b"id,title\n1\n2,two\n3,a,b\n4,\x00x\n5,five\n")

    assert [row["id"] for _, row in rows(table)] == ["2", "5"]
    assert [(row.line, row.reason) for row in rejected(table)] == [
        (2, "the row has 1 columns, the header 2"),
        (4, "the row has 3 columns, the header 2"),
        (5, "the row holds NUL bytes"),
    ]


def test_an_over_long_cell_or_line_rejects_its_row_alone():
    limits = ReadLimits(record_characters=1000, field_characters=500)
    table = opened(b"id,title\n1," + b"x" * 600 + b"\n2," + b"y" * 200_000 + b"\n3,three\n4,four\n", limits)

    assert [row["id"] for _, row in rows(table)] == ["3", "4"]
    assert [(row.line, "longer than" in row.reason) for row in rejected(table)] == [(2, True), (3, True)]


def test_an_over_long_last_line_is_rejected_too():
    table = opened(b"id,title\n1,one\n2," + b"y" * 5000, ReadLimits(record_characters=1000))

    assert [row["id"] for _, row in rows(table)] == ["1"]
    assert [row.line for row in rejected(table)] == [3]


def test_a_quote_that_is_never_closed_is_one_rejection():
    table = opened(b'id,title\n1,one\n2,"two\n3,three\n')

    assert [row["id"] for _, row in rows(table)] == ["1"]
    assert [(row.line, "never closed" in row.reason) for row in rejected(table)] == [(3, True)]


@pytest.mark.parametrize("cut", [1, 8, 9, 500, 3000])
def test_a_torn_gzip_gives_every_whole_row_and_one_rejection(cut):
    lines = [f"{number},title number {number * 7919 % 1000} é".encode() for number in range(5000)]
    packed = gzipped(b"id,title\n" + b"\n".join(lines) + b"\n")
    table = opened(packed[:-cut])

    found, lost = rows(table), rejected(table)

    assert [row["id"] for _, row in found] == [str(number) for number in range(len(found))]
    assert len(found) > (4900 if cut < 10 else 1000)
    assert len(lost) == 1
    assert lost[0].line == len(found) + 2
    assert "ends too early" in lost[0].reason


def test_a_damaged_gzip_gives_what_came_before_and_one_rejection():
    packed = bytearray(gzipped(b"id,title\n" + b"".join(f"{n},{n * 7919}\n".encode() for n in range(50_000))))
    packed[len(packed) // 2] ^= 0xFF
    table = opened(bytes(packed))

    assert rows(table)[0] == (2, {"id": "0", "title": "0"})
    assert isinstance(list(table.records())[-1], Rejected)


def test_several_gzip_members_and_padding_are_one_file():
    assert len(rows(opened(gzipped(b"id,title\n1,one\n") + gzipped(b"2,two\n") + b"\0" * 512))) == 2


def test_a_table_without_rows_is_a_table():
    assert rows(opened(b"id,title\n")) == []


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"%PDF-1.7", "PDF"),
        (b"BZh91AY", "bzip2"),
        (b"a\0b\0\n1,2\n", "not a text"),
        (b"a,a\n1,2\n", "twice"),
        (",".join(f"c{n}" for n in range(600)).encode(), "columns"),
        (gzipped(gzipped(PLAIN)), "packed twice"),
        (b"\x1f\x8b\x08\x00", "before its first row"),
        (gzipped(b""), "empty"),
    ],
)
def test_what_is_no_table_is_refused_with_the_reason(content, sentence):
    with pytest.raises(Unacceptable, match=sentence):
        opened(content)


def test_a_gzip_bomb_is_refused_before_any_row_is_read():
    bomb = gzipped(b"id,title\n" + b"1,0000000000000000000000000000000000000000\n" * 300_000)

    with pytest.raises(Unacceptable, match="bomb"):
        opened(bomb, ReadLimits(ratio_from_bytes=1024 * 1024))
    with pytest.raises(Unacceptable, match="more than 1,000 bytes"):
        opened(bomb, ReadLimits(unpacked_bytes=1000))
