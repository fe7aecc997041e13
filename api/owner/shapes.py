"""The shapes of owner data. Each says whether there is anything (`available`), why not (`reason`), what helps (`advice`), how fresh it is.

Money is text, exact; counts and minutes are numbers. What YouTube did not say is null.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from api.figures import Computed, MethodOut
from domain.analytics import Method
from domain.owner_figures import DayFigures, Slice
from domain.owner_reports import ADVICE, Unavailable
from services.owner_views import Frame
from store.owner import Availability


class OwnerFigures(Computed, frozen=True, kw_only=True):
    """The envelope of owner data. `n`: days, or parts of a whole window, that have figures. `known_at`: when the newest was learned.

    `read_at`: when YouTube was asked last. `first_day` and `last_day` are days of YouTube's, which begin at midnight in Los Angeles; the
    last two or three are not there yet, and the last ten may still be restated.
    """

    channel_id: UUID
    available: bool
    reason: str | None
    advice: str | None
    first_day: date | None
    last_day: date | None
    known_at: datetime | None
    read_at: datetime | None


def framed(frame: Frame, method: Method, as_of: datetime | None) -> dict[str, Any]:
    """The envelope's fields, to build an answer with."""
    return {
        "n": frame.n, "as_of": as_of or frame.known_at, "newest_observation": frame.known_at, "method": MethodOut.of(method),
        "channel_id": frame.channel_id, "available": frame.reason is None, "reason": frame.reason,
        "advice": ADVICE[frame.reason] if frame.reason else None, "first_day": frame.window.first_day if frame.window else None,
        "last_day": frame.window.last_day if frame.window else None, "known_at": frame.known_at, "read_at": frame.read_at,
    }  # fmt: skip


class PartOut(msgspec.Struct, frozen=True, kw_only=True):
    """One part of the whole by YouTube's own name for it. `views_share` is of the views of all parts."""

    name: str
    views: float | None
    watch_minutes: float | None
    average_view_seconds: float | None
    views_share: float | None

    @classmethod
    def of(cls, part: Slice) -> "PartOut":
        views, minutes = part.figures.get("views"), part.figures.get("watch_minutes")
        average = part.figures.get("average_view_seconds") or (minutes * 60 / views if minutes is not None and views else None)
        return cls(
            name=part.names[0] if part.names else "", views=number(views), watch_minutes=number(minutes),
            average_view_seconds=number(average), views_share=part.views_share,
        )  # fmt: skip


class PartsOut(OwnerFigures, frozen=True, kw_only=True):
    """A report by parts, most viewed first."""

    items: list[PartOut]


class ViewersOut(msgspec.Struct, frozen=True, kw_only=True):
    """A group of signed-in viewers and its share of all of them, in percent."""

    age_group: str
    gender: str
    viewer_percent: float | None

    @classmethod
    def of(cls, part: Slice) -> "ViewersOut":
        age, gender = (*part.names, "", "")[:2]
        return cls(age_group=age, gender=gender, viewer_percent=number(part.figures.get("viewer_percent")))


class DemographicsOut(OwnerFigures, frozen=True, kw_only=True):
    """Who watches, by age and gender."""

    items: list[ViewersOut]


class MoneyOut(msgspec.Struct, frozen=True, kw_only=True):
    """Estimated revenue in US dollars, exact, as text."""

    estimated_revenue_usd: str | None
    ad_revenue_usd: str | None
    gross_revenue_usd: str | None
    monetized_playbacks: float | None

    @classmethod
    def words(cls, figures: Mapping[str, Decimal]) -> dict[str, Any]:
        money = {name: exact(figures.get(name)) for name in cls.__struct_fields__ if name.endswith("_usd")}
        return {**money, "monetized_playbacks": number(figures.get("monetized_playbacks"))}


class RevenueDayOut(MoneyOut, frozen=True, kw_only=True):
    """One day's revenue."""

    day: date

    @classmethod
    def of(cls, each: DayFigures) -> "RevenueDayOut":
        return cls(day=each.day, **MoneyOut.words(each.figures))


class RevenueOut(OwnerFigures, frozen=True, kw_only=True):
    """Revenue over a window. YouTube estimates it, and settles it after the month's end."""

    totals: MoneyOut
    items: list[RevenueDayOut]


class CpmDayOut(msgspec.Struct, frozen=True, kw_only=True):
    """One day: what advertisers paid per thousand ads shown, and per thousand playbacks with ads."""

    day: date
    cpm_usd: str | None
    playback_cpm_usd: str | None
    monetized_playbacks: float | None

    @classmethod
    def of(cls, each: DayFigures) -> "CpmDayOut":
        words = {name: exact(each.figures.get(name)) for name in ("cpm_usd", "playback_cpm_usd")}
        return cls(day=each.day, monetized_playbacks=number(each.figures.get("monetized_playbacks")), **words)


class CpmOut(OwnerFigures, frozen=True, kw_only=True):
    """What advertisers paid over a window: means of the days, weighed by their monetized playbacks."""

    cpm_usd: str | None
    playback_cpm_usd: str | None
    items: list[CpmDayOut]


class RevenueAvailabilityOut(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the channel's revenue can be read at all."""

    channel_id: UUID
    available: bool
    reason: str | None
    advice: str | None
    read_at: datetime | None
    first_day: date | None
    last_day: date | None

    @classmethod
    def of(cls, channel_id: UUID, known: Availability | None, reason: Unavailable | None) -> "RevenueAvailabilityOut":
        days = {name: getattr(known, name) if known else None for name in ("read_at", "first_day", "last_day")}
        return cls(channel_id=channel_id, available=reason is None, reason=reason, advice=ADVICE[reason] if reason else None, **days)


class RetentionPointOut(msgspec.Struct, frozen=True, kw_only=True):
    """At this share of the video's length: how many of those who began still watch (over 1: parts are seen again).

    `relative_retention` compares with videos as long: 0.5 is the middle.
    """

    elapsed_share: float
    audience_watch_ratio: float | None
    relative_retention: float | None

    @classmethod
    def of(cls, part: Slice) -> "RetentionPointOut":
        ratio, relative = part.figures.get("audience_watch_ratio"), part.figures.get("relative_retention")
        return cls(elapsed_share=float(part.names[0]), audience_watch_ratio=number(ratio), relative_retention=number(relative))


class RetentionOut(OwnerFigures, frozen=True, kw_only=True):
    """How long a video is watched, over its whole life so far."""

    video_id: UUID
    items: list[RetentionPointOut]


def number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def exact(value: Decimal | None, *, places: int = 6) -> str | None:
    """Money as text, with at least two places, and at most so many."""
    if value is None:
        return None
    plain = value.quantize(Decimal(1).scaleb(-places)).normalize()
    return f"{plain.quantize(Decimal('0.01')) if plain == plain.quantize(Decimal('0.01')) else plain:f}"
