"""Videos: the list, one of them as of a moment, its snapshots."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from litestar import Controller, get, patch
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from api.figures import AsOf, asked_moment, words_of
from api.pages import CursorParam, Cursors, Limit, Page, page
from api.reading import Reading
from api.security import BEARER, known_caller, needs_write
from api.videos.media import PostMediaOut, PostMediasOut
from api.videos.shapes import SnapshotOut, VideoDetailOut, VideoIn, VideoOut
from domain.observations import Platform, Selection
from services import library
from store.database import Database, Entry
from store.keyset import Position
from store.videos import SEARCH_CAP
from store.work import UnitOfWork


class VideoSort(StrEnum):
    """What lists of videos are sorted by; those without it come last."""

    VIEWS = "views"
    POSTED_AT = "posted_at"
    SCORE = "score"


class Order(StrEnum):
    """Largest or newest first, or the other way round."""

    DESCENDING = "desc"
    ASCENDING = "asc"


BIGGEST = 2**63 - 1
Sorted = Annotated[VideoSort, QueryParameter(name="sort", description="by views, posted_at, or score (the fair multiple)")]
Ordered = Annotated[Order, QueryParameter(name="order", description="desc: largest or newest first")]
PlatformFilter = Annotated[Platform | None, QueryParameter(name="platform", description="only of this platform")]
CollectionFilter = Annotated[UUID | None, QueryParameter(name="collection_id", description="only of this collection")]
PostedFrom = Annotated[date | None, QueryParameter(description="posted on this UTC day or later")]
PostedTo = Annotated[date | None, QueryParameter(description="posted on this UTC day or earlier")]
SelectionFilter = Annotated[Selection | None, QueryParameter(description="how it came in")]
RemovedFilter = Annotated[bool | None, QueryParameter(description="only those that are gone from their platform, or only the others")]
AccountFilter = Annotated[UUID | None, QueryParameter(name="account_id", description="only of this account")]
Words = Annotated[
    str | None,
    QueryParameter(
        name="q",
        max_length=200,
        description=f'words in title or description, -word and "a phrase" too; the first {SEARCH_CAP:,} hits count',
    ),
]
PositionKind = tuple[int | float | datetime | None, UUID]


class VideoController(Controller):
    """The library."""

    path = "/videos"
    tags = ["catalogue"]
    guards = [known_caller]
    security = BEARER

    @get("/", sync_to_thread=True)
    def list_videos(
        self, reading: NamedDependency[Reading], platform: PlatformFilter = None, account_id: AccountFilter = None,
        collection_id: CollectionFilter = None, posted_from: PostedFrom = None, posted_to: PostedTo = None,
        selection: SelectionFilter = None, is_removed: RemovedFilter = None,
        min_views: Annotated[int | None, QueryParameter(ge=0, le=BIGGEST, description="at least so many views")] = None,
        q: Words = None, sort: Sorted = VideoSort.VIEWS, order: Ordered = Order.DESCENDING, cursor: CursorParam = None, limit: Limit = 20,
    ) -> Page[VideoOut]:  # fmt: skip
        """List videos, most viewed first. Pages are stable under inserts; videos without the sort key come last."""
        filters: dict[str, object] = {
            "platform": platform, "account_id": account_id, "posted_from": posted_from, "posted_to": posted_to, "selection": selection,
            "min_views": min_views, "words": words_of(q), "is_removed": is_removed,
        }  # fmt: skip
        with reading.database.begin(reading.entry) as uow:
            filters["collection_id"] = uow.collections.narrowing(collection_id)
            return video_page(uow, reading.cursors, filters, (sort, order), cursor=cursor, limit=limit)

    @get("/{video_id:uuid}", sync_to_thread=True)
    def get_video(
        self, video_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry], as_of: AsOf = None
    ) -> VideoDetailOut:
        """One video with its score and engagement. With `as_of`: the counters, texts and score that were known then."""
        moment = asked_moment(as_of)
        with database.begin(entry) as uow:
            return VideoDetailOut.described(*uow.videos.get(video_id, as_of=moment), moment)

    @patch("/{video_id:uuid}", sync_to_thread=True)
    def change_video(
        self, video_id: FromPath[UUID], data: JSONBody[VideoIn], database: NamedDependency[Database], entry: NamedDependency[Entry]
    ) -> VideoDetailOut:
        """Tell whether the video's views were bought or promoted. It is nobody's peer then, from the next release of insights on."""
        with database.begin(entry) as uow:
            needs_write(uow)
            library.tell_promoted(uow, video_id, data.is_promoted)
            return VideoDetailOut.described(*uow.videos.get(video_id), None)

    @get("/{video_id:uuid}/snapshots", sync_to_thread=True)
    def list_snapshots(
        self, video_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry],
        cursors: NamedDependency[Cursors], as_of: AsOf = None, cursor: CursorParam = None, limit: Limit = 20,
    ) -> Page[SnapshotOut]:  # fmt: skip
        """The counters of a video over time, newest first: what was seen at or before `as_of`."""
        moment, scope = asked_moment(as_of), f"snapshots:{video_id}:{as_of}"
        before = cursors.read(cursor, scope, tuple[datetime])[0] if cursor else None
        with database.begin(entry) as uow:
            found = uow.videos.snapshots(video_id, limit=limit + 1, as_of=moment, before=before)
        return page(found, limit, shape=SnapshotOut.of, position=lambda s: (s.observed_at,), cursors=cursors, scope=scope)

    @get("/{video_id:uuid}/media", sync_to_thread=True)
    def list_media(self, video_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]) -> PostMediasOut:
        """What is to be seen of a post: its thumbnail, as measured, and the files of its video with what is said in them."""
        with database.begin(entry) as uow:
            video, _ = uow.videos.get(video_id)
            thumbnail, files = uow.thumbnails.of_video(video_id), uow.media.all_of_video(video_id, limit=100)
            facts = uow.media.facts([each.media_id for each in files])
        shown = [PostMediaOut.of_thumbnail(video.thumbnail_url, thumbnail)] if video.thumbnail_url else []
        return PostMediasOut(items=[*shown, *(PostMediaOut.of_file(video, each, facts.get(each.media_id)) for each in files)])


def video_page(
    uow: UnitOfWork, cursors: Cursors, filters: Mapping[str, object], sorted_by: tuple[VideoSort, Order], *, cursor: str | None, limit: int,
    asked: Mapping[str, object] | None = None,
) -> Page[VideoOut]:  # fmt: skip
    """A page of videos. The cursor is bound to the filters and the order; to what was asked, where that is filtered in several ways."""
    sort, order = sorted_by
    scope = f"videos:{sort}:{order}:{sorted((filters if asked is None else asked).items())}"
    after = Position(*cursors.read(cursor, scope, PositionKind)) if cursor else None
    found = uow.videos.page(sort=sort, is_descending=order is Order.DESCENDING, limit=limit + 1, after=after, filters=filters)
    return page(found, limit, shape=VideoOut.of, position=lambda v: (v.key(sort), v.video_id), cursors=cursors, scope=scope)
