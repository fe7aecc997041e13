"""Examples of videos, accounts and the library's numbers."""

from typing import Any

import msgspec

from api.accounts import AccountIn, AccountOut, AccountTotalsOut
from api.examples.shape import ACCOUNT, CURSOR, FIRST_SEEN, NOON, POSTED, RELEASE, VIDEO, Example
from api.examples.work import asked
from api.figures import MethodOut
from api.pages import Page
from api.stats import PlatformStatsOut, StatsOut
from api.videos.media import PostMediaOut, PostMediasOut
from api.videos.shapes import EngagementOut, ScoreOut, SnapshotOut, VideoDetailOut, VideoIn, VideoOut

_SCORE = ScoreOut(
    n=24, as_of=NOON, newest_observation=NOON, method=MethodOut(id="maturity-local-median/1", url="/docs/method#scores"), multiple=4.2,
    low=2.9, high=6.1, peers=24, p_outlier=0.97, is_outlier=True, shrunk_multiple=3.8, virality_band="[1,5)", reason=None,
    naive_multiple=1.1, naive_band="[1,5)", release_id=RELEASE,
)  # fmt: skip
_ENGAGEMENT = EngagementOut(
    n=1, as_of=NOON, newest_observation=NOON, method=MethodOut(id="reactions-per-view/1", url="/docs/method#engagement"), rate=0.0625,
    score=0.587, score_formula="rate-times-log-views/1",
)  # fmt: skip
_FACTS: dict[str, Any] = {
    "video_id": VIDEO, "account_id": ACCOUNT, "account_name": "example_kitchen", "platform": "tiktok", "external_id": "7301234567890123456",
    "url": "https://www.example.org/v/7301234567890123456", "title": "Why does bread rise?", "thumbnail_url": None, "posted_at": POSTED,
    "posted_error_seconds": 0, "duration_seconds": 34, "format": "short", "selection": "census", "is_removed": False, "removed_since": None,
    "removed_reason": None,
    "first_seen_at": FIRST_SEEN, "observed_at": NOON, "views": 12_000, "likes": 640, "dislikes": None, "comments": 60, "shares": 50,
    "bookmarks": 85, "engagement": _ENGAGEMENT, "score": _SCORE,
}  # fmt: skip
VIDEO_OUT = VideoOut(**_FACTS)
DETAIL = VideoDetailOut(
    **_FACTS, as_of=NOON, description="Gluten, gas and patience.", category=None, sound_id=None, sound_title=None, tags=[],
    hashtags=["bread"], mentions=[], missing={"dislikes": "the source does not show them"}, source="import:own",
    is_promoted=None,
)  # fmt: skip
_SNAPSHOT = SnapshotOut(
    observed_at=NOON, observed_error_seconds=0, views=12_000, likes=640, dislikes=None, comments=60, shares=50, bookmarks=85,
    source="import:own"
)  # fmt: skip
_THUMBNAIL = PostMediaOut(
    kind="thumbnail", source_url="https://i.ytimg.com/vi/3xampl3vide/hqdefault.jpg", file=None, width=480, height=360, seen_at=NOON,
    sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
)  # fmt: skip
_TOTALS = AccountTotalsOut(
    n=41, as_of=NOON, newest_observation=NOON, method=MethodOut(id="account-totals/1", url="/docs/method#account-totals"), videos=41,
    views=310_000, likes=15_200, comments=2_100, shares=1_900, median_views=5_100.0, median_engagement_rate=0.058, posts_per_week=2.4,
    first_posted_at=FIRST_SEEN.replace(month=7), last_posted_at=POSTED,
)  # fmt: skip
_ACCOUNT = AccountOut(
    account_id=ACCOUNT, platform="tiktok", external_id="6801234567890", username="example_kitchen", title="Example Kitchen",
    description=None, avatar_url=None, is_verified=False, is_provisional=False, followers=18_400, following=120, declared_videos=44,
    declared_likes=None, time_zone="Europe/Berlin", source="import:own", first_seen_at=FIRST_SEEN, last_seen_at=NOON, totals=_TOTALS,
)  # fmt: skip
_STATS = StatsOut(
    n=1600, as_of=NOON, newest_observation=NOON, method=MethodOut(id="library-counts/3", url="/docs/method#stats"), videos=1600,
    accounts=40, snapshots=14_200, hashtags=310, sounds=95, views=48_000_000, likes=2_100_000, comments=310_000, comments_kept=5_300,
    collections=4, removed=12, last_scraped_at=NOON, first_observation=FIRST_SEEN,
    platforms=[PlatformStatsOut(platform="tiktok", videos=1600, accounts=40, views=48_000_000, likes=2_100_000)],
)  # fmt: skip
VIDEO_PAGE = Page(items=[VIDEO_OUT], next_cursor=CURSOR, has_more=True)
ACCOUNT_PAGE = Page(items=[_ACCOUNT], next_cursor=None, has_more=False)

EXAMPLES = {
    "GET /videos": Example(VIDEO_PAGE),
    "GET /videos/{video_id}": Example(DETAIL),
    "PATCH /videos/{video_id}": Example(msgspec.structs.replace(DETAIL, is_promoted=True), VideoIn(is_promoted=True)),
    "GET /videos/{video_id}/snapshots": Example(Page(items=[_SNAPSHOT], next_cursor=None, has_more=False)),
    "GET /videos/{video_id}/media": Example(PostMediasOut(items=[_THUMBNAIL])),
    "GET /accounts": Example(ACCOUNT_PAGE),
    "GET /accounts/{account_id}": Example(_ACCOUNT),
    "PATCH /accounts/{account_id}": Example(_ACCOUNT, AccountIn(time_zone="Europe/Berlin")),
    "GET /accounts/{account_id}/videos": Example(VIDEO_PAGE),
    "POST /accounts/{account_id}/refresh": Example(asked(kind="refresh", subject="refresh", params={"account_ids": [str(ACCOUNT)]})),
    "GET /stats": Example(_STATS),
}
