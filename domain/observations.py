"""What a source says about a video or an account at one moment, normalised. Where it is kept is the store's business.

Missing facts stay missing (None) and `missing` says why; nothing here is guessed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

NOTHING: Mapping[str, str] = MappingProxyType({})
NO_METRICS: Mapping[str, Decimal] = MappingProxyType({})


class Platform(StrEnum):
    """Where a video was posted."""

    TIKTOK = "tiktok"
    YOUTUBE = "youtube"
    INSTAGRAM = "instagram"
    X = "x"


class Selection(StrEnum):
    """How a video came in. Only a census carries causal claims; search and trending lists are selected on the outcome."""

    CENSUS = "census"
    SEARCH = "search"
    TRENDING = "trending"
    MANUAL = "manual"


class VideoFormat(StrEnum):
    """How a platform shows and counts it."""

    SHORT = "short"
    LONG = "long"
    LIVE = "live"


class Visibility(StrEnum):
    """Who may see a post. None where the source does not say; what strangers read is public."""

    PUBLIC = "public"
    UNLISTED = "unlisted"
    PRIVATE = "private"


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """A public creator profile. Without `external_id` it is provisional: known by its title (or username) only."""

    platform: Platform
    external_id: str | None = None
    username: str | None = None
    title: str | None = None
    description: str | None = None
    avatar_url: str | None = None
    is_verified: bool | None = None
    followers: int | None = None
    following: int | None = None
    declared_videos: int | None = None
    declared_likes: int | None = None


@dataclass(frozen=True, slots=True)
class Counters:
    """Public counters as of one moment. None: the source did not say."""

    views: int | None = None
    likes: int | None = None
    dislikes: int | None = None
    comments: int | None = None
    shares: int | None = None
    bookmarks: int | None = None


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """A post and its texts. `posted_error_seconds` is the half-width of what is known of `posted_at` (0: exact)."""

    external_id: str
    title: str | None = None
    description: str | None = None
    url: str | None = None
    thumbnail_url: str | None = None
    posted_at: datetime | None = None
    posted_error_seconds: int = 0
    duration_seconds: int | None = None
    format: VideoFormat | None = None
    category: str | None = None
    sound_id: str | None = None
    sound_title: str | None = None
    tags: tuple[str, ...] = ()
    hashtags: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    is_removed: bool = False
    visibility: Visibility | None = None


@dataclass(frozen=True, slots=True)
class Observed:
    """One readable row of a source. `video` is None where the row only describes an account.

    `owner_metrics` are private figures of the owner (impressions, watch hours, revenue ...), by their metric name, exact. With a `day` they
    are those of that day of YouTube's, of the whole account; there is no video then.
    """

    line: int
    account: AccountFacts
    observed_at: datetime
    observed_error_seconds: int = 0
    video: VideoFacts | None = None
    counters: Counters = Counters()
    owner_metrics: Mapping[str, Decimal] = field(default_factory=lambda: NO_METRICS)
    missing: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """One row that could not be read, with the reason and, where it helps, the column at fault."""

    line: int
    reason: str
    column: str | None = None
