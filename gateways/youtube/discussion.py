"""Comments of a video: threads with the replies that come along, and the others thread by thread."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from domain.errors import SourceRefused
from domain.platforms.youtube_comments import Thread, read_replies, read_threads
from domain.sources import CommentFacts, CommentsRead
from gateways.youtube.asking import SOURCE
from gateways.youtube.listing import Listing

PAGE = 100


@dataclass
class _Taken:
    """What was read so far. `is_whole`: nothing was left behind."""

    limit: int
    comments: list[CommentFacts] = field(default_factory=list)
    is_whole: bool = True

    @property
    def room(self) -> int:
        return self.limit - len(self.comments)


def read_comments(listing: Listing, video_id: str, limit: int) -> CommentsRead:
    """Newest threads first, each with its replies behind it. A page is one unit, a long thread one more."""
    taken, at = _Taken(limit), listing.google.now()
    words = {"part": "snippet,replies", "videoId": video_id, "order": "time", "textFormat": "plainText"}
    for page in listing.pages("commentThreads.list", words, limit, read_threads, size=PAGE):
        at = min(at, page.fetched_at)
        if page.refused:
            return _refused(page.refused, video_id, at)
        for thread in page.value or []:
            _take(taken, thread, listing)
        if taken.room <= 0:
            break
    return CommentsRead(SOURCE, at, tuple(taken.comments), is_whole=taken.is_whole and taken.room > 0)


def _refused(reason: str, video_id: str, at: datetime) -> CommentsRead:
    if reason != "commentsDisabled":
        raise SourceRefused(SOURCE, f"there is no video {video_id}", category="not_found")
    return CommentsRead(SOURCE, at, (), is_disabled=True, is_whole=True)


def _take(taken: _Taken, thread: Thread, listing: Listing) -> None:
    if taken.room <= 0:
        taken.is_whole = False
        return
    taken.comments.append(thread.top)
    replies = list(thread.replies)
    if thread.declared_replies > len(replies) and taken.room > len(replies):
        replies = _replies(thread.top.external_id, taken.room, listing) or replies
    taken.is_whole = taken.is_whole and len(replies) <= taken.room
    taken.comments += replies[: taken.room]


def _replies(parent_id: str, most: int, listing: Listing) -> list[CommentFacts]:
    found: list[CommentFacts] = []
    words = {"part": "snippet", "parentId": parent_id, "textFormat": "plainText"}
    for page in listing.pages("comments.list", words, most, partial(read_replies, parent_id=parent_id), size=PAGE):
        found += page.value or []
        if len(found) >= most:
            break
    return found
