"""What is made of an owner's figures: totals of a window, means that weigh, shares, changes, a video's whole life. Reading: `store.owner`.

What YouTube gives as an average is never averaged plainly: it is made anew from its parts, or weighed by what it is an average over.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from domain.analytics import Method, Window

DAYS_ADDED = Method("owner-days-added/1", "owner-data")
AS_REPORTED = Method("owner-as-reported/1", "owner-data")
WEIGHTED = Method("owner-weighted-means/1", "owner-data")
CHANNEL_GLANCE = Method("channel-counts/1", "owner-data")

# Metrics that may be added up over days. The others are averages, each weighed by the metric beside it.
ADDED = frozenset({
    "views", "watch_minutes", "likes", "comments", "shares", "subscribers_gained", "subscribers_lost", "estimated_revenue_usd",
    "ad_revenue_usd", "gross_revenue_usd", "monetized_playbacks",
})  # fmt: skip
WEIGHED_BY: Mapping[str, str] = {
    "average_view_seconds": "views",
    "average_percentage_viewed": "views",
    "cpm_usd": "monetized_playbacks",
    "playback_cpm_usd": "monetized_playbacks",
}


@dataclass(frozen=True, slots=True)
class DayFigures:
    """One day's figures by metric."""

    day: date
    figures: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Slice:
    """One part of a whole: what it is called, its figures, and its share of the whole's views."""

    names: tuple[str, ...]
    figures: Mapping[str, Decimal]
    views_share: float | None


def totals(days: Iterable[DayFigures]) -> dict[str, Decimal]:
    """A window's figures: sums, and means weighed over the days that have both the mean and its weight."""
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    weights: defaultdict[str, Decimal] = defaultdict(Decimal)
    for each in days:
        for metric, value in each.figures.items():
            if metric in ADDED:
                found[metric] += value
            elif (weight := each.figures.get(WEIGHED_BY.get(metric, ""))) is not None:
                found[metric] += value * weight
                weights[metric] += weight
    return {name: value for name, value in found.items() if name in ADDED} | {
        name: found[name] / weight for name, weight in weights.items() if weight
    }


def change(now: Mapping[str, Decimal], before: Mapping[str, Decimal]) -> dict[str, float | None]:
    """Per figure now over before, minus 1; None where there is nothing to compare with."""
    return {name: float(value / before[name] - 1) if before.get(name) else None for name, value in now.items()}


def is_comparable(days: Sequence[DayFigures], before: Sequence[DayFigures], window: Window) -> bool:
    """Whether both windows have every day that they could have: days that are not there yet look like a fall."""
    return len(days) == len(before) == window.days


def slices(parts: Mapping[tuple[str, ...], Mapping[str, Decimal]]) -> list[Slice]:
    """Parts by views, most first."""
    whole = sum((figures.get("views", Decimal()) for figures in parts.values()), Decimal())
    made = [
        Slice(names, figures, float(figures["views"] / whole) if whole and "views" in figures else None) for names, figures in parts.items()
    ]
    return sorted(made, key=lambda each: (-each.figures.get("views", Decimal()), each.names))


def lifetime(days: Iterable[DayFigures]) -> dict[str, Decimal]:
    """A video's figures over its whole life, under the names that imports give them too."""
    whole = totals(days)
    found: dict[str, Decimal] = {
        name: whole[name] for name in ("subscribers_gained", "subscribers_lost", "average_percentage_viewed") if name in whole
    }
    if "watch_minutes" in whole:
        found["watch_hours"] = whole["watch_minutes"] / 60
        if whole.get("views"):
            found["average_view_seconds"] = whole["watch_minutes"] * 60 / whole["views"]
    return found


def newest(moments: Iterable[datetime]) -> datetime | None:
    return max(moments, default=None)
