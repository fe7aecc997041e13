"""Comments of the world as TikTok words them: threads by page, replies by thread."""

from datetime import datetime
from typing import Any

from sandbox.tiktok.items import number_of
from sandbox.world import Comment, Post, World


def threads(world: World, post: Post, at: datetime) -> list[tuple[Comment, list[Comment]]]:
    """Each comment with its replies, newest thread first."""
    found = world.comments(post, at=at)
    return [(top, [reply for reply in found if reply.parent_id == top.comment_id]) for top in found if top.parent_id is None]


def comment(post: Post, made: Comment, *, replies: int = 0) -> dict[str, Any]:
    return {
        "cid": number_of("comment", made.comment_id), "text": made.text, "create_time": int(made.posted_at.timestamp()),
        "digg_count": made.likes, "reply_comment_total": replies, "aweme_id": post.native_id, "status": 1, "comment_language": "en",
        "reply_id": number_of("comment", made.parent_id) if made.parent_id else "0", "reply_to_reply_id": "0",
        "user": {
            "uid": number_of("user", made.author_id), "unique_id": made.author_name, "sec_uid": f"MS4wLjABAAAA{made.author_id}",
            "nickname": made.author_name,
        },
    }  # fmt: skip
