"""TikTok read by yt-dlp's extractor, where no browser can be had: accounts with their posts, and posts by id.

The profile comes from its page, its posts from yt-dlp. Comments, searches and trends need the browser (`gateways.tiktok`).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from domain.imports.values import Unreadable, mapping
from domain.observations import AccountFacts, Observed, Platform
from domain.platforms import tiktok, ytdlp
from domain.ports.platforms import Errand
from domain.sources import AccountRead, PostsRead, SourceName, Target
from gateways.downloads.client import Client
from gateways.downloads.listing import Question, asked, one_by_one, utc_now
from gateways.downloads.watch import TIKTOK
from gateways.tiktok import failures
from gateways.tiktok.sessions import scope_of
from gateways.tiktok.web import demand_same, video_id

WHERE = "https://www.tiktok.com"
# What yt-dlp takes for an account's own id, and not for a handle.
_SEC_UID = re.compile(r"MS4wLjABAAAA[\w-]{64}")


@dataclass(frozen=True, slots=True)
class TikTokPages:
    """The reader."""

    client: Client
    now: Callable[[], datetime] = utc_now

    @property
    def name(self) -> SourceName:
        return SourceName.TIKTOK_PAGES

    @property
    def platform(self) -> Platform:
        return Platform.TIKTOK

    def account(self, target: Target, errand: Errand, *, posts: int, since: datetime | None = None) -> AccountRead:
        (account, sec_uid), at = self._profile(target, errand)
        demand_same(target, account)
        if not posts or account.declared_videos == 0:
            return AccountRead(self.name, at, account, ())
        url = f"tiktokuser:{sec_uid}" if _SEC_UID.fullmatch(sec_uid) else f"{WHERE}/@{account.username}"
        question = self._question("posts", f"{sec_uid}:{posts}:{since.isoformat() if since else ''}")
        found, listed_at = asked(question, errand, lambda: self._listed(url, posts, since), _listing, self.now)
        # yt-dlp says little about the author; the profile says all.
        whole = tuple(replace(post, account=account) for post in found.posts)
        complete = None if found.notes else _complete_since(whole, since, is_all=found.is_all)
        return AccountRead(self.name, min(at, listed_at), account, whole, complete, found.notes)

    def posts(self, keys: Sequence[str], errand: Errand) -> PostsRead:
        def read(key: str, line: int) -> tuple[Observed, datetime]:
            post_id = video_id(key)

            def call() -> dict[str, object]:
                return ytdlp.kept(self.client.info(f"{WHERE}/@_/video/{post_id}"))

            return asked(self._question("post", post_id), errand, call, partial(_post, line), self.now)

        return one_by_one(self.name, keys, read, self.now())

    def _question(self, operation: str, key: str) -> Question:
        return Question(self.name, TIKTOK, operation, key)

    def _profile(self, target: Target, errand: Errand) -> tuple[tuple[AccountFacts, str], datetime]:
        who = target.username or target.external_id

        def call() -> dict[str, object]:
            return scope_of(self.client.page(f"{WHERE}/@{who}"), "webapp.user-detail")

        def read(found: dict[str, object], _: datetime) -> tuple[AccountFacts, str]:
            return tiktok.user(mapping(failures.checked(found).get("userInfo"), "userInfo"))

        return asked(self._question("account", target.key), errand, call, read, self.now)

    def _listed(self, url: str, most: int, since: datetime | None) -> dict[str, Any]:
        """Newest first, until there are enough: yt-dlp asks for the next page only when we go on."""

        def walk(opened: Any) -> dict[str, Any]:
            rows: list[dict[str, object]] = []
            for entry in opened.extract_info(url, download=False, process=False)["entries"]:
                rows.append(ytdlp.kept(opened.sanitize_info(entry, remove_private_keys=True)))
                if len(rows) >= most or (since and _is_before(entry, since)):
                    return {"entries": rows, "is_all": False}
            return {"entries": rows, "is_all": True}

        found: dict[str, Any] = self.client.ask(walk)
        if not found["entries"]:
            raise failures.unavailable("blocked", "it lists none of the account's posts: it takes us for a robot")
        return found


@dataclass(frozen=True, slots=True)
class _Listing:
    """The posts of a list that can be read, why others cannot, and whether there are no more."""

    posts: tuple[Observed, ...]
    notes: tuple[str, ...]
    is_all: bool


def _listing(payload: dict[str, Any], at: datetime) -> _Listing:
    posts: list[Observed] = []
    notes: list[str] = []
    for row in payload["entries"]:
        try:
            posts.append(_post(len(posts) + 1, row, at))
        except Unreadable as error:
            notes.append(f"post {str(row.get('id'))[:25]} could not be read: {error.reason}")
    if not posts:
        raise Unreadable(notes[0], "entries")
    return _Listing(tuple(posts), tuple(notes), bool(payload["is_all"]))


def _post(line: int, info: dict[str, object], at: datetime) -> Observed:
    return ytdlp.post(line, info, Platform.TIKTOK, at=at)


def _is_before(entry: dict[str, Any], since: datetime) -> bool:
    moment = entry.get("timestamp")
    return isinstance(moment, int) and datetime.fromtimestamp(moment, UTC) < since


def _complete_since(posts: Sequence[Observed], since: datetime | None, *, is_all: bool) -> datetime | None:
    moments = [post.video.posted_at for post in posts if post.video and post.video.posted_at]
    if since and (is_all or (moments and min(moments) < since)):
        return since
    return min(moments, default=None)
