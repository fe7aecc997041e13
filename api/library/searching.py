"""Searching platforms, and what trends on them. What is found is kept. The history of searches is in `api.library.activity`."""

from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter

from api.idempotency import IdempotencyKey, once, operation_of
from api.library.scraping import Opens
from api.places import Places
from api.security import BEARER, known_caller, needs_write
from api.videos.shapes import VideoOut
from domain.errors import Conflict, FieldProblem, Unacceptable
from domain.observations import Platform
from domain.ports import Platforms
from domain.sources import ChartedSound, PostsRead
from domain.trending import Country, is_fresh
from services import searching
from services.live_reads import counted
from services.searching import MAX_AGE, TRENDING_AGE, Asked
from store.database import Database, Entry
from store.searches import Search
from store.trending import Chart
from store.work import UnitOfWork

MOST = 50
Found = Annotated[int, msgspec.Meta(ge=1, le=MOST)]
Words = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class HashtagIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A hashtag to look for, with or without "#"."""

    hashtag: Words
    platform: Platform
    limit: Found = 20


class TermIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words to look for."""

    term: Words
    platform: Platform
    limit: Found = 20


class SearchOut(msgspec.Struct, frozen=True, kw_only=True):
    """What was found, best first, as the platform sorts it. Such videos were chosen by their success: no effect is ever claimed on them."""

    search_id: UUID
    search_type: str
    query: str | None
    platform: str
    country: str | None
    source: str | None
    fetched_at: datetime | None
    results_count: int
    items: list[VideoOut]

    @classmethod
    def of(cls, uow: UnitOfWork, search: Search, limit: int) -> "SearchOut":
        facts = {name: getattr(search, name) for name in cls.__struct_fields__ if name != "items"}
        return cls(**facts, items=[VideoOut.of(each) for each in uow.videos.among(list(search.results[:limit]))])


class ChartedOut(msgspec.Struct, frozen=True, kw_only=True):
    """One place of a chart. `videos`: how many the platform says use it; `sample_videos`: some of them, by the platform's ids."""

    rank: int
    external_id: str
    title: str | None
    artist: str | None
    url: str | None
    duration_seconds: int | None
    is_original: bool | None
    videos: int | None
    sample_videos: list[str]

    @classmethod
    def of(cls, place: ChartedSound) -> "ChartedOut":
        facts = {name: getattr(place.sound, name) for name in cls.__struct_fields__ if name not in ("rank", "sample_videos")}
        return cls(rank=place.rank, sample_videos=list(place.sample_videos), **facts)


class ChartOut(msgspec.Struct, frozen=True, kw_only=True):
    """A country's chart of sounds as of `captured_at`. `is_stale`: it is older than an hour, and a newer one was asked for.

    Without any, `available` is false and `reason` says why.
    """

    platform: str
    country: str
    day: date | None
    captured_at: datetime | None
    source: str | None
    is_stale: bool
    available: bool
    reason: str | None
    items: list[ChartedOut]


