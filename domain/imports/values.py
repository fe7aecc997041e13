"""Single cells: counts, exact figures, texts, flags, lists. Moments are in `moments`, hashtags in `words`."""

import ast
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

BIGGEST = 2**63 - 1
EMPTY = frozenset({"", "n/a", "na", "nan", "none", "null", "-", "--"})
LITERAL_CHARACTERS = 10_000
_WHOLE = re.compile(r"\d{1,18}(?:\.0+)?\Z", re.ASCII)
_GROUPED = re.compile("\\d{1,3}(?:[, \u00a0\u202f'\u2019]\\d{3}){1,5}\\Z", re.ASCII)
_SHORTENED = re.compile(r"(\d{1,6}(?:\.\d{1,3})?) ?([KMBkmb])\Z", re.ASCII)
_SCALE = {"K": 10**3, "M": 10**6, "B": 10**9}
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_INVISIBLE = re.compile("[\u00ad\u200b\u200c\u200d\u2060\ufeff]")
_SPELLINGS = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False, "": None}


class Unreadable(Exception):
    """A cell that cannot be read: the row is rejected with this reason."""

    def __init__(self, reason: str, column: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.column = column


def shown(value: object) -> str:
    """A value as a reason quotes it: short, on one line, whatever it holds."""
    text = value if isinstance(value, str) else f"{type(value).__name__}" if isinstance(value, (list, dict)) else str(value)[:60]
    return repr(text[:60].encode("utf-8", "replace").decode("utf-8"))


def tidy_header(name: str) -> str:
    """Without the soft hyphens, zero-width marks and no-break spaces that exports put into headers."""
    return " ".join(_INVISIBLE.sub("", name).split())


def count(value: object, column: str) -> int | None:
    """A whole number of something; None where the source says nothing."""
    if isinstance(value, str):
        return int(value) if value.isdigit() and value.isascii() and len(value) <= 18 else _count_text(value, column)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise Unreadable(f"{column} is {shown(value)}, not a count", column)
    if value != value:  # NaN is how dataframes write "nothing"
        return None
    if not 0 <= value <= BIGGEST or value != int(value):
        raise Unreadable(f"{column} is {shown(value)}, not a whole number of at least 0", column)
    return int(value)


def _count_text(value: str, column: str) -> int | None:
    text = value.strip()
    if _WHOLE.match(text):
        return int(text.split(".")[0])
    if text.lower() in EMPTY:
        return None
    if _GROUPED.match(text):
        return int(re.sub(r"\D", "", text))
    if shortened := _SHORTENED.match(text):
        return int(Decimal(shortened[1]) * _SCALE[shortened[2].upper()])
    if text.startswith("-"):
        raise Unreadable(f"{column} is {shown(value)}: a count is never negative", column)
    raise Unreadable(f"{column} is {shown(value)}, not a whole number", column)


def figure(value: object, column: str) -> Decimal | None:
    """An exact figure of the owner, such as revenue; it may be negative."""
    text = str(value).strip().replace(",", "") if value is not None else ""
    if text.lower() in EMPTY:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise Unreadable(f"{column} is {shown(value)}, not a number", column) from None
    if not number.is_finite() or abs(number) >= Decimal(10) ** 14:
        raise Unreadable(f"{column} is {shown(value)}, not a finite figure", column)
    return number


def text(value: object, column: str) -> str | None:
    """A text without control characters; None when nothing is left of it."""
    if value is None or value == "":
        return None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = str(value)[:60]
    if not isinstance(value, str):
        raise Unreadable(f"{column} is {shown(value)}, not a text", column)
    if not value.isprintable() and not value.replace("\n", "").isprintable():
        if _CONTROL.search(value):
            value = _CONTROL.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))
        _demand_unicode(value, column)
    return value.strip() or None


def _demand_unicode(value: str, column: str) -> None:
    """Bytes that the file's encoding has no letter for, and halves of pairs, arrive as surrogates."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise Unreadable(f"{column} holds bytes that are no letters of the file's encoding", column) from None


def identifier(value: object, column: str) -> str:
    """An id of the source, as text. Floats are refused: they have lost digits."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise Unreadable(f"{column} is {shown(value)}, not an id", column)
    found = value.strip() if isinstance(value, str) else str(value) if 0 <= value <= BIGGEST else ""
    if not 1 <= len(found) <= 200 or not found.isprintable():
        raise Unreadable(f"{column} is {shown(value)}, not an id", column)
    if re.fullmatch(r"\d+(?:\.\d+)?[eE]\+?\d+", found):
        raise Unreadable(f"{column} is {shown(value)}: a spreadsheet has turned the id into a number and lost its digits", column)
    return found


def flag(value: object, column: str) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    if value == "False" or value == "True":
        return value == "True"
    spelled = str(value)[:10].strip().lower()
    if spelled not in _SPELLINGS:
        raise Unreadable(f"{column} is {shown(value)}, neither true nor false", column)
    return _SPELLINGS[spelled]


def words(value: object, column: str, limit: int = 500) -> tuple[str, ...]:
    """A list of texts, in the order of the source, without repeats; a text is split at `|`."""
    if value is None:
        return ()
    if isinstance(value, str):
        value = value.split("|")
    if not isinstance(value, (list, tuple)) or len(value) > limit:
        raise Unreadable(f"{column} is not a list of at most {limit} texts", column)
    found = (text(word, column) for word in value)
    return tuple(dict.fromkeys(word for word in found if word))


def mapping(value: object, column: str) -> Mapping[str, object]:
    """A nested object, also when it was written as the text of a Python dict. Nothing is evaluated but literals."""
    if isinstance(value, str):
        value = _literal(value, column)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise Unreadable(f"{column} is {shown(value)}, not an object", column)
    return value


def _literal(written: str, column: str) -> object:
    if len(written) > LITERAL_CHARACTERS or written.count("{") + written.count("[") + written.count("(") > 100:
        raise Unreadable(f"{column} holds a written object that is too large to read", column)
    try:
        # Only literals: no name, call or attribute is ever evaluated.
        read: object = ast.literal_eval(written.strip())
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        raise Unreadable(f"{column} is {shown(written)}, not a written object", column) from None
    return read
