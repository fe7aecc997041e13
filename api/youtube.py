"""YouTube itself, read live (CON-10): the list of a connected channel, search, one video, and whether a video is one of ours.

Every call may cost the deployment's quota, so answers of the last hour are used again, lists stop at 200 posts, and the plan counts:
a search as a search, all else as a link that is added; what is asked again within the hour counts once.
"""

import hashlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from api.figures import words_of
from api.library.scraping import Opens
from api.places import Places
from api.security import BEARER, known_caller
from domain.errors import Conflict, FieldProblem, NotFound, Unacceptable
from domain.links import VIDEO_ID
from domain.observations import Observed, Platform
from domain.sources import PostsRead, SearchKind, SourceName, Target
from services.fetching import Fetching
from services.live_reads import counted
from store.database import Database, Entry

MOST_LIVE, MOST_FOUND = 200, 50
MAX_AGE = timedelta(hours=1)
ChannelParam = Annotated[UUID, QueryParameter(name="channel_id", description="which of the workspace's channels")]


class LiveVideoOut(msgspec.Struct, frozen=True, kw_only=True):
    """A video as YouTube shows it; null: it did not say. Nothing of it is kept in the library."""

    external_id: str
    account_external_id: str | None
    account_title: str | None
    title: str | None
    description: str | None
    url: str | None
    thumbnail_url: str | None
    posted_at: datetime | None
    duration_seconds: int | None
    format: str | None
    views: int | None
    likes: int | None
    comments: int | None

    @classmethod
    def of(cls, post: Observed) -> "LiveVideoOut":
        video = post.video
        if video is None:
            raise ValueError("a post without a video")
        names = ("external_id", "title", "description", "url", "thumbnail_url", "posted_at", "duration_seconds")
        counted = {name: getattr(post.counters, name) for name in ("views", "likes", "comments")}
        return cls(
            account_external_id=post.account.external_id, account_title=post.account.title, format=video.format,
            **{name: getattr(video, name) for name in names}, **counted,
        )  # fmt: skip


class LiveVideosOut(msgspec.Struct, frozen=True, kw_only=True):
    """What YouTube answered, and when; `source` is the client that asked."""

    source: str
    fetched_at: datetime
    items: list[LiveVideoOut]


class OwnershipOut(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a video belongs to a channel of the workspace, and to which."""

    owned: bool
    channel_id: UUID | None


class YouTubeController(Controller):
    """Live reads."""

    path = "/youtube"
    tags = ["owner data"]
    guards = [known_caller]
    security = BEARER

    @get("/videos", sync_to_thread=True)
    def live_videos(
        self, channel_id: ChannelParam, database: NamedDependency[Database], entry: NamedDependency[Entry],
        opens: NamedDependency[Opens], places: NamedDependency[Places],
        limit: Annotated[int, QueryParameter(ge=1, le=MOST_LIVE, description="how many of the newest")] = 20,
    ) -> LiveVideosOut:  # fmt: skip
        """The newest public videos of a connected channel, as YouTube lists them now."""
        with database.begin(entry) as uow:
            channel = uow.channels.get(channel_id)
        if channel.external_id is None:
            raise Conflict(f"channel {channel_id} is {channel.status}: connect it first")
        with _Reads(database, entry, opens, places).of("urls_per_day", f"channel:{channel.external_id}:{limit}") as fetching:
            read = fetching.account(Target(Platform.YOUTUBE, external_id=channel.external_id), posts=limit)
        return _shown(read.source, read.fetched_at, list(read.posts))

    @get("/search", sync_to_thread=True)
    def live_search(
        self, q: Annotated[str, QueryParameter(min_length=1, max_length=200, description="words")], database: NamedDependency[Database],
        entry: NamedDependency[Entry], opens: NamedDependency[Opens], places: NamedDependency[Places],
        limit: Annotated[int, QueryParameter(ge=1, le=MOST_FOUND, description="how many at most")] = 20,
    ) -> LiveVideosOut:  # fmt: skip
        """Videos on YouTube by words. Each takes one of the deployment's 100 a day and one of the plan's; 429 says when they come back."""
        words = words_of(q)
        if words is None:
            raise Unacceptable("q cannot be accepted", (FieldProblem("q", "search for words"),))
        with _Reads(database, entry, opens, places).of("searches_per_day", f"search:{limit}:{words}") as fetching:
            found = fetching.search(Platform.YOUTUBE, SearchKind.TERM, words, limit=limit)
        return _shown(found.source, found.fetched_at, list(found.posts))

    @get("/videos/{video_id:str}", sync_to_thread=True)
    def live_video(
        self,
        video_id: FromPath[str],
        database: NamedDependency[Database],
        entry: NamedDependency[Entry],
        opens: NamedDependency[Opens],
        places: NamedDependency[Places],
    ) -> LiveVideoOut:
        """One public video by YouTube's id. 404 where YouTube has none, or shows it to its owner only."""
        with _Reads(database, entry, opens, places).of("urls_per_day", f"video:{_key(video_id)}") as fetching:
            return LiveVideoOut.of(_one(fetching.posts(Platform.YOUTUBE, [video_id]), video_id))

    @get("/videos/{video_id:str}/ownership", sync_to_thread=True)
    def ownership(
        self,
        video_id: FromPath[str],
        database: NamedDependency[Database],
        entry: NamedDependency[Entry],
        opens: NamedDependency[Opens],
        places: NamedDependency[Places],
    ) -> OwnershipOut:
        """Whether a video belongs to a channel of the workspace. What the last sync listed is known without asking YouTube."""
        with database.begin(entry) as uow:
            known = uow.own_channels.owning(_key(video_id))
        if known is not None:
            return OwnershipOut(owned=True, channel_id=known)
        with _Reads(database, entry, opens, places).of("urls_per_day", f"video:{video_id}") as fetching:
            post = _one(fetching.posts(Platform.YOUTUBE, [video_id]), video_id)
        with database.begin(entry) as uow:
            channel = uow.channels.holding(post.account.external_id or "")
        return OwnershipOut(owned=channel is not None, channel_id=channel.channel_id if channel else None)


@dataclass(frozen=True, slots=True)
class _Reads:
    """Live reads of one caller: with a place, counted, and once an hour for each question."""

    database: Database
    entry: Entry
    opens: Opens
    places: Places

    @contextmanager
    def of(self, meter: str, question: str) -> Iterator[Fetching]:
        with self.database.begin(self.entry) as uow:
            tenant_id = uow.tenant_id
        operation = f"youtube:{datetime.now(UTC):%Y-%m-%dT%H}:{hashlib.sha256(question.encode()).hexdigest()}"
        begin = partial(self.database.begin, self.entry)
        with (
            self.places.take(tenant_id),
            counted(begin, meter, operation, platform=Platform.YOUTUBE),
            closing(self.opens(tenant_id, MAX_AGE)) as fetching,
        ):
            yield fetching


def _key(video_id: str) -> str:
    if not VIDEO_ID.fullmatch(video_id):
        raise Unacceptable("the video cannot be accepted", (FieldProblem("video_id", "give YouTube's id: 11 letters, digits, - or _"),))
    return video_id


def _one(read: PostsRead, video_id: str) -> Observed:
    if not read.posts:
        raise NotFound("video", video_id)
    return read.posts[0]


def _shown(source: SourceName, fetched_at: datetime, posts: list[Observed]) -> LiveVideosOut:
    return LiveVideosOut(source=source, fetched_at=fetched_at, items=[LiveVideoOut.of(post) for post in posts if post.video is not None])
