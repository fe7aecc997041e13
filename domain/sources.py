"""What the platforms tell us: targets, reads, comments, sounds and charts, and how each call is accounted for.

The clients are in `gateways`, the Protocols they fill in `domain.ports.platforms`; keeping what was read is the store's business.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from domain.observations import AccountFacts, Observed, Platform


class SourceName(StrEnum):
    """Which client answered. Kept on every row as `source`."""

    YOUTUBE_API = "youtube_api"
    YOUTUBE_PAGES = "youtube_pages"
    TIKTOK_WEB = "tiktok_web"
    TIKTOK_PAGES = "tiktok_pages"
    TIKTOK_CHARTS = "tiktok_charts"
    BRIGHTDATA = "brightdata"
    TWITTERAPI = "twitterapi"


class Bucket(StrEnum):
    """What a call is paid with. The YouTube ones are quotas of the Google project, the others cost money per record or call."""

    YOUTUBE_UNITS = "youtube_units"
    YOUTUBE_SEARCH = "youtube_search"
    YOUTUBE_INSERT = "youtube_insert"
    YOUTUBE_STATS = "youtube_stats"
    BRIGHTDATA_RECORDS = "brightdata_records"
    TWITTERAPI_CREDITS = "twitterapi_credits"


@dataclass(frozen=True, slots=True)
class Target:
    """An account to read: by the platform's id, or by handle where that is not known yet (without "@")."""

    platform: Platform
    external_id: str | None = None
    username: str | None = None

    def __post_init__(self) -> None:
        if not (self.external_id or self.username):
            raise ValueError("target: an id or a handle is needed")

    @property
    def key(self) -> str:
        """Stable name of the target within its platform."""
        return f"id:{self.external_id}" if self.external_id else f"name:{(self.username or '').casefold()}"


@dataclass(frozen=True, slots=True)
class AccountRead:
    """One account as of `fetched_at`, with its newest posts, newest first. `line` of the posts counts from 1.

    `complete_since`: every public post since then is among `posts` (the start of the census window); None: nothing is promised.
    An account without any post is a read without posts; one that could not be read raises.
    """

    source: SourceName
    fetched_at: datetime
    account: AccountFacts
    posts: tuple[Observed, ...]
    complete_since: datetime | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PostsRead:
    """Posts by id, or found by a search or a chart. `gone`: asked for, not there, and why (`not_found`, `private`)."""

    source: SourceName
    fetched_at: datetime
    posts: tuple[Observed, ...]
    gone: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    next_page: str | None = None


@dataclass(frozen=True, slots=True)
class CommentFacts:
    """One public comment; `parent_id` is set on replies."""

    external_id: str
    text: str
    posted_at: datetime | None
    parent_id: str | None = None
    author_id: str | None = None
    author_name: str | None = None
    likes: int | None = None
    replies: int | None = None


@dataclass(frozen=True, slots=True)
class CommentsRead:
    """Comments of one video, top level ones before their replies. `is_disabled`: the owner switched comments off."""

    source: SourceName
    fetched_at: datetime
    comments: tuple[CommentFacts, ...]
    is_disabled: bool = False
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class SoundFacts:
    """A sound that posts use. `videos`: how many the platform says use it."""

    platform: Platform
    external_id: str
    title: str | None = None
    artist: str | None = None
    url: str | None = None
    duration_seconds: int | None = None
    is_original: bool | None = None
    videos: int | None = None


@dataclass(frozen=True, slots=True)
class ChartedSound:
    """One place of a country's chart of sounds; rank 1 is the top. `sample_videos`: ids of posts that use it."""

    rank: int
    sound: SoundFacts
    sample_videos: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChartRead:
    """A country's chart of sounds at a moment."""

    source: SourceName
    fetched_at: datetime
    country: str
    sounds: tuple[ChartedSound, ...]


class SearchKind(StrEnum):
    """What a search looks for."""

    HASHTAG = "hashtag"
    TERM = "term"


@dataclass(frozen=True, slots=True)
class Ask:
    """One question to a platform, before it is asked.

    `key` names the question within source and operation, page included: the fetch cache finds the answer by it. `units` is what it costs of
    `bucket` at most. `is_public`: no user's grant is used, so other tenants may share the answer. `is_kept`: the raw answer goes to the
    cache (a progress poll does not). `is_durable`: the answer was paid for or names something paid for: written down before it is used, so
    that a killed run does not pay twice. `bill`: what is ordered by one call and delivered by another is paid once, so both name it; from
    the order on all of it counts as spent, until the delivery tells how much it was.
    """

    source: SourceName
    operation: str
    key: str
    bucket: Bucket | None = None
    units: int = 0
    is_public: bool = True
    is_kept: bool = True
    is_durable: bool = False
    bill: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A platform's answer: `payload` is JSON (dicts, lists, text, numbers), `units` what it did cost where that is known only now.

    `is_order`: only ordered so far; what it costs is known with the answer to another ask of the same bill.
    """

    payload: object
    status: int = 200
    units: int | None = None
    fetched_at: datetime | None = None
    is_order: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """One call that was made, for the log of external calls. Never a secret: `operation` is a name, not an address."""

    source: SourceName
    operation: str
    outcome: str
    status: int | None
    started_at: datetime
    milliseconds: int
    bucket: Bucket | None = None
    units: int = 0
    cost_usd: Decimal | None = None


# Owner data: what the owner of a channel lets us read.


@dataclass(frozen=True, slots=True)
class Grant:
    """A live access token of a connection. `key` tells connections apart in logs and caches; it is no secret."""

    key: str
    access_token: str = field(repr=False)
    scopes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a token endpoint answered. `refresh_token` is None where the provider kept the one that we have."""

    access_token: str = field(repr=False)
    expires_at: datetime
    scopes: frozenset[str]
    refresh_token: str | None = field(default=None, repr=False)
    id_token: str | None = field(default=None, repr=False)


class Report(StrEnum):
    """Reports about an owner's channel. Each has its dimensions and metrics in `domain.owner_reports`."""

    DAILY = "daily"
    DEMOGRAPHICS = "demographics"
    GEOGRAPHY = "geography"
    DEVICES = "devices"
    TRAFFIC = "traffic"
    SUBSCRIBERS = "subscribers"
    PLAYBACK_LOCATIONS = "playback_locations"
    REVENUE = "revenue"
    RETENTION = "retention"


@dataclass(frozen=True, slots=True)
class ReportAsk:
    """A report about a channel, or one video of it, over whole days, both included."""

    report: Report
    channel_id: str
    first: date
    last: date
    video_id: str | None = None


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One row of a report: the day where the report is by day, its dimensions' values in order, and its metrics, exact."""

    day: str | None
    dimensions: tuple[str, ...]
    metrics: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class ReportRead:
    """A report as of `fetched_at`. `unavailable`: why there is none (no scope, not monetised); then `rows` is empty."""

    report: Report
    fetched_at: datetime
    rows: tuple[ReportRow, ...]
    unavailable: str | None = None
