"""What a run's calls leave behind: kept answers, the log, the health of sources. Buffered, and written in a few statements.

What was paid for is written at once; the rest with the account that it was fetched for (`flush`). Nothing here calls anybody.
"""

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias
from uuid import UUID

from domain import health, prices, quota, sharing
from domain.errors import SourceFailed, SourceUnavailable
from domain.health import Health
from domain.money import Purpose
from domain.sources import Answer, Ask, Call, SourceName
from domain.usage import utc_day
from store.fetches import FoundAnswer, KeptAnswer, mark, packed
from store.ids import new_id
from store.work import UnitOfWork

Begin: TypeAlias = Callable[[], AbstractContextManager[UnitOfWork]]
# How long answers are kept: for others to use, and, where they were paid for, for the same request to find again.
KEPT, KEPT_PAID = timedelta(hours=1), timedelta(days=1)
# What is buffered may be found again by the next try, however fresh it is wanted.
BUFFERED = timedelta(minutes=1)
# The health of a source is looked up again after so long; its own failures are known at once.
HEALTH_SECONDS = 5
# The first questions of a run are looked up one by one; from then on it knows by heart what others have asked, as of so long ago.
LOOKED_UP, MARKS_AGE = 8, timedelta(seconds=5)
_ASKED = tuple[str, str, str]


class Resting(SourceUnavailable):
    """The source has failed so often that nobody asks it for a while."""


