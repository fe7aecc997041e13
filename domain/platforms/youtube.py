"""YouTube's answers (Data API v3) in our words. What the answer does not say stays missing; a value of another kind is Unreadable.

Whether a video is a Short the API does not say. Longer than Shorts may be, it is a long one; up to there it may be either, and `format`
stays missing. Streams and premieres are both `live`: the API does not tell them apart.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from domain.imports import moments
from domain.imports.values import Unreadable, count, flag, identifier, mapping, shown, text, words
from domain.imports.words import hashtags, mentions
from domain.imports.youtube import CATEGORIES, WATCH, video_id
from domain.observations import AccountFacts, Counters, Observed, Platform, VideoFacts, VideoFormat, Visibility

Item = Mapping[str, object]

# Shorts may last three minutes since this day, one before it.
LONGER_SHORTS = datetime(2024, 10, 15, tzinfo=UTC)
SHORT_SECONDS, EARLIER_SHORT_SECONDS = 180, 60
MAY_BE_EITHER = "YouTube does not say whether a video of this length is a Short"
HIDDEN = "hidden by the owner"
NO_COMMENTS = "comments are switched off, or their number is hidden"
NOT_OVER = "the broadcast is not over"
_DURATION = re.compile(r"P(?:(\d{1,4})W)?(?:(\d{1,4})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?\Z", re.ASCII)
_SECONDS = (604_800, 86_400, 3_600, 60, 1)
_COUNTERS = {
    "views": ("viewCount", "the answer has no viewCount"),
    "likes": ("likeCount", HIDDEN),
    "comments": ("commentCount", NO_COMMENTS),
}
_THUMBNAILS = ("maxres", "standard", "high", "medium", "default")


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel, the playlist of its uploads, and since when it is there."""

    facts: AccountFacts
    uploads: str
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A place of an uploads list: which video, and since when it is public."""

    video_id: str
    posted_at: datetime | None


def items(payload: object, kind: str) -> list[Item]:
    """The items of a list answer of this kind. YouTube leaves the list out where there are none; another kind is Unreadable."""
    body = mapping(payload, "the answer")
    if body.get("kind") != kind:
        raise Unreadable(f"the answer is of kind {shown(body.get('kind'))}, not {kind}", "kind")
    found = body.get("items", [])
    if not isinstance(found, Sequence) or isinstance(found, str):
        raise Unreadable(f"items is {shown(found)}, not a list", "items")
    return [mapping(each, "items") for each in found]


def next_page(payload: object) -> str | None:
    return text(mapping(payload, "the answer").get("nextPageToken"), "nextPageToken")


def read_channel(item: Item) -> Channel:
    """Parts: snippet, contentDetails, statistics. YouTube rounds subscribers to three digits, and owners may hide them."""
    snippet, figures = mapping(item.get("snippet"), "snippet"), mapping(item.get("statistics"), "statistics")
    lists = mapping(mapping(item.get("contentDetails"), "contentDetails").get("relatedPlaylists"), "relatedPlaylists")
    handle = text(snippet.get("customUrl"), "customUrl") or ""
    is_hidden = flag(figures.get("hiddenSubscriberCount"), "hiddenSubscriberCount")
    facts = AccountFacts(
        Platform.YOUTUBE,
        external_id=identifier(item.get("id"), "id"),
        # Without the sign it is a custom address of old, which is no handle.
        username=handle[1:] if handle.startswith("@") else None,
        title=text(snippet.get("title"), "title"),
        description=text(snippet.get("description"), "description"),
        avatar_url=_thumbnail(snippet),
        followers=None if is_hidden else count(figures.get("subscriberCount"), "subscriberCount"),
        declared_videos=count(figures.get("videoCount"), "videoCount"),
    )
    return Channel(facts, identifier(lists.get("uploads"), "uploads"), _moment(snippet.get("publishedAt"), "publishedAt"))


def read_listed(item: Item) -> Listed:
    """Part: contentDetails of a playlist's item."""
    details = mapping(item.get("contentDetails"), "contentDetails")
    return Listed(video_id(details.get("videoId"), "videoId"), _moment(details.get("videoPublishedAt"), "videoPublishedAt"))


