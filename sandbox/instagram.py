"""Instagram's profiles, posts and comments of the world, worded as Bright Data's records. Orders and bills are in `sandbox.brightdata`."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox.world import Creator, Post, State, World

Record = dict[str, Any]
PROFILES, POSTS = "gd_l1vikfch901nx3by4", "gd_lk5ns7kz21pck8jpis"
REELS, COMMENTS = "gd_lyclm20il4r5helnj", "gd_ltppn085pokosxh13"
# Every so many creators hide their number of likes.
HIDING = 20
SHOWN_ON_PROFILE, LATEST_COMMENTS = 12, 15
_POST = re.compile(r"instagram\.com/(?:[^/]+/)?(?:p|reel|tv)/([A-Za-z0-9_-]{5,40})")
_PROFILE = re.compile(r"instagram\.com/([A-Za-z0-9._]{1,30})/?$")


def _profile(world: World, one: Mapping[str, Any], _: int, at: datetime) -> Iterator[Record]:
    creator = _creator(world, one)
    if creator is None:
        yield _failed(one, "Page not found", at)
        return
    posts = world.posts(creator, at=at)
    yield {
        "account": creator.username, "fbid": f"17841{creator.native_id}", "id": creator.native_id, "full_name": creator.title,
        "profile_name": creator.title, "biography": creator.description, "followers": world.followers(creator, at=at),
        "following": creator.following, "posts_count": len(posts), "is_verified": creator.is_verified, "is_private": False,
        "is_business_account": False, "is_professional_account": True, "profile_image_link": _picture(creator.username),
        "profile_url": f"https://www.instagram.com/{creator.username}", "external_url": None,
        "posts": [
            {
                "id": _number(post), "caption": post.description, "comments": world.seen(post, at=at).comments, "content_type": "Video",
                "datetime": _moment(post.posted_at), "image_url": _picture(post.native_id), "is_pinned": False,
                "likes": _likes(world, post, at), "post_hashtags": list(post.hashtags), "url": f"https://www.instagram.com/p/{post.native_id}",
            }
            for post in posts[:SHOWN_ON_PROFILE]
        ],
        "input": dict(one), "timestamp": _moment(at),
    }  # fmt: skip


def _discovered(world: World, one: Mapping[str, Any], limit: int, at: datetime) -> Iterator[Record]:
    """Newest first, within the days that were asked for."""
    creator = _creator(world, one)
    if creator is None:
        yield _failed(one, "The navigation resulted in a dead page (404 status code)", at)
        return
    first, last = _day(one.get("start_date")), _day(one.get("end_date"))
    within = [
        post
        for post in world.posts(creator, at=at)
        if (first is None or post.posted_at >= first) and (last is None or post.posted_at.date() <= last.date())
    ]
    most = min([number for number in (limit, int(one.get("num_of_posts") or 0)) if number] or [len(within)])
    if not within:
        period = " for the specified period" if first or last else ""
        yield _failed(one, f"No public posts were found in the profile{period}.", at)
    for post in within[:most]:
        yield {**_post(world, post, at), "input": {"url": _url(post)}, "discovery_input": dict(one), "timestamp": _moment(at)}


def _collected(world: World, one: Mapping[str, Any], _: int, at: datetime) -> Iterator[Record]:
    post = _named(world, one)
    state = None if post is None else world.state(post, at=at)
    if post is None or state is not State.PUBLIC:
        yield _failed(one, "This content is private" if state is State.PRIVATE else "Page not found", at)
        return
    yield {**_post(world, post, at), "input": dict(one), "timestamp": _moment(at)}


def _comments(world: World, one: Mapping[str, Any], limit: int, at: datetime) -> Iterator[Record]:
    post = _named(world, one)
    if post is None or world.state(post, at=at) is not State.PUBLIC:
        yield _failed(one, "Page not found", at)
        return
    every = world.comments(post, at=at)
    threads = [comment for comment in every if comment.parent_id is None]
    if not threads:
        yield _failed(one, "No comments were found", at, code="no_comments")
    for comment in threads[: limit or LATEST_COMMENTS]:
        replies = [each for each in every if each.parent_id == comment.comment_id]
        yield {
            "url": _url(post), "comment_user": comment.author_name, "comment_user_url": f"https://www.instagram.com/{comment.author_name}",
            "comment_date": _moment(comment.posted_at), "comment": comment.text, "likes_number": comment.likes,
            "replies_number": len(replies), "replies": None, "hashtag_comment": None, "tagged_users_in_comment": None,
            "post_url": _url(post), "post_user": post.creator.username, "comment_id": comment.comment_id,
            "post_id": f"{_number(post)}_{post.creator.native_id}", "input": dict(one), "timestamp": _moment(at),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Collector:
    """What one dataset takes and gives. `discover_by` is None where pages are named one by one."""

    dataset_id: str
    discover_by: str | None
    needs: str
    fields: frozenset[str]
    collect: Callable[[World, Mapping[str, Any], int, datetime], Iterator[Record]]


_DAYS = frozenset({"url", "num_of_posts", "start_date", "end_date", "posts_to_not_include"})
COLLECTORS = (
    Collector(PROFILES, None, "url", frozenset({"url"}), _profile),
    Collector(PROFILES, "user_name", "user_name", frozenset({"user_name"}), _profile),
    Collector(POSTS, None, "url", frozenset({"url"}), _collected),
    Collector(POSTS, "url", "url", _DAYS | {"post_type"}, _discovered),
    Collector(REELS, None, "url", frozenset({"url"}), _collected),
    Collector(REELS, "url", "url", _DAYS, _discovered),
    Collector(REELS, "url_all_reels", "url", _DAYS, _discovered),
    Collector(COMMENTS, None, "url", frozenset({"url"}), _comments),
)


def _post(world: World, post: Post, at: datetime) -> Record:
    seen, creator, sound = world.seen(post, at=at), post.creator, post.sound
    return {
        "url": _url(post), "user_posted": creator.username, "user_posted_id": creator.native_id, "description": post.description,
        "hashtags": [f"#{tag}" for tag in post.hashtags], "num_comments": seen.comments, "date_posted": _moment(post.posted_at),
        "likes": _likes(world, post, at), "photos": None, "videos": [f"https://cdn.example/{post.native_id}.mp4"], "views": seen.views // 2,
        "video_view_count": seen.views // 2, "video_play_count": seen.views, "length": f"{post.duration_seconds}.033",
        "post_id": _number(post), "pk": _number(post), "shortcode": post.native_id, "content_id": post.native_id, "content_type": "Reel",
        "product_type": "clips", "thumbnail": _picture(post.native_id), "followers": world.followers(creator, at=at),
        "following": creator.following, "posts_count": len(world.posts(creator, at=at)), "is_verified": creator.is_verified,
        "profile_image_link": _picture(creator.username), "profile_url": f"https://www.instagram.com/{creator.username}",
        "audio_url": f"https://www.instagram.com/reels/audio/{sound.sound_id}" if sound else None,
        "audio": {"audio_asset_id": sound.sound_id if sound else None, "original_audio_title": sound.title if sound else None},
        "coauthor_producers": [], "tagged_users": [], "is_paid_partnership": False,
    }  # fmt: skip


def _failed(one: Mapping[str, Any], said: str, at: datetime, code: str = "dead_page") -> Record:
    return {"timestamp": _moment(at), "input": dict(one), "error": said, "error_code": code}


def _creator(world: World, one: Mapping[str, Any]) -> Creator | None:
    found = _PROFILE.search(str(one.get("url", "")).split("?")[0])
    name = one.get("user_name") or (found[1] if found else "")
    return world.creator("instagram", str(name)) if name else None


def _named(world: World, one: Mapping[str, Any]) -> Post | None:
    found = _POST.search(str(one.get("url", "")))
    return world.post("instagram", found[1]) if found else None


def _likes(world: World, post: Post, at: datetime) -> int:
    return -1 if post.creator.number % HIDING == 0 else world.seen(post, at=at).likes


def _url(post: Post) -> str:
    return f"https://www.instagram.com/p/{post.native_id}/"


def _number(post: Post) -> str:
    return str(3 * 10**18 + int(post.posted_at.timestamp()) * 10**6 + post.number)


def _picture(word: str) -> str:
    return f"https://scontent.cdninstagram.com/{word}.jpg"


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _day(word: object) -> datetime | None:
    """MM-DD-YYYY."""
    return datetime.strptime(str(word), "%m-%d-%Y").replace(tzinfo=UTC) if word else None
