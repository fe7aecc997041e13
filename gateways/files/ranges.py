"""A stored object as a seekable file that fetches ranges as they are read. How one range is fetched is the store's business."""

import io
from collections.abc import Callable
from typing import Any

# (first byte, how many) -> the bytes.
Fetch = Callable[[int, int], bytes]
_FIRST, _MOST = 512 * 1024, 8 * 1024 * 1024


class Ranges(io.RawIOBase):
    """Reads ahead, and further ahead each time while the reader goes straight on: 0.5 MB at first, 8 MB at most, held in memory."""

    def __init__(self, fetch: Fetch, size: int) -> None:
        self._fetch, self._size = fetch, size
        self._at = self._begin = 0
        self._held, self._ahead = b"", _FIRST

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError(f"negative seek position {base + offset}")
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any, /) -> int:
        wanted = min(len(buffer), self._size - self._at)
        if wanted <= 0:
            return 0
        if not self._begin <= self._at < self._begin + len(self._held):
            self._refill(wanted)
        within = self._at - self._begin
        piece = self._held[within : within + wanted]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def _refill(self, wanted: int) -> None:
        goes_on = bool(self._held) and self._at == self._begin + len(self._held)
        self._ahead = min(_MOST, self._ahead * 2) if goes_on else _FIRST
        length = min(max(wanted, self._ahead), self._size - self._at)
        self._held, self._begin = self._fetch(self._at, length), self._at


def reader(fetch: Fetch, size: int) -> io.BufferedReader:
    """The file, for whoever reads lines or pieces of it."""
    return io.BufferedReader(Ranges(fetch, size))