class SearchController(Controller):
    """Looking for videos on the platforms themselves."""

    path = "/search"
    tags = ["scraping"]
    guards = [known_caller]
    security = BEARER

    @post("/hashtag", sync_to_thread=True, status_code=200)
    def search_hashtag(
        self, data: JSONBody[HashtagIn], database: NamedDependency[Database], entry: NamedDependency[Entry],
        platforms: NamedDependency[Platforms], opens: NamedDependency[Opens], places: NamedDependency[Places],
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:  # fmt: skip
        """Search a platform for videos with a hashtag; what is found is kept."""
        words = data.hashtag.strip().removeprefix("#").strip()
        asked = Asked("hashtag", data.platform, _checked(words, "/hashtag"))
        return _Call(database, entry, platforms, opens, places, asked, data.limit).run(idempotency_key, "POST /search/hashtag", data)

    @post("/term", sync_to_thread=True, status_code=200)
    def search_term(
        self, data: JSONBody[TermIn], database: NamedDependency[Database], entry: NamedDependency[Entry],
        platforms: NamedDependency[Platforms], opens: NamedDependency[Opens], places: NamedDependency[Places],
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:  # fmt: skip
        """Search a platform for videos by words; what is found is kept."""
        asked = Asked("term", data.platform, _checked(data.term.strip(), "/term"))
        return _Call(database, entry, platforms, opens, places, asked, data.limit).run(idempotency_key, "POST /search/term", data)


def _checked(words: str, pointer: str) -> str:
    if not words or "\0" in words:
        raise Unacceptable("there is nothing to search for", (FieldProblem(pointer, "search for text"),))
    return words


class TrendingController(Controller):
    """What trends on the platforms."""

    path = "/trending"
    tags = ["scraping"]
    guards = [known_caller]
    security = BEARER

    @get("/videos", sync_to_thread=True)
    def trending_videos(
        self, database: NamedDependency[Database], entry: NamedDependency[Entry], platforms: NamedDependency[Platforms],
        opens: NamedDependency[Opens], places: NamedDependency[Places],
        platform: Annotated[Platform, QueryParameter(description="where")],
        country: Annotated[Country, QueryParameter(description="in which country")] = Country.US,
        limit: Annotated[int, QueryParameter(ge=1, le=MOST, description="how many videos at most")] = 20,
    ) -> SearchOut:  # fmt: skip
        """What a platform shows as trending in a country; it is kept. Read once an hour at most; reading it needs the scope write."""
        asked = Asked("trending_videos", platform, country=country)
        with database.begin(entry) as uow:
            known = uow.searches.latest("trending_videos", platform, country, since=datetime.now(UTC) - TRENDING_AGE)
            if known is not None:
                return SearchOut.of(uow, known, limit)
        return _Call(database, entry, platforms, opens, places, asked, limit).found()

    @get("/audio", sync_to_thread=True)
    def trending_audio(
        self, database: NamedDependency[Database], entry: NamedDependency[Entry],
        country: Annotated[Country, QueryParameter(description="whose chart")],
        day: Annotated[date | None, QueryParameter(description="the chart of this UTC day; left out: the newest")] = None,
    ) -> ChartOut:  # fmt: skip
        """A country's chart of sounds on TikTok. One that is older than an hour is shown as stale, and a newer one is asked for."""
        now = datetime.now(UTC)
        with database.begin(entry) as uow:
            chart = uow.trending.chart(Platform.TIKTOK, country, day)
            is_stale = day in (None, now.date()) and not is_fresh(chart.captured_at if chart else None, now)
            is_asked = is_stale and uow.trending.ask_for(Platform.TIKTOK, country)
            searching.note_chart(uow, Platform.TIKTOK, country, sounds=len(chart.sounds) if chart else 0, now=now)
        return _charted(chart, country, is_stale=is_stale, is_asked=is_asked)


_ASKED = "it was not read yet and is asked for now: look again in ten seconds"
_AWAITED = "it was asked for a moment ago and has not come yet; where it could not be read, looking five minutes after that asks again"


def _charted(chart: Chart | None, country: Country, *, is_stale: bool, is_asked: bool) -> ChartOut:
    why = (_ASKED if is_asked else _AWAITED) if is_stale else "no chart of that day was read"
    return ChartOut(
        platform=Platform.TIKTOK, country=country, day=chart.day if chart else None, captured_at=chart.captured_at if chart else None,
        source=chart.source if chart else None, is_stale=is_stale, available=chart is not None, reason=None if chart else why,
        items=[ChartedOut.of(each) for each in chart.sounds] if chart else [],
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Call:
    """One look at a platform: counted, read outside any transaction, kept."""

    database: Database
    entry: Entry
    platforms: Platforms
    opens: Opens
    places: Places
    asked: Asked
    limit: int

    def run(self, key: str | None, route: str, data: HashtagIn | TermIn) -> Response[bytes]:
        """The stored answer where this very call was answered before."""
        with self.database.begin(self.entry) as uow:
            needs_write(uow)
            is_known, tenant_id = key is not None and uow.idempotency.is_known(key), uow.tenant_id
        read = None if is_known else self._read(tenant_id, operation_of("search", key, route=route, body=data))
        with self.database.begin(self.entry) as uow:
            return once(uow, key, route=route, body=data, effect=lambda: (self._kept(uow, read), 200, {}))

    def found(self) -> SearchOut:
        """The same where nothing is to be repeated."""
        with self.database.begin(self.entry) as uow:
            needs_write(uow)
            tenant_id = uow.tenant_id
        read = self._read(tenant_id, operation_of("search", None, route="", body=None))
        with self.database.begin(self.entry) as uow:
            return self._kept(uow, read)

    def _read(self, tenant_id: UUID, operation: str) -> PostsRead:
        begin, max_age = partial(self.database.begin, self.entry), MAX_AGE if self.asked.country is None else TRENDING_AGE
        with (
            self.places.take(tenant_id),
            counted(begin, "searches_per_day", operation, platform=self.asked.platform),
            closing(self.opens(tenant_id, max_age)) as fetching,
        ):
            read = searching.look(fetching, self.asked, limit=MOST if self.asked.country else self.limit)
        self.database.ensure_months(sorted({f"{seen.observed_at:%Y-%m}" for seen in read.posts}))
        return read

    def _kept(self, uow: UnitOfWork, read: PostsRead | None) -> SearchOut:
        if read is None:
            raise Conflict("the stored answer of this call has just run out: repeat it")
        search = searching.keep_found(uow, self.asked, read, now=datetime.now(UTC), is_amended=self.platforms.is_amended)
        return SearchOut.of(uow, search, self.limit)
