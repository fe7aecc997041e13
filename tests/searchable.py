"""Readers that search, read comments and charts as well, and links that lead somewhere: more fakes at the ports to the platforms."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from domain.errors import SourceRefused
from domain.observations import Observed, Platform
from domain.ports import Errand
from domain.sources import Bucket, ChartedSound, ChartRead, CommentFacts, CommentsRead, PostsRead, SearchKind, SoundFacts, SourceName
from tests.platforms import FakeReader

DAY = timedelta(days=1)


def utc() -> datetime:
    return datetime.now(UTC)


@dataclass
class FakeSite(FakeReader):
    """A platform that answers everything. A post's address ends with its id."""

    name: SourceName = SourceName.TIKTOK_WEB
    platform: Platform = Platform.TIKTOK
    bucket: Bucket | None = None
    units: int = 0
    clock: Callable[[], datetime] = utc
    said: dict[str, tuple[CommentFacts, ...]] = field(default_factory=dict)
    charted: list[str] = field(default_factory=list)

    def put(self, username: str, *posts: str, gone: dict[str, str] | None = None) -> None:
        """An account with posts of the last days."""
        moments = {post: self.clock() - (number + 1) * DAY for number, post in enumerate(posts)}
        self.add(username, posts=0)
        found = self.accounts[f"UC{username}"]
        found.posts, found.gone = moments, gone or {}

    def posts(self, keys: Sequence[str], errand: Errand) -> PostsRead:
        ids = {key.rstrip("/").rpartition("/")[2]: key for key in keys}
        read = super().posts(list(ids), errand)
        return replace(read, gone={ids[each]: why for each, why in read.gone.items()})

    def comments(self, key: str, errand: Errand, *, limit: int) -> CommentsRead:
        self._ask(errand, "comments", key, dict)
        return CommentsRead(self.name, self.clock(), self.said.get(key.rpartition("/")[2], ())[:limit], is_whole=True)

    def search(self, kind: SearchKind, words: str, errand: Errand, *, limit: int) -> PostsRead:
        self._ask(errand, f"search.{kind}", words, dict)
        return self._all(errand, limit)

    def trending(self, country: str, errand: Errand, *, limit: int) -> PostsRead:
        self._ask(errand, "trending", country, dict)
        return self._all(errand, limit)

    def chart(self, country: str, errand: Errand, *, limit: int) -> ChartRead:
        self._ask(errand, "chart", country, dict)
        if not self.charted:
            raise SourceRefused(self.name, "the chart is empty", category="blocked")
        places = [
            ChartedSound(rank, SoundFacts(self.platform, each, f"sound {each}", "Nine Lamps", videos=1000 // rank), ("1",))
            for rank, each in enumerate(self.charted[:limit], 1)
        ]
        return ChartRead(self.name, self.clock(), country, tuple(places))

    def _all(self, errand: Errand, limit: int) -> PostsRead:
        found: list[Observed] = []
        for account in self.accounts.values():
            ids = [post for post in account.posts if post not in account.gone]
            found += super().posts(ids, errand).posts
        return PostsRead(self.name, self.clock(), tuple(replace(each, line=line) for line, each in enumerate(found[:limit], 1)))


@dataclass
class FakeLinks:
    """Where short links lead."""

    leads: dict[str, str] = field(default_factory=dict)

    def resolve(self, url: str) -> str:
        if url not in self.leads:
            raise SourceRefused("links", "no such link", category="not_found")
        return self.leads[url]
