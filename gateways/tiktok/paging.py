"""Walking through lists of pages that name the next one by a cursor: with an end, whatever the platform says; and taking posts from them.

TikTok's cursors repeat under blocks; a walk that would go in a circle ends under a name.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from domain.imports.values import Unreadable
from domain.observations import Observed
from domain.platforms import tiktok
from domain.platforms.tiktok import Found
from gateways.tiktok import failures

PAGES, STALE_PAGES = 200, 3
FIRST = "0"


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows. `cursor` is None on the last one."""

    rows: list[Found]
    at: datetime
    cursor: str | None


def walked(ask: Callable[[str], Page], *, key: str) -> Iterator[Page]:
    """Page after page, until there is none. Rows that were seen before (by `key`) are left out."""
    cursor, seen, cursors, stale = FIRST, set[str](), set[str](), 0
    for _ in range(PAGES):
        page = ask(cursor)
        fresh = [row for row in page.rows if str(row.get(key)) not in seen]
        seen.update(str(row.get(key)) for row in fresh)
        cursors.add(cursor)
        # A page may be empty because everything on it is hidden from us; many of them are a circle.
        stale = 0 if fresh else stale + 1
        if page.cursor is not None and (page.cursor in cursors or stale >= STALE_PAGES):
            raise failures.unavailable("api_error", "it sends the same page again and again")
        yield Page(fresh, page.at, page.cursor)
        if page.cursor is None:
            return
        cursor = page.cursor
    raise failures.unavailable("api_error", f"it has more than {PAGES} pages of one list")


class Listing:
    """The posts of an account as they come in, newest first, and since when they are complete."""

    def __init__(self, limit: int, since: datetime | None) -> None:
        self._limit, self._since = limit, since
        self.posts: list[Observed] = []
        self.notes: list[str] = []
        self.complete_since: datetime | None = None

    def take(self, page: Page) -> bool:
        """Whether these were enough. A pinned post says nothing about where the list is."""
        oldest = None
        for row in page.rows:
            found = self._read(row, page.at)
            if found is None or found.video is None:
                continue
            self.posts.append(found)
            if not tiktok.is_pinned(row) and found.video.posted_at:
                oldest = found.video.posted_at
        if oldest is not None:
            self.complete_since = oldest
        is_reached = self._since is not None and oldest is not None and oldest < self._since
        if is_reached or page.cursor is None:
            self.complete_since = self._since or self.complete_since
        self._finish(is_full=len(self.posts) >= self._limit)
        return is_reached or len(self.posts) >= self._limit

    def _read(self, row: Found, at: datetime) -> Observed | None:
        try:
            return tiktok.post(len(self.posts) + 1, row, at=at)
        except Unreadable as error:
            self.notes.append(f"post {str(row.get('id'))[:25]} could not be read: {error.reason}")
            return None

    def _finish(self, *, is_full: bool) -> None:
        if is_full and len(self.posts) > self._limit:
            self.posts = self.posts[: self._limit]
            dated = [post.video.posted_at for post in self.posts if post.video and post.video.posted_at]
            self.complete_since = max(filter(None, (self.complete_since, dated[-1])), default=None) if dated else None
        if self.notes:
            self.complete_since = None
