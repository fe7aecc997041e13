"""Hashtags and mentions inside a text, for sources that do not list them."""

import re
from collections.abc import Iterator

MOST = 100
# The sign comes first in the pattern, not a look-behind: searching for a plain sign is ten times faster on long descriptions.
_HASHTAG = re.compile(r"#(\w{1,100})")
_MENTION = re.compile(r"@([A-Za-z0-9_][A-Za-z0-9_.\-]{1,99})")


def hashtags(*texts: str | None) -> tuple[str, ...]:
    """Lower-case, without `#`, in order of appearance. A number alone (`#1`) is none, nor the fragment of an address."""
    marked = [text for text in texts if text and "#" in text]
    found = [tag.lower() for text in marked for tag in _standing(_HASHTAG, text, "/&#_")]
    return tuple(dict.fromkeys([tag for tag in found if not tag.isdigit()]))[:MOST] if found else ()


def mentions(*texts: str | None) -> tuple[str, ...]:
    """Without `@`, in order of appearance; addresses of mail are none."""
    marked = [text for text in texts if text and "@" in text]
    found = [name.rstrip(".-") for text in marked for name in _standing(_MENTION, text, "@./-_")]
    return tuple(dict.fromkeys([name for name in found if len(name) > 1]))[:MOST] if found else ()


def _standing(pattern: re.Pattern[str], text: str, joined: str) -> Iterator[str]:
    """What follows a sign that does not stand inside a word or an address."""
    for found in pattern.finditer(text):
        before = text[found.start() - 1 : found.start()]
        if not before.isalnum() and (not before or before not in joined):
            yield found[1]
