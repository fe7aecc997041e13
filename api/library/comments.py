"""Comments of a video in threads. Reading them anew is in `api.library.refreshing`."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from api.pages import CursorParam, Cursors, Limit, page
from api.security import BEARER, known_caller
from store.comments import Comment, ReadOfComments
from store.database import Database, Entry
from store.keyset import Position

# How many replies come with their thread; the others are asked for with `parent_id`.
SHOWN_REPLIES = 3
ThreadPosition = tuple[int | datetime | None, str]


class CommentOut(msgspec.Struct, frozen=True, kw_only=True):
    """A comment as it was seen last. `replies` is what the platform says, `known_replies` how many of them are kept here.

    `first_replies` are the oldest ones; for more list the comments with `parent_id`.
    """

    comment_id: str
    parent_id: str | None
    author_id: str | None
    author_name: str | None
    text: str
    likes: int | None
    replies: int | None
    known_replies: int
    posted_at: datetime | None
    seen_from: datetime
    seen_at: datetime
    source: str
    first_replies: list["CommentOut"] = []

    @classmethod
    def of(cls, comment: Comment, replies: list[Comment] | None = None) -> "CommentOut":
        facts: dict[str, Any] = {name: getattr(comment, name) for name in cls.__struct_fields__ if name != "first_replies"}
        return cls(**facts, first_replies=[cls.of(each) for each in replies or ()])


class CommentsOut(msgspec.Struct, frozen=True, kw_only=True):
    """One page of comments. `comments_read_at` is null until they were read; `is_whole`: there were no more than were read."""

    items: list[CommentOut]
    next_cursor: str | None
    has_more: bool
    comments_read_at: datetime | None
    is_disabled: bool
    is_whole: bool


class ThreadSort(StrEnum):
    """What threads are sorted by, newest or most liked first."""

    POSTED_AT = "posted_at"
    LIKES = "likes"


Parent = Annotated[str | None, QueryParameter(max_length=200, description="the replies to this comment, oldest first")]
ThreadSorted = Annotated[ThreadSort, QueryParameter(name="sort", description="of threads: posted_at or likes; replies are by date")]


class CommentController(Controller):
    """What people said under a video."""

    path = "/videos/{video_id:uuid}/comments"
    tags = ["catalogue"]
    guards = [known_caller]
    security = BEARER

    @get("/", sync_to_thread=True)
    def list_comments(
        self, video_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry],
        cursors: NamedDependency[Cursors], parent_id: Parent = None, sort: ThreadSorted = ThreadSort.POSTED_AT,
        cursor: CursorParam = None, limit: Limit = 20,
    ) -> CommentsOut:  # fmt: skip
        """List the comments of a video as they were read: threads with their first replies, or the replies of one thread."""
        reading = _Comments(video_id, cursors, cursor, limit)
        with database.begin(entry) as uow:
            read = uow.comments.read_of(video_id)
            if parent_id is not None:
                scope = f"replies:{video_id}:{parent_id}"
                after = cursors.read(cursor, scope, tuple[datetime | None, str]) if cursor else None
                found = uow.comments.replies_after(video_id, parent_id, limit=limit + 1, after=after)
                return reading.shaped(read, found, {}, scope, key="posted_at")
            scope = f"comments:{video_id}:{sort}"
            threads = uow.comments.threads(video_id, sort=sort, limit=limit + 1, after=reading.after(scope))
            replies = uow.comments.replies(video_id, [each.comment_id for each in threads], limit=SHOWN_REPLIES)
        return reading.shaped(read, threads, _by_thread(replies), scope, key=sort)


class _Comments:
    """One page on its way out."""

    def __init__(self, video_id: UUID, cursors: Cursors, cursor: str | None, limit: int) -> None:
        self._video_id, self._cursors, self._cursor, self._limit = video_id, cursors, cursor, limit

    def after(self, scope: str) -> Position | None:
        return Position(*self._cursors.read(self._cursor, scope, ThreadPosition)) if self._cursor else None

    def shaped(
        self, read: ReadOfComments | None, found: list[Comment], replies: dict[str, list[Comment]], scope: str, *, key: str
    ) -> CommentsOut:
        listed = page(
            found, self._limit, shape=lambda each: CommentOut.of(each, replies.get(each.comment_id)),
            position=lambda each: (each.key(key), each.comment_id), cursors=self._cursors, scope=scope,
        )  # fmt: skip
        return CommentsOut(
            items=listed.items, next_cursor=listed.next_cursor, has_more=listed.has_more,
            comments_read_at=read.comments_read_at if read else None, is_disabled=bool(read and read.is_disabled),
            is_whole=bool(read and read.is_whole),
        )  # fmt: skip


def _by_thread(replies: list[Comment]) -> dict[str, list[Comment]]:
    found: dict[str, list[Comment]] = {}
    for each in replies:
        found.setdefault(each.parent_id or "", []).append(each)
    return found
