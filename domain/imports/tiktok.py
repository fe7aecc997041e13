"""TikTok: the JSON of tiktok-scraper, and the CSV files that scripts around TikTokApi wrote."""

from domain.imports import moments
from domain.imports.moments import Moment
from domain.imports.reading import Reading, Record, RowReader, frozen, read_counters
from domain.imports.shapes import ImportFormat
from domain.imports.values import Unreadable, count, flag, identifier, mapping, shown, text
from domain.imports.words import hashtags, mentions
from domain.observations import AccountFacts, Counters, Observed, Platform, VideoFacts

SCRAPER_COUNTERS = {"views": "playCount", "likes": "diggCount", "comments": "commentCount", "shares": "shareCount"}
VIDEO_COUNTERS = {"views": "n_plays", "likes": "n_likes", "comments": "n_comments", "shares": "n_shares"}
HASHTAG_COUNTERS = {"views": "video_playCount", "comments": "video_commentCount", "shares": "video_shareCount"}


def tiktok_reader(found: ImportFormat, reading: Reading) -> RowReader:
    read = {
        ImportFormat.TIKTOK_SCRAPER: _scraped,
        ImportFormat.TIKTOK_VIDEOS: _video_row,
        ImportFormat.TIKTOK_HASHTAG: _hashtag_row,
        ImportFormat.TIKTOK_AUTHORS: _author_row,
    }[found]
    return lambda line, record: read(line, record, reading)


def _scraped(line: int, record: Record, reading: Reading) -> Observed:
    author, music = mapping(record.get("authorMeta"), "authorMeta"), mapping(record.get("musicMeta"), "musicMeta")
    shape, covers = mapping(record.get("videoMeta"), "videoMeta"), mapping(record.get("covers"), "covers")
    missing: dict[str, str] = {}
    posted = posted_at(record.get("createTime"), "createTime", missing)
    said = text(record.get("text"), "text")
    video = VideoFacts(
        external_id=digits(record.get("id"), "id"),
        title=said,
        url=text(record.get("webVideoUrl"), "webVideoUrl"),
        thumbnail_url=text(covers.get("default"), "covers"),
        posted_at=posted.at if posted else None,
        duration_seconds=count(shape.get("duration"), "videoMeta.duration"),
        sound_id=text(music.get("musicId"), "musicMeta.musicId"),
        sound_title=text(music.get("musicName"), "musicMeta.musicName"),
        hashtags=listed(record.get("hashtags"), "hashtags", said),
        mentions=listed(record.get("mentions"), "mentions", said),
    )
    account = AccountFacts(
        Platform.TIKTOK,
        external_id=digits(author.get("id"), "authorMeta.id"),
        username=text(author.get("name"), "authorMeta.name"),
        title=text(author.get("nickName"), "authorMeta.nickName"),
        description=text(author.get("signature"), "authorMeta.signature"),
        avatar_url=text(author.get("avatar"), "authorMeta.avatar"),
        is_verified=flag(author.get("verified"), "authorMeta.verified"),
        followers=count(author.get("fans"), "authorMeta.fans"),
        following=count(author.get("following"), "authorMeta.following"),
        declared_videos=count(author.get("video"), "authorMeta.video"),
        declared_likes=count(author.get("heart"), "authorMeta.heart"),
    )
    counters = read_counters(record, SCRAPER_COUNTERS, missing)
    return Observed(line, account, reading.observed_at, 0, video, counters, missing=frozen(missing))


def listed(value: object, column: str, said: str | None) -> tuple[str, ...]:
    """The source's own list (of names, or of objects with a name); where it has none, what the text says."""
    if value is None:
        return hashtags(said) if column == "hashtags" else mentions(said)
    if not isinstance(value, list) or len(value) > 500:
        raise Unreadable(f"{column} is {shown(value)}, not a list", column)
    names = (text(entry.get("name") if isinstance(entry, dict) else entry, column) for entry in value)
    return tuple(dict.fromkeys(_bare(name, column) for name in names if name and name.strip("#@")))


def _bare(name: str, column: str) -> str:
    return name.lstrip("#").lower() if column == "hashtags" else name.lstrip("@")


