"""CSV that a spreadsheet shows and does not run (OWASP: CSV injection; ASVS 5, 1.2.10). Reading CSV is in `domain.imports`."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

# What makes a cell a formula in Excel, LibreOffice or Google Sheets, their full-width twins among it; a tab or line end in front hides one.
LEADS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# The same behind what is not seen (blanks, control and invisible letters), and in full width, which East Asian spreadsheets obey.
_UNSEEN = r"\s\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
_LED = re.compile(rf"[\t\r\n]|[{_UNSEEN}]*[=+\-@\uff1d\uff0b\uff0d\uff20]")


def guard_cell(text: str) -> str:
    """A cell of a CSV file that we write: never read as a formula, whatever it begins with."""
    return f"'{text}" if _LED.match(text) else text


def safe_cell(value: object) -> str:
    """Any value as such a cell. A number is none."""
    word = ("" if value is None else str(value)).replace("\0", "")
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return word if is_number else guard_cell(word)


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A header and rows, every cell quoted (RFC 4180): a line end within a cell begins no row."""
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([safe_cell(each) for each in row] for row in rows)
    return written.getvalue()
