"""The baseline's answers: pydantic models with the fields of the product's own shapes, read from mapped objects."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class Shape(BaseModel):
    """Read from attributes."""

    model_config = ConfigDict(from_attributes=True)


class MethodOut(Shape):
    """How a figure was made."""

    id: str
    url: str


class Computed(Shape):
    """The envelope of a computed figure."""

    n: int
    as_of: datetime | None
    newest_observation: datetime | None
    method: MethodOut


class EngagementOut(Computed):
    """How strongly viewers react."""

    rate: float | None
    score: float | None


class ScoreOut(Computed):
    """How a video did."""

    multiple: float | None
    low: float | None
    high: float | None
    peers: int
    p_outlier: float | None
    is_outlier: bool | None
    shrunk_multiple: float | None
    virality_band: str | None
    reason: str | None
    naive_multiple: float | None
    naive_band: str | None
    release_id: UUID


class VideoOut(Shape):
    """A video of a list."""

    video_id: UUID
    account_id: UUID
    account_name: str | None
    platform: str
    external_id: str
    url: str | None
    title: str | None
    thumbnail_url: str | None
    posted_at: datetime | None
    posted_error_seconds: int
    duration_seconds: int | None
    format: str | None
    selection: str
    is_removed: bool
    first_seen_at: datetime
    observed_at: datetime
    views: int | None
    likes: int | None
    dislikes: int | None
    comments: int | None
    shares: int | None
    bookmarks: int | None
    engagement: EngagementOut
    score: ScoreOut | None


class Page(BaseModel):
    """A page of videos."""

    items: list[VideoOut]
    next_cursor: str | None
    has_more: bool
