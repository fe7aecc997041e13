"""TwitterAPI.io over the world's posts on X: users, their last posts, posts by id, replies and search, in pages, and the credits it takes.

The key is any `X-API-Key` but an empty one or "revoked".
"""

import hashlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.serving import Answered, Asked
from sandbox.world import Clock, Comment, Creator, Post, State, World

PAGE = 20
PER_POST, PER_PROFILE, PER_CALL = 15, 18, 15
GIVEN_CREDITS = 10_000_000
Words = dict[str, Any]


@dataclass
class TwitterApi:
    """The service. `spent_credits` grows with every answer."""

    world: World
    clock: Clock
    spent_credits: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    hosts = ("api.twitterapi.io",)
    paths = ("/twitter/", "/oapi/")

    def answer(self, asked: Asked) -> Answered | None:
        if asked.headers.get("x-api-key", "") in ("", "revoked"):
            return Answered.of_json({"error": "Unauthorized", "message": "API key is invalid"}, status=401)
        routes: dict[str, Callable[[Asked], Answered]] = {
            "/twitter/user/info": self._user,
            "/twitter/user/batch_info_by_ids": self._users,
            "/twitter/user/last_tweets": self._last,
            "/twitter/tweets": self._by_id,
            "/twitter/tweet/replies": self._replies,
            "/twitter/tweet/advanced_search": self._search,
            "/oapi/my/info": lambda _: Answered.of_json({"recharge_credits": GIVEN_CREDITS - self.spent_credits}),
        }
        route = routes.get(asked.path) if asked.method == "GET" else None
        return route(asked) if route else None

    def _user(self, asked: Asked) -> Answered:
        self._spend(PER_PROFILE)
        creator = self.world.creator("x", asked.query.get("userName", ""))
        if creator is None:
            return Answered.of_json({"status": "error", "msg": "User not found", "data": None})
        return Answered.of_json({"status": "success", "msg": "success", "data": self._user_words(creator)})

    def _users(self, asked: Asked) -> Answered:
        found = [self.world.creator("x", word) for word in asked.query.get("userIds", "").split(",") if word]
        users = [self._user_words(creator) for creator in found if creator]
        self._spend(max(PER_CALL, PER_PROFILE * len(users)))
        return Answered.of_json({"users": users, "status": "success", "msg": "success"})

    def _last(self, asked: Asked) -> Answered:
        creator = self.world.creator("x", asked.query.get("userId") or asked.query.get("userName", ""))
        if creator is None:
            self._spend(PER_CALL)
            return Answered.of_json({"status": "error", "code": 1, "msg": "User not found", "data": None})
        page = self._page(asked, self.world.posts(creator, at=self.clock.now()))
        tweets = page.pop("tweets")
        return Answered.of_json({"status": "success", "code": 0, "msg": "success", "data": {"pin_tweet": None, "tweets": tweets}, **page})

    def _by_id(self, asked: Asked) -> Answered:
        now = self.clock.now()
        found = [self.world.post("x", word) for word in asked.query.get("tweet_ids", "").split(",") if word]
        posts = [post for post in found if post and self.world.state(post, at=now) is State.PUBLIC]
        self._spend(max(PER_CALL, PER_POST * len(posts)))
        return Answered.of_json({"tweets": [self._words(post, now) for post in posts], "status": "success", "message": "success"})

    def _replies(self, asked: Asked) -> Answered:
        now, post = self.clock.now(), self.world.post("x", asked.query.get("tweetId", ""))
        if post is None or self.world.state(post, at=now) is not State.PUBLIC:
            self._spend(PER_CALL)
            return Answered.of_json(
                {"tweets": [], "has_next_page": False, "next_cursor": "", "status": "error", "message": "Tweet not found"}
            )
        replies = [_reply_words(comment, post) for comment in self.world.comments(post, at=now)]
        return Answered.of_json({**self._cut(asked, replies), "status": "success", "message": "success"})

    def _search(self, asked: Asked) -> Answered:
        """Words, all of which must be there; operators narrow nothing here."""
        words = [word.casefold() for word in asked.query.get("query", "").split() if ":" not in word and not word.startswith("-")]
        found = [
            post for post in self.world.all_posts("x", at=self.clock.now()) if all(word in post.description.casefold() for word in words)
        ]
        return Answered.of_json(self._page(asked, found if words else []))

    def _page(self, asked: Asked, posts: Sequence[Post]) -> Words:
        now = self.clock.now()
        return self._cut(asked, [self._words(post, now) for post in posts])

    def _cut(self, asked: Asked, tweets: Sequence[Words]) -> Words:
        """Twenty from where the cursor says. An unreadable cursor is the beginning."""
        given = asked.query.get("cursor", "")
        start = int(given.removeprefix("c-")) if given.removeprefix("c-").isdigit() else 0
        shown, has_more = list(tweets[start : start + PAGE]), start + PAGE < len(tweets)
        self._spend(max(PER_CALL, PER_POST * len(shown)))
        return {"tweets": shown, "has_next_page": has_more, "next_cursor": f"c-{start + PAGE}" if has_more else ""}

    def _spend(self, credits_: int) -> None:
        with self._lock:
            self.spent_credits += credits_

    def _user_words(self, creator: Creator) -> Words:
        now = self.clock.now()
        posts = self.world.posts(creator, at=now)
        return {
            "type": "user", "userName": creator.username, "url": f"https://x.com/{creator.username}", "id": creator.native_id,
            "name": creator.title, "isBlueVerified": creator.is_verified, "verifiedType": None,
            "profilePicture": f"https://pbs.twimg.com/profile_images/{creator.native_id}.jpg", "coverPicture": "",
            "description": creator.description, "location": creator.country, "followers": self.world.followers(creator, at=now),
            "following": creator.following, "canDm": False, "createdAt": _moment(creator.created_at), "favouritesCount": 0,
            "mediaCount": len(posts), "statusesCount": len(posts), "pinnedTweetIds": [], "isAutomated": False, "unavailable": False,
        }  # fmt: skip

    def _words(self, post: Post, now: datetime) -> Words:
        seen = self.world.seen(post, at=now)
        quotes = seen.shares // 8
        return {
            "type": "tweet", "id": post.native_id, "url": f"https://x.com/{post.creator.username}/status/{post.native_id}",
            "text": post.description, "source": "Twitter Web App", "retweetCount": seen.shares - quotes, "replyCount": seen.comments,
            "likeCount": seen.likes, "quoteCount": quotes, "viewCount": seen.views, "createdAt": _moment(post.posted_at), "lang": "en",
            "bookmarkCount": seen.bookmarks, "isReply": False, "inReplyToId": None, "conversationId": post.native_id,
            "inReplyToUserId": None, "inReplyToUsername": None, "author": self._user_words(post.creator),
            "extendedEntities": {
                "media": [
                    {
                        "type": "video", "media_url_https": f"https://pbs.twimg.com/media/{post.native_id}.jpg",
                        "video_info": {"duration_millis": post.duration_seconds * 1000, "aspect_ratio": [9, 16]},
                    }
                ]
            },
            "entities": {"hashtags": [{"indices": [0, 1], "text": tag} for tag in post.hashtags], "urls": [], "user_mentions": []},
            "quoted_tweet": None, "retweeted_tweet": None, "isLimitedReply": False,
        }  # fmt: skip


def _reply_words(comment: Comment, post: Post) -> Words:
    """Comments of the world have ids of words; on X every id is a number."""
    above = _native(comment.parent_id) if comment.parent_id else post.native_id
    return {
        "type": "tweet", "id": _native(comment.comment_id), "url": f"https://x.com/i/status/{_native(comment.comment_id)}",
        "text": comment.text, "retweetCount": 0, "replyCount": 0, "likeCount": comment.likes, "quoteCount": 0, "viewCount": 0,
        "createdAt": _moment(comment.posted_at), "lang": "en", "bookmarkCount": 0, "isReply": True, "inReplyToId": above,
        "conversationId": post.native_id, "inReplyToUsername": post.creator.username,
        "author": {"type": "user", "userName": comment.author_name, "id": _native(comment.author_id), "name": comment.author_name},
        "quoted_tweet": None, "retweeted_tweet": None,
    }  # fmt: skip


def _native(word: str) -> str:
    return str(10**18 + int.from_bytes(hashlib.sha256(word.encode()).digest()[:7], "big"))


def _moment(at: datetime) -> str:
    return at.strftime("%a %b %d %H:%M:%S +0000 %Y")
