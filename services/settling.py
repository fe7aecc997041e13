"""What became of accounts that were read: their posts are kept, their trackings say what is next. One transaction for a few."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from domain.errors import FailureCategory, LimitReached, SourceFailed, Unacceptable, WhyralError
from domain.observations import Observed, Selection
from domain.tracking import Cadence, Tracking, TrackingState, Watched, complete_after, failed, next_run, paused, postponed, succeeded
from domain.tracking_words import EMPTY, in_words
from services.keeping import keep, keep_accounts, mark_gone
from services.reading import Item, Reading
from services.work import Work
from store.work import UnitOfWork


@dataclass(slots=True)
class Tally:
    """What a run came to. `stopped`: why it read no further, and until when."""

    total: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    posts: int = 0
    new: int = 0
    gone: int = 0
    postponed: int = 0
    pushes: int = 0
    touched: set[UUID] = field(default_factory=set)
    answered: dict[str, int] = field(default_factory=dict)
    stopped: tuple[FailureCategory, str, datetime] | None = None

    @property
    def done(self) -> int:
        return self.outcomes.total()


@dataclass(frozen=True, slots=True)
class Ended:
    """An account that was read, or why it was not. `until`: nobody could be asked, and not before then."""

    item: Item
    reading: Reading | None = None
    error: WhyralError | None = None
    until: datetime | None = None

    @property
    def months(self) -> set[str]:
        return {f"{seen.observed_at:%Y-%m}" for seen in self.observed}

    @property
    def observed(self) -> tuple[Observed, ...]:
        if self.reading is None:
            return ()
        return (*self.reading.account.posts, *(self.reading.older.posts if self.reading.older else ()))


@dataclass(frozen=True, slots=True)
class Settling:
    """With what a run settles: one thread does it."""

    work: Work
    tally: Tally
    cadence: Cadence
    now: Callable[[], datetime]
    is_amended: bool

    def settle(self, ended: Sequence[Ended]) -> None:
        """Keep a few accounts at once. Where one of them cannot be stored, each is kept alone, and that one has failed."""
        try:
            with self.work.begin() as uow:
                counted = self._kept(uow, ended)
        except (Unacceptable, UnicodeEncodeError):  # the latter: half of a character, which JSON may hold and text may not
            unstorable = Unacceptable("the answer has text that cannot be stored")
            for each in ended:
                self.settle([each if len(ended) > 1 else Ended(each.item, error=unstorable)])
            return
        self._count(ended, *counted)

    def _kept(self, uow: UnitOfWork, ended: Sequence[Ended]) -> tuple[dict[UUID, int], int]:
        """In the open transaction. Returns the accounts with how many of their rows were new, and how many posts are gone."""
        followed = [each.item.followed.account_id for each in ended if each.item.followed.tracking is not None]
        states = uow.trackings.states(followed)
        good = [(each, each.reading) for each in ended if each.reading is not None]
        kept = keep_accounts(uow, [reading.account for _, reading in good], is_amended=self.is_amended)
        new = dict(kept)
        gone = sum(self._older(uow, each.item, reading) for each, reading in good)
        posts = uow.trackings.watched(list(new))
        settled = [(each, self._succeeded(uow, each.item, reading, account_id, posts[account_id]))
                   for (each, reading), (account_id, _) in zip(good, kept, strict=True)]  # fmt: skip
        settled += [(each, self._failed(each)) for each in ended if each.error is not None]
        uow.trackings.put(list(_still_wanted(settled, states)))
        return new, gone

    def _count(self, ended: Sequence[Ended], new: dict[UUID, int], gone: int) -> None:
        """Once it has been committed."""
        self.tally.outcomes.update(_outcome(each) for each in ended)
        self.tally.touched.update(new)
        self.tally.new += sum(new.values())
        self.tally.posts += sum(len(each.observed) for each in ended)
        self.tally.gone += gone

    def _older(self, uow: UnitOfWork, item: Item, reading: Reading) -> int:
        """Posts that were read by name. They were part of a census once, or they were not: this read says nothing about that."""
        if reading.older is not None and reading.older.posts:
            keep(uow, reading.older.posts, source=reading.older.source, selection=Selection.MANUAL, is_amended=self.is_amended)
        return mark_gone(uow, item.followed.target.platform, reading.gone, now=self.now())

    def _succeeded(self, uow: UnitOfWork, item: Item, reading: Reading, account_id: UUID, posts: Sequence[Watched]) -> Tracking | None:
        before, moment = item.followed.tracking, self.now()
        if before is None:
            return None
        if account_id != before.account_id:  # known by its handle so far; now its id says who it is
            uow.trackings.forget(before.account_id)
        newest = max((post.posted_at for post in posts), default=before.watermark)
        hastening = [post for post in posts if post.external_id not in reading.put_off]
        wanted = next_run(hastening, self.cadence, key=str(account_id), last_run_at=moment, now=moment, is_pushed=before.is_pushed)
        done = succeeded(before, wanted, request_id=self.work.request.request_id, source=reading.account.source.value, now=moment)
        return replace(
            done, account_id=account_id, watermark=newest, complete_since=complete_after(before, reading.account.complete_since),
            floor_seconds=int(self.cadence.floor.total_seconds()),
        )  # fmt: skip

    def _failed(self, ended: Ended) -> Tracking | None:
        before, error, request_id = ended.item.followed.tracking, ended.error, self.work.request.request_id
        if before is None or error is None:
            return None
        category, words = category_of(error), words_of(error)
        if ended.until is not None:
            return postponed(before, category, words, until=ended.until, request_id=request_id)
        after = error.retry_after_seconds if isinstance(error, SourceFailed) else None
        not_before = self.now() + timedelta(seconds=after) if after else None
        return failed(before, category, words, now=self.now(), request_id=request_id, not_before=not_before)


def _still_wanted(settled: Iterable[tuple[Ended, Tracking | None]], states: Mapping[UUID, TrackingState]) -> Iterator[Tracking]:
    """Those that are still followed: one may have been given up, or paused, while it was read."""
    for each, tracking in settled:
        state = states.get(each.item.followed.account_id)
        if tracking is not None and state is not None:
            yield paused(tracking) if state is TrackingState.PAUSED else tracking


def category_of(error: WhyralError) -> FailureCategory:
    if isinstance(error, SourceFailed):
        return error.category
    return FailureCategory.PARSE_ERROR if isinstance(error, Unacceptable) else FailureCategory.QUOTA


def words_of(error: WhyralError) -> str:
    """For people; what the outside world said is for operators."""
    if EMPTY in str(error):
        return EMPTY
    if isinstance(error, LimitReached) and error.resets_at:
        return in_words(FailureCategory.QUOTA, f"it is full again at {error.resets_at:%Y-%m-%d %H:%M} UTC")
    return in_words(category_of(error))


def _outcome(ended: Ended) -> str:
    if ended.error is None:
        return "ok"
    if EMPTY in str(ended.error):
        return "empty"
    return "postponed" if ended.until is not None else category_of(ended.error).value
