"""How many calls may wait for the outside world at once, so that every other call finds a thread at once.

A live read holds one of the worker's threads for as long as a platform takes. So such calls need a place, and a workspace gets only some of
them. A worker has a thread for each place besides those that all other calls share. Nothing waits in line: a line would hold threads, too.
"""

import os
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any
from uuid import UUID

from domain.errors import LimitReached, SourceUnavailable

MOST, OF_WORKSPACE = 16, 6
# What asyncio itself would have: six on two cores, which six slow reads would hold.
QUICK_THREADS = min(32, (os.cpu_count() or 1) + 4)
# Places come free all the time: who finds none is told to try again after so long.
PAUSE = timedelta(seconds=5)
# Whose places consents take: they come back before a workspace is known.
CONSENTS = UUID(int=0)


class Places:
    """The places of one worker."""

    def __init__(self, most: int = MOST, of_workspace: int = OF_WORKSPACE) -> None:
        self._most, self._of_workspace = most, of_workspace
        self._taken: Counter[UUID] = Counter()
        self._lock = threading.Lock()
        # Told when a place was taken, by the thread that will be busy with it.
        self.takes: Callable[[], None] = lambda: None

    @property
    def threads(self) -> int:
        """How many the worker needs, so that quick calls keep theirs."""
        return QUICK_THREADS + self._most

    def find(self, tenant_id: UUID) -> "Place | None":
        """A place, or None where there is none."""
        with self._lock:
            if self._taken[tenant_id] >= self._of_workspace or self._taken.total() >= self._most:
                return None
            self._taken[tenant_id] += 1
        self.takes()
        return Place(self, tenant_id)

    def take(self, tenant_id: UUID) -> "Place":
        """A place. Raises LimitReached where the workspace has its share, SourceUnavailable where all are taken."""
        place = self.find(tenant_id)
        if place is not None:
            return place
        if self.taken(tenant_id) >= self._of_workspace:
            raise LimitReached("live reads at once", self._of_workspace, self._of_workspace, datetime.now(UTC) + PAUSE)
        raise SourceUnavailable("live reading", f"all {self._most} places are taken")

    def taken(self, tenant_id: UUID) -> int:
        with self._lock:
            return self._taken[tenant_id]

    def leave(self, tenant_id: UUID) -> None:
        with self._lock:
            self._taken[tenant_id] -= 1
            self._taken += Counter()  # names without a place are not kept


class Place:
    """One place: held for the length of a `with`, and on until every future that it was given is done."""

    def __init__(self, places: Places, tenant_id: UUID) -> None:
        self._places, self._tenant_id, self._holders = places, tenant_id, 1
        self._lock = threading.Lock()

    def until(self, future: Future[Any]) -> None:
        """The answer goes out without waiting for this one, but its thread is busy for as long as it runs."""
        with self._lock:
            self._holders += 1
        future.add_done_callback(lambda _: self._let_go())

    def __enter__(self) -> "Place":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._let_go()

    def _let_go(self) -> None:
        with self._lock:
            self._holders -= 1
            is_last = self._holders == 0
        if is_last:
            self._places.leave(self._tenant_id)
