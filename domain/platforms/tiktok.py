"""TikTok's web JSON: posts, profiles, comments, sounds and charts, turned into facts. Files that scripts wrote are in `imports.tiktok`.

A field that is missing stays missing; one of the wrong kind makes its row unreadable, with the reason.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from domain.imports import moments
from domain.imports.reading import frozen, read_counters
from domain.imports.tiktok import digits, listed, posted_at
from domain.imports.values import Unreadable, count, flag, mapping, shown, text
from domain.imports.words import hashtags
from domain.observations import AccountFacts, Observed, Platform, VideoFacts, VideoFormat
from domain.sources import ChartedSound, CommentFacts, SoundFacts

COUNTERS = {"views": "playCount", "likes": "diggCount", "comments": "commentCount", "shares": "shareCount", "bookmarks": "collectCount"}
WHERE = "https://www.tiktok.com"
Found = Mapping[str, object]


def rows(answer: Found, column: str) -> list[Found]:
    """A list of objects in an answer. TikTok writes null for an empty one."""
    found = answer.get(column)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(row, Mapping) for row in found):
        raise Unreadable(f"{column} is {shown(found)}, not a list of objects", column)
    return found


def post(line: int, item: Found, *, at: datetime) -> Observed:
    """One `itemStruct`, as of `at`."""
    missing: dict[str, str] = {}
    author = mapping(item.get("author"), "author") if not isinstance(item.get("author"), str) else {"uniqueId": item["author"]}
    account = profile(author, mapping(item.get("authorStats"), "authorStats"))
    return Observed(
        line,
        account,
        at,
        0,
        _video(item, account.username, missing),
        read_counters(_stats(item), COUNTERS, missing),
        missing=frozen(missing),
    )


def is_readable(item: Found) -> bool:
    """Whether a post can be made of it."""
    try:
        post(1, item, at=moments.FIRST)
    except Unreadable:
        return False
    return True


def is_pinned(item: Found) -> bool:
    """A pinned post stands before the others, out of its order."""
    return item.get("isPinnedItem") is True


def _stats(item: Found) -> Found:
    """The newer `statsV2` writes numbers as texts, which do not overflow."""
    newer, older = mapping(item.get("statsV2"), "statsV2"), mapping(item.get("stats"), "stats")
    return {**older, **{name: value for name, value in newer.items() if value not in (None, "")}}


def _video(item: Found, username: str | None, missing: dict[str, str]) -> VideoFacts:
    shape, music = mapping(item.get("video"), "video"), mapping(item.get("music"), "music")
    external_id = digits(item.get("id"), "id")
    posted = posted_at(item.get("createTime"), "createTime", missing)
    said = text(item.get("desc"), "desc")
    tags = [tag.get("title") for tag in rows(item, "challenges")]
    return VideoFacts(
        external_id=external_id,
        title=said,
        url=f"{WHERE}/@{username or '_'}/video/{external_id}",
        thumbnail_url=text(shape.get("cover"), "video.cover") or text(shape.get("originCover"), "video.originCover"),
        posted_at=posted.at if posted else None,
        duration_seconds=count(shape.get("duration"), "video.duration"),
        format=VideoFormat.SHORT,
        sound_id=text(music.get("id"), "music.id"),
        sound_title=text(music.get("title"), "music.title"),
        hashtags=tuple(dict.fromkeys((*listed(tags, "hashtags", said), *hashtags(said)))) if tags else hashtags(said),
        mentions=_mentions(item, said),
    )


def _mentions(item: Found, said: str | None) -> tuple[str, ...]:
    """Whom the text's own marks name; where it has no marks, what the text says."""
    extra = rows(item, "textExtra")
    return listed([mark.get("userUniqueId") for mark in extra if mark.get("userUniqueId")] if extra else None, "mentions", said)


