"""The shapes of videos: listed, one alone, its score and engagement, its snapshots.

What a list is made of is built by position, in the order of `store.videos`: by keyword it costs ten times as much
(docs/decisions/0010-hot-reads.md).
"""

from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec

from api.figures import Computed, MethodOut
from domain.analytics import ENGAGEMENT, NO_SHARES, SCORES_SECTION, Method
from domain.engagement import ENGAGEMENT_FORMULA, engagement_rate, engagement_score
from store.videos import Described, ListedVideo, Snapshot, VideoScore


class ScoreOut(Computed, frozen=True):
    """How a video did against comparable posts of its account at the same age; `n` is its peers. A ratio: 2.0 is twice as many views.

    Without a fair multiple `reason` says why. The naive multiple (views over the mean of the others) is what most tools show.
    """

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

    @classmethod
    def of(cls, score: VideoScore, observed_at: datetime) -> "ScoreOut":
        figures: tuple[Any, ...] = score[:_SHOWN]
        return cls(score.peers, score.as_of, observed_at, _method(score.method), *figures)


_SHOWN = len(ScoreOut.__struct_fields__) - len(Computed.__struct_fields__)


@lru_cache(maxsize=64)
def _method(name: str) -> MethodOut:
    return MethodOut.of(Method(name, SCORES_SECTION))


class EngagementOut(Computed, frozen=True):
    """`rate` is (likes + comments + shares) / views, a ratio, not percent; null at 0 views or where a part is unknown.

    `score` is rate x ln(1 + views); `score_formula` changes with that formula.
    """

    rate: float | None
    score: float | None
    score_formula: str

    @classmethod
    def of(cls, video: ListedVideo, as_of: datetime | None) -> "EngagementOut":
        shares = video.shares or 0 if video.platform in NO_SHARES else video.shares
        parts = (video.views, video.likes, video.comments, shares)
        rate, score = engagement_rate(*parts), engagement_score(*parts)
        return cls(1, as_of or video.observed_at, video.observed_at, _ENGAGEMENT, rate, score, ENGAGEMENT_FORMULA)


_ENGAGEMENT = MethodOut.of(ENGAGEMENT)


class VideoOut(msgspec.Struct, frozen=True):
    """A video with its newest counters; null: the source never said. `posted_error_seconds` is how far off `posted_at` may be.

    `is_removed`: it is deleted or private on its platform, `removed_since` is when we learned that. What we saw of it stays.
    """

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
    removed_since: datetime | None
    removed_reason: str | None
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

    @classmethod
    def of(cls, video: ListedVideo) -> "VideoOut":
        score = ScoreOut.of(video.score, video.observed_at) if video.score else None
        facts: tuple[Any, ...] = (*video[:-1], EngagementOut.of(video, None), score)
        return cls(*facts)


class VideoIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What only you can tell of a video: whether its views were bought or promoted. null: that is not known."""

    is_promoted: bool | None


class VideoDetailOut(VideoOut, frozen=True, kw_only=True):
    """One video with its texts. `as_of` is the moment asked about; `missing` says per absent fact why it is not there.

    `is_promoted`: whether somebody told us that its views were bought or promoted.
    """

    as_of: datetime | None
    description: str | None
    category: str | None
    sound_id: str | None
    sound_title: str | None
    tags: list[str]
    hashtags: list[str]
    mentions: list[str]
    missing: dict[str, str]
    source: str
    is_promoted: bool | None

    @classmethod
    def described(cls, video: ListedVideo, more: Described, as_of: datetime | None) -> "VideoDetailOut":
        return cls(
            **_facts(video, as_of), as_of=as_of, description=more.description, category=more.category, sound_id=more.sound_id,
            sound_title=more.sound_title, tags=more.tags, hashtags=more.hashtags, mentions=more.mentions, missing=dict(more.missing),
            source=more.source, is_promoted=more.is_promoted,
        )  # fmt: skip


_SHAPED = ("engagement", "score")
_PLAIN = tuple(name for name in VideoOut.__struct_fields__ if name not in _SHAPED)


def _facts(video: ListedVideo, as_of: datetime | None) -> dict[str, Any]:
    shaped = {"engagement": EngagementOut.of(video, as_of), "score": ScoreOut.of(video.score, video.observed_at) if video.score else None}
    return {name: getattr(video, name) for name in _PLAIN} | shaped


class SnapshotOut(msgspec.Struct, frozen=True, kw_only=True):
    """The counters seen at one moment. A row is kept when one of them had changed."""

    observed_at: datetime
    observed_error_seconds: int
    views: int | None
    likes: int | None
    dislikes: int | None
    comments: int | None
    shares: int | None
    bookmarks: int | None
    source: str

    @classmethod
    def of(cls, snapshot: Snapshot) -> "SnapshotOut":
        return cls(**{name: getattr(snapshot, name) for name in cls.__struct_fields__})
