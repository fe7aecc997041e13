"""Shapes of trackings and sources."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from api.requests import RequestOut
from domain.health import Health
from domain.tracking import Tracking
from domain.tracking_words import what_next
from store.trackings import Listed


class TrackIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account to track: the link to its profile, or its handle with the platform."""

    url: str | None = None
    handle: str | None = None
    platform: str | None = None


class TrackingIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be changed on a tracking. Letting one go on that is not paused changes nothing."""

    is_paused: bool


class TrackingErrorOut(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong, for programs and for people."""

    category: str
    detail: str


class TrackingOut(msgspec.Struct, frozen=True, kw_only=True):
    """A tracked account: how it stands, when it was and will be read, and what happens next, in words.

    `complete_since`: every public post since then is known. `source`: which client read it last. `is_pushed`: new posts are pushed to us.
    """

    account_id: UUID
    platform: str
    state: str
    last_run_at: datetime | None
    last_ok_at: datetime | None
    next_run_at: datetime | None
    what_next: str
    error: TrackingErrorOut | None
    consecutive_failures: int
    newest_post_at: datetime | None
    complete_since: datetime | None
    source: str | None
    is_pushed: bool
    created_at: datetime

    @classmethod
    def of(cls, tracking: Tracking, now: datetime) -> "TrackingOut":
        return cls(**facts_of(tracking, now))


class ListedTrackingOut(TrackingOut, frozen=True, kw_only=True):
    """A tracking with the names of its account."""

    username: str | None
    title: str | None

    @classmethod
    def of_listed(cls, listed: Listed, now: datetime) -> "ListedTrackingOut":
        return cls(**facts_of(listed.tracking, now), username=listed.username, title=listed.title)


class TrackedOut(msgspec.Struct, frozen=True, kw_only=True):
    """The tracking, and the request of the run that reads it first."""

    tracking: TrackingOut
    request: RequestOut


class SourceOut(msgspec.Struct, frozen=True, kw_only=True):
    """A client of a platform. `state`: closed (asked), open (rests after failures), half_open (is being tried), not_configured.

    `score` is the share of its reads that went well, the latest ones counting most. `reason` says why it is not asked.
    """

    source: str
    platform: str
    state: str
    score: float | None
    consecutive_failures: int
    asked_again_at: datetime | None
    reason: str | None

    @classmethod
    def of(cls, source: str, platform: str, health: Health | None, now: datetime) -> "SourceOut":
        known = health or Health(source)
        return cls(
            source=source, platform=platform, state=known.state(now), score=round(known.score, 4),
            consecutive_failures=known.consecutive_failures, asked_again_at=known.open_until,
            reason=f"it failed several times in a row ({known.category})" if known.open_until else None,
        )  # fmt: skip

    @classmethod
    def lacking(cls, source: str, platform: str, reason: str) -> "SourceOut":
        return cls(
            source=source, platform=platform, state="not_configured", score=None, consecutive_failures=0, asked_again_at=None, reason=reason
        )


class QuotaOut(msgspec.Struct, frozen=True, kw_only=True):
    """A quota of the deployment's Google project: what this workspace has used of it today, and what it could use now."""

    bucket: str
    limit: int
    used: int
    available: int
    resets_at: datetime


class SourcesOut(msgspec.Struct, frozen=True, kw_only=True):
    """Who reads the platforms, and what is left of the quotas."""

    sources: list[SourceOut]
    quotas: list[QuotaOut]


def facts_of(tracking: Tracking, now: datetime) -> dict[str, Any]:
    category = tracking.error_category
    same = ("account_id", "platform", "last_run_at", "last_ok_at", "next_run_at", "consecutive_failures", "complete_since", "source",
            "is_pushed", "created_at")  # fmt: skip
    return {
        **{name: getattr(tracking, name) for name in same}, "state": tracking.state.value, "newest_post_at": tracking.watermark,
        "what_next": what_next(tracking, now=now),
        "error": TrackingErrorOut(category=category.value, detail=tracking.error_words or "") if category else None,
    }  # fmt: skip
