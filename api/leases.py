"""Calls that this worker has taken from the shared counters and not yet spent, and which counters it knows to be full.

A worker asks the database for a block of calls (`Counter.block`), so a large limit costs a statement in a hundred calls and a small one
is exact to the call. What is full is remembered until its window ends: somebody refused costs no statement. Times are this
process's own clock, taken before the database was asked, so that no lease outlives its window.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.limits import Counter
from store.call_counts import Taken

# Beyond so many subjects the worker forgets what it holds: those calls are lost to their windows, never given twice.
MOST = 20_000


@dataclass(slots=True)
class Lease:
    """`left` calls of this worker's; `used` by all workers when it last asked."""

    left: int
    used: int
    ends: float
    is_full: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """How a caller stands on one counter after a call."""

    counter: Counter
    remaining: int
    seconds: float


class Leases:
    """Of one worker; used from its event loop only."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._held = clock, dict[tuple[str, int], Lease]()

    def now(self) -> float:
        return self._clock()

    def full(self, counters: Sequence[Counter]) -> Standing | None:
        """The counter that is known to be full for longest."""
        now = self._clock()
        held = [(each, lease) for each in counters if (lease := self._live(each, now)) and lease.is_full and not lease.left]
        if not held:
            return None
        counter, lease = max(held, key=lambda pair: pair[1].ends)
        return Standing(counter, 0, lease.ends - now)

    def spend(self, counters: Sequence[Counter]) -> list[Counter]:
        """Take one call from each counter that has some here; returns those that have none."""
        now, lacking = self._clock(), list[Counter]()
        for each in counters:
            lease = self._live(each, now)
            if lease is None or lease.left == 0:
                lacking.append(each)
            else:
                lease.left -= 1
        return lacking

    def give_back(self, counters: Sequence[Counter]) -> None:
        """The call was refused after all."""
        now = self._clock()
        for each in counters:
            lease = self._live(each, now)
            if lease is not None:
                lease.left += 1

    def learn(self, taken: Sequence[Taken], asked_at: float) -> None:
        """What the database said; one call of each grant is spent already, by the call that asked."""
        self._make_room(len(taken))
        for each in taken:
            ends, left, used = asked_at + each.left_seconds, max(0, each.granted - 1), each.used
            lease = self._held.get(_key(each.counter))
            if lease is not None and lease.ends - ends > each.counter.seconds / 2:
                continue  # it comes late: a newer window has begun
            if lease is not None and ends - lease.ends <= each.counter.seconds / 2:
                left, ends, used = left + lease.left, max(ends, lease.ends), max(used, lease.used)
            self._held[_key(each.counter)] = Lease(left, used, ends, each.is_full)

    def standing(self, counters: Sequence[Counter]) -> Standing | None:
        """The counter of which the smallest share is left; calls that other workers hold count as used."""
        now = self._clock()
        found = [
            Standing(each, each.limit - lease.used + lease.left, max(0.0, lease.ends - now))
            for each in counters
            if (lease := self._live(each, now)) is not None
        ]
        return min(found, key=lambda each: each.remaining / each.counter.limit, default=None)

    def _live(self, counter: Counter, now: float) -> Lease | None:
        lease = self._held.get(_key(counter))
        return lease if lease is not None and lease.ends > now else None

    def _make_room(self, wanted: int) -> None:
        if len(self._held) + wanted <= MOST:
            return
        now = self._clock()
        self._held = {key: lease for key, lease in self._held.items() if lease.ends > now}
        if len(self._held) + wanted > MOST:
            self._held.clear()


def _key(counter: Counter) -> tuple[str, int]:
    return counter.subject, counter.seconds
