"""Reading what is due of one platform: fetched by a few threads, kept by one, an account at a time or a few that are ready together.

An account that fails says so on its tracking and holds up no other. What the request has finished is not read again, whatever happens to
the run; what it has paid for is found again. Nothing is held for longer than an account takes: memory does not grow with their number.
"""

import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from uuid import UUID

from domain.errors import FailureCategory, LimitReached, PaymentNeeded, Refused, SourceFailed, SourceRefused, WhyralError
from domain.observations import Platform
from domain.ports import Platforms
from domain.tracking import cadence_of
from services.fetching import Fetching
from services.library import renew_aggregates
from services.pushes import subscribe
from services.reading import Item, Reading, read
from services.records import Resting
from services.settling import Ended, Settling, Tally, category_of, words_of
from services.tracking import ask_insights
from services.work import Work
from store.trackings import Followed
from store.work import UnitOfWork

# So many accounts are read at once; browsers and paid providers bear less than an API.
CONCURRENCY = {Platform.TIKTOK: 2, Platform.YOUTUBE: 8, Platform.INSTAGRAM: 4, Platform.X: 4}
# What is ready a moment later is kept together: a batch has the same forty statements, whatever its size. The threads go on meanwhile.
GATHER_SECONDS = 0.1
# How old an answer may be that somebody else's call brought.
MAX_AGE = timedelta(minutes=10)
# Nobody else reads an account for so long after it was begun.
READING = timedelta(minutes=10)
# Where a quota is used up, more of it may be free in a while: what others do not need is released as the day passes.
QUOTA_PAUSE, OPERATORS_PAUSE, SPREAD = timedelta(hours=1), timedelta(hours=6), timedelta(minutes=20)


def _utc() -> datetime:
    return datetime.now(UTC)


def refresh(
    work: Work, platforms: Platforms, platform: Platform, *, account_ids: Sequence[UUID] | None = None, now: Callable[[], datetime] = _utc,
    pause: Callable[[float], None] = time.sleep,
) -> Tally:  # fmt: skip
    """Read the named accounts of the platform, or all that are due. Raises only what keeps the whole of it from being done."""
    fetching = Fetching(
        work.tidying, platforms, tenant_id=work.tenant_id, max_age=MAX_AGE, request_id=work.request.request_id, now=now, pause=pause
    )
    run = _Run(work, fetching, platform, platforms, now)
    try:
        run.work_through(account_ids)
    finally:
        fetching.close()
    run.finish()
    run.own_up()
    return run.tally


