"""The sandbox's clock: real time, moved by as much as somebody says."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class Clock:
    """Tells the world's time. It can be moved, and frozen for tests."""

    def __init__(self, *, frozen_at: datetime | None = None, real: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._real, self._frozen, self._shift = real, frozen_at, timedelta()

    def now(self) -> datetime:
        return (self._frozen or self._real()) + self._shift

    def advance(self, by: timedelta) -> datetime:
        self._shift += by
        return self.now()
