"""What mails say: a few paragraphs and at most one link, as plain text and as HTML that is escaped by its making. Sending is not here.

Names that people chose (of themselves, of workspaces) stand in mails to others: they are cut, on one line, and nothing in them is a link.
"""

import html
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote, urlsplit

from domain.errors import Unacceptable

LONGEST_NAME = 60
LONGEST_ADDRESS = 254
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?\Z")
# A mail program makes a link of whatever looks like one.
_DOT, _SCHEME = re.compile(r"(?<=\w)\.(?=\w)"), re.compile(r"(?i)\b(https?|ftp|mailto|javascript|data|tel)\s*:")
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>
<body style="font: 16px/1.6 sans-serif; color: #222; max-width: 34rem; margin: 0 auto; padding: 1rem">
{body}
</body></html>
"""


@dataclass(frozen=True, slots=True)
class Letter:
    """Before it is written out. `link` and `code` may hold a token; they stand after the first paragraph."""

    subject: str
    paragraphs: tuple[str, ...]
    link: str | None = field(default=None, repr=False)
    link_words: str = "Open Whyral"
    code: str | None = field(default=None, repr=False)

    @property
    def text(self) -> str:
        first, *rest = self.paragraphs
        shown = [self.link] if self.link else [f"Your code: {self.code}"] if self.code else []
        return "\n\n".join([first, *shown, *rest]) + "\n"

    @property
    def html(self) -> str:
        first, *rest = (f"<p>{html.escape(each)}</p>" for each in self.paragraphs)
        shown = []
        if self.link:
            shown = [f'<p><a href="{html.escape(self.link)}">{html.escape(self.link_words)}</a></p>']
        elif self.code:
            shown = [f"<p>Your code: <code>{html.escape(self.code)}</code></p>"]
        return _PAGE.format(title=html.escape(self.subject), body="\n".join([first, *shown, *rest]))


@dataclass(frozen=True, slots=True)
class Mail:
    """A letter on its way. `name` is stable over all attempts to send it: the Message-ID is made of it."""

    name: str
    recipient: str
    subject: str
    text: str = field(repr=False)
    html: str | None = field(default=None, repr=False)
    written_at: datetime | None = None


def check_address(address: str) -> str:
    """One address of mail, in ASCII, without a display name. Raises Unacceptable: line ends and commas would make more of it."""
    if len(address) > LONGEST_ADDRESS or not _ADDRESS.match(address) or ".." in address:
        raise Unacceptable("the address of mail cannot be accepted: write it as name@example.org")
    return address


def plain_name(name: str) -> str:
    """A name that somebody chose, as it stands in a mail."""
    visible = "".join(" " if unicodedata.category(each)[0] in "CZ" else each for each in unicodedata.normalize("NFC", name))
    words = " ".join(visible.split())
    cut = words if len(words) <= LONGEST_NAME else words[: LONGEST_NAME - 1].rstrip() + "…"
    return _DOT.sub(" . ", _SCHEME.sub(r"\1 :", cut.replace("://", " : //").replace("@", " at "))) or "(no name)"


def link_to(base_url: str, page: str, token: str | None = None) -> str:
    """A page of ours. The token stands behind the number sign: no server's log and no other site is told of it."""
    parts = urlsplit(base_url)
    if parts.scheme not in ("https", "http") or not parts.netloc or parts.query or parts.fragment or "@" in parts.netloc:
        raise Unacceptable("the address of our own pages must be https://host or https://host/path")
    there = f"{base_url.rstrip('/')}/{page}"
    return f"{there}#token={quote(token, safe='')}" if token else there
