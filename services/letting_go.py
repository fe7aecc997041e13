"""Bytes that are kept for some days only: rows are marked first, bytes deleted after; the next run goes on where one was cut off."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from domain.ports import FilePort
from domain.retention import BytesKept
from services.work import Work
from store.leaving import LeavingFile
from store.work import UnitOfWork

BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class LetGo:
    """What a run came to: rows that were marked, files that were deleted, and files that something else still stands on."""

    videos: int
    clips: int
    thumbnails: int
    deleted: int
    shared: int


def let_go(work: Work, files: FilePort, kept: BytesKept, *, now: datetime, batch: int = BATCH) -> LetGo:
    """Raises SourceUnavailable or SourceRefused where the store does not delete; what is marked waits for the next run then."""
    videos = _marked(work, lambda uow: uow.leaving.mark_media(before=now - kept.video, now=now, batch=batch))
    clips = _marked(work, lambda uow: uow.leaving.mark_clips(before=now - kept.video, now=now, batch=batch))
    _marked(work, lambda uow: uow.exports.mark(now=now, batch=batch))
    thumbnails = _marked(work, lambda uow: uow.leaving.mark_thumbnails(before=now - kept.thumbnail, now=now, batch=batch))
    deleted = shared = 0
    while leaving := _waiting(work, batch):
        gone = sum(_delete(work, files, each) for each in leaving)
        deleted, shared = deleted + gone, shared + len(leaving) - gone
    return LetGo(videos=videos, clips=clips, thumbnails=thumbnails, deleted=deleted, shared=shared)


def _marked(work: Work, mark: Callable[[UnitOfWork], int]) -> int:
    """A batch per transaction, until nothing is due."""
    total = 0
    while count := _in_one(work, mark):
        total += count
    return total


def _in_one(work: Work, mark: Callable[[UnitOfWork], int]) -> int:
    with work.begin() as uow:
        return mark(uow)


def _waiting(work: Work, batch: int) -> list[LeavingFile]:
    with work.begin() as uow:
        return uow.leaving.waiting(limit=batch)


def _delete(work: Work, files: FilePort, file: LeavingFile) -> bool:
    """Under the lock of its bytes, so that whoever sends the same ones meanwhile comes before or after. Returns whether they went."""
    with work.begin() as uow:
        uow.kept.lock(file.sha256)
        is_held = uow.kept.is_held(file.sha256)
        if not is_held:
            files.delete(file.file_key)
        uow.leaving.settle(file)
    return not is_held