class _Run:
    """One pass over what is due."""

    def __init__(self, work: Work, fetching: Fetching, platform: Platform, platforms: Platforms, now: Callable[[], datetime]) -> None:
        self._work, self._fetching, self._platform, self._platforms, self._now = work, fetching, platform, platforms, now
        self.tally = Tally()
        self._taken: set[UUID] = set()
        self._months: set[str] = set()
        self._bugs: list[BaseException] = []
        with work.begin() as uow:
            self._cadence = cadence_of(uow.trackings.plan())
        self._settling = Settling(work, self.tally, self._cadence, now, platforms.is_amended)

    def work_through(self, account_ids: Sequence[UUID] | None) -> None:
        count = CONCURRENCY[self._platform]
        threads = ThreadPoolExecutor(count, thread_name_prefix=f"read-{self._platform.value}")
        try:
            items = self._named(account_ids, 4 * count) if account_ids else self._due(4 * count)
            for batch in completed(threads, self._read, items, 4 * count):
                self._end(batch)
        finally:
            threads.shutdown(cancel_futures=True)
        if self.tally.stopped is not None and not account_ids:
            self._postpone(*self.tally.stopped)

    def finish(self) -> None:
        """Fresh totals of what changed; scores and effects follow where something new came. Feeds that push are asked for."""
        tally, moment = self.tally, self._now()
        tally.answered = dict(self._fetching.records.told())
        if not tally.touched:
            return
        with self._work.begin() as uow:
            renew_aggregates(uow, now=moment, only=sorted(tally.touched))
            if tally.new:
                ask_insights(uow, now=moment)
        if self._platform is Platform.YOUTUBE:
            tally.pushes = subscribe(self._work, self._platforms, tally.touched, now=moment)

    def own_up(self) -> None:
        """A mistake of ours fails the run, once what went well has been brought to its end."""
        if self._bugs:
            raise self._bugs[0]

    def _read(self, item: Item) -> Reading:
        return read(self._fetching, item, self._cadence, now=self._now())

    def _due(self, chunk: int) -> Iterator[Item]:
        moment = self._now()
        with self._work.begin() as uow:
            self.tally.total = uow.trackings.count_due(self._platform.value, now=moment)
        while self.tally.stopped is None:
            with self._work.begin() as uow:
                found = uow.trackings.begin_due(
                    self._platform.value, now=moment, until=self._now() + READING, request_id=self._work.request.request_id, limit=chunk,
                    taken=sorted(self._taken),
                )  # fmt: skip
                items = self._items(uow, found)
            if not items:
                return
            yield from items

    def _named(self, account_ids: Sequence[UUID], chunk: int) -> Iterator[Item]:
        self.tally.total = len(account_ids)
        for first in range(0, len(account_ids), chunk):
            if self.tally.stopped is not None:
                return
            with self._work.begin() as uow:
                moment = self._now()
                found = uow.trackings.begin(
                    account_ids[first : first + chunk], self._platform.value, now=moment, until=moment + READING,
                    request_id=self._work.request.request_id,
                )  # fmt: skip
                items = self._items(uow, found)
            yield from items

    def _items(self, uow: UnitOfWork, found: Sequence[Followed]) -> list[Item]:
        known = uow.trackings.watched([each.account_id for each in found])
        self._taken.update(each.account_id for each in found)
        return [Item(each, known[each.account_id]) for each in found]

    def _end(self, batch: Sequence[tuple[Item, "Future[Reading]"]]) -> None:
        """Keep what came back, note what did not. What was fetched is written first: whatever happens next, it is not fetched again."""
        ended = [self._ended(item, future) for item, future in batch]
        self._fetching.flush()
        months = {month for each in ended for month in each.months}
        self._work.ensure_months(months - self._months)
        self._months |= months
        self._settling.settle(ended)
        self._taken -= {item.followed.account_id for item, _ in batch}
        done, total = self.tally.done, max(self.tally.total, self.tally.done)
        self._work.report(done / max(1, total), f"{self._platform.value}: {done} of {total} accounts")

    def _ended(self, item: Item, future: "Future[Reading]") -> Ended:
        error = future.exception()
        if error is None:
            return Ended(item, reading=future.result())
        if not isinstance(error, WhyralError):  # a mistake of ours: this account has failed, and in the end so has the run
            self._bugs.append(error)
            return Ended(item, error=SourceRefused("whyral", "a mistake of ours", category=FailureCategory.UNKNOWN))
        if isinstance(error, SourceFailed) and error.source == "database":
            raise error
        stop = _stops(error, self._now())
        self.tally.stopped = self.tally.stopped or stop
        return Ended(item, error=error, until=stop[2] if stop else None)

    def _postpone(self, category: FailureCategory, words: str, until: datetime) -> None:
        with self._work.begin() as uow:
            self.tally.postponed += uow.trackings.postpone_rest(
                self._platform.value, now=self._now(), until=until, spread=SPREAD, words=(category.value, words)
            )


def _stops(error: WhyralError, now: datetime) -> tuple[FailureCategory, str, datetime] | None:
    """Whether nobody else of the platform could be read either, and until when."""
    if isinstance(error, Resting):
        until = now + timedelta(seconds=error.retry_after_seconds or 60)
    elif isinstance(error, LimitReached):
        until = min(error.resets_at or now + QUOTA_PAUSE, now + QUOTA_PAUSE)
    elif isinstance(error, Refused | PaymentNeeded) or category_of(error) is FailureCategory.NOT_CONFIGURED:
        until = now + OPERATORS_PAUSE
    else:
        return None
    return category_of(error), words_of(error), until


def completed(
    threads: ThreadPoolExecutor, do: Callable[[Item], Reading], items: Iterable[Item], window: int
) -> Iterator[list[tuple[Item, "Future[Reading]"]]]:
    """What has been done, as it is done; never more than a window of items is begun and not yet taken."""
    running: dict[Future[Reading], Item] = {}
    waiting = iter(items)
    while True:
        for item in itertools.islice(waiting, window - len(running)):
            running[threads.submit(do, item)] = item
        if not running:
            return
        wait(running, return_when=FIRST_COMPLETED)
        done, _ = wait(running, timeout=GATHER_SECONDS)
        yield [(running.pop(each), each) for each in done]
