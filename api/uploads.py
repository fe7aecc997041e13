"""The file in a request's body: the body itself, or the first file of a multipart form; streamed either way, never whole in memory."""

from collections.abc import AsyncIterator, Callable, Iterator

from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from domain.errors import FieldProblem, Unacceptable


def file_of(content_type: str, body: AsyncIterator[bytes]) -> tuple[Callable[[], str | None], AsyncIterator[bytes]]:
    """The file's name, known once it was read, and its pieces."""
    kind, options = parse_options_header(content_type)
    if kind != "multipart/form-data":
        return (lambda: None), body
    form = _Form(options.get("boundary", ""))
    return (lambda: form.file_name), form.pieces(body)


class _Form:
    """The first part that is a file. Other parts are refused: parameters go into the query."""

    def __init__(self, boundary: str) -> None:
        self.file_name: str | None = None
        self._parts = 0
        try:
            self._parser = PushMultipartParser(boundary.encode())
        except (MultipartError, ValueError, AssertionError) as error:
            raise _malformed("the form has no boundary") from error

    async def pieces(self, body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        try:
            async for chunk in body:
                for piece in self._parsed(chunk):
                    yield piece
            self._parser.close()
        except MultipartError as error:
            raise _malformed(str(error)) from error
        if not self._parts:
            raise _malformed("the form holds no file")

    def _parsed(self, chunk: bytes) -> Iterator[bytes]:
        for event in self._parser.parse(chunk):
            if isinstance(event, MultipartSegment):
                self._check(event)
            elif event:
                yield bytes(event)

    def _check(self, part: MultipartSegment) -> None:
        self._parts += 1
        if self._parts > 1 or part.filename is None:
            raise _malformed("send one part, the file; parameters go into the query")
        self.file_name = part.filename[:255]


def _malformed(sentence: str) -> Unacceptable:
    return Unacceptable(f"the upload cannot be read: {sentence}", (FieldProblem("file", sentence),))
