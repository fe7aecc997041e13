"""Links to add: a few while the caller waits, more by a run. What became of each is told either way."""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated, TypeAlias
from uuid import UUID, uuid5

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from api.idempotency import IdempotencyKey, once
from api.launching import launching
from api.places import Place, Places
from api.requests import RequestOut
from api.security import BEARER, known_caller, needs_write
from domain.adding import INLINE, MOST
from domain.errors import Conflict, FieldProblem, Unacceptable
from domain.ports import Platforms, RunLauncher
from domain.requests import Request
from services import adding
from services.adding import MAX_AGE, Adding
from services.fetching import Fetching
from store.database import Database, Entry
from store.idempotency import KEPT
from store.ids import new_id
from store.scrapes import Scrape, ScrapedUrl
from store.trying import Tried, is_trying
from store.work import UnitOfWork

# So long a caller waits; what is not read by then is a run's work.
SECONDS = 20.0
# Reads platforms for a tenant; answers of other tenants' calls may be so old.
Opens: TypeAlias = Callable[[UUID, timedelta], Fetching]


class ScrapeIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Links to videos and profiles on TikTok, YouTube, Instagram and X, short ones too. A profile means its newest posts.

    Everything goes into the default collection, and into `collection_id` if you say one.
    """

    urls: Annotated[list[Annotated[str, msgspec.Meta(max_length=4_000)]], msgspec.Meta(min_length=1, max_length=MOST)]
    collection_id: UUID | None = None


class AddedOut(msgspec.Struct, frozen=True, kw_only=True):
    """A link that was added. `videos` are all that it names, `new_videos` how many of them were not known before."""

    url: str
    platform: str
    account_id: UUID
    videos: list[UUID]
    new_videos: int


class NotAddedOut(msgspec.Struct, frozen=True, kw_only=True):
    """A link that was not added: why, in a word (`category`) and in words (`error`)."""

    url: str
    error: str
    category: str


class ScrapeOut(msgspec.Struct, frozen=True, kw_only=True):
    """What became of each link: `saved` (something was new), `updated` (all of it was known), `errors`, or `waiting` for a run.

    `request` is the run's, where one does the work, or the rest of it.
    """

    scrape_id: UUID
    collection_id: UUID | None
    saved: list[AddedOut]
    updated: list[AddedOut]
    errors: list[NotAddedOut]
    waiting: list[str]
    request: RequestOut | None
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, scrape: Scrape, urls: list[ScrapedUrl], request: Request | None) -> "ScrapeOut":
        return cls(
            scrape_id=scrape.scrape_id, collection_id=scrape.collection_id, saved=_added(urls, "saved"), updated=_added(urls, "updated"),
            errors=[_not_added(each) for each in urls if each.outcome == "failed"],
            waiting=[each.url for each in urls if each.outcome == "waiting"], request=RequestOut.of(request) if request else None,
            created_at=scrape.created_at, finished_at=scrape.finished_at,
        )  # fmt: skip


def _added(urls: list[ScrapedUrl], outcome: str) -> list[AddedOut]:
    return [
        AddedOut(
            url=each.url, platform=each.platform or "", account_id=each.account_id, videos=list(each.video_ids), new_videos=each.new_videos
        )
        for each in urls
        if each.outcome == outcome and each.account_id is not None
    ]


def _not_added(each: ScrapedUrl) -> NotAddedOut:
    return NotAddedOut(url=each.url, error=each.error or "", category=each.category or "unknown")


class ScrapeController(Controller):
    """Links that come in."""

    path = "/scrape"
    tags = ["scraping"]
    guards = [known_caller]
    security = BEARER

    @post("/urls", sync_to_thread=True, status_code=200)
    def add_urls(
        self, data: JSONBody[ScrapeIn], database: NamedDependency[Database], entry: NamedDependency[Entry],
        launcher: NamedDependency[RunLauncher], platforms: NamedDependency[Platforms], opens: NamedDependency[Opens],
        places: NamedDependency[Places], idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:  # fmt: skip
        """Add videos and profiles by their links. Up to 5 are read while you wait; more, slow ones, and what comes while many are
        being read, by a run: 202 with the request.

        One bad link never stops the rest. Ask for the results of a run by `GET /scrape/{scrape_id}`.
        """
        call = _Call(database, entry, data, adding.check(data.urls), idempotency_key)
        answer = call.begun() or call.added(platforms, opens, places)
        return launching(answer, database, launcher, call.asked)

    @get("/{scrape_id:uuid}", sync_to_thread=True)
    def get_scrape(self, scrape_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]) -> ScrapeOut:
        """What became of each link, by the scrape's id or that of its request."""
        with database.begin(entry) as uow:
            return _shown(uow, scrape_id)


