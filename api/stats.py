"""The library in numbers."""

from datetime import datetime

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency

from api.figures import Computed, MethodOut
from api.security import BEARER, known_caller
from domain.analytics import STATS
from store.database import Database, Entry
from store.stats import LibraryStats, PlatformStats


class PlatformStatsOut(msgspec.Struct, frozen=True, kw_only=True):
    """One platform's part."""

    platform: str
    videos: int
    accounts: int
    views: int
    likes: int

    @classmethod
    def of(cls, part: PlatformStats) -> "PlatformStatsOut":
        return cls(platform=part.platform, videos=part.videos, accounts=part.accounts, views=part.views, likes=part.likes)


class StatsOut(Computed, frozen=True, kw_only=True):
    """How much there is; `n` is the number of videos. `views`, `likes` and `comments` are sums of the newest
    counters, removed videos included.

    `comments_kept` is how many comments were read and can be shown; `last_scraped_at` is null where everything was imported.
    """

    videos: int
    accounts: int
    snapshots: int
    hashtags: int
    sounds: int
    views: int
    likes: int
    comments: int
    comments_kept: int
    collections: int
    removed: int
    last_scraped_at: datetime | None
    first_observation: datetime | None
    platforms: list[PlatformStatsOut]

    @classmethod
    def of(cls, library: LibraryStats) -> "StatsOut":
        return cls(
            n=library.videos, as_of=library.newest_observation, newest_observation=library.newest_observation, method=MethodOut.of(STATS),
            videos=library.videos, accounts=library.accounts, snapshots=library.snapshots, hashtags=library.hashtags, sounds=library.sounds,
            views=library.views, likes=library.likes, comments=library.comments, comments_kept=library.comments_kept,
            collections=library.collections, removed=library.removed,
            last_scraped_at=library.last_scraped_at, first_observation=library.first_observation,
            platforms=[PlatformStatsOut.of(part) for part in library.platforms],
        )  # fmt: skip


class StatsController(Controller):
    """Counts over the whole library."""

    path = "/stats"
    tags = ["catalogue"]
    guards = [known_caller]
    security = BEARER

    @get("/", sync_to_thread=True)
    def stats(self, database: NamedDependency[Database], entry: NamedDependency[Entry]) -> StatsOut:
        """The library in numbers: videos, accounts, hashtags, sounds, sums, by platform, and how fresh they are."""
        with database.begin(entry) as uow:
            return StatsOut.of(uow.stats.library())
