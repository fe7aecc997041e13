"""What the world is made of. Counters are a function of the moment: `World.seen`."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """How a post stands at a moment."""

    PUBLIC = "public"
    PRIVATE = "private"
    DELETED = "deleted"
    NOT_YET = "not_yet"


@dataclass(frozen=True, slots=True)
class Sound:
    """A sound that posts use. `weight` decides its place in the charts."""

    number: int
    sound_id: str
    title: str
    artist: str
    duration_seconds: int
    is_original: bool
    weight: float


@dataclass(frozen=True, slots=True)
class Creator:
    """An account. `native_id` is what the platform's own API calls it by: UC... , a number, a secUid is `second_id`."""

    number: int
    platform: str
    native_id: str
    second_id: str
    username: str
    title: str
    description: str
    niche: str
    country: str
    is_verified: bool
    is_empty: bool
    followers: int
    following: int
    growth: float
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Post:
    """A post, for ever: what it is and when it changes state. `hidden_until`: it was private before (public late)."""

    creator: Creator
    number: int
    native_id: str
    title: str
    description: str
    hashtags: tuple[str, ...]
    sound: Sound | None
    format: str
    duration_seconds: int
    posted_at: datetime
    hidden_until: datetime | None
    private_from: datetime | None
    deleted_at: datetime | None
    potential: float
    tau_days: float
    rates: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Seen:
    """A post's counters at a moment. They never fall."""

    views: int
    likes: int
    comments: int
    shares: int
    bookmarks: int


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment; replies name their parent."""

    comment_id: str
    parent_id: str | None
    author_id: str
    author_name: str
    text: str
    likes: int
    posted_at: datetime
