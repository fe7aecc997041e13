"""Instagram as Bright Data's datasets word it: profiles, posts with reels and carousels, comments, and inputs that failed.

Fields were read from Bright Data's documentation (docs/platforms/instagram.md says which are verified). Pure; asking is in the gateways.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.errors import FailureCategory
from domain.imports.moments import Moment, iso
from domain.imports.reading import first_of, frozen
from domain.imports.values import Unreadable, count, figure, flag, identifier, text
from domain.imports.words import hashtags, mentions
from domain.observations import AccountFacts, Counters, Observed, Platform, VideoFacts, VideoFormat
from domain.platforms.records import Record
from domain.sources import CommentFacts

HIDDEN = -1
# Instagram lets an account pin so many posts above its newest.
MOST_PINNED = 3
_SHORTCODE = re.compile(r"instagram\.com/(?:[^/]+/)?(?:p|reel|reels|tv)/([A-Za-z0-9_-]{5,40})")
_AUDIO = re.compile(r"/audio/(\d{5,30})")
_VIDEOS = ("video", "reel", "igtv", "clips")


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile, and what it shows of its newest posts: which are pinned (None: not told), and when the newest was posted."""

    facts: AccountFacts
    is_private: bool
    pinned: frozenset[str] | None = None
    newest_at: datetime | None = None


class NothingThere(Exception):
    """Bright Data says in words that there is no post or comment, in this period or at all."""


def failure_of(record: Record) -> tuple[FailureCategory, str] | None:
    """Why an input failed; None where the record is one. Raises NothingThere where there was nothing to find."""
    if "error" not in record or record["error"] in (None, ""):
        return None
    said = str(record["error"])[:200]
    plain = said.lower()
    if any(words in plain for words in ("no public posts", "no posts", "no comments")):
        raise NothingThere(said)
    if "private" in plain:
        return FailureCategory.PRIVATE, said
    # The code `dead_page` stands beside refusals that pass, too: only the words tell.
    if any(words in plain for words in ("not found", "404", "dead page")):
        return FailureCategory.NOT_FOUND, said
    return FailureCategory.API_ERROR, said


def read_profile(record: Record) -> Profile:
    shown = record.get("posts")
    entries = [entry for entry in shown if isinstance(entry, dict)] if isinstance(shown, list) else None
    pinned = (
        None if entries is None else frozenset(_code(entry) for entry in entries if entry.get("is_pinned") is True and _has_code(entry))
    )
    facts = AccountFacts(
        Platform.INSTAGRAM,
        external_id=identifier(record.get("id"), "id"),
        username=text(_one(record, "account", "user_name", "profile_name"), "account"),
        title=text(_one(record, "full_name", "profile_name"), "full_name"),
        description=text(record.get("biography"), "biography"),
        avatar_url=text(_one(record, "profile_image_link", "profile_pic_url"), "profile_image_link"),
        is_verified=flag(record.get("is_verified"), "is_verified"),
        followers=count(record.get("followers"), "followers"),
        following=count(record.get("following"), "following"),
        declared_videos=count(record.get("posts_count"), "posts_count"),
    )
    days = [iso(entry["datetime"], "posts.datetime").at for entry in entries or () if entry.get("datetime")]
    return Profile(facts, flag(record.get("is_private"), "is_private") is True, pinned, max(days, default=None))


def read_post(record: Record, *, observed_at: datetime, account: AccountFacts | None = None) -> Observed:
    """A post, reel or carousel. `line` is given by whoever puts it into a list."""
    missing: dict[str, str] = {}
    posted = first_of((("date_posted", iso), ("datetime", iso)), record)
    if posted is None:
        missing["posted_at"] = "date_posted is empty in the source"
    said, code = text(_one(record, "description", "caption"), "description"), _code(record)
    sound = record.get("audio")
    audio = sound if isinstance(sound, dict) else {}
    video = VideoFacts(
        external_id=code,
        title=said,
        url=f"https://www.instagram.com/p/{code}/",
        thumbnail_url=text(record.get("thumbnail"), "thumbnail"),
        posted_at=posted.at if posted else None,
        posted_error_seconds=posted.error_seconds if posted else 0,
        duration_seconds=_seconds(record.get("length"), missing),
        format=_format(record, missing),
        sound_id=_audio_id(record) or text(audio.get("audio_asset_id"), "audio.audio_asset_id"),
        sound_title=text(audio.get("original_audio_title"), "audio.original_audio_title"),
        # The source's own list breaks words at letters with accents.
        hashtags=hashtags(said),
        mentions=mentions(said),
    )
    return Observed(1, account or _author(record), observed_at, 0, video, _counters(record, missing), missing=frozen(missing))


def seen_at(record: Record, otherwise: datetime) -> datetime:
    """When the record was collected; a snapshot is often fetched much later."""
    return iso(record["timestamp"], "timestamp").at if record.get("timestamp") else otherwise


