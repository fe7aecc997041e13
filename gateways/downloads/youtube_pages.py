"""YouTube's public pages read by yt-dlp, where the operator switched that on: channels, videos, comments, searches.

The Data API (`gateways.youtube`) is asked first where it is configured. A channel's videos are asked one by one: a list tells no moment.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from domain.errors import Unacceptable
from domain.links import LinkKind, read_link
from domain.observations import AccountFacts, Observed, Platform
from domain.platforms import ytdlp
from domain.platforms.ytdlp import HeatMark
from domain.ports.platforms import Errand
from domain.sources import AccountRead, CommentFacts, CommentsRead, PostsRead, SearchKind, SourceName, Target
from gateways.downloads.client import Client
from gateways.downloads.listing import Question, asked, one_by_one, refused, utc_now
from gateways.downloads.watch import YOUTUBE

_Read = TypeVar("_Read")
WHERE = "https://www.youtube.com"
# So many languages of captions are fetched.
CAPTIONS = 5


@dataclass(frozen=True, slots=True)
class YoutubePages:
    """The reader. A key is a video's id or link."""

    client: Client
    now: Callable[[], datetime] = utc_now

    @property
    def name(self) -> SourceName:
        return SourceName.YOUTUBE_PAGES

    @property
    def platform(self) -> Platform:
        return Platform.YOUTUBE

    def account(self, target: Target, errand: Errand, *, posts: int, since: datetime | None = None) -> AccountRead:
        account, at = self._channel(target, errand)
        if not posts:
            return AccountRead(self.name, at, account, ())
        (ids, is_all), listed_at = self._uploads(str(account.external_id), posts, errand)
        found: list[Observed] = []
        is_reached = False
        for post in self._in_turn(ids, errand):
            found.append(replace(post, line=len(found) + 1, account=account))
            at, listed_at = min(at, post.observed_at), min(listed_at, post.observed_at)
            if since and post.video and post.video.posted_at and post.video.posted_at < since:
                is_reached = True
                break
        moments = [post.video.posted_at for post in found if post.video and post.video.posted_at]
        complete = since if since and (is_reached or is_all) else min(moments, default=None)
        return AccountRead(self.name, min(at, listed_at), account, tuple(found), complete)

    def posts(self, keys: Sequence[str], errand: Errand) -> PostsRead:
        return one_by_one(self.name, keys, lambda key, line: self._post(video_id(key), line, errand), self.now())

    def comments(self, key: str, errand: Errand, *, limit: int) -> CommentsRead:
        video = video_id(key)

        def call() -> dict[str, Any]:
            told = {"youtube": {"max_comments": [str(limit), "all", "all", "all"], "comment_sort": ["new"]}}
            found = self.client.info(f"{WHERE}/watch?v={video}", getcomments=True, extractor_args=told)
            # yt-dlp leaves the list out where comments are off or could not be had.
            return {name: found.get(name) for name in ("comments", "comment_count")}

        (found, count), at = asked(self._question("comments", f"{video}:{limit}"), errand, call, _commented, self.now)
        return CommentsRead(self.name, at, tuple(found), is_disabled=count is None and not found, is_whole=len(found) < limit)

    def search(self, kind: SearchKind, words: str, errand: Errand, *, limit: int) -> PostsRead:
        wanted = f"#{words.removeprefix('#')}" if kind is SearchKind.HASHTAG else words

        def call() -> list[str]:
            return [str(entry["id"]) for entry in self.client.ask(lambda opened: _first(opened, f"ytsearch{limit}:{wanted}", limit))]

        ids, at = asked(self._question("search", f"{wanted.casefold()}:{limit}"), errand, call, _ids, self.now)
        read = self.posts(ids, errand)
        return PostsRead(self.name, min(at, read.fetched_at), read.posts)

    def heatmap(self, key: str, errand: Errand) -> list[HeatMark]:
        """Where a video is watched again; empty where YouTube shows nothing."""
        return self._info(video_id(key), errand, lambda info, _: ytdlp.heatmap(info))[0]

    def captions(self, key: str, errand: Errand) -> dict[str, str]:
        """WebVTT by language: `en` made by people, `en-auto` by YouTube. Empty where there are none."""
        video = video_id(key)

        def call() -> dict[str, str]:
            tracks = ytdlp.captions(self.client.info(f"{WHERE}/watch?v={video}"))
            return {language: self.client.page(url) for language, url in list(tracks.items())[:CAPTIONS]}

        return asked(self._question("captions", video), errand, call, lambda told, _: dict(told), self.now)[0]

    def _question(self, operation: str, key: str) -> Question:
        return Question(self.name, YOUTUBE, operation, key)

    def _channel(self, target: Target, errand: Errand) -> tuple[AccountFacts, datetime]:
        # By id where it is known: handles are given up and taken by others.
        address = f"{WHERE}/channel/{target.external_id}" if target.external_id else f"{WHERE}/@{target.username}"

        def call() -> dict[str, Any]:
            return self.client.ask(lambda opened: _about(opened, address), playlist_items="0")  # type: ignore[no-any-return]

        return asked(self._question("account", target.key), errand, call, lambda info, _: ytdlp.channel(info), self.now)

    def _uploads(self, channel_id: str, most: int, errand: Errand) -> tuple[tuple[list[str], bool], datetime]:
        """All kinds of uploads in one list, newest first; one more than wanted tells whether there are more."""
        url = f"{WHERE}/playlist?list=UU{channel_id.removeprefix('UC')}"

        def call() -> list[str]:
            return [str(entry["id"]) for entry in self.client.ask(lambda opened: _first(opened, url, most + 1))]

        ids, at = asked(self._question("uploads", f"{channel_id}:{most}"), errand, call, _ids, self.now)
        return (ids[:most], len(ids) <= most), at

    def _in_turn(self, ids: Sequence[str], errand: Errand) -> Any:
        """Each that is there; one that went private since the list was made is left out."""
        for each in ids:
            yield from self.posts([each], errand).posts

    def _post(self, video: str, line: int, errand: Errand) -> tuple[Observed, datetime]:
        return self._info(video, errand, lambda info, at: ytdlp.post(line, info, Platform.YOUTUBE, at=at))

    def _info(self, video: str, errand: Errand, read: Callable[[Any, datetime], _Read]) -> tuple[_Read, datetime]:
        def call() -> dict[str, object]:
            return ytdlp.kept(self.client.info(f"{WHERE}/watch?v={video}", needs=("timestamp",)))

        return asked(self._question("post", video), errand, call, read, self.now)


