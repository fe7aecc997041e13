"""The gateways that accounts are read by, and what is compared of what they brought."""

from dataclasses import dataclass

from domain.observations import Platform
from domain.sources import Bucket, SourceName

Stored = dict[str, list[tuple[object, ...]]]


@dataclass(frozen=True, slots=True)
class Gateway:
    """A way to a platform. `calls` is what is struck: the addresses that reading an account takes, in their order. `paid` cost money."""

    source: SourceName
    platform: Platform
    calls: tuple[str, ...]
    bucket: Bucket | None = None
    paid: str = "nothing"


YOUTUBE = Gateway(
    SourceName.YOUTUBE_API,
    Platform.YOUTUBE,
    ("/youtube/v3/channels", "/youtube/v3/playlistItems", "/youtube/v3/videos"),
    Bucket.YOUTUBE_UNITS,
)
INSTAGRAM = Gateway(
    SourceName.BRIGHTDATA,
    Platform.INSTAGRAM,
    ("/datasets/v3/trigger", "/datasets/v3/progress", "/datasets/v3/snapshot/"),
    Bucket.BRIGHTDATA_RECORDS,
    paid="/datasets/v3/trigger",
)
X = Gateway(
    SourceName.TWITTERAPI,
    Platform.X,
    ("/twitter/user/info", "/twitter/user/last_tweets"),
    Bucket.TWITTERAPI_CREDITS,
    paid="/twitter/user/",
)
TIKTOK_PAGES = Gateway(SourceName.TIKTOK_PAGES, Platform.TIKTOK, (r"^www\.tiktok\.com/@", r"^www\.tiktok\.com/api/creator/item_list/"))
TIKTOK_WEB = Gateway(
    SourceName.TIKTOK_WEB, Platform.TIKTOK, (r"^www\.tiktok\.com/api/user/detail/", r"^www\.tiktok\.com/api/post/item_list/")
)
COUNTED = (YOUTUBE, INSTAGRAM, X)

# Everything that was read, without when.
_COUNTERS = "views, likes, dislikes, comments, shares, bookmarks"
STORED = {
    "accounts": (
        "select platform, identity, external_id, username, title, description, avatar_url, is_verified, is_provisional, followers,"
        " following, declared_videos, declared_likes, source from accounts order by platform, identity"
    ),
    "videos": (
        "select v.platform, v.external_id, a.identity, v.url, v.title, v.description, v.posted_at, v.duration_seconds, v.format,"
        " v.category, v.sound_id, v.tags, v.hashtags, v.is_removed, v.selection, v.missing, v.views, v.likes, v.comments, v.shares,"
        " v.source"
        " from videos v join accounts a using (tenant_id, account_id) order by v.platform, v.external_id"
    ),
    "snapshots": (
        f"select v.external_id, {', '.join(f's.{name}' for name in _COUNTERS.split(', '))}, s.source"
        " from video_snapshots s join videos v using (tenant_id, video_id) order by v.external_id"
    ),
    "texts": (
        "select v.external_id, t.title, t.description, t.source from video_texts t join videos v using (tenant_id, video_id)"
        " order by v.external_id"
    ),
    "trackings": (
        "select a.identity, t.state, t.watermark, t.complete_since, t.source, t.error_category, t.error_words, t.consecutive_failures"
        " from trackings t join accounts a using (tenant_id, account_id) order by a.identity"
    ),
    "totals": (
        "select a.identity, t.videos, t.views from account_totals t join accounts a using (tenant_id, account_id) order by a.identity"
    ),
}
