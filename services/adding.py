"""Adding links: read side by side, kept one after the other, told per link what came of it. A bad one never stops the rest.

A call of a few links waits for it, a run does more; both work off what is written down (`store.scrapes`), so either goes on where the
other, or an earlier attempt, was broken off. What is asked of the platforms at once is planned in `domain.adding`.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

from domain.adding import MOST, Errands, Wanted, is_named_by, planned, told
from domain.errors import Conflict, FailureCategory, FieldProblem, SourceRefused, Unacceptable, WhyralError
from domain.observations import Observed, Selection
from domain.ports import Platforms
from domain.requests import Request
from domain.sources import AccountRead, PostsRead
from services.adding_reads import Read, done, failure, fetched, understood
from services.fetching import Fetching
from services.keeping import keep, keep_account
from services.library import renew_aggregates
from services.live_reads import ANSWERS
from store.ids import new_id
from store.scrapes import ScrapedUrl
from store.work import UnitOfWork

THREADS = 5
# How old an answer may be that somebody else's call brought.
MAX_AGE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Adding:
    """What it takes to add: where rows are kept, who reads, and what is told meanwhile."""

    begin: Callable[[], AbstractContextManager[UnitOfWork]]
    ensure_months: Callable[[set[str]], None]
    fetching: Fetching
    platforms: Platforms
    report: Callable[[float, str], None] | None = None
    # Told of each reading that goes on after the time is over.
    outlives: Callable[[Future[Any]], None] | None = None


def check(urls: Sequence[str]) -> list[str]:
    """The links to add, each once. Raises Unacceptable for none or too many."""
    once = list(dict.fromkeys(url.strip() for url in urls))
    if not 1 <= len(once) <= MOST:
        raise Unacceptable(f"{len(once)} links cannot be added at once", (FieldProblem("/urls", f"give 1 to {MOST} links"),))
    return once


def take_in(uow: UnitOfWork, scrape_id: UUID, urls: Sequence[str], *, collection_id: UUID | None, now: datetime) -> None:
    """Write the links down and count them. Raises NotFound, LimitReached, Conflict for links that were written down before."""
    if collection_id is not None:
        uow.collections.get(collection_id)
    uow.usage.take("urls_per_day", len(urls), operation=_operation(scrape_id), now=now)
    if not uow.scrapes.add(scrape_id, urls, collection_id=collection_id, user_id=uow.user_id):
        raise Conflict(f"links {scrape_id}: they are being added by another call")


def ask(uow: UnitOfWork, scrape_id: UUID) -> Request:
    """Have a run add what still waits of them."""
    request = uow.requests.ask(
        request_id=new_id(), kind="add_urls", subject=f"urls:{scrape_id}", params={"scrape_id": str(scrape_id)}, user_id=uow.user_id
    )
    uow.scrapes.hand_over(scrape_id, request.request_id)
    uow.usage.leave_to(_operation(scrape_id), request.request_id)
    return request


def add(adding: Adding, scrape_id: UUID, *, seconds: float | None = None) -> bool:
    """Add what waits, for so many seconds at most. Returns whether nothing waits any more."""
    until = monotonic() + seconds if seconds is not None else None
    with adding.begin() as uow:
        waiting, collection_id = uow.scrapes.urls(scrape_id, outcome="waiting", limit=MOST), uow.scrapes.get(scrape_id).collection_id
    run = _Run(adding, collection_id, {each.line: each for each in waiting})
    threads = ThreadPoolExecutor(THREADS, thread_name_prefix="add")
    try:
        wanted = run.understood(threads, until)
        run.fetch(threads, planned(wanted), until)
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
    return run.finish(scrape_id)


class _Run:
    """One pass over the links that wait."""

    def __init__(self, adding: Adding, collection_id: UUID | None, waiting: Mapping[int, ScrapedUrl]) -> None:
        self._adding, self._collection_id, self._waiting = adding, collection_id, dict(waiting)
        self._all, self._touched = len(waiting), set[UUID]()

    def understood(self, threads: ThreadPoolExecutor, until: float | None) -> list[Wanted]:
        """What the links name; a short one is asked where it leads."""
        reading = {threads.submit(understood, self._adding.platforms, each.url): line for line, each in self._waiting.items()}
        wanted = []
        for future in done(reading, until, late=self._late):
            line, error = reading[future], failure(future)
            if error is None:
                wanted.append(Wanted(line, future.result()))
            else:
                self._tell([self._failed(line, error)])
        return sorted(wanted, key=lambda each: each.line)

    def fetch(self, threads: ThreadPoolExecutor, errands: Sequence[Errands], until: float | None) -> None:
        reading = {threads.submit(fetched, self._adding.fetching, each): each for each in errands}
        for future in done(reading, until, late=self._late):
            asked, error = reading[future], failure(future)
            if error is None:
                self._keep(asked, future.result())
            else:
                self._tell([self._failed(each.line, error) for each in asked.wanted])
            if self._adding.report is not None:
                ended = self._all - len(self._waiting)
                self._adding.report(ended / self._all, f"{ended} of {self._all} links")

    def _late(self, future: Future[Any]) -> None:
        """What comes too late is written for the next who asks."""
        if self._adding.outlives is not None:
            self._adding.outlives(future)
        future.add_done_callback(lambda _: self._adding.fetching.flush())

    def finish(self, scrape_id: UUID) -> bool:
        """Fresh totals of the accounts, also where some links still wait."""
        with self._adding.begin() as uow:
            if self._touched:
                renew_aggregates(uow, now=datetime.now(UTC), only=sorted(self._touched))
            if not self._waiting:
                uow.scrapes.finish(scrape_id)
                uow.usage.give_back(_operation(scrape_id))  # what no platform answered for
        return not self._waiting

    def _keep(self, asked: Errands, read: Read) -> None:
        """In one transaction: what came back, and what came of each link."""
        self._adding.fetching.flush()  # whatever happens next, it is not fetched again
        self._adding.ensure_months({f"{seen.observed_at:%Y-%m}" for seen in read.posts})
        try:
            with self._adding.begin() as uow:
                results = self._kept_account(uow, asked, read) if isinstance(read, AccountRead) else self._kept_posts(uow, asked, read)
                self._write(uow, results)
        except Unacceptable as error:  # what came back cannot be stored
            failed = SourceRefused(asked.platform, str(error), category="parse_error")
            self._tell([self._failed(each.line, failed) for each in asked.wanted])
            return
        self._ended(results)

    def _kept_account(self, uow: UnitOfWork, asked: Errands, read: AccountRead) -> list[ScrapedUrl]:
        known, is_known = _known(uow, asked, read.posts), uow.catalogue.account_ids([read.account])[0] is not None
        account_id = keep_account(uow, read, is_amended=self._adding.platforms.is_amended)
        ids = [video_id for video_id, _ in _known(uow, asked, read.posts).values()]
        if self._collection_id is not None:
            uow.collections.put_accounts(self._collection_id, [account_id])
        outcome = "saved" if len(ids) > len(known) or not is_known else "updated"
        return [
            replace(
                self._waiting[each.line], outcome=outcome, platform=asked.platform.value, account_id=account_id, video_ids=ids,
                new_videos=len(ids) - len(known),
            )
            for each in asked.wanted
        ]  # fmt: skip

    def _kept_posts(self, uow: UnitOfWork, asked: Errands, read: PostsRead) -> list[ScrapedUrl]:
        known = _known(uow, asked, read.posts)
        keep(uow, read.posts, source=read.source, selection=Selection.MANUAL, is_amended=self._adding.platforms.is_amended)
        gone = {str(each.link.external_id): read.gone[each.key] for each in asked.wanted if each.key in read.gone}
        uow.removals.mark(asked.platform, gone, now=read.fetched_at)
        now_known = _known(uow, asked, read.posts)
        return [self._kept_post(each, read, known, now_known) for each in asked.wanted]

    def _kept_post(
        self, each: Wanted, read: PostsRead, known: Mapping[str, tuple[UUID, UUID]], now_known: Mapping[str, tuple[UUID, UUID]]
    ) -> ScrapedUrl:
        found = [seen.video.external_id for seen in read.posts if seen.video and is_named_by(each.link, seen)]
        if not found or found[0] not in now_known:
            category = FailureCategory(read.gone.get(each.key, "not_found"))
            return self._failed(each.line, SourceRefused(each.link.platform, category=category))
        video_id, account_id = now_known[found[0]]
        is_new = found[0] not in known
        return replace(
            self._waiting[each.line], outcome="saved" if is_new else "updated", platform=each.link.platform.value, account_id=account_id,
            video_ids=[video_id], new_videos=int(is_new),
        )  # fmt: skip

    def _failed(self, line: int, error: WhyralError) -> ScrapedUrl:
        category, words = told(error)
        return replace(self._waiting[line], outcome="failed", category=category.value, error=words)

    def _tell(self, results: Sequence[ScrapedUrl]) -> None:
        with self._adding.begin() as uow:
            self._write(uow, results)
        self._ended(results)

    def _write(self, uow: UnitOfWork, results: Sequence[ScrapedUrl]) -> None:
        """Those that a platform answered for count; the others are given back once all is over, or the run ends without success."""
        for each in results:
            uow.scrapes.tell(each)
        answered = [each for each in results if each.category is None or each.category in ANSWERS]
        if answered:
            uow.usage.deliver_part(_operation(answered[0].scrape_id), len(answered), part=str(answered[0].line))
        videos = [video_id for each in results for video_id in each.video_ids]
        if self._collection_id is not None and videos:
            uow.collections.put_videos(self._collection_id, videos)

    def _ended(self, results: Sequence[ScrapedUrl]) -> None:
        """Once it has been committed."""
        for each in results:
            self._waiting.pop(each.line)
        self._touched |= {each.account_id for each in results if each.account_id is not None}


def _operation(scrape_id: UUID) -> str:
    return f"urls:{scrape_id}"


def _known(uow: UnitOfWork, asked: Errands, posts: Sequence[Observed]) -> dict[str, tuple[UUID, UUID]]:
    return uow.videos.of_platform(asked.platform, [seen.video.external_id for seen in posts if seen.video])
