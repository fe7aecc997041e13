"""Hashtags and sounds: what they come to, and the videos that use them."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath, PathParameter, QueryParameter

from api.figures import Computed, MethodOut, words_of
from api.pages import CursorParam, Cursors, Limit, Page, page
from api.reading import Reading
from api.security import BEARER, known_caller
from api.videos.routes import Order, Ordered, PlatformFilter, PositionKind, Sorted, VideoSort, video_page
from api.videos.shapes import VideoOut
from domain.analytics import HASHTAGS, SOUNDS
from domain.errors import NotFound
from domain.sources import SoundFacts
from store.keyset import Position
from store.names import Hashtag, Sound


class NameSort(StrEnum):
    """What hashtags and sounds are sorted by, largest first."""

    VIEWS = "views"
    VIDEOS = "videos"


NameSorted = Annotated[NameSort, QueryParameter(name="sort", description="by views (of all its videos) or videos")]
Begins = Annotated[str | None, QueryParameter(name="q", max_length=100, description="how it begins, case ignored")]


class HashtagOut(Computed, frozen=True, kw_only=True):
    """A hashtag of a platform over the library's posts that use it; `n` is how many. Removed ones are not in it."""

    platform: str
    hashtag: str
    videos: int
    accounts: int
    views: int
    likes: int

    @classmethod
    def of(cls, found: Hashtag) -> "HashtagOut":
        return cls(
            n=found.videos, as_of=found.as_of, newest_observation=found.as_of, method=_HASHTAGS, platform=found.platform,
            hashtag=found.name, videos=found.videos, accounts=found.accounts, views=found.views, likes=found.likes,
        )  # fmt: skip


class SoundOut(Computed, frozen=True, kw_only=True):
    """A sound over the library's posts that use it; `n` is how many. What charts tell of it stands beside: null where they do not.

    `platform_videos` is how many posts the platform says use it.
    """

    sound_id: UUID
    platform: str
    external_id: str
    title: str | None
    artist: str | None
    url: str | None
    duration_seconds: int | None
    is_original: bool | None
    platform_videos: int | None
    videos: int
    accounts: int
    views: int
    likes: int
    last_used_at: datetime | None

    @classmethod
    def of(cls, found: Sound, facts: SoundFacts | None) -> "SoundOut":
        return cls(
            n=found.videos, as_of=found.as_of, newest_observation=found.as_of, method=_SOUNDS, sound_id=found.row_id,
            platform=found.platform, external_id=found.name, title=found.title or (facts.title if facts else None),
            artist=facts.artist if facts else None,
            url=facts.url if facts else None, duration_seconds=facts.duration_seconds if facts else None,
            is_original=facts.is_original if facts else None, platform_videos=facts.videos if facts else None, videos=found.videos,
            accounts=found.accounts, views=found.views, likes=found.likes, last_used_at=found.last_used_at,
        )  # fmt: skip


_HASHTAGS, _SOUNDS = MethodOut.of(HASHTAGS), MethodOut.of(SOUNDS)


def _after(cursors: Cursors, cursor: str | None, kind: str, sort: str, filters: Mapping[str, object]) -> tuple[str, Position | None]:
    scope = f"{kind}:{sort}:{sorted(filters.items())}"
    return scope, Position(*cursors.read(cursor, scope, PositionKind)) if cursor else None


class HashtagController(Controller):
    """Hashtags that the library's posts use."""

    path = "/hashtags"
    tags = ["catalogue"]
    guards = [known_caller]
    security = BEARER

    @get("/", sync_to_thread=True)
    def list_hashtags(
        self, reading: NamedDependency[Reading], platform: PlatformFilter = None, q: Begins = None, sort: NameSorted = NameSort.VIEWS,
        cursor: CursorParam = None, limit: Limit = 20,
    ) -> Page[HashtagOut]:  # fmt: skip
        """List hashtags per platform, most viewed first."""
        filters = {"platform": platform, "words": words_of(q)}
        scope, after = _after(reading.cursors, cursor, "hashtags", sort, filters)
        with reading.database.begin(reading.entry) as uow:
            found = uow.names.hashtags(sort=sort, limit=limit + 1, after=after, filters=filters)
        place = lambda each: (each.key(sort), each.row_id)  # noqa: E731 - named only to keep the line short
        return page(found, limit, shape=HashtagOut.of, position=place, cursors=reading.cursors, scope=scope)

    @get("/{hashtag:str}/videos", sync_to_thread=True)
    def list_videos_of_hashtag(
        self, hashtag: Annotated[str, PathParameter(max_length=200, description="without #, case ignored")],
        reading: NamedDependency[Reading], platform: PlatformFilter = None, sort: Sorted = VideoSort.VIEWS,
        order: Ordered = Order.DESCENDING, cursor: CursorParam = None, limit: Limit = 20,
    ) -> Page[VideoOut]:  # fmt: skip
        """List the videos that use a hashtag, most viewed first. 404 where none ever did."""
        name = (words_of(hashtag) or "").lower().removeprefix("#")
        asked = {"platform": platform, "hashtag": name}
        with reading.database.begin(reading.entry) as uow:
            filters = {"platform": platform, uow.names.hashtag_filter(name): name}
            found = video_page(uow, reading.cursors, filters, (sort, order), cursor=cursor, limit=limit, asked=asked)
            if not found.items and not uow.names.is_used(name):
                raise NotFound("hashtag", name)
        return found


class SoundController(Controller):
    """Sounds that the library's posts use."""

    path = "/sounds"
    tags = ["catalogue"]
    guards = [known_caller]
    security = BEARER

    @get("/", sync_to_thread=True)
    def list_sounds(
        self, reading: NamedDependency[Reading], platform: PlatformFilter = None, q: Begins = None, sort: NameSorted = NameSort.VIEWS,
        cursor: CursorParam = None, limit: Limit = 20,
    ) -> Page[SoundOut]:  # fmt: skip
        """List sounds, most viewed first."""
        filters = {"platform": platform, "words": words_of(q)}
        scope, after = _after(reading.cursors, cursor, "sounds", sort, filters)
        with reading.database.begin(reading.entry) as uow:
            found = uow.names.sounds(sort=sort, limit=limit + 1, after=after, filters=filters)
            facts = uow.trending.facts("tiktok", [each.name for each in found if each.platform == "tiktok"])
        return page(
            found, limit, shape=lambda each: SoundOut.of(each, facts.get(each.name)), position=lambda each: (each.key(sort), each.row_id),
            cursors=reading.cursors, scope=scope,
        )  # fmt: skip

    @get("/{sound_id:uuid}/videos", sync_to_thread=True)
    def list_videos_of_sound(
        self, sound_id: FromPath[UUID], reading: NamedDependency[Reading], sort: Sorted = VideoSort.VIEWS,
        order: Ordered = Order.DESCENDING, cursor: CursorParam = None, limit: Limit = 20,
    ) -> Page[VideoOut]:  # fmt: skip
        """List the videos that use a sound, most viewed first."""
        with reading.database.begin(reading.entry) as uow:
            sound = uow.names.sound(sound_id)
            filters = {"platform": sound.platform, "sound": sound.name}
            return video_page(uow, reading.cursors, filters, (sort, order), cursor=cursor, limit=limit)
