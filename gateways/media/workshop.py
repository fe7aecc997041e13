"""A private folder for one piece of work, emptied and removed whatever happens. What is made in it is not known here."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gateways.files.arriving import disk
from gateways.owner_lock import OwnerLock

_LOCK = "owner.lock"
# Between a folder's making and its lock; no maker takes so long and lives.
_UNLOCKED_SECONDS = 60


@contextmanager
def bench(workshop: Path) -> Iterator[Path]:
    """A new folder that only we can read. Those of owners that were killed are swept up first."""
    with disk():
        workshop.mkdir(mode=0o700, parents=True, exist_ok=True)
        sweep(workshop)
        folder = Path(tempfile.mkdtemp(dir=workshop))
        lock = OwnerLock.take(folder / _LOCK)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
        if lock:
            lock.release()


def sweep(workshop: Path) -> None:
    """A lock ends with its owner, however that one ends; a folder without an owner is nobody's."""
    for folder in workshop.iterdir():
        with suppress(FileNotFoundError):  # its owner, or a twin that sweeps, was quicker
            if time.time() - folder.stat().st_mtime > _UNLOCKED_SECONDS and (lock := OwnerLock.take(folder / _LOCK)):
                shutil.rmtree(folder)
                lock.release()