@dataclass
class Records:
    """Shared by the threads of one run."""

    begin: Begin
    max_age: timedelta
    request_id: UUID | None
    project: str
    now: Callable[[], datetime]
    answered: Counter[SourceName] = field(default_factory=Counter)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _answers: dict[_ASKED, KeptAnswer] = field(default_factory=dict)
    _calls: list[Call] = field(default_factory=list)
    _went_well: Counter[SourceName] = field(default_factory=Counter)
    _health: dict[SourceName, tuple[datetime, Health]] = field(default_factory=dict)
    _looked: Counter[SourceName] = field(default_factory=Counter)
    _marks: dict[SourceName, tuple[datetime, set[int] | None]] = field(default_factory=dict)

    def find(self, ask: Ask, *, resume: UUID | None = None) -> Answer | None:
        """The answer that is buffered or in the cache. One that another workspace's call brought is charged like a call, once."""
        moment = self.now()
        requests = [self.request_id, *([resume] if ask.is_durable else [])]
        with self._lock:
            mine = self._answers.get(_key(ask))
        if mine is not None and moment - mine.fetched_at <= max(self.max_age, BUFFERED):
            return mine.answer
        if not ask.is_durable and self._is_unknown(ask, moment):
            return None
        with self.begin() as uow:
            found = uow.fetches.find(ask, oldest=moment - self.max_age, now=moment, requests=requests)
            if found is None:
                return None
            if found.is_first:
                self._charge(uow, ask, found, moment)
        self.log(Call(ask.source, ask.operation, "cached", found.status, moment, 0, ask.bucket, found.units))
        return Answer(found.payload, found.status, found.units, self._told(found, moment))

    def _is_unknown(self, ask: Ask, moment: datetime) -> bool:
        """Whether nobody has an answer, as far as was known a moment ago: a run asks thousands of things that nobody has asked.

        One that comes meanwhile is asked for twice, as it is where two workspaces ask at the same moment. What was paid for is looked up.
        """
        with self._lock:
            self._looked[ask.source] += 1
            if self._looked[ask.source] <= LOOKED_UP:
                return False
            read_at, marks = self._marks.get(ask.source, (None, None))
            if read_at is None or moment - read_at > MARKS_AGE:
                requests = [self.request_id] if read_at is None else []
                with self.begin() as uow:
                    fresh = uow.fetches.fresh(ask.source, oldest=moment - self.max_age, now=moment, requests=requests)
                marks = None if fresh is None else set(fresh) | (marks or set())
                self._marks[ask.source] = (moment, marks)
            return marks is not None and mark(ask) not in marks

    def _told(self, found: FoundAnswer, moment: datetime) -> datetime:
        """When it was fetched. Of others' calls only the window is told, by its end: so no moment lies before one that was told earlier."""
        if found.is_mine:
            return found.fetched_at
        window = self.max_age.total_seconds()
        ends = -(-found.fetched_at.timestamp() // window) * window if window else found.fetched_at.timestamp()
        return min(moment, datetime.fromtimestamp(ends, tz=moment.tzinfo))

    def _charge(self, uow: UnitOfWork, ask: Ask, found: FoundAnswer, moment: datetime) -> None:
        if ask.bucket is not None and ask.bucket in quota.LIMITS and found.units:
            uow.quotas.charge((self.project, ask.bucket.value, quota.resets_at(moment)), found.units)
        usd = prices.cost_usd(ask.bucket, found.units, on=utc_day(moment))
        if usd:
            operation = operation_of(found.answer_id)
            purpose = Purpose(service=ask.source.value, request_id=self.request_id)
            uow.ledger.reserve(operation, ask.source.value, usd, now=moment, expires_at=moment + sharing.HELD, purpose=purpose)
            uow.ledger.commit(operation, usd)

    def keep(self, ask: Ask, answer: Answer, answer_id: UUID, *, uow: UnitOfWork | None = None) -> None:
        """Keep an answer that others may use too: at once in the given transaction, else with the next flush."""
        if not (ask.is_public and ask.is_kept and answer.fetched_at):
            return
        until = answer.fetched_at + (KEPT_PAID if ask.is_durable else max(KEPT, self.max_age))
        kept = KeptAnswer(answer_id, ask, answer, answer.fetched_at, until, packed(answer.payload))
        if uow is not None:
            uow.fetches.put([kept], request_id=self.request_id)
            return
        with self._lock:
            self._answers[_key(ask)] = kept

    def discard(self, asked: Sequence[Ask]) -> None:
        """Forget answers that are buffered."""
        with self._lock:
            for ask in asked:
                self._answers.pop(_key(ask), None)

    def log(self, call: Call) -> None:
        with self._lock:
            self._calls.append(call)
            if call.outcome == "ok":
                self.answered[call.source] += 1

    def check(self, source: SourceName) -> None:
        """Raises Resting while the source's breaker is open; after its rest one try is let through."""
        moment = self.now()
        with self._lock:
            known = self._health.get(source)
        if known is not None and known[1].open_until is None and moment - known[0] < timedelta(seconds=HEALTH_SECONDS):
            return
        with self.begin() as uow:
            found = uow.sources.get(source)
            probe = health.probing(found, moment)
            if probe is not None:
                uow.sources.put(probe)
        with self._lock:
            self._health[source] = (moment, found)
        if found.state(moment) == "open" and found.open_until is not None:
            wait = (found.open_until - moment).total_seconds()
            raise Resting(source, "it failed several times in a row and rests", category="network", retry_after_seconds=wait)

    def went_well(self, source: SourceName) -> None:
        """A read came back. It closes a breaker at once, else it is written with the next flush."""
        with self._lock:
            self._went_well[source] += 1
            known = self._health.get(source)
        if known is not None and (known[1].open_until is not None or known[1].consecutive_failures):
            self._write_health(source, lambda found: found)

    def went_wrong(self, error: SourceFailed, source: SourceName) -> None:
        """A read failed. Only what is the source's own fault counts."""
        if error.category not in health.SOURCE_FAULTS:
            return
        after = timedelta(seconds=error.retry_after_seconds) if error.retry_after_seconds else None
        self._write_health(source, lambda found: health.after_failure(found, error.category, self.now(), retry_after=after))

    def _write_health(self, source: SourceName, change: Callable[[Health], Health]) -> None:
        with self._lock:
            times = self._went_well.pop(source, 0)
        with self.begin() as uow:
            found = uow.sources.get(source)
            found = change(health.after_success(found, self.now(), times=times) if times else found)
            uow.sources.put(found)
        with self._lock:
            self._health[source] = (self.now(), found)

    def flush(self) -> None:
        """Write what is buffered."""
        with self._lock:
            answers, calls, well = list(self._answers.values()), self._calls, self._went_well
            self._answers, self._calls, self._went_well = {}, [], Counter()
            for each in answers:  # found again, until it is too old
                known = self._marks.get(each.ask.source, (None, None))[1]
                if known is not None:
                    known.add(mark(each.ask))
        if not (answers or calls or well):
            return
        with self.begin() as uow:
            uow.fetches.put(answers, request_id=self.request_id)
            uow.fetches.log(calls, request_id=self.request_id)
            for source in sorted(well):
                uow.sources.put(health.after_success(uow.sources.get(source), self.now(), times=well[source]))

    def told(self) -> Mapping[str, int]:
        """How many calls each source answered."""
        return {source.value: count for source, count in sorted(self.answered.items())}


def operation_of(answer_id: UUID) -> str:
    """What the ledger knows an answer by: each workspace pays for it once."""
    return f"fetch:{answer_id}"


def new_answer_id() -> UUID:
    return new_id()


def _key(ask: Ask) -> _ASKED:
    return ask.source, ask.operation, ask.key