def video_id(key: str) -> str:
    """The id of a video, from itself or from its link."""
    try:
        link = read_link(key if "/" in key else f"{WHERE}/watch?v={key}")
    except Unacceptable as error:
        raise refused(YOUTUBE, error.detail, "invalid_url") from error
    if link.platform is not Platform.YOUTUBE or link.kind is not LinkKind.VIDEO or not link.external_id:
        raise refused(YOUTUBE, "the link names no video on YouTube", "invalid_url")
    return link.external_id


def _about(opened: Any, address: str) -> dict[str, Any]:
    found = dict(opened.extract_info(address, download=False, process=False))
    found.pop("entries", None)
    return dict(opened.sanitize_info(found, remove_private_keys=True))


def _first(opened: Any, url: str, most: int) -> list[dict[str, Any]]:
    """The first entries of a list: yt-dlp asks for the next page only when we go on."""
    rows: list[dict[str, Any]] = []
    for entry in opened.extract_info(url, download=False, process=False)["entries"]:
        rows.append(dict(entry))
        if len(rows) >= most:
            break
    return rows


def _ids(payload: list[str], _: datetime) -> list[str]:
    return [str(each) for each in payload]


def _commented(payload: dict[str, Any], _: datetime) -> tuple[list[CommentFacts], int | None]:
    return ytdlp.comments(payload), payload.get("comment_count")
