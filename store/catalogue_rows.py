"""One batch as rows for COPY, and what the batch as a whole tells: which rare steps it needs at all. The steps are in `store.catalogue_sql`."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from uuid import UUID

from domain.catalogue import identity_of, provisional_identities
from domain.observations import AccountFacts, Observed, Platform, VideoFacts
from store.ids import new_id

_COUNTERS = dict.fromkeys(("views", "likes", "dislikes", "comments", "shares", "bookmarks"), "int8")
_ACCOUNT = {
    "external_id": "text", "username": "text", "title": "text", "description": "text", "avatar_url": "text", "is_verified": "bool",
    "followers": "int8", "following": "int8", "declared_videos": "int8", "declared_likes": "int8",
}  # fmt: skip
_VIDEO = {
    "external_id": "text", "url": "text", "title": "text", "description": "text", "thumbnail_url": "text", "posted_at": "timestamptz",
    "posted_error_seconds": "int4", "duration_seconds": "int8", "category": "text", "sound_id": "text", "sound_title": "text", "is_removed": "bool",
}  # fmt: skip
# The names of both are told apart as in the statements that read them.
_TOLD_APART = {name: f"account_{name}" for name in ("external_id", "title", "description")}
COLUMNS = {
    "line": "int8", "post": "int4", "is_single": "bool", "owner": "int4", "new_account_id": "uuid", "new_video_id": "uuid",
    "observed_at": "timestamptz", "observed_error_seconds": "int4", "platform": "text", "identity": "text", "known_as": "text[]",
    **{_TOLD_APART.get(name, name): kind for name, kind in _ACCOUNT.items()}, **_VIDEO,
    "format": "text", "tags": "text[]", "hashtags": "text[]", "mentions": "text[]", "missing": "text", **_COUNTERS,
}  # fmt: skip
_account_facts, _video_facts, _counters = (attrgetter(*names) for names in (_ACCOUNT, _VIDEO, _COUNTERS))
_NO_VIDEO = (*(None for _ in _VIDEO), None, None, None, None)


@dataclass(slots=True)
class Posts:
    """The posts of a batch, numbered, and what their rows have in common."""

    of_rows: list[int | None] = field(default_factory=list)
    rows: Counter[int] = field(default_factory=Counter)
    has_named: bool = False
    has_unnamed: bool = False
    has_repeats: bool = False
    has_rivals: bool = False


def posts_of(batch: Sequence[Observed]) -> Posts:
    """Two rows of one post and moment are repeats; two owners of one post are rivals."""
    posts = Posts()
    numbers: dict[tuple[str, str], int] = {}
    for seen in batch:
        if seen.account.external_id:
            posts.has_named = True
        else:
            posts.has_unnamed = True
        posts.of_rows.append(numbers.setdefault((seen.account.platform, seen.video.external_id), len(numbers)) if seen.video else None)
    posts.rows.update(post for post in posts.of_rows if post is not None)
    if posts.rows.total() > len(posts.rows):
        _compare(batch, posts)
    return posts


def _compare(batch: Sequence[Observed], posts: Posts) -> None:
    owners: dict[int, str] = {}
    moments: set[tuple[int, datetime]] = set()
    rows = 0
    for seen, post in zip(batch, posts.of_rows, strict=True):
        if post is None or posts.rows[post] == 1:
            continue
        rows += 1
        moments.add((post, seen.observed_at))
        owner = seen.account.external_id
        if owner and owners.setdefault(post, owner) != owner:
            posts.has_rivals = True
    posts.has_repeats = len(moments) < rows


def rows_of(batch: Sequence[Observed], posts: Posts) -> Iterator[tuple[object, ...]]:
    """In the order of `COLUMNS`."""
    owners: dict[tuple[str, str], tuple[int, UUID]] = {}
    videos: dict[int, UUID] = {}
    for seen, post in zip(batch, posts.of_rows, strict=True):
        account = seen.account
        identity, known_as = _names(account.platform, account.external_id, account.username, account.title)
        owner = owners.get((account.platform, identity)) or owners.setdefault((account.platform, identity), (len(owners), new_id()))
        yield (
            seen.line, post, post is not None and posts.rows[post] == 1, *owner,
            None if post is None else videos.get(post) or videos.setdefault(post, new_id()),
            seen.observed_at, seen.observed_error_seconds, _PLATFORMS[account.platform], identity, known_as, *_account_facts(account),
            *(_NO_VIDEO if seen.video is None else _of_video(seen.video)),
            json.dumps(dict(seen.missing)) if seen.missing else None, *_counters(seen.counters),
        )  # fmt: skip


# As plain strings, which the driver writes fastest.
_PLATFORMS = {platform: platform.value for platform in Platform}


def _of_video(video: VideoFacts) -> tuple[object, ...]:
    lists = (list(words) if words else None for words in (video.tags, video.hashtags, video.mentions))
    return (*_video_facts(video), video.format.value if video.format else None, *lists)


@lru_cache(maxsize=4096)
def _names(platform: Platform, external_id: str | None, username: str | None, title: str | None) -> tuple[str, list[str]]:
    account = AccountFacts(platform, external_id=external_id, username=username, title=title)
    return identity_of(account), list(provisional_identities(account))
