"""JSON as records, streaming: an array, an object around one array, one object, or one object per line (NDJSON).

Elements are decoded one by one from a bounded window of the text, so a broken element costs itself and not the rest of the file.
"""

import json
import re
from collections.abc import Iterator, Mapping

from domain.observations import Rejected
from gateways.files.delimited import Row
from gateways.files.limits import Cut, ReadLimits, refused
from gateways.files.text import Lines

# An array of one of these names holds the rows, whatever else the object says.
ROWS = ("collector", "entries", "items", "videos", "posts", "data")
_DECODER = json.JSONDecoder(strict=False, parse_constant=float)
_BLANK = re.compile(r"[ \t\r\n\ufeff]*")
_NEXT = re.compile(r"\}\s*,\s*(?=\{)")
_TRIM = 256 * 1024
_NOT_READABLE = "not readable JSON"


class Cursor:
    """A window over the text: `peek` at the next sign, decode the next `value`. Grows only as far as one value may be long."""

    def __init__(self, pieces: Iterator[str], most: int) -> None:
        self._pieces, self._most = pieces, most
        self._text, self._at = "", 0
        self._dropped = 0
        self.cut: str | None = None

    def peek(self) -> str:
        """The next sign that is not blank; nothing at the end."""
        while True:
            found = _BLANK.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def skip(self) -> None:
        self._at += 1

    def is_far(self) -> bool:
        """Whether more has been passed than one value may be long."""
        return self._dropped + self._at > self._most

    def opens_objects(self) -> bool:
        """Whether the bracket at the cursor opens an array of objects. The cursor stays on the bracket."""
        while True:
            found = _BLANK.match(self._text, self._at + 1)
            if found and found.end() < len(self._text):
                return self._text[found.end()] == "{"
            if not self._more():
                return False

    def value(self) -> object:
        """Raises ValueError where no value can be read; RecursionError where it is too deep."""
        while True:
            try:
                found, end = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if not self._is_unfinished(error) or not self._grow():
                    raise
                continue
            # A number that touches the end of the window may go on.
            if end == len(self._text) and self._text[-1] not in '}]"' and self._grow():
                continue
            self._at = end
            return found

    def leap(self) -> bool:
        """After a broken element: on to the next that begins like one."""
        while True:
            if found := _NEXT.search(self._text, self._at):
                self._at = found.end()
                return True
            # The border itself may lie across two pieces.
            self._at = max(self._at, len(self._text) - 64)
            if not self._more():
                return False

    def _is_unfinished(self, error: json.JSONDecodeError) -> bool:
        return error.msg.startswith("Unterminated string") or error.pos >= len(self._text) - 8

    def _grow(self) -> bool:
        """Doubles what is there, so that a long value is decoded a few times and not once for each piece."""
        held = len(self._text) - self._at
        return held <= self._most and self._more(held)

    def _more(self, wanted: int = 1) -> bool:
        """At least so many characters more, as far as there are any."""
        pieces: list[str] = []
        try:
            while wanted > 0 and (piece := next(self._pieces, "")):
                pieces.append(piece)
                wanted -= len(piece)
        except Cut as torn:
            self.cut = torn.reason
        if self._at > _TRIM:
            self._text, self._dropped, self._at = self._text[self._at :], self._dropped + self._at, 0
        self._text += "".join(pieces)
        return bool(pieces)


def find_array(cursor: Cursor) -> tuple[dict[str, str], Mapping[str, object] | None]:
    """Moves to the array that holds the rows: (the plain values before it, None). An object without one is a row itself."""
    if cursor.peek() == "[":
        return {}, None
    whole: dict[str, object] = {}
    cursor.skip()
    while cursor.peek() not in ("}", ""):
        if cursor.peek() == ",":
            cursor.skip()
            continue
        name = _member(cursor)
        if cursor.is_far():
            raise refused("it is one JSON object without an array of rows, and too large to be one row")
        if cursor.peek() == "[" and (name in ROWS or "id" not in whole) and cursor.opens_objects():
            return {key: str(value) for key, value in whole.items() if isinstance(value, (str, int))}, None
        whole[name] = _value(cursor)
    if cursor.peek() == "":
        raise refused(f"{cursor.cut or 'its JSON ends too early'}, before the first row")
    return {}, whole


def _member(cursor: Cursor) -> str:
    name = _value(cursor)
    if not isinstance(name, str) or cursor.peek() != ":":
        raise refused("its JSON is broken before the first row")
    cursor.skip()
    return name


def _value(cursor: Cursor) -> object:
    try:
        return cursor.value()
    except (ValueError, RecursionError):
        raise refused(f"{cursor.cut or 'its JSON is broken'}, before the first row") from None


def elements(cursor: Cursor) -> Iterator[Row]:
    """The rows of the array at the cursor, numbered from 1."""
    cursor.skip()
    number = 0
    while (sign := cursor.peek()) not in ("]", ""):
        if sign == ",":
            cursor.skip()
            continue
        number += 1
        row, is_lost = _element(cursor, number)
        yield row
        if is_lost:
            return
    if sign == "":
        yield Rejected(number + 1, f"{cursor.cut or 'the file ends within its array'}: this row and all after it are missing")


def _element(cursor: Cursor, number: int) -> tuple[Row, bool]:
    """The row, and whether nothing after it can be found."""
    try:
        return row_of(cursor.value(), number), False
    except RecursionError:
        reason = "the element is nested too deeply"
    except ValueError as error:
        reason = f"the element is {_NOT_READABLE}: {str(error)[:80]}"
    if cursor.leap():
        return Rejected(number, reason), False
    return Rejected(number, f"{cursor.cut or reason}: this row and all after it are missing"), True


def row_of(value: object, number: int) -> Row:
    if isinstance(value, dict):
        return number, value
    return Rejected(number, f"the row is a {type(value).__name__}, not an object")


def json_lines(lines: Lines, limits: ReadLimits) -> Iterator[Row]:
    for line in lines:
        if lines.take_too_long():
            yield Rejected(lines.number, f"the line is longer than {limits.record_characters:,} characters")
        elif not line.isspace():
            yield _json_line(line.lstrip("\ufeff"), lines.number)
    if lines.cut:
        yield Rejected(lines.number + 1, f"{lines.cut}: this row and all after it are missing")


def _json_line(line: str, number: int) -> Row:
    try:
        return row_of(_DECODER.decode(line), number)
    except RecursionError:
        return Rejected(number, "the line is nested too deeply")
    except ValueError as error:
        return Rejected(number, f"the line is {_NOT_READABLE}: {str(error)[:80]}")
