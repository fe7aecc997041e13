"""CSV that a spreadsheet shows and does not run (OWASP: CSV injection; ASVS 5, 1.2.10). Reading CSV is in `domain.imports`."""

import csv
import io
from collections.abc import Iterable, Sequence

# What makes a cell a formula in Excel, LibreOffice or Google Sheets, their full-width twins among it; a tab or line end in front hides one.
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe_cell(value: object) -> str:
    """A cell as text. One that would be a formula gets an apostrophe in front, which spreadsheets take for "this is text"."""
    word = "" if value is None else str(value)
    shown = word.replace("\0", "")
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"'{shown}" if not is_number and shown.lstrip(" \u00a0\ufeff").startswith(_STARTS) else shown


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A header and rows, every cell quoted (RFC 4180): a line end within a cell begins no row."""
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([safe_cell(each) for each in row] for row in rows)
    return written.getvalue()
