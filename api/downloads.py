"""Stored files go out: whole, or the one range that was asked for (RFC 9110, 14). Who may have which file is decided by the caller.

A file's key ends in the hash of its content, so its entity tag is strong and never changes.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from litestar import Request, Response
from litestar.response import Stream

from api.errors import answer
from domain.errors import NotFound
from domain.file_names import Disposition, content_disposition
from domain.ports import FilePort
from store.database import Database, Entry
from store.work import UnitOfWork

_CHUNK = 256_000
_RANGE = re.compile(r"bytes=[ \t]*(\d*)-(\d*)[ \t]*\Z", re.IGNORECASE | re.ASCII)
_DIGITS = 18  # more say nothing about a file, and Python refuses to read thousands of them


@dataclass(frozen=True, slots=True)
class Span:
    """The bytes from `first` to `last`, both included."""

    first: int
    last: int

    @property
    def size(self) -> int:
        return self.last - self.first + 1


def download(
    request: Request[Any, Any, Any],
    files: FilePort,
    key: str,
    *,
    media_type: str,
    file_name: str,
    disposition: Disposition = "attachment",
    cache: str = "private, no-cache",
) -> Response[Any]:
    """Answer GET or HEAD for a stored file: 200, 206 for one range, 304, or 416. Raises NotFound where it is not kept any more."""
    size, tag = files.size(key), f'"{key.rpartition("/")[2]}"'
    headers = {
        "ETag": tag,
        "Accept-Ranges": "bytes",
        "Cache-Control": cache,
        "Content-Disposition": content_disposition(file_name, disposition),
        "X-Content-Type-Options": "nosniff",
    }
    if _is_known(request.headers.get("if-none-match"), tag):
        return Response(None, status_code=304, headers=headers)
    wanted = _wanted(request, tag, size)
    if wanted == "none of it":
        return answer(request, 416, "range_not_satisfiable", f"the file has {size:,} bytes", {"Content-Range": f"bytes */{size}"})
    if isinstance(wanted, Span):
        headers["Content-Range"] = f"bytes {wanted.first}-{wanted.last}/{size}"
    span = wanted or Span(0, size - 1)
    headers["Content-Length"] = str(span.size)
    if request.method == "HEAD":
        return Response(None, status_code=200, headers={**headers, "Content-Type": media_type})
    return Stream(_chunks(files, key, span), status_code=206 if wanted else 200, headers=headers, media_type=media_type)


def _is_known(header: str | None, tag: str) -> bool:
    """If-None-Match, compared weakly, as RFC 9110 wants it there."""
    if header is None:
        return False
    return header.strip() == "*" or tag in (each.strip().removeprefix("W/") for each in header.split(","))


def _wanted(request: Request[Any, Any, Any], tag: str, size: int) -> Span | Literal["none of it"] | None:
    """None is the whole file: no range, several, one of another unit or for another content, or a method that knows none."""
    header = request.headers.get("range")
    if header is None or request.method != "GET" or request.headers.get("if-range", tag).strip() != tag:
        return None
    match = _RANGE.match(header.strip())
    if match is None or not any(match.groups()) or max(map(len, match.groups())) > _DIGITS:
        return None
    return _span(match[1], match[2], size)


def _span(first: str, last: str, size: int) -> Span | Literal["none of it"] | None:
    if not first:
        return Span(max(0, size - int(last)), size - 1) if size and int(last) else "none of it"
    if last and int(last) < int(first):
        return None
    return Span(int(first), min(int(last or size), size - 1)) if int(first) < size else "none of it"


def _chunks(files: FilePort, key: str, span: Span) -> Iterator[bytes]:
    with files.open(key) as file:
        file.seek(span.first)
        left = span.size
        while left > 0 and (chunk := file.read(min(_CHUNK, left))):
            left -= len(chunk)
            yield chunk


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A kept file, and how it goes out."""

    key: str
    media_type: str
    file_name: str
    disposition: Disposition = "inline"


@dataclass(frozen=True, slots=True)
class Sending:
    """What every handler of a download needs: `sending(find)` answers the file that `find` names in a transaction of the caller's."""

    request: Request[Any, Any, Any]
    database: Database
    entry: Entry
    files: FilePort

    def __call__(self, find: Callable[[UnitOfWork], Kept]) -> Response[Any]:
        kept = self.find(find)
        return download(
            self.request, self.files, kept.key, media_type=kept.media_type, file_name=kept.file_name, disposition=kept.disposition
        )

    def find(self, find: Callable[[UnitOfWork], Kept]) -> Kept:
        """Raises NotFound for what lies in another workspace's folder, whatever a row says."""
        with self.database.begin(self.entry) as uow:
            kept = find(uow)
            if not kept.key.startswith(f"{uow.tenant_id}/"):
                raise NotFound("file", kept.file_name)
            return kept
