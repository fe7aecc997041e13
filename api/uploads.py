"""The files in a request's body: the body itself, or the parts of a multipart form; streamed either way, never whole in memory."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import anyio.to_thread
from litestar import Request
from litestar.exceptions.http_exceptions import ClientException, InternalServerException, RequestEntityTooLarge
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from domain.errors import FieldProblem, LimitReached, Unacceptable
from domain.ports import FilePort, StoredFile

FILE = "file"


def file_of(content_type: str, body: AsyncIterator[bytes]) -> tuple[Callable[[], str | None], AsyncIterator[bytes]]:
    """The one file's name, known once it was read, and its pieces."""
    name, pieces = parts_of(content_type, body)
    return name, (piece async for _, piece in pieces)


async def received(request: Request[Any, Any, Any], files: FilePort, tenant_id: UUID, limit_bytes: int) -> tuple[str | None, StoredFile]:
    """The one file as it comes, a piece at a time, kept; nothing is left behind where the caller goes away."""
    name, pieces = file_of(request.headers.get("content-type", ""), request.stream())
    with files.writer(tenant_id, limit_bytes=limit_bytes) as writing:
        with told_to_the_caller(limit_bytes):
            async for piece in pieces:
                await anyio.to_thread.run_sync(writing.write, piece)
        stored = await anyio.to_thread.run_sync(writing.commit)
    return name(), stored


def parts_of(
    content_type: str, body: AsyncIterator[bytes], beside: frozenset[str] = frozenset()
) -> tuple[Callable[[], str | None], AsyncIterator[tuple[str, bytes]]]:
    """The file's name, known once it was read, and pieces of `file` and of the named parts that may come beside it."""
    kind, options = parse_options_header(content_type)
    if kind != "multipart/form-data":
        return (lambda: None), ((FILE, piece) async for piece in body)
    form = _Form(options.get("boundary", ""), beside)
    return (lambda: form.file_name), form.pieces(body)


class _Form:
    """One part that is the file, whatever its name, and at most one of each kind beside it. Parameters go into the query."""

    def __init__(self, boundary: str, beside: frozenset[str]) -> None:
        self.file_name: str | None = None
        self._beside, self._seen, self._part = beside, set[str](), FILE
        try:
            self._parser = PushMultipartParser(
                boundary.encode(), max_segment_count=2 + len(beside), max_header_count=8, max_header_size=4_224
            )
        except (MultipartError, ValueError, AssertionError) as error:
            raise _malformed("the form has no boundary") from error

    async def pieces(self, body: AsyncIterator[bytes]) -> AsyncIterator[tuple[str, bytes]]:
        try:
            async for chunk in body:
                for piece in self._parsed(chunk):
                    yield piece
            self._parser.close()
        except MultipartError as error:
            raise _malformed(str(error)) from error
        if FILE not in self._seen:
            raise _malformed("the form holds no file")

    def _parsed(self, chunk: bytes) -> Iterator[tuple[str, bytes]]:
        for event in self._parser.parse(chunk):
            if isinstance(event, MultipartSegment):
                self._begin(event)
            elif event:
                yield self._part, bytes(event)

    def _begin(self, part: MultipartSegment) -> None:
        self._part = part.name if part.name in self._beside else FILE
        is_nameless = self._part == FILE and part.filename is None
        if self._part in self._seen or is_nameless:
            raise _malformed(f"send one part, the file{_and(self._beside)}; parameters go into the query")
        self._seen.add(self._part)
        if self._part == FILE:
            self.file_name = part.filename[:255]


@contextmanager
def told_to_the_caller(limit_bytes: int) -> Iterator[None]:
    """What may go wrong while a file comes in, as the answers that callers get."""
    try:
        yield
    except LimitReached as error:
        raise RequestEntityTooLarge(f"the file is larger than {limit_bytes:,} bytes") from error
    except InternalServerException as error:  # Litestar's word for a caller who went away
        raise ClientException("the upload ended before the file did") from error


def _and(beside: frozenset[str]) -> str:
    return f", and at most one of {', '.join(sorted(beside))}" if beside else ""


def _malformed(sentence: str) -> Unacceptable:
    return Unacceptable(f"the upload cannot be read: {sentence}", (FieldProblem("file", sentence),))
