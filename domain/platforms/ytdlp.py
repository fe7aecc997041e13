"""What yt-dlp tells about posts, channels, comments and heat-maps, turned into facts. Its files are read in `imports.ytdlp`.

TikTok's posts are worded as its web client words them, so that a post read by another source does not look changed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import isfinite
from pathlib import Path

from domain.imports.params import ImportParams
from domain.imports.reading import Reading
from domain.imports.tiktok import digits
from domain.imports.values import Unreadable, count, flag, identifier, mapping, shown, text
from domain.imports.ytdlp import read_info
from domain.observations import AccountFacts, Observed, Platform, VideoFormat
from domain.sources import CommentFacts

Info = Mapping[str, object]
# What is kept of an answer: the rest is addresses of media that expire within hours.
KEPT = frozenset({
    "_type", "availability", "categories", "channel", "channel_follower_count", "channel_id", "channel_is_verified", "comment_count",
    "description", "dislike_count", "duration", "extractor", "extractor_key", "heatmap", "id", "ie_key", "like_count", "live_status",
    "media_type", "release_timestamp", "repost_count", "save_count", "tags", "thumbnail", "timestamp", "title", "track", "upload_date",
    "uploader", "uploader_id", "url", "view_count", "was_live", "webpage_url",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class HeatMark:
    """How much a stretch of a video is watched again, 0 to 1, against its most watched one."""

    start_seconds: float
    end_seconds: float
    intensity_share: float


@dataclass(frozen=True, slots=True)
class Fetched:
    """A video's file, and its heat-map as its page told it: empty where the platform shows none, None where that could not be told."""

    path: Path
    heat: tuple[HeatMark, ...] | None = None


def kept(info: Info) -> dict[str, object]:
    """The part of an answer that is worth keeping."""
    found = {name: value for name, value in info.items() if name in KEPT and value is not None}
    pictures = info.get("thumbnails")
    if "thumbnail" not in found and isinstance(pictures, list) and pictures:
        # The still picture that people see; others move, or are larger.
        cover = next((row for row in pictures if isinstance(row, Mapping) and row.get("id") == "cover"), pictures[-1])
        found["thumbnail"] = cover.get("url") if isinstance(cover, Mapping) else None
    return found


def post(line: int, info: Info, platform: Platform, *, at: datetime) -> Observed:
    """One video, as of `at`."""
    record = {**info, "extractor_key": platform.value, "_type": "video"}
    found = read_info(line, record, Reading(ImportParams(observed_at=at)))
    return _as_on_tiktok(found) if platform is Platform.TIKTOK else found


def _as_on_tiktok(found: Observed) -> Observed:
    if found.video is None:
        return found
    said, name = found.video.description or found.video.title, found.account.username
    url = f"https://www.tiktok.com/@{name or '_'}/video/{digits(found.video.external_id, 'id')}"
    return replace(found, video=replace(found.video, title=said, description=None, url=url, format=VideoFormat.SHORT))


def channel(info: Info) -> AccountFacts:
    """A YouTube channel, from its page."""
    handle = text(info.get("uploader_id"), "uploader_id")
    pictures = info.get("thumbnails")
    avatar = (
        [row for row in pictures if isinstance(row, Mapping) and row.get("id") == "avatar_uncropped"] if isinstance(pictures, list) else []
    )
    return AccountFacts(
        Platform.YOUTUBE,
        external_id=identifier(info.get("channel_id"), "channel_id"),
        username=handle.removeprefix("@") if handle else None,
        title=text(info.get("channel"), "channel"),
        description=text(info.get("description"), "description"),
        avatar_url=text(avatar[0].get("url"), "thumbnails") if avatar else None,
        is_verified=flag(info.get("channel_is_verified"), "channel_is_verified"),
        followers=count(info.get("channel_follower_count"), "channel_follower_count"),
    )


def comments(info: Info) -> list[CommentFacts]:
    """Threads first, then replies. YouTube's pages tell how long ago, which is no moment: `posted_at` stays empty."""
    found = [_comment(row) for row in _rows(info, "comments")]
    return [each for each in found if each.parent_id is None] + [each for each in found if each.parent_id is not None]


def _comment(row: Info) -> CommentFacts:
    parent = text(row.get("parent"), "parent")
    return CommentFacts(
        external_id=identifier(row.get("id"), "id"),
        text=text(row.get("text"), "text") or "",
        posted_at=None,
        parent_id=None if parent in (None, "root") else parent,
        author_id=text(row.get("author_id"), "author_id"),
        author_name=(text(row.get("author"), "author") or "").removeprefix("@") or None,
        likes=count(row.get("like_count"), "like_count"),
    )


def heatmap(info: Info) -> list[HeatMark]:
    """Empty where the platform shows none: it needs many views. Raises Unreadable, also for stretches and shares that cannot be."""
    found = [HeatMark(*(_number(row, name) for name in ("start_time", "end_time", "value"))) for row in _rows(info, "heatmap")]
    for mark in found:
        if not (0 <= mark.start_seconds < mark.end_seconds and 0 <= mark.intensity_share <= 1):
            raise Unreadable(f"heatmap has {mark}, which is no share of a stretch", "heatmap")
    return found


def captions(info: Info) -> dict[str, str]:
    """Addresses of captions in WebVTT by language; made by people where there are any, else by the platform (`en-auto`)."""
    found: dict[str, str] = {}
    for column, suffix in (("automatic_captions", "-auto"), ("subtitles", "")):
        for language, tracks in mapping(info.get(column), column).items():
            urls = (
                [row["url"] for row in tracks if isinstance(row, Mapping) and row.get("ext") == "vtt"]
                if isinstance(tracks, Sequence)
                else []
            )
            if urls:
                found[f"{language}{suffix}"] = str(urls[0])
    return found


def _rows(info: Info, column: str) -> list[Info]:
    found = info.get(column) or []
    if not isinstance(found, list) or not all(isinstance(row, Mapping) for row in found):
        raise Unreadable(f"{column} is {shown(found)}, not a list of objects", column)
    return found


def _number(row: Info, name: str) -> float:
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise Unreadable(f"heatmap.{name} is {shown(value)}, not a number", "heatmap")
    return float(value)
