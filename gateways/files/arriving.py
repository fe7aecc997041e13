"""A file on its way in: hashed and counted while it is written beside its place, then handed over whole. Where it goes is the store's."""

import errno
import hashlib
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from uuid import UUID

from domain.errors import LimitReached, NotFound, SourceUnavailable
from domain.ports import StoredFile

_KEY = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/([0-9a-f]{2})/(?=\1)[0-9a-f]{64}\Z")
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_PART = ".part-"
# Below it stand the tombstones of erased tenants; no key leads there.
TOMBSTONES = ".erased"
# No upload is written to for so long and lives.
_STALE_SECONDS = 86_400

Keep = Callable[[Path, StoredFile], None]


@contextmanager
def disk() -> Iterator[None]:
    """A full disk is a state that passes; anything else the system says stays as it is."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise SourceUnavailable("disk", "no space left to keep the file; free some and try again") from error
        raise


def known_key(key: str) -> str:
    """The key, if it is one that we make (`tenant/hh/sha256`). Raises NotFound for anything else: nothing else reaches a store."""
    if not _KEY.match(key):
        raise NotFound("file", key[:200])
    return key


class Writing:
    """One file on its way in. Leaving the `with` block without `commit` leaves nothing behind."""

    def __init__(self, folder: Path, tenant_id: UUID, limit_bytes: int, keep: Keep) -> None:
        self._tenant, self._limit, self._keep = str(tenant_id), limit_bytes, keep
        self._sha256, self._size = hashlib.sha256(), 0
        with disk():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _sweep(folder)
            descriptor, name = tempfile.mkstemp(prefix=_PART, dir=folder)
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
        stored = StoredFile(f"{self._tenant}/{sha256[:2]}/{sha256}", sha256, self._size)
        with disk():
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
        self._keep(self._part, stored)
        return stored

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


def _sweep(folder: Path) -> None:
    """What a killed process left half written goes with the next file."""
    for part in folder.glob(f"{_PART}*"):
        with suppress(FileNotFoundError):  # a twin sweeps too
            if time.time() - part.stat().st_mtime > _STALE_SECONDS:
                part.unlink()
