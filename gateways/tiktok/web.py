"""TikTok by its web client: accounts, posts, comments, searches, what is trending.

The questions are in `asking`, the browser in `pool` and `sessions`, what answers mean in `domain.platforms.tiktok`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from domain.errors import SourceRefused, Unacceptable
from domain.links import LinkKind, read_link
from domain.observations import AccountFacts, Observed, Platform
from domain.platforms import tiktok
from domain.platforms.tiktok import Found
from domain.ports.platforms import Errand
from domain.sources import (
    AccountRead,
    ChartedSound,
    ChartRead,
    CommentFacts,
    CommentsRead,
    PostsRead,
    SearchKind,
    SourceName,
    Target,
)
from gateways.tiktok import failures
from gateways.tiktok.asking import Asking
from gateways.tiktok.failures import readable
from gateways.tiktok.paging import Listing, Page, walked
from gateways.tiktok.pool import Pool

PAGE = 30
# A chart of our own is counted over so many trending posts.
CHART_POSTS = 90


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class TikTokWeb:
    """The reader. `page`: how many posts are asked for at once."""

    pool: Pool
    now: Callable[[], datetime] = utc_now
    page: int = PAGE

    @property
    def name(self) -> SourceName:
        return SourceName.TIKTOK_WEB

    @property
    def platform(self) -> Platform:
        return Platform.TIKTOK

    def close(self) -> None:
        self.pool.close()

    def account(self, target: Target, errand: Errand, *, posts: int, since: datetime | None = None) -> AccountRead:
        asking = self._asking(errand)
        (account, sec_uid), at = asking.account(target)
        demand_same(target, account)
        found = Listing(posts, since)
        for page in walked(asking.posts(sec_uid, account.declared_videos or 0), key="id") if posts else ():
            at = min(at, page.at)
            if found.take(page):
                break
        return AccountRead(self.name, at, account, tuple(found.posts), found.complete_since, tuple(found.notes))

    def posts(self, keys: Sequence[str], errand: Errand) -> PostsRead:
        found: list[Observed] = []
        gone: dict[str, str] = {}
        at = self.now()
        for key in keys:
            try:
                item, read_at = self._asking(errand).post(video_id(key))
            except SourceRefused as error:
                if not failures.is_gone(error):
                    raise
                gone[key] = error.category.value
                continue
            at = min(at, read_at)
            with readable():
                found.append(tiktok.post(len(found) + 1, item, at=read_at))
        return PostsRead(self.name, at, tuple(found), gone)

    def comments(self, key: str, errand: Errand, *, limit: int) -> CommentsRead:
        """Threads first, then replies, up to `limit` of both together."""
        asking, post, moments = self._asking(errand), video_id(key), [self.now()]
        tops, is_whole = _up_to(limit, asking.comments(post), moments)
        found = [_comment(row) for row in tops]
        for top in [top for top in found if top.replies]:
            if len(found) >= limit:
                is_whole = False
                break
            rows, is_all = _up_to(limit - len(found), asking.replies(post, top.external_id), moments)
            found += [_comment(row, parent_id=top.external_id) for row in rows]
            is_whole = is_whole and is_all
        return CommentsRead(self.name, min(moments), tuple(found), is_whole=is_whole)

    def search(self, kind: SearchKind, words: str, errand: Errand, *, limit: int) -> PostsRead:
        asking = self._asking(errand)
        if kind is SearchKind.TERM:
            return self._gathered(asking.found(words), limit)
        tag, _ = asking.hashtag(words.removeprefix("#"))
        return self._gathered(asking.hashtag_posts(tag), limit)

    def trending(self, country: str, errand: Errand, *, limit: int) -> PostsRead:
        items, at = self._trending(country, errand, limit)
        with readable():
            return PostsRead(self.name, at, tuple(tiktok.post(line, item, at=at) for line, item in enumerate(items, 1)))

    def chart(self, country: str, errand: Errand, *, limit: int) -> ChartRead:
        """A chart of our own: the sounds of the posts that are trending there, by how many of them use each."""
        items, at = self._trending(country, errand, CHART_POSTS)
        with readable():
            places = tiktok.counted(items, limit=limit)
        return ChartRead(self.name, at, country, tuple(_with_videos(place, self._asking(errand)) for place in places))

    def _asking(self, errand: Errand) -> Asking:
        return Asking(self.pool, errand, self.now, self.page)

    def _trending(self, country: str, errand: Errand, limit: int) -> tuple[list[Found], datetime]:
        """It has no cursor: each question is answered with others. One that brings nothing new is the last."""
        rows: dict[str, Found] = {}
        at = self.now()
        for number in range(1 + limit // 5):
            page, page_at = self._asking(errand).recommended(country, number)
            at, before = min(at, page_at), len(rows)
            rows |= {str(row.get("id")): row for row in page}
            if len(rows) >= limit or len(rows) == before:
                break
        return list(rows.values())[:limit], at

    def _gathered(self, ask: Callable[[str], Page], limit: int) -> PostsRead:
        found: list[Observed] = []
        at, cursor = self.now(), None
        for page in walked(ask, key="id"):
            at, cursor = min(at, page.at), page.cursor
            with readable():
                found += [tiktok.post(len(found) + line, row, at=page.at) for line, row in enumerate(page.rows, 1)]
            if len(found) >= limit:
                break
        return PostsRead(self.name, at, tuple(found[:limit]), next_page=cursor)


def video_id(key: str) -> str:
    """The id of a post, from itself or from its link."""
    if key.isascii() and key.isdigit():
        return key
    try:
        link = read_link(key)
    except Unacceptable as error:
        raise SourceRefused(failures.SOURCE, error.detail, category="invalid_url") from error
    if link.platform is not Platform.TIKTOK or link.kind is not LinkKind.VIDEO or not link.external_id:
        raise SourceRefused(failures.SOURCE, "the link names no post on TikTok", category="invalid_url")
    return link.external_id


def _up_to(limit: int, ask: Callable[[str], Page], moments: list[datetime]) -> tuple[list[Found], bool]:
    """So many rows at most, and whether these are all."""
    rows: list[Found] = []
    for page in walked(ask, key="cid"):
        moments.append(page.at)
        rows += page.rows
        if len(rows) >= limit:
            return rows[:limit], len(rows) == limit and page.cursor is None
    return rows, True


def _comment(row: Found, *, parent_id: str | None = None) -> CommentFacts:
    with readable():
        return tiktok.comment(row, parent_id=parent_id)


def _with_videos(place: ChartedSound, asking: Asking) -> ChartedSound:
    """The place with what the sound's own page says; a sound that was taken down keeps its place."""
    try:
        sound, _ = asking.sound(place.sound.external_id)
    except SourceRefused as error:
        if not failures.is_gone(error):
            raise
        return place
    return replace(place, sound=sound)


def demand_same(target: Target, account: AccountFacts) -> None:
    """Handles are given up and taken by others."""
    if target.username and (target.external_id or "").isdigit() and account.external_id not in (None, target.external_id):
        raise SourceRefused(failures.SOURCE, f"@{target.username} belongs to another account by now", category="not_found")