def profile(user: Found, stats: Found) -> AccountFacts:
    """An author or the user of a profile, with the counters beside it."""
    return AccountFacts(
        Platform.TIKTOK,
        external_id=digits(user["id"], "author.id") if user.get("id") not in (None, "") else None,
        username=text(user.get("uniqueId"), "author.uniqueId"),
        title=text(user.get("nickname"), "author.nickname"),
        description=text(user.get("signature"), "author.signature"),
        avatar_url=text(user.get("avatarMedium") or user.get("avatarThumb"), "author.avatarMedium"),
        is_verified=flag(user.get("verified"), "author.verified"),
        followers=count(stats.get("followerCount"), "followerCount"),
        following=count(stats.get("followingCount"), "followingCount"),
        declared_videos=count(stats.get("videoCount"), "videoCount"),
        declared_likes=count(stats.get("heartCount"), "heartCount"),
    )


def user(info: Found) -> tuple[AccountFacts, str]:
    """A `userInfo`: the profile, and the secUid that its posts are asked by."""
    found = mapping(info.get("user"), "user")
    sec_uid = text(found.get("secUid"), "user.secUid")
    if not sec_uid:
        raise Unreadable("user.secUid is empty: the answer names no account", "user.secUid")
    return profile(found, mapping(info.get("stats"), "stats")), sec_uid


def comment(found: Found, *, parent_id: str | None = None) -> CommentFacts:
    """One comment; `parent_id` where it is a reply."""
    writer = mapping(found.get("user"), "user")
    posted = found.get("create_time")
    return CommentFacts(
        external_id=digits(found.get("cid"), "cid"),
        text=text(found.get("text"), "text") or "",
        posted_at=moments.epoch(posted, "create_time").at if posted else None,
        parent_id=parent_id,
        author_id=text(writer.get("uid"), "user.uid"),
        author_name=text(writer.get("unique_id"), "user.unique_id"),
        likes=count(found.get("digg_count"), "digg_count"),
        replies=count(found.get("reply_comment_total"), "reply_comment_total"),
    )


def sound(music: Found, stats: Found | None = None) -> SoundFacts:
    """The sound of a post or of a sound's own page; `stats` says how many posts use it."""
    external_id = digits(music.get("id"), "music.id")
    return SoundFacts(
        Platform.TIKTOK,
        external_id=external_id,
        title=text(music.get("title"), "music.title"),
        artist=text(music.get("authorName"), "music.authorName"),
        url=f"{WHERE}/music/x-{external_id}",
        duration_seconds=count(music.get("duration"), "music.duration"),
        is_original=flag(music.get("original"), "music.original"),
        videos=count((stats or {}).get("videoCount"), "stats.videoCount"),
    )


def charted(entry: Found) -> ChartedSound:
    """One line of the Creative Center's chart. It tells no number of videos."""
    external_id, rank = digits(entry.get("clip_id") or entry.get("song_id"), "clip_id"), count(entry.get("rank"), "rank")
    if not rank:
        raise Unreadable(f"rank is {shown(entry.get('rank'))}, not a place", "rank")
    found = SoundFacts(
        Platform.TIKTOK,
        external_id=external_id,
        title=text(entry.get("title"), "title"),
        artist=text(entry.get("author"), "author"),
        url=text(entry.get("link"), "link"),
        duration_seconds=count(entry.get("duration"), "duration"),
    )
    return ChartedSound(rank, found, tuple(digits(row.get("item_id"), "item_id") for row in rows(entry, "related_items")))


def counted(items: Sequence[Found], *, limit: int) -> list[ChartedSound]:
    """A chart of our own: sounds by how many of these posts use them, then by the views of these posts."""
    using: dict[str, list[tuple[int, Found]]] = {}
    for item in items:
        music = mapping(item.get("music"), "music")
        if music.get("id"):
            using.setdefault(digits(music["id"], "music.id"), []).append((count(_stats(item).get("playCount"), "playCount") or 0, item))
    order = sorted(using, key=lambda key: (-len(using[key]), -sum(views for views, _ in using[key]), key))
    return [
        ChartedSound(
            rank,
            sound(mapping(using[key][0][1].get("music"), "music")),
            tuple(digits(item.get("id"), "id") for _, item in using[key]),
        )
        for rank, key in enumerate(order[:limit], 1)
    ]
