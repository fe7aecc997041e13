"""What a run may still spend of a project's quotas. Units are taken in blocks before they are spent, and what is left is given back.

A run that is killed leaves its block counted as spent: a quota is never believed to hold more than it does.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from domain import quota, sharing
from domain.errors import LimitReached
from domain.sources import Bucket
from services.records import Begin


@dataclass
class _Held:
    resets_at: datetime
    units: int


@dataclass
class Allowances:
    """Shared by the threads of one run."""

    begin: Begin
    project: str
    now: Callable[[], datetime]
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _held: dict[Bucket, _Held] = field(default_factory=dict)

    def take(self, bucket: Bucket, units: int) -> datetime:
        """Plan a call that costs so much. Returns the end of the quota's day. Raises LimitReached, which says when there is more."""
        with self._lock:
            held = self._current(bucket)
            if held.units < units:
                held.units += self._granted(bucket, units - held.units, held.resets_at)
            held.units -= units
            return held.resets_at

    def settle(self, bucket: Bucket, resets_at: datetime, *, planned: int, spent: int) -> None:
        """What the call did cost. A day that is over by now is settled there."""
        if planned == spent:
            return
        with self._lock:
            held = self._held.get(bucket)
            if held is not None and held.resets_at == resets_at:
                held.units += planned - spent
                return
        self._give_back(bucket, resets_at, planned - spent)

    def exhausted(self, bucket: Bucket) -> LimitReached:
        """The provider says that nothing is left: believe it until the quota's day is over."""
        moment, most = self.now(), quota.LIMITS[bucket]
        ends = quota.resets_at(moment)
        with self._lock:
            self._held.pop(bucket, None)
        with self.begin() as uow:
            uow.quotas.exhaust((self.project, bucket.value, ends), most)
        return LimitReached(words_of(bucket), most, most, ends)

    def close(self) -> None:
        """Give back what was not needed."""
        with self._lock:
            rest, self._held = self._held, {}
        for bucket, held in rest.items():
            if held.units:
                self._give_back(bucket, held.resets_at, held.units)

    def _current(self, bucket: Bucket) -> _Held:
        """The day's block. At the end of the quota's day a new one is begun, and what is left of the old one goes back to its own day."""
        ends = quota.resets_at(self.now())
        held = self._held.get(bucket)
        if held is not None and held.resets_at != ends:
            self._give_back(bucket, held.resets_at, held.units)
            held = None
        if held is None:
            held = self._held[bucket] = _Held(ends, 0)
        return held

    def _granted(self, bucket: Bucket, units: int, ends: datetime) -> int:
        moment, most = self.now(), quota.LIMITS[bucket]
        with self.begin() as uow:
            found = uow.quotas.take(
                (self.project, bucket.value, ends), most=most, left=sharing.left_of_day(moment, ends),
                platform=sharing.PLATFORMS[bucket].value, units=units, block=sharing.BLOCKS.get(bucket, 1),
            )  # fmt: skip
        if not found.granted:
            raise LimitReached(words_of(bucket), most, most - found.available, ends)
        return found.granted

    def _give_back(self, bucket: Bucket, ends: datetime, units: int) -> None:
        with self.begin() as uow:
            uow.quotas.give_back((self.project, bucket.value, ends), units)


def words_of(bucket: Bucket) -> str:
    return f"quota {bucket.value}"
