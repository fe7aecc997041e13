"""YouTube Data API v3: who asks, what it costs, and the lists. How a resource is worded is in `resources`."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sandbox.google import resources
from sandbox.google.grants import Consent, Grants
from sandbox.google.lists import Found, Lists
from sandbox.google.project import Project
from sandbox.google.wording import (
    Refusal,
    etag_of,
    no_key,
    no_scope,
    page_token,
    quota_exceeded,
    start_of,
    wrong_key,
    wrong_token,
)
from sandbox.serving import Answered, Asked
from sandbox.world import Clock, World

BASE = "/youtube/v3/"
READING = frozenset(f"https://www.googleapis.com/auth/{name}" for name in ("youtube", "youtube.readonly", "youtube.force-ssl"))
# What may be asked for as `part`, and how many items a page has: by default and at most.
PARTS = {
    "channels": {"snippet", "contentDetails", "statistics", "status"},
    "playlistItems": {"snippet", "contentDetails", "status"},
    "videos": {"snippet", "contentDetails", "statistics", "status", "player", "topicDetails", "liveStreamingDetails"},
    "videos:batchGetStats": {"snippet", "contentDetails", "statistics"},
    "search": {"snippet"},
    "commentThreads": {"snippet", "replies"},
    "comments": {"snippet"},
    "captions": {"snippet"},
}
PAGES = {"commentThreads": (20, 100), "comments": (20, 100), "channels": (5, 50), "videos:batchGetStats": (50, 50), "captions": (50, 50)}
KINDS = {"playlistItems": "playlistItem", "commentThreads": "commentThread", "search": "searchResult", "videos:batchGetStats": "videoStat"}
LIST_KINDS = {"search": "searchListResponse", "videos:batchGetStats": "batchGetStatsResponse"}


class YouTubeData:
    """Public data with the project's key, an owner's with a token."""

    hosts = ("www.googleapis.com", "youtube.googleapis.com")
    paths = (BASE,)

    def __init__(self, world: World, clock: Clock, project: Project, grants: Grants, *, inline_replies: int = 5) -> None:
        self._clock, self._project, self._grants = clock, project, grants
        self._lists = Lists(world, inline_replies)

    def answer(self, asked: Asked) -> Answered | None:
        what = asked.path.removeprefix(BASE)
        if not asked.path.startswith(BASE) or what not in PARTS or asked.method != "GET":
            return None
        try:
            return self._list(what, asked)
        except Refusal as refusal:
            return refusal.answer

    def _list(self, what: str, asked: Asked) -> Answered:
        who, now = self._who(asked), self._clock.now()
        if not self._project.spend(what, now):
            raise quota_exceeded()
        if who is not None and not who.scopes & READING:
            raise no_scope()
        parts = self._parts(what, asked)
        find: Callable[[Asked, Consent | None, datetime], Found] = getattr(self._lists, what.replace(":", "_").lower())
        said = _page(what, parts, asked, find(asked, who, now))
        if asked.headers.get("if-none-match") == said["etag"]:
            return Answered(304, headers={"ETag": str(said["etag"])})
        return Answered.of_json(said, headers={"ETag": str(said["etag"]), "Cache-Control": "private"})

    def _who(self, asked: Asked) -> Consent | None:
        """None: a stranger with the project's key. A token goes before a key."""
        bearer = asked.headers.get("authorization", "")
        if bearer:
            held = self._grants.holder(bearer.removeprefix("Bearer "))
            if held is None:
                raise wrong_token()
            return held
        key = asked.query.get("key") or asked.headers.get("x-goog-api-key")
        if not key:
            raise no_key()
        if key != self._project.api_key:
            raise wrong_key()
        return None

    def _parts(self, what: str, asked: Asked) -> list[str]:
        wanted = [part for words in asked.every.get("part", []) for part in words.split(",") if part]
        if not wanted:
            raise Refusal(400, "missingRequiredParameter", "No filter selected. Expected parameter: part", domain="youtube.parameter")
        for part in wanted:
            if part != "id" and part not in PARTS[what]:
                raise Refusal(400, "unknownPart", f"Unknown part {part!r}", domain="youtube.part")
        return wanted


def _page(what: str, parts: Sequence[str], asked: Asked, found: Found) -> dict[str, object]:
    usual, most = PAGES.get(what, (5, 50))
    size = len(found.items) if found.is_by_id else _size(asked, usual, most)
    start = start_of(asked.query)
    shown = [_item(what, parts, each()) for each in found.items[start : start + size]]
    kind = LIST_KINDS.get(what, f"{KINDS.get(what, what.removesuffix('s'))}ListResponse")
    said: dict[str, object] = {"kind": f"youtube#{kind}", "etag": ""}
    if start + size < len(found.items):
        said["nextPageToken"] = page_token(asked.query, start + size)
    if start:
        said["prevPageToken"] = page_token(asked.query, max(0, start - size))
    said |= found.extra
    if what not in ("captions", "videos:batchGetStats"):
        total = {} if what == "comments" else {"totalResults": len(found.items)}
        said["pageInfo"] = total | {"resultsPerPage": len(shown) if found.is_by_id else size}
    # As the real one: a list of channels that has none in it has no `items` at all.
    if shown or what != "channels":
        said["items"] = shown
    return said | {"etag": etag_of(said)}


def _size(asked: Asked, usual: int, most: int) -> int:
    words = asked.query.get("maxResults", str(usual))
    if not words.isdigit() or int(words) > most:
        raise Refusal(400, "invalidParameter", f"Invalid value '{words}'. Values must be within the range: [0, {most}]")
    return int(words)


def _item(what: str, parts: Sequence[str], resource: resources.Resource) -> resources.Resource:
    body = {"id": resource["id"]} | {part: resource[part] for part in resource if part in parts}
    kind = KINDS.get(what, what.removesuffix("s"))
    return {"kind": f"youtube#{kind}", "etag": etag_of(body)} | body
