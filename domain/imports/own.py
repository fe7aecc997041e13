"""Our own format: one record, one observation, flat keys named like the fields of `Observed`. Documented in docs/guides/import.md."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, TypeVar

from domain.imports import moments
from domain.imports.moments import Moment
from domain.imports.reading import COUNTERS, Reading, Record, RowReader, frozen, read_counters
from domain.imports.values import Unreadable, count, figure, flag, identifier, mapping, shown, text, words
from domain.imports.words import hashtags, mentions
from domain.observations import NO_METRICS, AccountFacts, Observed, Platform, VideoFacts, VideoFormat

ACCOUNT_TEXTS = ("account_username", "account_title", "account_description", "account_avatar_url")
ACCOUNT_COUNTS = ("account_followers", "account_following", "account_declared_videos", "account_declared_likes")
VIDEO_TEXTS = ("title", "description", "url", "thumbnail_url", "category", "sound_id", "sound_title")
ACCOUNT_FIELDS = ("account_external_id", "account_is_verified", *ACCOUNT_TEXTS, *ACCOUNT_COUNTS)
VIDEO_FIELDS = (
    *("video_external_id", *VIDEO_TEXTS, "posted_at", "posted_error_seconds", "duration_seconds"),
    *("format", "tags", "hashtags", "mentions", "is_removed"),
)
FIELDS = frozenset({"platform", "observed_at", "observed_error_seconds", "owner_metrics", *ACCOUNT_FIELDS, *VIDEO_FIELDS, *COUNTERS})
MOST_ERROR_SECONDS = 366 * 86_400
MOST_METRICS = 100

Choice = TypeVar("Choice", Platform, VideoFormat)


def own_reader(reading: Reading) -> RowReader:
    return lambda line, record: _read(line, record, reading)


def _read(line: int, record: Record, reading: Reading) -> Observed:
    if not FIELDS.issuperset(record):
        unknown = next(key for key in record if key not in FIELDS)
        raise Unreadable(f"{shown(unknown)} is no field of this format", unknown[:60])
    missing: dict[str, str] = {}
    seen = _observed_at(record, reading)
    account = _account(record)
    video = _video(record, missing) if record.get("video_external_id") not in (None, "") else None
    if video is None and any(record.get(name) not in (None, "") for name in (*COUNTERS, "title", "posted_at")):
        raise Unreadable("the row has facts of a video, but no video_external_id", "video_external_id")
    columns = {name: name for name in COUNTERS if record.get(name) is not None}
    counters = read_counters(record, columns, missing)
    return Observed(line, account, seen.at, seen.error_seconds, video, counters, _metrics(record), frozen(missing))


def _observed_at(record: Record, reading: Reading) -> Moment:
    if record.get("observed_at") in (None, ""):
        return Moment(reading.observed_at)
    return _widened(moments.iso(record["observed_at"], "observed_at"), record, "observed_error_seconds")


def _widened(moment: Moment, record: Record, column: str) -> Moment:
    """A stated error counts; a date without a time is never known better than to the day."""
    stated = count(record.get(column), column) or 0
    if stated > MOST_ERROR_SECONDS:
        raise Unreadable(f"{column} is {stated}: more than a year is no observation", column)
    return Moment(moment.at, max(moment.error_seconds, stated))


def _choice(kind: type[Choice], value: object, column: str) -> Choice:
    try:
        return kind(str(value)[:20].strip().lower())
    except ValueError:
        raise Unreadable(f"{column} is {shown(value)}, none of {', '.join(kind)}", column) from None


def _account(record: Record) -> AccountFacts:
    external_id = record.get("account_external_id")
    username, title, description, avatar_url = [text(record.get(name), name) for name in ACCOUNT_TEXTS]
    followers, following, videos, likes = [count(record.get(name), name) for name in ACCOUNT_COUNTS]
    return AccountFacts(
        _choice(Platform, record.get("platform"), "platform"),
        external_id=identifier(external_id, "account_external_id") if external_id not in (None, "") else None,
        username=username,
        title=title,
        description=description,
        avatar_url=avatar_url,
        is_verified=flag(record.get("account_is_verified"), "account_is_verified"),
        followers=followers,
        following=following,
        declared_videos=videos,
        declared_likes=likes,
    )


def _video(record: Record, missing: dict[str, str]) -> VideoFacts:
    texts: dict[str, Any] = {name: text(record.get(name), name) for name in VIDEO_TEXTS}
    said = (texts["title"], texts["description"])
    posted = None
    if record.get("posted_at") in (None, ""):
        missing["posted_at"] = "posted_at is empty in the source"
    else:
        posted = _widened(moments.iso(record["posted_at"], "posted_at"), record, "posted_error_seconds")
    format_ = record.get("format")
    return VideoFacts(
        external_id=identifier(record["video_external_id"], "video_external_id"),
        posted_at=posted.at if posted else None,
        posted_error_seconds=posted.error_seconds if posted else 0,
        duration_seconds=count(record.get("duration_seconds"), "duration_seconds"),
        format=None if format_ in (None, "") else _choice(VideoFormat, format_, "format"),
        tags=words(record.get("tags"), "tags"),
        hashtags=hashtags(*said) if record.get("hashtags") is None else _tags(record["hashtags"]),
        mentions=mentions(*said) if record.get("mentions") is None else words(record["mentions"], "mentions"),
        is_removed=flag(record.get("is_removed"), "is_removed") or False,
        visibility=None,
        **texts,
    )


def _tags(value: object) -> tuple[str, ...]:
    """As hashtags are kept everywhere: in lower case, without their sign."""
    return tuple(dict.fromkeys(tag.lstrip("#").lower() for tag in words(value, "hashtags") if tag.strip("#")))


def _metrics(record: Record) -> Mapping[str, Decimal]:
    written = mapping(record.get("owner_metrics"), "owner_metrics")
    if not written:
        return NO_METRICS
    if len(written) > MOST_METRICS:
        raise Unreadable(f"owner_metrics has more than {MOST_METRICS} entries", "owner_metrics")
    named = ((identifier(name, "owner_metrics"), figure(value, "owner_metrics")) for name, value in written.items())
    return MappingProxyType({name: value for name, value in named if value is not None})
