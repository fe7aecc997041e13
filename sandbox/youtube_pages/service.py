"""Which address of YouTube's pages answers with what. The wording is in the modules beside this one."""

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from sandbox.media import WIDE, clip, part, picture
from sandbox.pictures import thumbnail
from sandbox.serving import Answered, Asked
from sandbox.world import Clock, Creator, Post, State, World
from sandbox.youtube_pages import comments, tabs, watch, words

_CHANNEL = re.compile(r"/(?:@([^/]+)|channel/(UC[\w-]{22}))(?:/(?:videos|shorts|featured|streams))?/?")
_VIDEO = re.compile(r"/(?:shorts|embed|live)/([\w-]{11})/?")


class YoutubePages:
    """The service. `folder` keeps the media file."""

    hosts = ("www.youtube.com", "youtube.com", "m.youtube.com", "youtu.be", watch.MEDIA_HOST, watch.IMAGE_HOST)
    paths = ()

    def __init__(self, world: World, clock: Clock, *, folder: Path) -> None:
        self._world, self._clock, self._folder = world, clock, folder
        self._api: dict[str, Callable[[Any, datetime], words.Words]] = {
            "player": self._player, "next": self._next, "browse": self._browse, "search": self._search,
        }  # fmt: skip

    def answer(self, asked: Asked) -> Answered | None:
        at = self._clock.now()
        if asked.host == watch.MEDIA_HOST:
            return part(clip(self._folder, WIDE), asked)
        if asked.host == watch.IMAGE_HOST:
            found = re.fullmatch(r"/vi/([\w-]{11})/\w+\.jpg", asked.path)
            post = self._world.post("youtube", found[1]) if found else None
            return thumbnail(post) if post else picture(0x335577)
        if asked.path.startswith("/youtubei/v1/"):
            call = self._api.get(asked.path.removeprefix("/youtubei/v1/"))
            return Answered.of_json({"responseContext": {"visitorData": "CgtzYW5kYm94"}} | call(asked.json(), at)) if call else None
        if asked.path == "/api/timedtext":
            post = self._shown(asked.query.get("v", ""), at)
            return Answered(200, watch.spoken(post).encode(), {"Content-Type": "text/vtt; charset=utf-8"}) if post else None
        return self._page(asked, at)

    def _page(self, asked: Asked, at: datetime) -> Answered | None:
        if asked.path == "/":
            return words.page({"contents": {}}, title="Home")
        if video_id := self._video_id(asked):
            post = self._world.post("youtube", video_id)
            data, told = watch.beside(self._world, post, at), watch.player(self._world, post, at, on_page=True)
            return words.page(data, title=post.title if post else "Video", player=told)
        if asked.path == "/playlist":
            owner = self._world.creator("youtube", asked.query.get("list", ""))
            return words.page(tabs.uploads(self._world, owner, at) if owner else tabs.missing(), title="Playlist")
        if found := _CHANNEL.fullmatch(asked.path):
            creator = self._world.creator("youtube", found[1] or found[2])
            return words.page(tabs.channel(self._world, creator, at), title=creator.title) if creator else Answered.of_html("", status=404)
        return None

    def _video_id(self, asked: Asked) -> str | None:
        if asked.host == "youtu.be":
            return asked.path.strip("/")
        found = _VIDEO.fullmatch(asked.path)
        return asked.query.get("v") if asked.path == "/watch" else found[1] if found else None

    def _player(self, asked: Any, at: datetime) -> words.Words:
        return watch.player(self._world, self._world.post("youtube", asked.get("videoId", "")), at)

    def _next(self, asked: Any, at: datetime) -> words.Words:
        if "continuation" not in asked:
            return watch.beside(self._world, self._world.post("youtube", asked.get("videoId", "")), at)
        match words.untoken(asked["continuation"]):
            case ["comments", video_id] if post := self._shown(video_id, at):
                return comments.head(self._world, post, at)
            case ["threads", video_id, first] if post := self._shown(video_id, at):
                return comments.threads(self._world, post, at, first)
            case ["replies", video_id, parent, first] if post := self._shown(video_id, at):
                return comments.replies(self._world, post, at, parent, first)
        return {}

    def _browse(self, asked: Any, at: datetime) -> words.Words:
        match words.untoken(asked.get("continuation")):
            case ["uploads", channel_id, first] if creator := self._creator(channel_id):
                items = tabs.uploads_page(self._world, creator, at, first)
                return {"onResponseReceivedActions": [{"appendContinuationItemsAction": {"continuationItems": items}}]}
        # A list by its name, written with VL in front.
        creator = self._creator(str(asked.get("browseId", "")).removeprefix("VL"))
        return tabs.uploads(self._world, creator, at) if creator else {}

    def _search(self, asked: Any, at: datetime) -> words.Words:
        match words.untoken(asked.get("continuation")):
            case ["found", wanted, first]:
                return tabs.found(self._world, self._matching(wanted, at), at, wanted, first)
        wanted = str(asked.get("query", ""))
        return tabs.found(self._world, self._matching(wanted, at), at, wanted, 0)

    def _matching(self, wanted: str, at: datetime) -> list[Post]:
        sought = wanted.lower().split()
        return [post for post in self._world.all_posts("youtube", at=at) if all(word in post.description.lower() for word in sought)]

    def _creator(self, word: str) -> Creator | None:
        return self._world.creator("youtube", word)

    def _shown(self, video_id: str, at: datetime) -> Post | None:
        post = self._world.post("youtube", video_id)
        return post if post and self._world.state(post, at=at) is State.PUBLIC else None
