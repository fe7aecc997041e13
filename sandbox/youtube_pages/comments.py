"""Comments of the world as YouTube's pages word them: a head with the orders, threads by page, replies by thread."""

from datetime import datetime, timedelta

from sandbox.world import Comment, Post, World
from sandbox.youtube_pages.words import Words, continued, paged, runs, simple, token

PAGE, REPLIES_PAGE = 20, 10


def head(world: World, post: Post, at: datetime) -> Words:
    """The first answer: how many there are, and where each order begins."""
    orders = [
        {"title": title, "serviceEndpoint": {"continuationCommand": {"token": token("threads", post.native_id, 0)}}}
        for title in ("Top comments", "Newest first")
    ]
    count = world.seen(post, at=at).comments
    menu = {"sortFilterSubMenuRenderer": {"subMenuItems": orders}}
    header = {"commentsHeaderRenderer": {"countText": runs(f"{count:,} Comments"), "commentsCount": simple(f"{count:,}"), "sortMenu": menu}}
    return {"onResponseReceivedEndpoints": [{"reloadContinuationItemsCommand": {"continuationItems": [header]}}]}


def threads(world: World, post: Post, at: datetime, first: int) -> Words:
    found = world.comments(post, at=at)
    tops = [made for made in found if made.parent_id is None]
    under = {top.comment_id: [reply for reply in found if reply.parent_id == top.comment_id] for top in tops}
    items = paged([_thread(post, top, len(under[top.comment_id])) for top in tops], first, PAGE, "threads", post.native_id)
    return _answer(
        items, tops[first : first + PAGE], at, "reloadContinuationItemsCommand" if first == 0 else "appendContinuationItemsAction"
    )


def replies(world: World, post: Post, at: datetime, parent: str, first: int) -> Words:
    found = [made for made in world.comments(post, at=at) if made.parent_id == parent]
    items = paged([{"commentViewModel": _view(made)} for made in found], first, REPLIES_PAGE, "replies", post.native_id, parent)
    return _answer(items, found[first : first + REPLIES_PAGE], at, "appendContinuationItemsAction")


def _answer(items: list[Words], shown: list[Comment], at: datetime, command: str) -> Words:
    mutations = [{"entityKey": f"key-{made.comment_id}", "payload": {"commentEntityPayload": _entity(made, at)}} for made in shown]
    return {
        "onResponseReceivedEndpoints": [{command: {"continuationItems": items}}],
        "frameworkUpdates": {"entityBatchUpdate": {"mutations": mutations}},
    }


def _thread(post: Post, top: Comment, count: int) -> Words:
    thread: Words = {"commentViewModel": {"commentViewModel": _view(top)}}
    if count:
        thread["replies"] = {"commentRepliesRenderer": {"contents": [continued("replies", post.native_id, top.comment_id, 0)]}}
    return {"commentThreadRenderer": thread}


def _view(made: Comment) -> Words:
    return {"commentId": made.comment_id, "commentKey": f"key-{made.comment_id}"}


def _entity(made: Comment, at: datetime) -> Words:
    author = {"channelId": made.author_id, "displayName": f"@{made.author_name}", "isCreator": False, "isVerified": False}
    return {
        "properties": {"commentId": made.comment_id, "content": {"content": made.text}, "publishedTime": _ago(at - made.posted_at)},
        "author": author,
        "toolbar": {"likeCountA11y": f"{made.likes} likes" if made.likes else "0 likes", "replyCount": ""},
    }


def _ago(age: timedelta) -> str:
    for unit, size in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if count := int(age.total_seconds()) // size:
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "1 minute ago"
