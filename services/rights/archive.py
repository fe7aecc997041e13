"""A zip that is written front to back into anything that takes bytes, with a manifest of what is in it. What goes in is in `exporting`.

Nothing of it is held in memory but a piece at a time; the CSV copy of a table waits in a file beside while its lines are written.
"""

import csv
import hashlib
import json
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, Protocol

from domain.rights import neutralised

PIECE = 1_000_000
MANIFEST = "manifest.json"
# The oldest moment that a zip can tell: the archive says nothing by the clock of a machine.
_MOMENT = (1980, 1, 1, 0, 0, 0)


class Sink(Protocol):
    """Takes bytes."""

    def write(self, chunk: bytes) -> None: ...


class _Forward:
    """A sink as the file that `zipfile` writes to; it cannot go back."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def write(self, chunk: bytes, /) -> int:
        self._sink.write(chunk)
        return len(chunk)

    def flush(self) -> None:
        """Whoever owns the sink does, and closes it."""

    close = flush


class Archive:
    """Members one after the other; each is hashed on its way in."""

    def __init__(self, sink: Sink, workshop: Path) -> None:
        self._zip = zipfile.ZipFile(_Forward(sink), "w", zipfile.ZIP_DEFLATED)
        self._workshop = workshop
        self.members: dict[str, dict[str, Any]] = {}

    def table(self, name: str, columns: Sequence[str], lines: Iterable[str]) -> int:
        """`tables/<name>.jsonl` and the same rows as `tables/<name>.csv`. Returns how many rows there were."""
        self._workshop.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile("w+", dir=self._workshop, encoding="utf-8", newline="") as beside:
            written = csv.writer(beside)
            written.writerow(columns)
            rows = 0
            with self._member(f"tables/{name}.jsonl") as put:
                for line in lines:
                    put(line.encode() + b"\n")
                    written.writerow(_cells(line, columns))
                    rows += 1
            beside.seek(0)
            self._bytes(f"tables/{name}.csv", (piece.encode() for piece in iter(lambda: beside.read(PIECE), "")))
        return rows

    def file(self, name: str, source: BinaryIO) -> None:
        """`files/<name>`, as it is: media do not get smaller."""
        self._bytes(f"files/{name}", iter(lambda: source.read(PIECE), b""), kind=zipfile.ZIP_STORED)

    def end(self, manifest: Mapping[str, Any]) -> None:
        """The manifest is the last member."""
        words = {**manifest, "members": self.members}
        self._bytes(MANIFEST, [json.dumps(words, indent=2, default=str, sort_keys=True).encode()])
        self._zip.close()

    def _bytes(self, name: str, pieces: Iterable[bytes], *, kind: int = zipfile.ZIP_DEFLATED) -> None:
        with self._member(name, kind=kind) as put:
            for piece in pieces:
                put(piece)

    @contextmanager
    def _member(self, name: str, *, kind: int = zipfile.ZIP_DEFLATED) -> Iterator[Any]:
        told = zipfile.ZipInfo(name, _MOMENT)
        told.compress_type, told.external_attr = kind, 0o600 << 16
        sha256, size = hashlib.sha256(), 0
        with self._zip.open(told, "w", force_zip64=True) as member:

            def put(piece: bytes) -> None:
                nonlocal size
                size += len(piece)
                sha256.update(piece)
                member.write(piece)

            yield put
        self.members[name] = {"sha256": sha256.hexdigest(), "size_bytes": size}


def _cells(line: str, columns: Sequence[str]) -> list[str]:
    """Numbers keep every digit; lists and objects are JSON within the cell."""
    row = json.loads(line, parse_float=str, parse_int=str)
    return [_cell(row.get(name)) for name in columns]


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return neutralised(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


class Opened:
    """An archive that was made by `Archive`, read again. `verify` before anything of it is believed."""

    def __init__(self, source: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(source)
        self.manifest: dict[str, Any] = json.loads(self._zip.read(MANIFEST))

    def faults(self) -> list[str]:
        """Members that are not what the manifest says, are missing, or are not named in it."""
        told, there = self.manifest["members"], set(self._zip.namelist()) - {MANIFEST}
        wrong = [name for name in sorted(there & set(told)) if self._hash(name) != told[name]["sha256"]]
        return [*(f"{name} was changed" for name in wrong), *(f"{name} is not in the manifest" for name in sorted(there - set(told))),
                *(f"{name} is missing" for name in sorted(set(told) - there))]  # fmt: skip

    def lines(self, table: str) -> Iterator[str]:
        with self._zip.open(f"tables/{table}.jsonl") as member:
            for line in member:
                yield line.decode().rstrip("\n")

    def tables(self) -> list[str]:
        return [name[len("tables/") : -len(".jsonl")] for name in self._zip.namelist() if name.endswith(".jsonl")]

    def files(self) -> list[str]:
        return [name[len("files/") :] for name in self._zip.namelist() if name.startswith("files/")]

    def pieces(self, name: str) -> Iterator[bytes]:
        with self._zip.open(f"files/{name}") as member:
            yield from iter(lambda: member.read(PIECE), b"")

    def _hash(self, name: str) -> str:
        sha256 = hashlib.sha256()
        with self._zip.open(name) as member:
            while piece := member.read(PIECE):
                sha256.update(piece)
        return sha256.hexdigest()
