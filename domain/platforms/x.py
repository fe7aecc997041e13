"""X as TwitterAPI.io words it: profiles, posts and replies. Fields were read from its documentation (docs/platforms/x.md). Pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from domain.imports.moments import Moment, in_range, iso
from domain.imports.reading import frozen, read_counters
from domain.imports.values import Unreadable, count, figure, flag, identifier, mapping, shown, text
from domain.imports.words import hashtags, mentions
from domain.observations import AccountFacts, Counters, Observed, Platform, VideoFacts, VideoFormat
from domain.platforms.records import Record
from domain.sources import CommentFacts

_WRITTEN = "%a %b %d %H:%M:%S %z %Y"
_COUNTERS = {"views": "viewCount", "likes": "likeCount", "comments": "replyCount", "bookmarks": "bookmarkCount"}


def read_user(record: Record) -> AccountFacts:
    return AccountFacts(
        Platform.X,
        external_id=identifier(record.get("id"), "id"),
        username=text(record.get("userName"), "userName"),
        title=text(record.get("name"), "name"),
        description=text(record.get("description"), "description") or _bio(record),
        avatar_url=text(record.get("profilePicture"), "profilePicture"),
        is_verified=flag(record.get("isBlueVerified"), "isBlueVerified"),
        followers=count(record.get("followers"), "followers"),
        following=count(record.get("following"), "following"),
        declared_videos=count(record.get("statusesCount"), "statusesCount"),
    )


def is_own(record: Record) -> bool:
    """Whether the post is the author's own: reposts stand in the list as posts of somebody else."""
    return not record.get("retweeted_tweet")


def read_post(record: Record, *, observed_at: datetime, account: AccountFacts | None = None) -> Observed:
    """A post. `line` is given by whoever puts it into a list."""
    missing: dict[str, str] = {}
    post_id, said = identifier(record.get("id"), "id"), text(record.get("text"), "text")
    author = account or read_user(mapping(record.get("author"), "author"))
    clip = _video(record)
    seconds = _seconds(clip)
    if clip is None:
        missing["format"] = "the post has no video"
    video = VideoFacts(
        external_id=post_id,
        title=said,
        url=f"https://x.com/{author.username or 'i'}/status/{post_id}",
        thumbnail_url=text(clip.get("media_url_https"), "media_url_https") if clip else None,
        posted_at=moment(record.get("createdAt"), "createdAt").at,
        duration_seconds=seconds,
        format=VideoFormat.SHORT if clip else None,
        hashtags=hashtags(said),
        mentions=mentions(said),
    )
    return Observed(1, author, observed_at, 0, video, _counters(record, missing), missing=frozen(missing))


def read_reply(record: Record, *, root_id: str) -> CommentFacts:
    """A reply to the post `root_id`; one to another reply names that as its parent."""
    author = mapping(record.get("author"), "author")
    above = record.get("inReplyToId")
    parent = identifier(above, "inReplyToId") if above not in (None, "") else root_id
    return CommentFacts(
        external_id=identifier(record.get("id"), "id"),
        text=text(record.get("text"), "text") or "",
        posted_at=moment(record.get("createdAt"), "createdAt").at,
        parent_id=None if parent == root_id else parent,
        author_id=text(author.get("id"), "author.id"),
        author_name=text(author.get("userName"), "author.userName"),
        likes=count(record.get("likeCount"), "likeCount"),
        replies=count(record.get("replyCount"), "replyCount"),
    )


def complete_since(posts: Sequence[Observed], *, is_whole: bool, since: datetime | None) -> datetime | None:
    """Since when the list, newest first, holds every post: it was followed to its end, back to `since`, or to its last post."""
    days = [post.video.posted_at for post in posts if post.video and post.video.posted_at]
    if since is not None and (is_whole or (days and min(days) <= since)):
        return since
    return min(days) if days else None


def moment(value: object, column: str) -> Moment:
    """`Tue Dec 10 07:00:30 +0000 2024`, or ISO 8601."""
    if not isinstance(value, str) or "T" in value[10:11]:
        return iso(value, column)
    try:
        return in_range(Moment(datetime.strptime(value, _WRITTEN).astimezone(UTC)), value, column)
    except ValueError:
        raise Unreadable(f"{column} is {shown(value)}, not a moment", column) from None


def _counters(record: Record, missing: dict[str, str]) -> Counters:
    """Shares are reposts with and without words. No views beside likes is no count: X has counted them since December 2022 only."""
    found = read_counters(record, _COUNTERS, missing)
    reposts, quotes = count(record.get("retweetCount"), "retweetCount"), count(record.get("quoteCount"), "quoteCount")
    shares = None if reposts is None else reposts + (quotes or 0)
    if shares is None:
        missing["shares"] = "retweetCount is empty in the source"
    views = found.views
    if not views and (found.likes or found.comments or shares):
        views, missing["views"] = None, "X did not count the views of this post"
    return Counters(views=views, likes=found.likes, comments=found.comments, shares=shares, bookmarks=found.bookmarks)


def _video(record: Record) -> Mapping[str, object] | None:
    media = mapping(record.get("extendedEntities"), "extendedEntities").get("media")
    listed = media if isinstance(media, list) else []
    return next((one for one in listed if isinstance(one, dict) and one.get("type") in ("video", "animated_gif")), None)


def _seconds(clip: Mapping[str, object] | None) -> int | None:
    length = figure(mapping(clip.get("video_info"), "video_info").get("duration_millis"), "duration_millis") if clip else None
    return None if length is None else round(length / Decimal(1000))


def _bio(record: Record) -> str | None:
    return text(mapping(record.get("profile_bio"), "profile_bio").get("description"), "profile_bio.description")
