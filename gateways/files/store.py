"""The local file port: bytes under a content-addressed key, written whole or not at all. What stands in them is read in `tables`."""

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from domain.errors import NotFound, SourceRefused
from domain.ports import StoredFile
from gateways.files.arriving import TOMBSTONES, Writing, disk, known_key


class LocalFiles:
    """Files below one folder, a subfolder per tenant. The same bytes of one tenant are kept once."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @property
    def workshop(self) -> Path:
        """A folder on the same disk for what tools make of the files. No key leads there."""
        return self._root / ".workshop"

    def put(self, tenant_id: UUID, chunks: Iterable[bytes], *, limit_bytes: int) -> StoredFile:
        """Raises LimitReached over the limit, SourceUnavailable on a full disk; nothing is left behind then."""
        with self.writer(tenant_id, limit_bytes=limit_bytes) as writing:
            for chunk in chunks:
                writing.write(chunk)
            return writing.commit()

    def writer(self, tenant_id: UUID, *, limit_bytes: int) -> Writing:
        """For bytes that arrive bit by bit: `write` each, then `commit`."""
        # In the tenant's own folder: a rename is atomic only within one file system.
        return Writing(self._root / str(tenant_id), tenant_id, limit_bytes, self._keep)

    def path(self, key: str) -> Path:
        """Where the bytes are. Only keys that `put` makes are keys; nothing else reaches the file system."""
        return self._root / known_key(key)

    def open(self, key: str) -> BinaryIO:
        try:
            return self.path(key).open("rb")
        except FileNotFoundError:
            raise NotFound("file", key) from None

    def size(self, key: str) -> int:
        """How many bytes it has."""
        try:
            return self.path(key).stat().st_size
        except FileNotFoundError:
            raise NotFound("file", key) from None

    def delete(self, key: str) -> None:
        """Deleting what is not there is no error: erasure runs twice."""
        self.path(key).unlink(missing_ok=True)

    def keys(self, tenant_id: UUID) -> Iterator[str]:
        """Every key of a tenant, in order."""
        for path in sorted((self._root / str(tenant_id)).glob("??/*")):
            yield f"{tenant_id}/{path.parent.name}/{path.name}"

    def forget(self, tenant_id: UUID) -> int:
        """The tenant's whole folder. Returns how many keys went."""
        gone = sum(1 for _ in self.keys(tenant_id))
        with suppress(FileNotFoundError):
            shutil.rmtree(self._root / str(tenant_id))
        return gone

    def note_erased(self, tombstone: str) -> None:
        """An empty file, named by the tombstone."""
        folder = self._root / TOMBSTONES
        with disk():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            (folder / tombstone).touch()
            _sync_folder(folder)

    def erased(self) -> frozenset[str]:
        """Every tombstone that was noted."""
        return frozenset(path.name for path in (self._root / TOMBSTONES).glob("*"))

    @contextmanager
    def local(self, key: str) -> Iterator[Path]:
        """The kept file itself: not to be changed."""
        self.size(key)
        yield self.path(key)

    def link(self, key: str, *, seconds: int, file_name: str, media_type: str) -> str | None:  # noqa: ARG002
        """None: only our own API gives them out."""
        return None

    def prove(self) -> None:
        """Write, read back and delete a few bytes. Raises SourceUnavailable on a full disk, SourceRefused where we may not write."""
        try:
            with disk():
                self.workshop.mkdir(mode=0o700, parents=True, exist_ok=True)
                with tempfile.TemporaryFile(dir=self.workshop) as file:
                    file.write(b"whyral")
                    file.flush()
        except OSError as error:
            raise SourceRefused("file store", f"{self._root} cannot be written to ({error.strerror}): give us the folder") from error

    def _keep(self, part: Path, stored: StoredFile) -> None:
        target = self._root / stored.key
        with disk():
            target.parent.mkdir(mode=0o700, exist_ok=True)
            part.replace(target)
            _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    """The new name survives a crash only when its folder is on the disk too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
