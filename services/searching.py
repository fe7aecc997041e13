"""Searching platforms and reading what trends there: what is found is kept, and written into the history of searches."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.observations import Platform, Selection
from domain.sources import PostsRead, SearchKind
from services.fetching import Fetching
from services.keeping import keep
from services.library import renew_aggregates
from store.ids import new_id
from store.searches import Search
from store.work import UnitOfWork

# How old an answer may be that somebody else's call brought.
MAX_AGE, TRENDING_AGE = timedelta(minutes=10), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was looked for. `words` of a search, `country` of a chart."""

    search_type: str
    platform: Platform
    words: str | None = None
    country: str | None = None


def look(fetching: Fetching, asked: Asked, *, limit: int) -> PostsRead:
    """Ask the platform. No transaction is open here."""
    if asked.country is not None:
        return fetching.trending(asked.platform, asked.country, limit=limit)
    return fetching.search(asked.platform, SearchKind(asked.search_type), asked.words or "", limit=limit)


def keep_found(uow: UnitOfWork, asked: Asked, read: PostsRead, *, now: datetime, is_amended: bool) -> Search:
    """Keep what was found, with its accounts' totals, and note the search."""
    selection = Selection.TRENDING if asked.country is not None else Selection.SEARCH
    keep(uow, read.posts, source=read.source, selection=selection, is_amended=is_amended)
    names = [seen.video.external_id for seen in read.posts if seen.video]
    known = uow.videos.of_platform(asked.platform, names)
    found = [known[name][0] for name in dict.fromkeys(names) if name in known]
    if known:
        renew_aggregates(uow, now=now, only=sorted({account for _, account in known.values()}))
    return uow.searches.add({
        "search_id": new_id(), "user_id": uow.user_id, "search_type": asked.search_type, "query": asked.words, "platform": asked.platform,
        "country": asked.country, "source": read.source, "fetched_at": read.fetched_at, "results_count": len(found), "results": list(found),
    })  # fmt: skip


def note_chart(uow: UnitOfWork, platform: Platform, country: str, *, sounds: int, now: datetime) -> None:
    """A look at a chart of sounds, once an hour and country: it costs nothing, and the history need not hold every one."""
    if uow.searches.latest("trending_audio", platform, country, since=now - TRENDING_AGE) is None:
        uow.searches.add({
            "search_id": new_id(), "user_id": uow.user_id, "search_type": "trending_audio", "platform": platform, "country": country,
            "results_count": sounds,
        })  # fmt: skip
