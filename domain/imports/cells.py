"""Spreadsheet formulas in files that come in. None goes out as one: `domain.csv_cells`."""

import re

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
