"""Zip archives: documents or one table; bombs, tricks with paths and nested archives are refused."""

import io
import json
import stat
import struct
import zipfile

import pytest

from domain.errors import Unacceptable
from domain.imports.shapes import TableKind
from gateways.files.limits import ReadLimits
from tests.gateways.files.tables import gzipped, opened, rejected, rows, zipped

DOCUMENT = {"id": "abcdefghij1", "extractor_key": "Youtube"}


def test_one_table_in_a_zip_is_read():
    assert rows(opened(zipped({"folder/any.name": b"id,title\n1,one\n"}))) == [(2, {"id": "1", "title": "one"})]


def test_many_documents_in_a_zip_are_its_rows_and_a_broken_one_stops_nothing():
    table = opened(
        zipped(
            {"a.info.json": json.dumps(DOCUMENT), "b.info.json": "{", "c": b"PK\x03\x04junk", "d.json": "[1]", "e": json.dumps(DOCUMENT)}
        )
    )

    assert table.shape.kind is TableKind.FILES
    assert [number for number, _ in rows(table)] == [1, 5]
    assert [row.line for row in rejected(table)] == [2, 3, 4]
    assert "archive within the archive" in rejected(table)[1].reason


def test_a_broken_first_document_does_not_hide_the_others():
    assert [number for number, _ in rows(opened(zipped({"a.json": "{", "b.json": json.dumps(DOCUMENT)})))] == [2]


def test_what_a_mac_packs_beside_each_file_is_passed_over():
    table = opened(zipped({"t.csv": b"id\n1\n", "__MACOSX/._t.csv": b"\0\1", ".DS_Store": b"\0"}))

    assert rows(table) == [(2, {"id": "1"})]


@pytest.mark.parametrize("name", ["/etc/passwd", "../up.csv", "a/../../b.csv", "a\\b.csv", "C:evil.csv"])
def test_a_path_that_leaves_its_folder_is_refused(name):
    with pytest.raises(Unacceptable, match="leaves its folder"):
        opened(zipped({name: b"id\n1\n"}))


def test_a_link_is_refused():
    link = zipfile.ZipInfo("link.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(link, "/etc/passwd")

    with pytest.raises(Unacceptable, match="link"):
        opened(packed.getvalue())


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (zipped({"a.csv": b"id\n1\n", "b.csv": b"id\n2\n"}), "several tables"),
        (zipped({"a.zip": zipped({"b.csv": b"id\n1\n"})}), "packed twice"),
        (zipped({"a.gz": gzipped(b"id\n1\n")}), "packed twice"),
        (zipped({}), "empty"),
        (zipped({"a.csv": b"id\n1\n"}, zipfile.ZIP_BZIP2), "packing"),
        (zipped({"[Content_Types].xml": b"<x/>", "xl/sheet.xml": b"<x/>"}), "workbook"),
        (gzipped(zipped({"a.csv": b"id\n1\n"})), "packed twice"),
        (zipped({"a.csv": b"id\n1\n" * 999})[:-30], "cut off"),
        (b"PK\x03\x04" + b"\0" * 100, "cut off"),
    ],
)
def test_what_is_no_plain_archive_is_refused_with_the_reason(content, sentence):
    with pytest.raises(Unacceptable, match=sentence):
        opened(content)


def test_a_protected_archive_is_refused():
    packed = bytearray(zipped({"a.csv": b"id\n1\n"}))
    directory = packed.rfind(b"PK\x01\x02")
    packed[directory + 8] |= 1

    with pytest.raises(Unacceptable, match="password"):
        opened(bytes(packed))


def test_too_many_entries_are_refused_before_they_are_listed():
    with pytest.raises(Unacceptable, match="more than 10 files"):
        opened(zipped({f"{number}.json": "{}" for number in range(11)}), ReadLimits(entries=10))


def test_a_zip_bomb_is_refused_by_what_it_says_of_itself():
    with pytest.raises(Unacceptable, match="unpacks to more"):
        opened(zipped({"bomb.csv": b"0" * 3_000_000}), ReadLimits(unpacked_bytes=1_000_000))
    with pytest.raises(Unacceptable, match="bomb"):
        opened(zipped({"bomb.csv": b"0" * 3_000_000}), ReadLimits(ratio_from_bytes=1_000_000))


def test_a_zip_bomb_that_lies_about_its_size_gives_no_row():
    """The sizes in its headers say 9 bytes; what comes out is counted, not believed."""
    packed = bytearray(zipped({"bomb.csv": b"id\n" + b"0" * 3_000_000}))
    directory = packed.rfind(b"PK\x01\x02")
    packed[directory + 24 : directory + 28] = struct.pack("<I", 9)
    packed[22:26] = struct.pack("<I", 9)

    with pytest.raises(Unacceptable):
        list(opened(bytes(packed), ReadLimits(unpacked_bytes=1_000_000)).records())


def test_a_torn_member_gives_its_rows_and_one_rejection():
    packed = bytearray(zipped({"t.csv": b"id,n\n" + b"".join(f"{n},{n * 7919}\n".encode() for n in range(30_000))}))
    packed[len(packed) // 2] ^= 0xFF
    table = opened(bytes(packed))

    assert rows(table)[0] == (2, {"id": "0", "n": "0"})
    assert "damaged" in rejected(table)[-1].reason


def test_a_document_that_is_too_large_is_rejected_alone():
    table = opened(zipped({"a.json": json.dumps(DOCUMENT), "b.json": '{"x": "' + "y" * 5000 + '"}'}), ReadLimits(document_bytes=1000))

    assert [row.line for row in rejected(table)] == [2]
