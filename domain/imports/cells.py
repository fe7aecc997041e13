"""Spreadsheet formulas: none comes in as a formula, none goes out as one."""

import re

LEADS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# The same behind what is not seen (blanks, control and invisible letters), and in full width, which East Asian spreadsheets obey.
_UNSEEN = r"\s\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
_LED = re.compile(rf"[\t\r\n]|[{_UNSEEN}]*[=+\-@\uff1d\uff0b\uff0d\uff20]")
# What a spreadsheet would call or start: `=NAME(`, a few names after + - @ as well, and `=program|argument!cell` (DDE).
_CALL = re.compile(r"=[\s\d+\-*/.&@(\"']*[A-Za-z][\w.]*\(|[=+\-@][^|\n]{0,100}\|[^|\n]{0,300}![A-Za-z]{1,3}\d", re.ASCII)
SUSPECT = frozenset("=+-@\t\r\n '\"")
_NAMED = re.compile(
    r"[+\-@][=+\-@\s]*(?:HYPERLINK|IMPORT(?:XML|DATA|HTML|FEED|RANGE)|WEBSERVICE|FILTERXML|DDE|EXEC|CALL|REGISTER|RTD|IMAGE)\s*\(",
    re.IGNORECASE,
)


def is_formula(text: str) -> bool:
    """A title may begin with `@name` or a dash; what calls a spreadsheet's function is a formula."""
    if text[:1] not in SUSPECT:
        return False
    bare = text.lstrip("\t\r\n '\"")
    return bool(_CALL.match(bare) or _NAMED.match(bare))


def guard_cell(text: str) -> str:
    """A cell of a CSV file that we write: never read as a formula, whatever it begins with."""
    return f"'{text}" if _LED.match(text) else text
