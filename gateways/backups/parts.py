"""Named parts one after the other in a stream. Encryption is in `sealed`.

A part is a line of JSON with its name, pieces each with their length, and an empty piece.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Protocol

from domain.errors import Unacceptable

PIECE = 262_144


class Sink(Protocol):
    """Takes bytes."""

    def write(self, piece: bytes) -> None: ...


def put_part(sink: Sink, name: str, pieces: Iterable[bytes]) -> int:
    """Returns how many bytes the part has."""
    head, size = json.dumps({"name": name}).encode(), 0
    sink.write(len(head).to_bytes(4, "big") + head)
    for piece in pieces:
        if piece:
            sink.write(len(piece).to_bytes(4, "big") + piece)
            size += len(piece)
    sink.write(bytes(4))
    return size


class Parts:
    """Reads them again, in their order; a part's pieces are read before the next part is asked for."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks, self._waiting = iter(chunks), bytearray()

    def __iter__(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        while self._more(1):
            pieces = self._pieces(json.loads(self._take(self._length()))["name"])
            yield next(pieces).decode(), pieces
            for _ in pieces:
                """Whoever did not want it has not read it."""

    def _pieces(self, name: str) -> Iterator[bytes]:
        yield name.encode()
        while length := self._length():
            yield self._take(length)

    def _length(self) -> int:
        return int.from_bytes(self._take(4), "big")

    def _take(self, size: int) -> bytes:
        if not self._more(size):
            raise Unacceptable("the backup ends in the middle of a part")
        taken = bytes(self._waiting[:size])
        del self._waiting[:size]
        return taken

    def _more(self, size: int) -> bool:
        while len(self._waiting) < size:
            chunk = next(self._chunks, None)
            if chunk is None:
                return False
            self._waiting += chunk
        return True