def read_found(item: Item) -> str:
    """Part: id of a search's result."""
    return video_id(mapping(item.get("id"), "id").get("videoId"), "videoId")


def read_video(item: Item, *, line: int, observed_at: datetime, account: AccountFacts | None = None) -> Observed:
    """Parts: snippet, contentDetails, statistics, liveStreamingDetails (only broadcasts have it), and status where the owner asks."""
    missing: dict[str, str] = {}
    snippet = mapping(item.get("snippet"), "snippet")
    posted = _moment(snippet.get("publishedAt"), "publishedAt")
    if posted is None:
        missing["posted_at"] = "the answer has no publishedAt"
    video = _video(item, snippet, posted, missing)
    whose = account or AccountFacts(
        Platform.YOUTUBE,
        external_id=identifier(snippet.get("channelId"), "channelId"),
        title=text(snippet.get("channelTitle"), "channelTitle"),
    )
    counters = _counters(mapping(item.get("statistics"), "statistics"), missing)
    return Observed(line, whose, observed_at, 0, video, counters, missing=MappingProxyType(missing))


def duration_seconds(value: object, column: str = "duration") -> int | None:
    """`PT1H2M3S` in seconds; None where nothing is said."""
    if value is None:
        return None
    found = _DURATION.match(value) if isinstance(value, str) else None
    if found is None or not any(found.groups()):
        raise Unreadable(f"{column} is {shown(value)}, not a duration such as PT4M13S", column)
    return sum(int(part) * seconds for part, seconds in zip(found.groups(), _SECONDS, strict=True) if part)


def _video(item: Item, snippet: Item, posted: datetime | None, missing: dict[str, str]) -> VideoFacts:
    external_id = video_id(item.get("id"), "id")
    title, description = text(snippet.get("title"), "title"), text(snippet.get("description"), "description")
    category = text(snippet.get("categoryId"), "categoryId")
    seconds = duration_seconds(mapping(item.get("contentDetails"), "contentDetails").get("duration"))
    if seconds == 0:
        missing["duration_seconds"] = NOT_OVER
    return VideoFacts(
        external_id=external_id,
        title=title,
        description=description,
        url=WATCH + external_id,
        thumbnail_url=_thumbnail(snippet),
        posted_at=posted,
        duration_seconds=seconds or None,
        format=_format(item, snippet, seconds, posted, missing),
        category=CATEGORIES.get(category, category) if category else None,
        tags=words(snippet.get("tags"), "tags", limit=2_000),
        hashtags=hashtags(title, description),
        mentions=mentions(title, description),
        visibility=_visibility(mapping(item.get("status"), "status").get("privacyStatus")),
    )


def _format(item: Item, snippet: Item, seconds: int | None, posted: datetime | None, missing: dict[str, str]) -> VideoFormat | None:
    if snippet.get("liveBroadcastContent") in ("live", "upcoming") or item.get("liveStreamingDetails"):
        return VideoFormat.LIVE
    longest = EARLIER_SHORT_SECONDS if posted and posted < LONGER_SHORTS else SHORT_SECONDS
    # A second of leeway: lengths are rounded up.
    if seconds and seconds > longest + 1:
        return VideoFormat.LONG
    missing["format"] = MAY_BE_EITHER if seconds else "the answer has no duration"
    return None


def _visibility(value: object) -> Visibility | None:
    if value is None:
        return None
    if value not in list(Visibility):
        raise Unreadable(f"privacyStatus is {shown(value)}, not one that is known", "privacyStatus")
    return Visibility(str(value))


def _counters(figures: Item, missing: dict[str, str]) -> Counters:
    """Counts are texts there. One that is left out is hidden, never 0."""
    found: dict[str, int | None] = {}
    for name, (column, reason) in _COUNTERS.items():
        found[name] = count(figures.get(column), column)
        if found[name] is None:
            missing[name] = reason
    return Counters(**found)


def _thumbnail(snippet: Item) -> str | None:
    """The largest there is."""
    there = mapping(snippet.get("thumbnails"), "thumbnails")
    for size in _THUMBNAILS:
        if size in there:
            return text(mapping(there[size], size).get("url"), "url")
    return None


def _moment(value: object, column: str) -> datetime | None:
    return moments.iso(value, column).at if value else None
