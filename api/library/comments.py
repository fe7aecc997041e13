"""Comments of a video in threads. Reading them anew is in `api.library.refreshing`."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from api.pages import CursorParam, Cursors, Limit, Page, page
from api.security import BEARER, known_caller
from store.comments import Comment, ReadOfComments
from store.database import Database, Entry
from store.keyset import Position
from store.work import UnitOfWork

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
        with database.begin(entry) as uow:
            if parent_id is not None:
                return _replies_page(uow, cursors, (video_id, parent_id), cursor=cursor, limit=limit)
            return comments_page(uow, cursors, video_id, sort=sort, cursor=cursor, limit=limit)


def comments_page(
    uow: UnitOfWork, cursors: Cursors, video_id: UUID, *, limit: int, sort: ThreadSort = ThreadSort.POSTED_AT, cursor: str | None = None
) -> CommentsOut:
    """A page of threads, each with its first replies."""
    scope = f"comments:{video_id}:{sort}"
    after = Position(*cursors.read(cursor, scope, ThreadPosition)) if cursor else None
    read, found = uow.comments.read_of(video_id), uow.comments.threads(video_id, sort=sort, limit=limit + 1, after=after)
    replies = _by_thread(uow.comments.replies(video_id, [each.comment_id for each in found], limit=SHOWN_REPLIES))
    listed = page(
        found, limit, shape=lambda each: CommentOut.of(each, replies.get(each.comment_id)),
        position=lambda each: (each.key(sort), each.comment_id), cursors=cursors, scope=scope,
    )  # fmt: skip
    return _shaped(read, listed)


def _replies_page(uow: UnitOfWork, cursors: Cursors, thread: tuple[UUID, str], *, cursor: str | None, limit: int) -> CommentsOut:
    scope = f"replies:{thread}"
    after = cursors.read(cursor, scope, tuple[datetime | None, str]) if cursor else None
    read, found = uow.comments.read_of(thread[0]), uow.comments.replies_after(*thread, limit=limit + 1, after=after)
    listed = page(found, limit, shape=CommentOut.of, position=lambda each: (each.posted_at, each.comment_id), cursors=cursors, scope=scope)
    return _shaped(read, listed)


def _shaped(read: ReadOfComments | None, listed: Page[CommentOut]) -> CommentsOut:
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
