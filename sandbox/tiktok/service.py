"""Which address of TikTok answers with what: pages, short links, media; the API is in `api`, the wording in the modules beside it."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

from sandbox.media import clip, part, picture
from sandbox.pictures import thumbnail
from sandbox.serving import Answered, Asked
from sandbox.tiktok import charts, items, pages
from sandbox.tiktok.api import NO_POST, PRIVATE, Api, detail
from sandbox.world import Clock, Creator, Post, State, World

SHORT = ("vm.tiktok.com", "vt.tiktok.com")
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def short_code(video_id: str) -> str:
    """What a short link to this video is called."""
    number, letters = int(video_id), ""
    while number:
        number, rest = divmod(number, len(_LETTERS))
        letters = _LETTERS[rest] + letters
    return f"ZM{letters}"


class TikTok:
    """The service. `folder` keeps the media files."""

    hosts = (
        "www.tiktok.com", "tiktok.com", "m.tiktok.com", *SHORT, items.MEDIA_HOST, items.IMAGE_HOST, items.MUSIC_HOST, charts.HOST,
    )  # fmt: skip
    paths = ()

    def __init__(self, world: World, clock: Clock, *, folder: Path) -> None:
        self._world, self._clock, self._folder = world, clock, folder
        self._api = Api(world)
        self._covers = {items.name_of("cover", post.native_id): post for creator in world.creators for post in world.history(creator)}

    def answer(self, asked: Asked) -> Answered | None:
        at = self._clock.now()
        if asked.host == charts.HOST:
            return charts.rank_list(self._world, asked, at) if asked.path.rstrip("/") == charts.PATH else None
        if asked.host == items.MEDIA_HOST or asked.host == items.MUSIC_HOST:
            return part(clip(self._folder), asked)
        if asked.host == items.IMAGE_HOST:
            name = asked.path.rsplit("/", 1)[-1].removesuffix(".jpeg")
            post = self._covers.get(name)
            return thumbnail(post) if post else picture(int(name[:6], 16))
        if asked.host in SHORT or asked.path.startswith("/t/"):
            return self._short(asked.path.rstrip("/").rsplit("/", 1)[-1])
        return self._api.answer(asked, at) if asked.path.startswith("/api/") else self._page(asked, at)

    def _short(self, code: str) -> Answered | None:
        posts = (post for creator in self._world.creators if creator.platform == "tiktok" for post in self._all(creator))
        found = next((post for post in posts if short_code(post.native_id) == code), None)
        if found is None:
            return None
        return Answered(301, b"", {"Location": f"https://www.tiktok.com/@{found.creator.username}/video/{found.native_id}?_r=1&_t=sandbox"})

    def _all(self, creator: Creator) -> list[Post]:
        return self._world.posts(creator, at=self._clock.now(), everything=True)

    def _page(self, asked: Asked, at: datetime) -> Answered | None:
        moment = int(at.timestamp())
        if found := re.fullmatch(r"/@([^/]*)/(?:video|photo)/(\d+)/?", asked.path):
            return pages.page({"webapp.video-detail": self._video(found[2], at)}, title="Video", moment=moment)
        if found := re.fullmatch(r"/embed/@([^/]+)/?", asked.path):
            creator = self._world.creator("tiktok", found[1])
            return pages.embedded(found[1], [post.native_id for post in self._world.posts(creator, at=at)[:10]]) if creator else None
        if found := re.fullmatch(r"/@([^/]+)/?", asked.path):
            return pages.page({"webapp.user-detail": detail(self._world, found[1], at)}, title="Profile", moment=moment)
        return pages.page({}, title="TikTok", moment=moment) if asked.path in ("/", "/foryou", "/explore") else None

    def _video(self, video_id: str, at: datetime) -> dict[str, Any]:
        post = self._world.post("tiktok", video_id)
        state = self._world.state(post, at=at) if post else State.DELETED
        if post is None or state is not State.PUBLIC:
            code = PRIVATE if state is State.PRIVATE else NO_POST
            return {"statusCode": code, "statusMsg": "item is private" if code == PRIVATE else "item doesn't exist"}
        return {"itemInfo": {"itemStruct": items.item(self._world, post, at)}, "shareMeta": {}, "statusCode": 0, "statusMsg": ""}
