"""The report of an import: every row, packed, and nothing in it that a spreadsheet would run."""

import csv
import gzip
import io

from domain.catalogue import Outcome
from gateways.files.report import report_writer


def report(*rows: tuple[int, Outcome, str | None, str | None]) -> bytes:
    file = io.BytesIO()
    with report_writer(file) as writer:
        for row in rows:
            writer.write(*row)
    return file.getvalue()


def lines(packed: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(gzip.decompress(packed).decode("utf-8"), newline="")))


def test_each_row_of_the_file_has_its_line():
    packed = report((2, Outcome.ACCEPTED, "abc", None), (3, Outcome.REJECTED, None, 'views is "x", not\na count'))

    assert lines(packed) == [
        ["line", "outcome", "video", "reason"],
        ["2", "accepted", "abc", ""],
        ["3", "rejected", "", 'views is "x", not\na count'],
    ]


def test_no_cell_leaves_as_a_formula():
    packed = report((2, Outcome.REJECTED, "-IfnaxiXXXX", '=HYPERLINK("http://x","y")'), (3, Outcome.REJECTED, "@x", " +1"))

    cells = [cell for line in lines(packed)[1:] for cell in line]

    assert not [cell for cell in cells if cell.lstrip().startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_the_same_rows_give_the_same_bytes():
    assert report((2, Outcome.UPDATED, "a", None)) == report((2, Outcome.UPDATED, "a", None))


def test_half_a_letter_does_not_stop_the_report():
    assert lines(report((2, Outcome.REJECTED, "a\udce9", "r")))[1][2] == "a?"
