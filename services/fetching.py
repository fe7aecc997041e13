"""Reading platforms on behalf of a tenant: who reads, who stands in for whom, how often it is tried.

    with closing(Fetching(begin, platforms, tenant_id=..., max_age=timedelta(minutes=10))) as fetching:
        read = fetching.account(Target(Platform.YOUTUBE, username="ana"), posts=50)

Nothing of it runs inside a transaction; it opens short ones of its own. What each call leaves behind is in `services.records`.
"""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from domain import health
from domain.errors import FailureCategory, SourceFailed, SourceRefused, SourceUnavailable
from domain.observations import Platform
from domain.ports import Errand, Platforms, Reader, ReadsAccounts, ReadsCharts, ReadsComments, ReadsPosts, ReadsTrends, Searches
from domain.sources import AccountRead, ChartRead, CommentsRead, PostsRead, SearchKind, SourceName, Target
from services.allowances import Allowances
from services.errands import PlannedErrand
from services.records import Begin, Records, Resting

Kind = TypeVar("Kind", bound=Reader)
Read = TypeVar("Read")

# The clients of each platform, in the order of preference; why one is not there stands in `Platforms.lacking` under its name.
SOURCES = {
    Platform.TIKTOK: (SourceName.TIKTOK_WEB, SourceName.TIKTOK_PAGES),
    Platform.YOUTUBE: (SourceName.YOUTUBE_API, SourceName.YOUTUBE_PAGES),
    Platform.INSTAGRAM: (SourceName.BRIGHTDATA,),
    Platform.X: (SourceName.TWITTERAPI,),
}


def _utc() -> datetime:
    return datetime.now(UTC)


class Fetching:
    """Reads platforms for one tenant; its methods may be called from several threads at once.

    `max_age`: how old an answer may be that somebody else's call brought. `request_id`: what a request has paid for it finds again.
    """

    def __init__(  # noqa: PLR0913 - clock and pause are arguments for tests
        self, begin: Begin, platforms: Platforms, *, tenant_id: UUID, max_age: timedelta, request_id: UUID | None = None,
        now: Callable[[], datetime] = _utc, pause: Callable[[float], None] = time.sleep,
    ) -> None:  # fmt: skip
        self._platforms, self._pause, self._tenant_id = platforms, pause, tenant_id
        self.records = Records(begin, max_age, request_id, platforms.project, now)
        self._allowances = Allowances(begin, platforms.project, now)

    def account(self, target: Target, *, posts: int, since: datetime | None = None, resume: UUID | None = None) -> AccountRead:
        """The account with up to `posts` newest posts. `resume`: the request that failed last, whose paid answers are found again."""

        def read(reader: ReadsAccounts, errand: Errand) -> AccountRead:
            return reader.account(target, errand, posts=posts, since=since)

        return self._ask(target.platform, ReadsAccounts, read, target.key, resume)

    def posts(self, platform: Platform, keys: Sequence[str]) -> PostsRead:
        return self._ask(platform, ReadsPosts, lambda reader, errand: reader.posts(keys, errand), ",".join(keys))

    def comments(self, platform: Platform, key: str, *, limit: int) -> CommentsRead:
        return self._ask(platform, ReadsComments, lambda reader, errand: reader.comments(key, errand, limit=limit), key)

    def search(self, platform: Platform, kind: SearchKind, words: str, *, limit: int) -> PostsRead:
        return self._ask(platform, Searches, lambda reader, errand: reader.search(kind, words, errand, limit=limit), words)

    def trending(self, platform: Platform, country: str, *, limit: int) -> PostsRead:
        return self._ask(platform, ReadsTrends, lambda reader, errand: reader.trending(country, errand, limit=limit), country)

    def chart(self, platform: Platform, country: str, *, limit: int) -> ChartRead:
        return self._ask(platform, ReadsCharts, lambda reader, errand: reader.chart(country, errand, limit=limit), country)

    def can(self, platform: Platform, kind: type[Reader]) -> bool:
        """Whether anybody is configured who does this on that platform."""
        return bool(self._platforms.reading(platform, kind))

    def errand(self, _: SourceName) -> Errand:
        """For who calls a gateway itself, an owner's data for example."""
        return PlannedErrand(self.records, self._allowances)

    def flush(self) -> None:
        """Write what is buffered, with the account that it was fetched for."""
        self.records.flush()

    def close(self) -> None:
        """Write what is buffered and give back what was not needed."""
        self.records.flush()
        self._allowances.close()

    def _ask(
        self, platform: Platform, kind: type[Kind], read: Callable[[Kind, Errand], Read], key: str, resume: UUID | None = None
    ) -> Read:
        """Ask the readers in their order; the next one stands in where one is blocked, cannot be reached, or is not there after all."""
        failed: SourceFailed | None = None
        for reader in self._platforms.reading(platform, kind):
            try:
                self.records.check(reader.name)
                return self._tried(reader, read, f"{reader.name}:{key}", resume)
            except SourceFailed as error:
                if error.category not in health.FALLS_BACK:
                    raise
                failed = error if failed is None or isinstance(failed, Resting) else failed
        raise failed or self.not_configured(platform)

    def _tried(self, reader: Kind, read: Callable[[Kind, Errand], Read], key: str, resume: UUID | None) -> Read:
        """Up to three tries where that may help at once. What the first one fetched already, the next one finds."""
        attempt = 0
        while True:
            attempt += 1
            errand = PlannedErrand(self.records, self._allowances, resume)
            try:
                found = read(reader, errand)
            except SourceFailed as error:
                if error.category is FailureCategory.PARSE_ERROR:  # nobody shall find again what could not be read
                    self.records.discard(errand.asked)
                seconds = health.pause_seconds(error, attempt, key=key) if isinstance(error, SourceUnavailable) else None
                if seconds is None:
                    self.records.went_wrong(error, reader.name)
                    raise
                self._pause(seconds)
            else:
                self.records.went_well(reader.name)
                return found

    def not_configured(self, platform: Platform) -> SourceRefused:
        """What the operator has to do."""
        lacking = [f"{name.value}: {self._platforms.lacking[name]}" for name in SOURCES[platform] if name in self._platforms.lacking]
        words = "; ".join(lacking) or "nothing is configured that reads it (docs/reference/settings.md)"
        return SourceRefused(platform.value, words, category="not_configured")