def _video_row(line: int, record: Record, reading: Reading) -> Observed:
    missing: dict[str, str] = {}
    posted = posted_at(record.get("video_time"), "video_time", missing)
    said = text(record.get("video_desc"), "video_desc")
    video = VideoFacts(
        external_id=digits(record.get("video_id"), "video_id"),
        title=said,
        url=text(record.get("video_link"), "video_link"),
        posted_at=posted.at if posted else None,
        duration_seconds=count(record.get("video_length"), "video_length"),
        hashtags=hashtags(said),
        mentions=mentions(said),
    )
    external_id, username = digits(record.get("user_id"), "user_id"), text(record.get("user_name"), "user_name")
    account = AccountFacts(Platform.TIKTOK, external_id=external_id, username=username)
    counters = read_counters(record, VIDEO_COUNTERS, missing)
    return Observed(line, account, reading.observed_at, 0, video, counters, missing=frozen(missing))


def _hashtag_row(line: int, record: Record, reading: Reading) -> Observed:
    """No publish time in the file. (Ids carry one, a few seconds off; it is not read from them, because nobody promises it.)"""
    missing = {"posted_at": "the file has no publish time"}
    said = text(record.get("video_desc"), "video_desc")
    video = VideoFacts(
        external_id=digits(record.get("video_id"), "video_id"),
        title=said,
        url=text(record.get("video_link"), "video_link"),
        thumbnail_url=_cover(record.get("video_cover")),
        duration_seconds=count(record.get("video_duration"), "video_duration"),
        sound_id=text(record.get("music_id"), "music_id"),
        sound_title=text(record.get("music_title"), "music_title"),
        hashtags=hashtags(said),
        mentions=mentions(said),
    )
    counters = _hashtag_counters(record, missing)
    return Observed(line, _author(record), reading.observed_at, 0, video, counters, missing=frozen(missing))


def _hashtag_counters(record: Record, missing: dict[str, str]) -> Counters:
    """`video_stats` is the number of likes; older files of the same script hold the whole object, written as a dict."""
    written = record.get("video_stats")
    stats = mapping(written, "video_stats") if isinstance(written, dict) or str(written)[:1] == "{" else {"diggCount": written}
    return read_counters({**record, "diggCount": stats.get("diggCount")}, HASHTAG_COUNTERS | {"likes": "diggCount"}, missing)


def _cover(value: object) -> str | None:
    """An address, or several of them in a written dict or list: then the first that is an address."""
    if isinstance(value, str) and value[:1] == "{":
        addresses = [entry for entry in mapping(value, "video_cover").values() if isinstance(entry, str)]
        return text(addresses[0], "video_cover") if addresses else None
    return text(value, "video_cover")


def _author(record: Record) -> AccountFacts:
    return AccountFacts(
        Platform.TIKTOK,
        external_id=digits(record.get("author_id"), "author_id"),
        username=text(record.get("author_uniqueId"), "author_uniqueId"),
        title=text(record.get("author_nickname"), "author_nickname"),
        description=text(record.get("author_signature"), "author_signature"),
        avatar_url=text(record.get("author_avatarThumb"), "author_avatarThumb"),
        is_verified=flag(record.get("author_verification"), "author_verification"),
        followers=count(record.get("author_followerCount"), "author_followerCount"),
        following=count(record.get("author_followingCount"), "author_followingCount"),
        declared_videos=count(record.get("author_videoCount"), "author_videoCount"),
        declared_likes=count(record.get("author_heartCount"), "author_heartCount"),
    )


def _author_row(line: int, record: Record, reading: Reading) -> Observed:
    username = text(record.get("Author Unique ID"), "Author Unique ID")
    if not username:
        raise Unreadable("Author Unique ID is empty: the row names no account", "Author Unique ID")
    account = AccountFacts(
        Platform.TIKTOK,
        username=username,
        title=text(record.get("Author Nickname"), "Author Nickname"),
        description=text(record.get("Signature"), "Signature"),
        avatar_url=text(record.get("Avatar Thumbnail"), "Avatar Thumbnail"),
        is_verified=flag(record.get("Verified?"), "Verified?"),
    )
    return Observed(line, account, reading.observed_at)


def posted_at(value: object, column: str, missing: dict[str, str]) -> Moment | None:
    """Seconds since 1970; nothing, with its reason in `missing`, where the source has none."""
    if value in (None, "", 0, "0"):
        missing["posted_at"] = f"{column} is empty in the source"
        return None
    return moments.epoch(value, column)


def digits(value: object, column: str) -> str:
    """TikTok's ids are whole numbers, written out."""
    found = identifier(value, column)
    if not (found.isascii() and found.isdigit()):
        raise Unreadable(f"{column} is {shown(value)}, not a TikTok id (digits only)", column)
    return found
