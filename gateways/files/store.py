"""The local file port: bytes under a content-addressed key, written whole or not at all. What stands in them is read in `tables`."""

import errno
import hashlib
import os
import re
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO
from uuid import UUID

from domain.errors import LimitReached, NotFound, SourceUnavailable
from domain.ports import StoredFile

_KEY = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/([0-9a-f]{2})/(?=\1)[0-9a-f]{64}\Z")
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


_PART = ".part-"
# No upload is written to for so long and lives.
_STALE_SECONDS = 86_400


@contextmanager
def disk() -> Iterator[None]:
    """A full disk is a state that passes; anything else the system says stays as it is."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise SourceUnavailable("disk", "no space left to keep the file; free some and try again") from error
        raise


class Writing:
    """One file on its way in. Leaving the `with` block without `commit` leaves nothing behind."""

    def __init__(self, folder: Path, tenant_id: UUID, limit_bytes: int) -> None:
        self._root, self._tenant, self._limit = folder, str(tenant_id), limit_bytes
        self._sha256, self._size = hashlib.sha256(), 0
        with disk():
            (folder / self._tenant).mkdir(mode=0o700, parents=True, exist_ok=True)
            _sweep(folder / self._tenant)
            # In the tenant's own folder: a rename is atomic only within one file system.
            descriptor, name = tempfile.mkstemp(prefix=_PART, dir=folder / self._tenant)
        self._part, self._file = Path(name), os.fdopen(descriptor, "wb")

    def write(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._size > self._limit:
            raise LimitReached("bytes of one file", self._limit, self._size)
        self._sha256.update(chunk)
        with disk():
            self._file.write(chunk)

    def commit(self) -> StoredFile:
        sha256 = self._sha256.hexdigest()
        key = f"{self._tenant}/{sha256[:2]}/{sha256}"
        with disk():
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            target = self._root / key
            target.parent.mkdir(mode=0o700, exist_ok=True)
            self._part.replace(target)
            _sync_folder(target.parent)
        return StoredFile(key, sha256, self._size)

    def __enter__(self) -> "Writing":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        # Unlinked first: closing flushes, and on a full disk that raises.
        self._part.unlink(missing_ok=True)
        try:
            self._file.close()
        except OSError as failed:
            if failed.errno not in _FULL:
                raise


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
        return Writing(self._root, tenant_id, limit_bytes)

    def path(self, key: str) -> Path:
        """Where the bytes are. Only keys that `put` makes are keys; nothing else reaches the file system."""
        if not _KEY.match(key):
            raise NotFound("file", key[:200])
        return self._root / key

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


def _sweep(folder: Path) -> None:
    """What a killed process left half written goes with the tenant's next file."""
    for part in folder.glob(f"{_PART}*"):
        with suppress(FileNotFoundError):  # a twin sweeps too
            if time.time() - part.stat().st_mtime > _STALE_SECONDS:
                part.unlink()


def _sync_folder(folder: Path) -> None:
    """The new name survives a crash only when its folder is on the disk too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
