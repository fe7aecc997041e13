"""Comments of YouTube (Data API v3) in our words: threads with the replies that come along, and replies of their own."""

from dataclasses import dataclass

from domain.imports import moments
from domain.imports.values import count, identifier, mapping, text
from domain.platforms.youtube import Item, items
from domain.sources import CommentFacts


@dataclass(frozen=True, slots=True)
class Thread:
    """A comment with the replies that came with it, and how many there are in all."""

    top: CommentFacts
    replies: tuple[CommentFacts, ...]
    declared_replies: int


def read_threads(payload: object) -> list[Thread]:
    """Parts: snippet, replies."""
    return [_thread(item) for item in items(payload, "youtube#commentThreadListResponse")]


def read_replies(payload: object, parent_id: str) -> list[CommentFacts]:
    """Part: snippet."""
    return [_comment(item, parent_id) for item in items(payload, "youtube#commentListResponse")]


def _thread(item: Item) -> Thread:
    snippet = mapping(item.get("snippet"), "snippet")
    declared = count(snippet.get("totalReplyCount"), "totalReplyCount") or 0
    top = _comment(mapping(snippet.get("topLevelComment"), "topLevelComment"), None, declared)
    along = mapping(item.get("replies"), "replies").get("comments") or []
    replies = [_comment(mapping(each, "comments"), top.external_id) for each in (along if isinstance(along, list) else [along])]
    return Thread(top, tuple(sorted(replies, key=_age)), declared)


def _comment(item: Item, parent_id: str | None, replies: int | None = None) -> CommentFacts:
    snippet = mapping(item.get("snippet"), "snippet")
    written = snippet.get("textOriginal") or snippet.get("textDisplay")
    author = mapping(snippet.get("authorChannelId"), "authorChannelId")
    return CommentFacts(
        external_id=identifier(item.get("id"), "id"),
        text=text(written, "textDisplay") or "",
        posted_at=moments.iso(snippet["publishedAt"], "publishedAt").at if snippet.get("publishedAt") else None,
        parent_id=parent_id,
        author_id=text(author.get("value"), "authorChannelId"),
        author_name=text(snippet.get("authorDisplayName"), "authorDisplayName"),
        likes=count(snippet.get("likeCount"), "likeCount"),
        replies=replies,
    )


def _age(comment: CommentFacts) -> tuple[str, str]:
    return (comment.posted_at.isoformat() if comment.posted_at else "", comment.external_id)