class _Call:
    """One call: taken in and counted, read outside any transaction, answered and remembered."""

    def __init__(self, database: Database, entry: Entry, data: ScrapeIn, urls: list[str], key: str | None) -> None:
        self._database, self._entry, self._data, self._key = database, entry, data, key
        self.urls, self.asked, self._scrape_id = urls, list[Request](), new_id()

    def begun(self) -> Response[bytes] | None:
        """Write the links down. Answers where this very call was answered before, and where a run does it all."""
        with self._database.begin(self._entry) as uow:
            needs_write(uow)
            self._tenant_id = uow.tenant_id
            if self._key is not None and uow.idempotency.is_known(self._key):
                return self._once(uow, lambda: _shown(uow, self._scrape_id))
            if len(self.urls) > INLINE:
                return self._once(uow, lambda: self._for_a_run(uow))
            if not self._is_gone_on_with(uow):
                self._take_in(uow)
            elif is_trying():
                raise Tried(())  # they are counted already, and nothing is read for a dry run
            return None

    def added(self, platforms: Platforms, opens: Opens, places: Places) -> Response[bytes]:
        """Read them while the caller waits; where no place is free, all of it is a run's work."""
        place = places.find(self._tenant_id)
        if place is not None:
            with place:
                self._read(platforms, opens, place)
        with self._database.begin(self._entry) as uow:
            return self._once(uow, lambda: self._handed_over(uow))

    def _read(self, platforms: Platforms, opens: Opens, place: Place) -> None:
        begin = partial(self._database.begin, self._tenant_id)
        with closing(opens(self._tenant_id, MAX_AGE)) as fetching:
            work = Adding(begin, self._ensure_months, fetching, platforms, outlives=place.until)
            adding.add(work, self._scrape_id, seconds=SECONDS)

    def _is_gone_on_with(self, uow: UnitOfWork) -> bool:
        """An earlier call with this key was broken off before it could answer: nothing is counted, or read, twice."""
        if self._key is None:
            return False
        scrape_id = uuid5(uow.tenant_id, self._key)
        known = uow.scrapes.find(scrape_id)
        if known is not None and known.created_at < datetime.now(UTC) - KEPT:
            return False
        self._scrape_id = scrape_id
        if known is None:
            return False
        if [each.url for each in uow.scrapes.urls(scrape_id)] != self.urls:
            problem = FieldProblem("Idempotency-Key", "use a new key for another call")
            raise Unacceptable("this Idempotency-Key was used for another call", (problem,))
        if known.finished_at is None and not uow.scrapes.take_over(scrape_id):
            raise Conflict("a call with this Idempotency-Key is still running: repeat it in a moment")
        return True

    def _take_in(self, uow: UnitOfWork) -> None:
        adding.take_in(uow, self._scrape_id, self.urls, collection_id=self._data.collection_id, now=datetime.now(UTC))

    def _for_a_run(self, uow: UnitOfWork) -> ScrapeOut:
        self._take_in(uow)
        return self._handed_over(uow)

    def _ensure_months(self, months: set[str]) -> None:
        self._database.ensure_months(sorted(months))

    def _handed_over(self, uow: UnitOfWork) -> ScrapeOut:
        """What still waits is a run's work."""
        if uow.scrapes.urls(self._scrape_id, outcome="waiting", limit=1):
            self.asked.append(adding.ask(uow, self._scrape_id))
        return _shown(uow, self._scrape_id)

    def _once(self, uow: UnitOfWork, effect: Callable[[], ScrapeOut]) -> Response[bytes]:
        def answered() -> tuple[ScrapeOut, int, dict[str, str]]:
            shown = effect()
            if shown.request is None:
                return shown, 200, {}
            return shown, 202, {"Location": f"/api/v1/requests/{shown.request.request_id}"}

        return once(uow, self._key, route="POST /scrape/urls", body=self._data, effect=answered)


def _shown(uow: UnitOfWork, scrape_id: UUID) -> ScrapeOut:
    scrape = uow.scrapes.get(scrape_id)
    request = uow.requests.get(scrape.request_id) if scrape.request_id else None
    return ScrapeOut.of(scrape, uow.scrapes.urls(scrape.scrape_id), request)
