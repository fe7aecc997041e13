"""What TikTok's web API answers to which question. The wording is in the modules beside this one, addresses and pages in `service`.

It answers empty with 200 to whoever did not come by the page (no signature, no token), as the real one does. `creator/item_list` is the one
that wants neither; yt-dlp asks it.
"""

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sandbox.serving import Answered, Asked
from sandbox.tiktok import comments, items, pages
from sandbox.world import Post, State, World

# TikTok's own numbers for what cannot be shown.
NO_USER, NO_SOUND, NO_POST, NO_TAG, PRIVATE = 10202, 10203, 10204, 10205, 10216
HOUR_MS = 3_600_000


def detail(world: World, who: str, at: datetime) -> dict[str, Any]:
    """A profile, by handle, id or secUid."""
    creator = world.creator("tiktok", who)
    if creator is None:
        return {"statusCode": NO_USER, "statusMsg": "", "userInfo": {}}
    return {"userInfo": items.user_info(world, creator, at), "shareMeta": {}, "statusCode": 0, "statusMsg": ""}


class Api:
    """All below `/api/`. It remembers how much of what is trending it has shown."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._shown: dict[str, int] = {}
        self._calls: dict[str, Callable[[Asked, datetime], dict[str, Any]]] = {
            "user/detail": self._user, "post/item_list": self._posts, "challenge/detail": self._tag, "challenge/item_list": self._of_tag,
            "music/detail": self._sound, "music/item_list": self._of_sound, "recommend/item_list": self._trending,
            "search/item/full": self._found, "search/user/full": self._found_users, "comment/list": self._comments,
            "comment/list/reply": self._replies, "related/item_list": self._trending,
        }  # fmt: skip

    def answer(self, asked: Asked, at: datetime) -> Answered | None:
        what = asked.path.removeprefix("/api/").strip("/")
        if what == "heartbeat":
            return Answered.of_json({"status_code": 0})
        if what == "creator/item_list":
            return Answered.of_json(self._by_creator(asked, at))
        if what not in self._calls:
            return None
        is_signed = asked.query.get("X-Bogus", "").startswith(pages.SIGNED) and "msToken=" in asked.headers.get("cookie", "")
        if not is_signed:
            return Answered(200, b"", {"Content-Type": "application/json"})
        found = self._calls[what](asked, at)
        return Answered.of_json({"extra": {"now": int(at.timestamp() * 1000)}, "log_pb": {"impr_id": "sandbox"}, "status_code": 0} | found)

    def _user(self, asked: Asked, at: datetime) -> dict[str, Any]:
        found = detail(self._world, asked.query.get("secUid") or asked.query.get("uniqueId", ""), at)
        return {**found, "status_code": found["statusCode"]}

    def _posts(self, asked: Asked, at: datetime) -> dict[str, Any]:
        creator = self._world.creator("tiktok", asked.query.get("secUid", ""))
        if creator is None:
            return _refused(NO_USER)
        posts, cursor = self._world.posts(creator, at=at), int(asked.query.get("cursor") or 0)
        page = [post for post in posts if not cursor or _ms(post) < cursor][: min(int(asked.query.get("count", 30)), 35)]
        # The pinned post stands before the others on the first page, out of its order.
        pinned = posts[-1:] if creator.number % 5 == 2 and not cursor and len(posts) > 3 else []
        listed = [items.item(self._world, post, at, is_pinned=True) for post in pinned]
        listed += [items.item(self._world, post, at) for post in page if post not in pinned]
        more = bool(page) and page[-1] is not posts[-1]
        return {"itemList": listed, "hasMore": more, "cursor": str(_ms(page[-1]) if page else 0), "statusCode": 0}

    def _by_creator(self, asked: Asked, at: datetime) -> dict[str, Any]:
        creator = self._world.creator("tiktok", asked.query.get("secUid", ""))
        posts, cursor = self._world.posts(creator, at=at) if creator else [], int(asked.query["cursor"])
        # Who asks first gives the present, and our clock may be ahead of it.
        is_first = abs(cursor - time.time() * 1000) < HOUR_MS and cursor not in map(_ms, posts)
        page = [post for post in posts if is_first or _ms(post) < cursor][: int(asked.query.get("count", 15))]
        more = bool(page) and page[-1] is not posts[-1]
        return {"itemList": self._written(page, at), "hasMorePrevious": more, "hasMoreLatest": False, "status_code": 0, "statusCode": 0}

    def _tag(self, asked: Asked, at: datetime) -> dict[str, Any]:
        name = asked.query.get("challengeName", "").lower()
        using = self._using(at, lambda post: name in post.hashtags)
        if not using:
            return _refused(NO_TAG)
        views = sum(self._world.seen(post, at=at).views for post in using)
        return {
            "challengeInfo": {"challenge": items.challenge(name), "stats": {"videoCount": len(using), "viewCount": views}},
            "statusCode": 0,
        }

    def _of_tag(self, asked: Asked, at: datetime) -> dict[str, Any]:
        wanted = asked.query.get("challengeID", "")
        return self._listed(
            self._using(at, lambda post: any(items.number_of("challenge", tag) == wanted for tag in post.hashtags)), asked, at
        )

    def _sound(self, asked: Asked, at: datetime) -> dict[str, Any]:
        sound = next((sound for sound in self._world.sounds if sound.sound_id == asked.query.get("musicId")), None)
        if sound is None:
            return _refused(NO_SOUND)
        using = self._using(at, lambda post: post.sound == sound)
        return {"musicInfo": {"music": items.music(sound), "author": {}, "stats": {"videoCount": len(using)}}, "statusCode": 0}

    def _of_sound(self, asked: Asked, at: datetime) -> dict[str, Any]:
        wanted = asked.query.get("musicID")
        return self._listed(self._using(at, lambda post: post.sound is not None and post.sound.sound_id == wanted), asked, at)

    def _found(self, asked: Asked, at: datetime) -> dict[str, Any]:
        words = asked.query.get("keyword", "").lower().split()
        found = self._listed(self._using(at, lambda post: all(word in post.description.lower() for word in words)), asked, at, count=12)
        return {
            "item_list": found["itemList"], "has_more": int(found["hasMore"]), "cursor": int(found["cursor"]), "rid": "20261125sandbox",
        }  # fmt: skip

    def _found_users(self, asked: Asked, at: datetime) -> dict[str, Any]:
        words = asked.query.get("keyword", "").lower()
        found = [c for c in self._world.creators if c.platform == "tiktok" and words in f"{c.username} {c.title}".lower()]
        listed = [{"user_info": {
            "sec_uid": c.second_id, "user_id": c.native_id, "uid": c.native_id, "unique_id": c.username, "nickname": c.title,
            "follower_count": self._world.followers(c, at=at),
        }} for c in found[:10]]  # fmt: skip
        return {"user_list": listed, "has_more": 0, "cursor": len(listed), "rid": "20261125sandbox"}

    def _trending(self, asked: Asked, at: datetime) -> dict[str, Any]:
        """The most seen posts, from the asker's country first; the next question is answered with the next ones, for ever."""
        region, count = asked.query.get("region", "US"), min(int(asked.query.get("count", 30)), 30)
        posts = sorted(self._using(at), key=lambda p: (p.creator.country != region, -self._world.seen(p, at=at).views, p.native_id))
        first = self._shown.get(region, 0) % max(1, len(posts))
        self._shown[region] = first + count
        return {"itemList": self._written((posts[first:] + posts)[:count], at), "hasMore": True, "statusCode": 0}

    def _comments(self, asked: Asked, at: datetime) -> dict[str, Any]:
        post = self._shown_post(asked.query.get("aweme_id", ""), at)
        if post is None:
            return _refused(NO_POST)
        found = [comments.comment(post, top, replies=len(under)) for top, under in comments.threads(self._world, post, at)]
        return _page_of(found, asked)

    def _replies(self, asked: Asked, at: datetime) -> dict[str, Any]:
        post = self._shown_post(asked.query.get("item_id", ""), at)
        if post is None:
            return _refused(NO_POST)
        wanted = asked.query.get("comment_id")
        under = next(
            (under for top, under in comments.threads(self._world, post, at) if items.number_of("comment", top.comment_id) == wanted), []
        )
        return _page_of([comments.comment(post, reply) for reply in under], asked)

    def _shown_post(self, video_id: str, at: datetime) -> Post | None:
        post = self._world.post("tiktok", video_id)
        return post if post and self._world.state(post, at=at) is State.PUBLIC else None

    def _using(self, at: datetime, fits: Callable[[Post], bool] = lambda _: True) -> list[Post]:
        return [post for post in self._world.all_posts("tiktok", at=at) if fits(post)]

    def _written(self, posts: Sequence[Post], at: datetime) -> list[dict[str, Any]]:
        return [items.item(self._world, post, at) for post in posts]

    def _listed(self, posts: Sequence[Post], asked: Asked, at: datetime, *, count: int = 30) -> dict[str, Any]:
        first, most = int(asked.query.get("cursor") or 0), min(int(asked.query.get("count", count)), 35)
        page = posts[first : first + most]
        more = first + most < len(posts)
        return {"itemList": self._written(page, at), "hasMore": more, "cursor": str(first + len(page)), "statusCode": 0}


def _ms(post: Post) -> int:
    return int(post.posted_at.timestamp()) * 1000


def _refused(code: int) -> dict[str, Any]:
    return {"status_code": code, "statusCode": code, "status_msg": ""}


def _page_of(found: Sequence[dict[str, Any]], asked: Asked) -> dict[str, Any]:
    first, most = int(asked.query.get("cursor") or 0), min(int(asked.query.get("count", 20)), 50)
    page = list(found[first : first + most])
    # An empty list is written as null there.
    return {"comments": page or None, "cursor": first + len(page), "has_more": int(first + most < len(found)), "total": len(found)}
