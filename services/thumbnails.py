"""Looking at thumbnails that nobody has looked at yet, a bounded number per run; features are made of the figures."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from domain.errors import SourceFailed, SourceUnavailable
from domain.ports import Platforms, ReadsThumbnails
from domain.thumbnails import Failure, Picture
from services.work import Work
from store.thumbnails import DueThumbnail

# A run looks at the newest posts first, and leaves the others to the next ones.
PER_RUN = 200
BATCH, AT_ONCE = 20, 8

Looked = tuple[DueThumbnail, Picture | Failure]


@dataclass(frozen=True, slots=True)
class Report:
    """What a run came to. `left`: how many are due still. `note` says why none, or not all, were looked at."""

    measured: int = 0
    failed: int = 0
    left: int = 0
    note: str | None = None


def measure_due(work: Work, platforms: Platforms, *, now: datetime, most: int = PER_RUN) -> Report:
    """Fetch and measure; what fails is kept with its reason and tried again later. Ends early where nobody can be reached."""
    with work.begin() as uow:
        due = uow.thumbnails.due(now=now, limit=most) if platforms.thumbnails else []
    measured, failed, note = 0, 0, _note(platforms)
    for looked in _looked(platforms.thumbnails, due):
        with work.begin() as uow:
            for each, found in looked:
                uow.thumbnails.put(each, found, now=now)
        failures = [found for _, found in looked if isinstance(found, Failure)]
        measured, failed = measured + len(looked) - len(failures), failed + len(failures)
        work.report(0.1, f"{measured + failed} of {len(due)} thumbnails")
        if len(failures) == len(looked) and all(each.may_pass for each in failures):
            note = f"nobody could be reached: {failures[0].reason}"
            break
    with work.begin() as uow:
        return Report(measured, failed, uow.thumbnails.count_due(now=now), note)


def _note(platforms: Platforms) -> str | None:
    return None if platforms.thumbnails else platforms.lacking.get("thumbnails", "this deployment fetches no thumbnails")


def _looked(reader: ReadsThumbnails | None, due: Sequence[DueThumbnail]) -> Iterator[list[Looked]]:
    """A few at once, in batches: each is kept before the next is asked for."""
    if reader is None:
        return
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="thumbnails") as threads:
        for first in range(0, len(due), BATCH):
            batch = due[first : first + BATCH]
            yield list(zip(batch, threads.map(partial(_look, reader), batch), strict=True))


def _look(reader: ReadsThumbnails, due: DueThumbnail) -> Picture | Failure:
    try:
        return reader.read(due.url)
    except SourceFailed as error:
        return Failure(str(error), may_pass=isinstance(error, SourceUnavailable))