def read_comment(record: Record) -> tuple[CommentFacts, ...]:
    """A comment with the replies that came with it."""
    comment_id = identifier(record.get("comment_id"), "comment_id")
    top = CommentFacts(
        external_id=comment_id,
        text=text(record.get("comment"), "comment") or "",
        posted_at=_moment(record.get("comment_date")),
        author_name=text(record.get("comment_user"), "comment_user"),
        likes=count(record.get("likes_number"), "likes_number"),
        replies=count(record.get("replies_number"), "replies_number"),
    )
    return (top, *_replies(record.get("replies"), comment_id))


def complete_since(posts: Sequence[Observed], *, wanted: int, pinned: frozenset[str] | None, since: datetime | None) -> datetime | None:
    """Since when the list, newest first, holds every post. A list that was cut holds old pinned ones, which promise nothing."""
    days = sorted((post.video.posted_at, post.video.external_id) for post in posts if post.video and post.video.posted_at)
    if not days:
        return since
    if len(posts) < wanted:
        return since or days[0][0]
    sure = [day for day, code in days if code not in pinned] if pinned is not None else [day for day, _ in days[MOST_PINNED:]]
    return sure[0] if sure else None


def _author(record: Record) -> AccountFacts:
    native = record.get("user_posted_id")
    return AccountFacts(
        Platform.INSTAGRAM,
        external_id=None if native in (None, "") else identifier(native, "user_posted_id"),
        username=text(record.get("user_posted"), "user_posted"),
        avatar_url=text(record.get("profile_image_link"), "profile_image_link"),
        is_verified=flag(record.get("is_verified"), "is_verified"),
        followers=count(record.get("followers"), "followers"),
        following=count(record.get("following"), "following"),
        declared_videos=count(record.get("posts_count"), "posts_count"),
    )


def _counters(record: Record, missing: dict[str, str]) -> Counters:
    """Instagram's public number of views is that of plays; `video_view_count` counts otherwise and only stands in for it."""
    views = count(_one(record, "video_play_count", "views", "video_view_count"), "video_play_count")
    if views is None:
        missing["views"] = "the source has no views of this post"
    likes = None
    if record.get("likes") == HIDDEN:
        missing["likes"] = "the owner hides the number of likes"
    elif (likes := count(record.get("likes"), "likes")) is None:
        missing["likes"] = "likes is empty in the source"
    comments = count(_one(record, "num_comments", "comments"), "num_comments")
    if comments is None:
        missing["comments"] = "num_comments is empty in the source"
    return Counters(views=views, likes=likes, comments=comments)


def _format(record: Record, missing: dict[str, str]) -> VideoFormat | None:
    kinds = [str(record.get(name) or "").lower() for name in ("product_type", "content_type")]
    if any(kind in _VIDEOS for kind in kinds) or record.get("video_play_count") is not None:
        return VideoFormat.SHORT
    missing["format"] = f"the post is no video but {kinds[1] or 'something else'}"
    return None


def _seconds(value: object, missing: dict[str, str]) -> int | None:
    length = figure(value, "length")
    if length is None:
        missing["duration_seconds"] = "length is empty in the source"
    return None if length is None else round(length)


def _code(record: Record) -> str:
    code = record.get("shortcode")
    if isinstance(code, str) and code:
        return identifier(code, "shortcode")
    found = _SHORTCODE.search(str(record.get("url") or ""))
    if found is None:
        raise Unreadable("shortcode is empty, and the address names no post", "shortcode")
    return found[1]


def _has_code(record: Record) -> bool:
    return bool(record.get("shortcode") or _SHORTCODE.search(str(record.get("url") or "")))


def _audio_id(record: Record) -> str | None:
    found = _AUDIO.search(str(record.get("audio_url") or ""))
    return found[1] if found else None


def _replies(value: object, parent_id: str) -> Iterator[CommentFacts]:
    """What a reply is called is not documented: only those that name themselves are taken."""
    for reply in value if isinstance(value, list) else ():
        if isinstance(reply, dict) and (reply.get("comment_id") or reply.get("reply_id")):
            yield CommentFacts(
                external_id=identifier(_one(reply, "comment_id", "reply_id"), "replies.comment_id"),
                text=text(_one(reply, "comment", "reply"), "replies.comment") or "",
                posted_at=_moment(_one(reply, "comment_date", "reply_date")),
                parent_id=parent_id,
                author_name=text(_one(reply, "comment_user", "reply_user"), "replies.comment_user"),
                likes=count(_one(reply, "likes_number", "likes"), "replies.likes_number"),
            )


def _moment(value: object) -> datetime | None:
    """ISO 8601; older answers wrote it as JavaScript does."""
    if value in (None, ""):
        return None
    if isinstance(value, str) and " GMT" in value:
        try:
            return datetime.strptime(value.split(" (")[0], "%a %b %d %Y %H:%M:%S GMT%z")
        except ValueError:
            raise Unreadable(f"comment_date is {value[:60]!r}, not a moment", "comment_date") from None
    found: Moment = iso(value, "comment_date")
    return found.at


def _one(record: Record, *names: str) -> object:
    """The first of these fields that holds something."""
    return next((record[name] for name in names if record.get(name) not in (None, "")), None)
