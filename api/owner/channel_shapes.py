"""The shapes of a channel at a glance: its numbers, its overview, its posts with what only the owner is told, the home dashboard."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from api.figures import Computed, MethodOut
from api.owner.shapes import OwnerFigures, exact, number
from api.videos.shapes import VideoDetailOut, VideoOut
from domain.owner_figures import CHANNEL_GLANCE, DayFigures
from store.own_channels import STATS_KEPT, ChannelStats, Mark, OwnMetric

# What other work will fill: it is named as missing until then, and never guessed.
NO_PRODUCTIONS = "no production exists yet: making videos comes later"


class ChannelStatsOut(Computed, frozen=True, kw_only=True):
    """A channel's posts added up, by their newest counters; `n` is how many. At most `cached_seconds` old.

    Productions are videos that are made here: `missing` says why their figures are null.
    """

    channel_id: UUID
    videos: int
    views: int | None
    likes: int | None
    comments: int | None
    subscribers: int | None
    productions: int | None
    total_cost_usd: str | None
    average_quality_score: float | None
    missing: dict[str, str]
    cached_seconds: int

    @classmethod
    def of(cls, channel_id: UUID, stats: ChannelStats) -> "ChannelStatsOut":
        counted = {name: getattr(stats, name) for name in ("videos", "views", "likes", "comments", "subscribers")}
        lacking = ("productions", "total_cost_usd", "average_quality_score")
        nothing: dict[str, Any] = dict.fromkeys(lacking)
        return cls(
            n=stats.videos, as_of=stats.as_of, newest_observation=stats.newest_observation, method=MethodOut.of(CHANNEL_GLANCE),
            channel_id=channel_id, cached_seconds=int(STATS_KEPT.total_seconds()), missing=dict.fromkeys(lacking, NO_PRODUCTIONS),
            **counted, **nothing,
        )  # fmt: skip


class WatchedOut(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of a window. Means are weighed by views."""

    views: float | None
    watch_minutes: float | None
    average_view_seconds: float | None
    average_percentage_viewed: float | None
    likes: float | None
    comments: float | None
    shares: float | None
    subscribers_gained: float | None
    subscribers_lost: float | None

    @classmethod
    def of(cls, figures: Mapping[str, Decimal]) -> "WatchedOut":
        return cls(**{name: number(figures.get(name)) for name in cls.__struct_fields__})


class WatchedChangeOut(WatchedOut, frozen=True, kw_only=True):
    """Now over before, minus 1: 0.5 is half as much again. Null where there is nothing to compare with."""


class WatchedDayOut(WatchedOut, frozen=True, kw_only=True):
    """One day."""

    day: date

    @classmethod
    def of_day(cls, each: DayFigures) -> "WatchedDayOut":
        return cls(day=each.day, **{name: number(each.figures.get(name)) for name in WatchedOut.__struct_fields__})


class OwnOverviewOut(OwnerFigures, frozen=True, kw_only=True):
    """The last days that have figures, against as many before them. `change` is null where one of the windows lacks days."""

    totals: WatchedOut
    preceding: WatchedOut
    change: WatchedChangeOut | None
    items: list[WatchedDayOut]


class OwnVideoOut(msgspec.Struct, frozen=True, kw_only=True):
    """A post of the channel with what only its owner is told: who may see it, and since when it is gone from the channel's list."""

    visibility: str | None
    listed_at: datetime
    gone_at: datetime | None
    video: VideoOut


class OwnVideosOut(msgspec.Struct, frozen=True, kw_only=True):
    """The channel's newest posts. `listed_at`: when the channel's list was walked as a whole last."""

    channel_id: UUID
    listed_at: datetime | None
    items: list[OwnVideoOut]


class OwnMetricOut(msgspec.Struct, frozen=True, kw_only=True):
    """A private figure over the video's whole life; money is in the currency that the name ends with. Exact, as text."""

    metric: str
    value: str
    known_at: datetime
    source: str

    @classmethod
    def of(cls, each: OwnMetric) -> "OwnMetricOut":
        return cls(metric=each.metric, value=f"{each.value.normalize():f}", known_at=each.known_at, source=each.source)


class OwnVideoDetailOut(OwnerFigures, frozen=True, kw_only=True):
    """One post of the channel: as in the library, what only its owner is told, and its days. `available` is about the days."""

    visibility: str | None
    listed_at: datetime
    gone_at: datetime | None
    video: VideoDetailOut
    metrics: list[OwnMetricOut]
    totals: WatchedOut
    items: list[WatchedDayOut]


class DashboardChannelOut(msgspec.Struct, frozen=True, kw_only=True):
    """A channel in a line. `synced_at`: when its owner data were read last; `sync_error`: why that went wrong."""

    channel_id: UUID
    name: str
    niche: str
    status: str
    handle: str | None
    videos: int
    views: int | None
    subscribers: int | None
    synced_at: datetime | None
    sync_error: dict[str, Any] | None


class CostsOut(msgspec.Struct, frozen=True, kw_only=True):
    """What outside calls have cost and hold, in US dollars, exact, as text. Days and months are UTC."""

    today_usd: str
    month_usd: str
    reserved_usd: str

    @classmethod
    def of(cls, today: Decimal, month: Decimal, reserved: Decimal) -> "CostsOut":
        return cls(today_usd=exact(today) or "", month_usd=exact(month) or "", reserved_usd=exact(reserved) or "")


class DashboardOut(msgspec.Struct, frozen=True, kw_only=True):
    """The workspace at a glance, as of one moment: its channels, the newest videos of its library, what it has cost."""

    as_of: datetime
    channels: list[DashboardChannelOut]
    videos: list[VideoOut]
    costs: CostsOut


def own_videos(channel_id: UUID, listed_at: datetime | None, found: Sequence[tuple[VideoOut, Mark]]) -> OwnVideosOut:
    items = [OwnVideoOut(visibility=mark.visibility, listed_at=mark.listed_at, gone_at=mark.gone_at, video=video) for video, mark in found]
    return OwnVideosOut(channel_id=channel_id, listed_at=listed_at, items=items)
