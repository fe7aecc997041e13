"""Fakes at the ports to the platforms: a small world of accounts and posts, and readers of it that fail when they are told to.

They ask through the errand as real clients do: a page of an account, then its posts, by fifty. Time is the test's.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from domain.errors import SourceFailed, SourceRefused
from domain.observations import AccountFacts, Counters, Observed, Platform, VideoFacts
from domain.ports import Errand
from domain.sources import AccountRead, Answer, Ask, Bucket, PostsRead, SourceName, Target

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
PAGE = 50


class Hands:
    """A clock that is set by hand."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> datetime:
        self.now += timedelta(**span)
        return self.now


@dataclass
class FakeAccount:
    """An account of the world. `posts` are its posts' dates by id; `gone` says why one is not there any more."""

    external_id: str
    username: str
    followers: int = 1_000
    posts: dict[str, datetime] = field(default_factory=dict)
    gone: dict[str, str] = field(default_factory=dict)
    declared: int | None = None
    is_mute: bool = False


@dataclass
class FakeReader:
    """Reads accounts and posts of its world. `fails` is raised instead of an answer, as often as it says, `broken` at the
    nth call; `calls` names what was called."""

    name: SourceName = SourceName.YOUTUBE_API
    platform: Platform = Platform.YOUTUBE
    bucket: Bucket | None = Bucket.YOUTUBE_UNITS
    units: int = 1
    clock: Callable[[], datetime] = field(default_factory=Hands)
    accounts: dict[str, FakeAccount] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    is_durable: bool = False
    fails: SourceFailed | None = None
    fails_times: int = 10**9
    failing_keys: dict[str, BaseException] = field(default_factory=dict)
    broken: dict[int, SourceFailed] = field(default_factory=dict)
    on_call: Callable[[str], None] = lambda _: None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, name: str, posts: int = 3, **words: object) -> FakeAccount:
        made = FakeAccount(
            f"UC{name}", name, posts={f"{name}-{number}": self.clock() - timedelta(days=number + 1) for number in range(posts)}
        )
        for word, value in words.items():
            setattr(made, word, value)
        self.accounts[made.external_id] = made
        return made

    def account(self, target: Target, errand: Errand, *, posts: int, since: datetime | None = None) -> AccountRead:
        found = next((each for each in self.accounts.values() if target.external_id in (None, each.external_id)
                      and target.username in (None, each.username)), None)  # fmt: skip
        page = self._ask(errand, "account", target.key, lambda: self._page(found))
        if found is None:
            raise SourceRefused(self.name, "no such account", category="not_found")
        facts = AccountFacts(
            self.platform, external_id=found.external_id, username=found.username, followers=_number(page.payload, "followers"),
            declared_videos=found.declared,
        )  # fmt: skip
        dates = {} if found.is_mute else self._dates(found, posts, since)
        moment = page.fetched_at or self.clock()
        seen = self._observed(errand, facts, dates, moment)
        return AccountRead(self.name, moment, facts, tuple(seen), complete_since=min(dates.values(), default=None))

    def posts(self, keys: Sequence[str], errand: Errand) -> PostsRead:
        owners = {post: each for each in self.accounts.values() for post in each.posts}
        known = [key for key in keys if key in owners and key not in owners[key].gone]
        gone = {key: owners[key].gone[key] if key in owners else "not_found" for key in keys if key not in known}
        seen: list[Observed] = []
        for key in known:
            facts = AccountFacts(self.platform, external_id=owners[key].external_id, username=owners[key].username)
            seen += self._observed(errand, facts, {key: owners[key].posts[key]}, self.clock())
        return PostsRead(self.name, self.clock(), tuple(seen), gone=gone)

    def _dates(self, found: FakeAccount, most: int, since: datetime | None) -> Mapping[str, datetime]:
        shown = sorted(
            ((date, post) for post, date in found.posts.items() if post not in found.gone and date <= self.clock()), reverse=True
        )
        return {post: date for date, post in shown[:most] if since is None or date >= since}

    def _observed(self, errand: Errand, facts: AccountFacts, dates: Mapping[str, datetime], moment: datetime) -> Iterator[Observed]:
        ids = list(dates)
        for first in range(0, len(ids), PAGE):
            page = ids[first : first + PAGE]
            answer = self._ask(errand, "videos", ",".join(page), lambda page=page: {post: self._views(dates[post]) for post in page})  # type: ignore[misc]
            at = answer.fetched_at or moment
            for line, post in enumerate(page, first + 1):
                yield Observed(
                    line, facts, at, video=VideoFacts(post, title=self.titles.get(post, f"About {post}"), posted_at=dates[post]),
                    counters=Counters(views=_number(answer.payload, post)),
                )  # fmt: skip

    def _views(self, posted: datetime) -> int:
        return int((self.clock() - posted) / timedelta(minutes=1))

    def _page(self, found: FakeAccount | None) -> dict[str, int]:
        return {"followers": found.followers if found else 0}

    def _ask(self, errand: Errand, operation: str, key: str, payload: Callable[[], object]) -> Answer:
        def call() -> Answer:
            with self.lock:
                self.calls.append(f"{operation} {key}")
                self.on_call(f"{operation} {key}")
                error = self.failing_keys.get(key) or self.broken.get(len(self.calls))
                if error is None and self.fails is not None and self.fails_times > 0:
                    self.fails_times -= 1
                    error = self.fails
            if error is not None:
                raise error
            return Answer(payload())

        ask = Ask(self.name, operation, key, self.bucket, self.units, is_durable=self.is_durable)
        return errand.fetch(ask, call)


@dataclass
class FakePush:
    """A hub that remembers what it was asked."""

    asked: list[tuple[str, str, str]] = field(default_factory=list)
    away: SourceFailed | None = None

    def subscribe(self, channel_id: str, *, callback: str, secret: str, lease_seconds: int) -> None:
        if self.away is not None:
            raise self.away
        self.asked.append((channel_id, callback, secret))

    def unsubscribe(self, channel_id: str, *, callback: str) -> None: ...


@contextmanager
def switched_off(reader: FakeReader, error: SourceFailed, *, times: int = 10**9) -> Iterator[None]:
    """The reader fails inside the block."""
    reader.fails, reader.fails_times = error, times
    yield
    reader.fails = None


def _number(payload: object, name: str) -> int:
    assert isinstance(payload, dict)
    return int(payload[name])
