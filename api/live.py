"""Who follows what: one LISTEN connection per process (`store.notifications`), any number of followers, ids only."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from store.notifications import Listener

Subject = tuple[UUID, UUID]


class Changes:
    """Wakes its follower when its subject changed."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def wake(self) -> None:
        self._event.set()

    async def wait(self, seconds: float) -> bool:
        """True when something changed, False when the time passed quietly."""
        try:
            await asyncio.wait_for(self._event.wait(), seconds)
        except TimeoutError:
            return False
        self._event.clear()
        return True


class Live:
    """Fans notifications out to followers. After a lost connection everybody looks again."""

    def __init__(self, url: str, *, ping_seconds: float = 15) -> None:
        self.ping_seconds = ping_seconds
        self._followers: dict[Subject, set[Changes]] = defaultdict(set)
        self._listener = Listener(url, self._heard)
        self._loop: asyncio.AbstractEventLoop | None = None

    async def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._listener.start()

    @property
    def followers(self) -> int:
        """How many follow something at the moment."""
        return sum(len(some) for some in self._followers.values())

    async def stop(self) -> None:
        await asyncio.to_thread(self._listener.stop)

    @contextmanager
    def follow(self, subject: Subject) -> Iterator[Changes]:
        changes = Changes()
        self._followers[subject].add(changes)
        try:
            yield changes
        finally:
            self._followers[subject].discard(changes)
            if not self._followers[subject]:
                del self._followers[subject]

    def _heard(self, subject: Subject | None) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake, subject)

    def _wake(self, subject: Subject | None) -> None:
        woken = self._followers.get(subject, set()) if subject else {each for some in self._followers.values() for each in some}
        for changes in woken:
            changes.wake()
