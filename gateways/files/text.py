"""Bytes as text: the encoding is decided over the whole file before a row is read, and said. Mojibake is never repaired."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass

from gateways.files.limits import Cut
from gateways.files.unpack import Chunks

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_TAIL = 4096


@dataclass(frozen=True, slots=True)
class Survey:
    """What one pass over the whole file tells. `cut`: why it ends too early. `tail`: its last bytes."""

    encoding: str
    notes: tuple[str, ...] = ()
    cut: str | None = None
    tail: bytes = b""


def survey(chunks: Chunks) -> Survey:
    """One pass in bounded memory. Bombs are refused here, before any row has been read."""
    head, tail, cut = b"", b"", None
    good = bad = 0
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    try:
        for chunk in chunks():
            head = head or chunk[:4]
            tail = (tail + chunk)[-_TAIL:]
            if chunk.isascii() and not decoder.getstate()[0]:
                continue
            read = decoder.decode(chunk)
            # A replacement mark that stands in the file itself is a letter like others.
            wrong = read.count("\ufffd") - chunk.count(b"\xef\xbf\xbd")
            bad += wrong
            good += len(read) - len(read.encode("ascii", "ignore")) - wrong
    except Cut as torn:
        cut = torn.reason
    return _concluded(head, tail, cut, good, bad)


def _concluded(head: bytes, tail: bytes, cut: str | None, good: int, bad: int) -> Survey:
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return Survey(encoding, cut=cut, tail=tail)
    if bad <= 0:
        return Survey("utf-8", cut=cut, tail=tail)
    if good > bad:
        note = f"the file is UTF-8 with {bad} damaged places; rows that need them are rejected"
        return Survey("utf-8", (note,), cut, tail)
    note = "the file is not UTF-8; it was read as Windows-1252, so letters outside Western Europe may be wrong"
    return Survey("cp1252", (note,), cut, tail)


def decoded(chunks: Chunks, encoding: str) -> Iterator[str]:
    """The text, piece by piece. Bytes that are no letters become surrogates, which the rows' readers refuse by name."""
    errors = "replace" if encoding == "utf-16" else "surrogateescape"
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    for chunk in chunks():
        if piece := decoder.decode(chunk):
            yield piece
    if rest := decoder.decode(b"", final=True):
        yield rest


class Lines:
    """The lines of a text, each with its end. Memory is bounded by the longest line allowed; a longer one comes as an empty line.

    When the file is cut, the last, partial line is left out and `cut` says why.
    """

    def __init__(self, pieces: Iterator[str], most: int) -> None:
        self._pieces, self._most = pieces, most
        self._ready: Iterator[str] = iter(())
        self._rest = ""
        self._is_over = False
        self.number = 0
        self.cut: str | None = None
        self._too_long: list[int] = []

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        while True:
            for line in self._ready:
                self.number += 1
                return line
            if self._is_over:
                raise StopIteration
            self._refill()

    def _refill(self) -> None:
        try:
            piece = next(self._pieces, None)
        except Cut as torn:
            self.cut, self._is_over, self._ready = torn.reason, True, iter(())
            return
        if piece is None:
            self._is_over = True
            self._ready = iter(self._without_long([self._rest] if self._rest else []))
            return
        *whole, self._rest = (self._rest + piece).split("\n")
        # Of a line beyond the limit only the fact is kept, however long it grows.
        self._rest = self._rest[: self._most + 1]
        self._ready = iter([line + "\n" for line in self._without_long(whole)])

    def take_too_long(self) -> bool:
        """Whether one of the lines handed out since the last call was over-long; an empty line stood in for it."""
        passed = [number for number in self._too_long if number <= self.number]
        del self._too_long[: len(passed)]
        return bool(passed)

    def _without_long(self, whole: list[str]) -> list[str]:
        for at, line in enumerate(whole):
            if len(line) > self._most:
                self._too_long.append(self.number + at + 1)
                whole[at] = ""
        return whole
