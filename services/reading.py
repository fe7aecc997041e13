"""Reading one tracked account: which of its posts, and whether what came back is an answer. Outside any transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from domain.errors import FailureCategory, LimitReached, SourceFailed, SourceUnavailable
from domain.observations import Platform
from domain.ports import ReadsPosts
from domain.sources import AccountRead, PostsRead
from domain.tracking import Cadence, Watched, is_empty, open_now
from domain.tracking_words import EMPTY
from services.fetching import Fetching
from store.trackings import Followed

log = structlog.get_logger(name=__name__, category="SCRAPE")

POSTS, FIRST_POSTS, OLD_POSTS = 50, 200, 50
# So many known posts are read again at least: an answer without any of them is none.
OVERLAP = 5
# These are asked for by their address; the others by their id.
_BY_URL = frozenset({Platform.TIKTOK, Platform.INSTAGRAM})


@dataclass(frozen=True, slots=True)
class Item:
    """An account to read, and what is known of its posts, newest first."""

    followed: Followed
    posts: Sequence[Watched]


@dataclass(frozen=True, slots=True)
class Reading:
    """What came back of an account. `gone`: posts that are not there any more. `put_off`: those asked for in vain."""

    account: AccountRead
    older: PostsRead | None = None
    gone: dict[str, str] = field(default_factory=dict)
    put_off: frozenset[str] = frozenset()


def read(fetching: Fetching, item: Item, cadence: Cadence, *, now: datetime) -> Reading:
    """The account with its newest posts, and of the older ones those that are due. Raises SourceFailed also where the answer is empty."""
    target, posts = item.followed.target, item.posts
    tracking = item.followed.tracking
    resume = tracking.request_id if tracking and tracking.consecutive_failures else None
    found = fetching.account(target, posts=POSTS if posts else FIRST_POSTS, since=_since(posts, cadence, now), resume=resume)
    watermark = tracking.watermark if tracking else (posts[0].posted_at if posts else None)
    if is_empty(posts=len(found.posts), declared_videos=found.account.declared_videos, watermark=watermark):
        raise SourceUnavailable(found.source.value, EMPTY, category=FailureCategory.API_ERROR)
    brought = {seen.video.external_id for seen in found.posts if seen.video}
    missing = [post for post in open_now(posts, cadence, now=now) if post.external_id not in brought][:OLD_POSTS]
    return _with_older(fetching, target.platform, found, missing)


def _since(posts: Sequence[Watched], cadence: Cadence, now: datetime) -> datetime | None:
    """How far back to read: to the oldest of the newest posts that is due, and so far that some known ones come again."""
    if len(posts) < OVERLAP:
        return None
    newest = posts[:POSTS]
    return min([posts[OVERLAP - 1].posted_at, *(post.posted_at for post in open_now(newest, cadence, now=now))])


def _with_older(fetching: Fetching, platform: Platform, found: AccountRead, missing: Sequence[Watched]) -> Reading:
    """Older posts are read by name. Where that fails the account has been read all the same; they are tried with its
    next read, and hasten none: what cannot be read would be asked for every few minutes.
    """
    if not missing or not fetching.can(platform, ReadsPosts):
        return Reading(found)
    asked = frozenset(post.external_id for post in missing)
    ids = {(post.url or post.external_id) if platform in _BY_URL else post.external_id: post.external_id for post in missing}
    try:
        older = fetching.posts(platform, list(ids))
    except (SourceFailed, LimitReached) as error:
        log.info("older posts were not read", platform=platform.value, posts=len(asked), reason=str(error))
        return Reading(found, put_off=asked)
    brought = {seen.video.external_id for seen in older.posts if seen.video}
    return Reading(found, older, {ids[key]: reason for key, reason in older.gone.items() if key in ids}, put_off=asked - brought)
