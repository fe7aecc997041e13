"""Who owns a folder, one process at a time. What the owner does in it is not known here."""

import fcntl
import os
from pathlib import Path


class OwnerLock:
    """Decided by a lock that the kernel drops with its holder, never by the number written into it."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor = descriptor

    @staticmethod
    def take(path: Path) -> "OwnerLock | None":
        """None where another process, or another object of this one, holds it; `holder` tells who."""
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        os.truncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode("ascii"))
        return OwnerLock(path, descriptor)

    @staticmethod
    def holder(path: Path) -> str:
        return path.read_text(encoding="ascii").strip() or "unknown"

    @staticmethod
    def is_held(path: Path) -> bool:
        """Whether somebody owns the folder now, asked without owning it: a shared lock, let go at once."""
        try:
            descriptor = os.open(path, os.O_RDONLY)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False

    def release(self) -> None:
        os.close(self._descriptor)
