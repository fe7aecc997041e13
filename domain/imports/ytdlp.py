"""What yt-dlp wrote beside a video (`--write-info-json`): one object per video, with the moment it was read (`epoch`)."""

from collections.abc import Mapping

from domain.imports import moments
from domain.imports.moments import Moment
from domain.imports.reading import Reading, Record, RowReader, first_of, frozen, read_counters
from domain.imports.values import Unreadable, count, flag, identifier, shown, text, words
from domain.imports.words import hashtags, mentions
from domain.observations import AccountFacts, Observed, Platform, VideoFacts, VideoFormat

PLATFORMS = {
    "youtube": Platform.YOUTUBE,
    "tiktok": Platform.TIKTOK,
    "instagram": Platform.INSTAGRAM,
    "twitter": Platform.X,
}
COUNTERS = {"views": "view_count", "likes": "like_count", "comments": "comment_count"}
OPTIONAL_COUNTERS = {"dislikes": "dislike_count", "shares": "repost_count", "bookmarks": "save_count"}
POSTED = (("timestamp", moments.epoch), ("release_timestamp", moments.epoch), ("upload_date", moments.compact))
LIVE = ("is_live", "was_live", "post_live")


def ytdlp_reader(reading: Reading) -> RowReader:
    return lambda line, record: read_info(line, record, reading)


def read_info(line: int, record: Record, reading: Reading) -> Observed:
    """One video as yt-dlp describes it."""
    platform = _platform(record)
    missing: dict[str, str] = {}
    posted = first_of(POSTED, record)
    if posted is None:
        missing["posted_at"] = "neither timestamp nor upload_date is in the source"
    given = OPTIONAL_COUNTERS.items()
    columns = COUNTERS | {counter: column for counter, column in given if record.get(column) is not None}
    counters = read_counters(record, columns, missing)
    seen = moments.epoch(record["epoch"], "epoch").at if record.get("epoch") is not None else reading.observed_at
    video = _video(record, platform, posted)
    return Observed(line, account_of(record, platform), seen, 0, video, counters, missing=frozen(missing))


def _platform(record: Record) -> Platform:
    if record.get("_type") not in (None, "video"):
        raise Unreadable(f"the object describes a {shown(record['_type'])}, not a video", "_type")
    written = str(record.get("extractor_key") or record.get("extractor") or "").lower()
    for name, platform in PLATFORMS.items():
        if written.split(":")[0] == name:
            return platform
    raise Unreadable(f"it comes from {shown(written)}; we read YouTube, TikTok, Instagram and X", "extractor_key")


def _video(record: Record, platform: Platform, posted: Moment | None) -> VideoFacts:
    title, description = text(record.get("title"), "title"), text(record.get("description"), "description")
    categories = words(record.get("categories"), "categories")
    return VideoFacts(
        external_id=identifier(record.get("id"), "id"),
        title=title,
        description=description,
        url=text(record.get("webpage_url"), "webpage_url"),
        thumbnail_url=text(record.get("thumbnail"), "thumbnail"),
        posted_at=posted.at if posted else None,
        posted_error_seconds=posted.error_seconds if posted else 0,
        duration_seconds=_duration(record.get("duration")),
        format=_format(record, platform),
        category=categories[0] if categories else None,
        sound_title=text(record.get("track"), "track"),
        tags=words(record.get("tags"), "tags", limit=2_000),
        hashtags=hashtags(title, description),
        mentions=mentions(title, description),
    )


def _duration(value: object) -> int | None:
    """yt-dlp gives fractions of a second on some platforms; half a second is nothing here."""
    return count(round(value) if isinstance(value, float) and 0 <= value < 10**9 else value, "duration")


def _format(record: Record, platform: Platform) -> VideoFormat | None:
    """Only what the source says; a YouTube video of 50 seconds may be either."""
    if record.get("live_status") in LIVE or record.get("media_type") == "livestream":
        return VideoFormat.LIVE
    if platform is not Platform.YOUTUBE:
        return None
    if record.get("media_type") == "short" or "/shorts/" in str(record.get("webpage_url") or "")[:200]:
        return VideoFormat.SHORT
    return VideoFormat.LONG if record.get("media_type") == "video" else None


def account_of(record: Record, platform: Platform) -> AccountFacts:
    """TikTok puts the number of the account into `uploader_id` and its name into `uploader`; YouTube the handle into `uploader_id`."""
    if platform is Platform.TIKTOK:
        external_id, username, title = _texts(record, ("uploader_id", "uploader", "channel"))
    else:
        external_id, username, title = _texts(record, ("channel_id", "uploader_id", "channel"))
    return AccountFacts(
        platform,
        external_id=external_id,
        username=username.removeprefix("@") if username else None,
        title=title or text(record.get("uploader"), "uploader"),
        is_verified=flag(record.get("channel_is_verified"), "channel_is_verified"),
        followers=count(record.get("channel_follower_count"), "channel_follower_count"),
    )


def _texts(record: Mapping[str, object], columns: tuple[str, str, str]) -> tuple[str | None, str | None, str | None]:
    first, second, third = (text(record.get(column), column) for column in columns)
    return first, second, third
