"""What each list of the Data API finds. An item is made only when its page is shown."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from sandbox.google import resources
from sandbox.google.grants import Consent
from sandbox.google.project import has_comments_off
from sandbox.google.resources import Resource
from sandbox.google.wording import Refusal
from sandbox.serving import Asked
from sandbox.world import Comment, Creator, Post, State, World

Make = Callable[[], Resource]
CHART_DAYS = 7
CHART_SIZE = 200
# A search gives no more than so many, whatever it says it found.
SEARCH_SIZE = 500


@dataclass(frozen=True, slots=True)
class Found:
    """Everything that was found, in order. `is_by_id`: one answer has it all, without pages."""

    items: Sequence[Make]
    is_by_id: bool = False
    extra: dict[str, object] = field(default_factory=dict)


class Lists:
    """Each method is a list, named after its address."""

    def __init__(self, world: World, inline_replies: int) -> None:
        self._world, self._inline = world, inline_replies

    def channels(self, asked: Asked, who: Consent | None, now: datetime) -> Found:
        words = asked.query
        if words.get("mine") == "true":
            if who is None:
                raise Refusal(401, "authorizationRequired", "The request uses the mine parameter but is not properly authorized.")
            wanted = [who.channel_id]
        elif "forHandle" in words:
            wanted = [words["forHandle"].removeprefix("@")]
        else:
            wanted = _ids(asked)
        theirs = [creator for word in wanted if (creator := self._creator(word, by_name="forHandle" in words))]
        return Found([partial(resources.channel, each, self._world, now) for each in theirs], is_by_id=True)

    def playlistitems(self, asked: Asked, who: Consent | None, now: datetime) -> Found:
        playlist = asked.query.get("playlistId", "")
        creator = self._world.creator("youtube", playlist) if playlist.startswith("UU") else None
        if creator is None or not self._world.history(creator):
            # Also where a channel never had a video: its list is made with the first one.
            message = "The playlist identified with the request's <code>playlistId</code> parameter cannot be found."
            raise Refusal(404, "playlistNotFound", message, domain="youtube.playlistItem")
        posts = self._world.posts(creator, at=now, everything=_owns(who, creator))
        return Found([partial(resources.playlist_item, post, playlist, at, self._world, now) for at, post in enumerate(posts)])

    def videos(self, asked: Asked, who: Consent | None, now: datetime) -> Found:
        if asked.query.get("chart") == "mostPopular":
            return Found([partial(resources.video, post, self._world, now) for post in self._popular(now)])
        posts = self._visible(_ids(asked), who, now)
        return Found([partial(resources.video, post, self._world, now) for post in posts], is_by_id=True)

    def videos_batchgetstats(self, asked: Asked, who: Consent | None, now: datetime) -> Found:
        posts = self._visible(_ids(asked), who, now)
        return Found([partial(resources.video_stat, post, self._world, now) for post in posts], is_by_id=True)

    def search(self, asked: Asked, who: Consent | None, now: datetime) -> Found:  # noqa: ARG002
        words = asked.query
        found = [post for post in self._world.all_posts("youtube", at=now) if _fits(post, words)]
        if words.get("order", "relevance") in ("relevance", "viewCount"):
            found.sort(key=lambda post: -self._world.seen(post, at=now).views)
        made = [partial(resources.search_result, post) for post in found[:SEARCH_SIZE]]
        return Found(made, extra={"regionCode": words.get("regionCode", "US")})

    def commentthreads(self, asked: Asked, who: Consent | None, now: datetime) -> Found:
        post = self._commented(asked.query.get("videoId", ""), who, now)
        threads = _threads(self._world.comments(post, at=now))
        return Found([partial(resources.thread, top, replies, post, self._inline) for top, replies in threads])

    def comments(self, asked: Asked, who: Consent | None, now: datetime) -> Found:  # noqa: ARG002
        parent = asked.query.get("parentId", "")
        for post in self._world.all_posts("youtube", at=now):
            for top, replies in _threads(self._world.comments(post, at=now)):
                if top.comment_id == parent:
                    return Found([partial(resources.comment, each, None) for each in replies])
        raise Refusal(404, "commentNotFound", "The parent comment could not be found.", domain="youtube.comment")

    def captions(self, asked: Asked, who: Consent | None, now: datetime) -> Found:
        return Found([partial(resources.caption, post) for post in self._visible([asked.query.get("videoId", "")], who, now)])

    def _creator(self, word: str, *, by_name: bool) -> Creator | None:
        """Ids are exact, handles are not; one is never taken for the other."""
        creator = self._world.creator("youtube", word)
        return creator if creator and (creator.username.casefold() == word.casefold() if by_name else creator.native_id == word) else None

    def _visible(self, ids: list[str], who: Consent | None, now: datetime) -> list[Post]:
        """Deleted ones are nobody's, private ones their owner's."""
        found = [post for each in ids if (post := self._world.post("youtube", each))]
        return [post for post in found if self._may_see(post, who, now)]

    def _may_see(self, post: Post, who: Consent | None, now: datetime) -> bool:
        state = self._world.state(post, at=now)
        return state is State.PUBLIC or (state is State.PRIVATE and _owns(who, post.creator))

    def _popular(self, now: datetime) -> list[Post]:
        recent = [post for post in self._world.all_posts("youtube", at=now) if now - post.posted_at <= timedelta(days=CHART_DAYS)]
        return sorted(recent, key=lambda post: -self._world.seen(post, at=now).views)[:CHART_SIZE]

    def _commented(self, video_id: str, who: Consent | None, now: datetime) -> Post:
        posts = self._visible([video_id], who, now)
        if not posts:
            message = "The video identified by the <code>videoId</code> parameter could not be found."
            raise Refusal(404, "videoNotFound", message, domain="youtube.commentThread")
        if has_comments_off(posts[0]):
            message = "The video identified by the <code>videoId</code> parameter has disabled comments."
            raise Refusal(403, "commentsDisabled", message, domain="youtube.commentThread")
        return posts[0]


def _ids(asked: Asked) -> list[str]:
    found = [each for words in asked.every.get("id", []) for each in words.split(",") if each]
    if not found:
        raise Refusal(400, "missingRequiredParameter", "No filter selected. Expected one of: id, chart, mine", domain="youtube.parameter")
    if len(found) > 50:
        raise Refusal(400, "invalidParameter", "The number of ids cannot exceed 50.")
    return list(dict.fromkeys(found))


def _owns(who: Consent | None, creator: Creator) -> bool:
    return who is not None and who.channel_id == creator.native_id


def _fits(post: Post, query: Mapping[str, str]) -> bool:
    if query.get("channelId") not in (None, post.creator.native_id):
        return False
    if "publishedAfter" in query and post.posted_at < datetime.fromisoformat(query["publishedAfter"]):
        return False
    text = f"{post.title} {post.description}".casefold()
    return all(word in text for word in re.findall(r"#?\w+", query.get("q", "").casefold()))


def _threads(comments: list[Comment]) -> list[tuple[Comment, list[Comment]]]:
    """Newest thread first, replies by age."""
    threads: list[tuple[Comment, list[Comment]]] = []
    for each in comments:
        if each.parent_id is None:
            threads.append((each, []))
        else:
            threads[-1][1].append(each)
    return threads
