"""When a post went out, on the account's own clock, and how long after the last one. Hour and day are compared in parts of the day."""

import math
from collections.abc import Hashable, Sequence
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import numpy.typing as npt
import pandas as pd

from domain.features.earlier import Order
from domain.features.feature import Group, amount, in_hindsight, presence

# (name, from hour, before hour); the afternoon, 12 to 18, is what the others are compared with.
PARTS = (("night", 0, 6), ("morning", 6, 12), ("afternoon", 12, 18), ("evening", 18, 24))
SATURDAY = 5
_THAN = "local time, compared with 12:00 to 18:00"
FEATURES = (
    amount(
        "posted_hour", Group.TIMING, ("hour of posting", "an hour later in the day"), "hours of the local day", 1.0, is_hypothesis=False
    ),
    amount(
        "posted_weekday",
        Group.TIMING,
        ("day of the week", "a day later in the week"),
        "days of the week, 0 is Monday",
        1.0,
        is_hypothesis=False,
    ),
    presence("is_weekend", Group.TIMING, "posted on Saturday or Sunday, compared with the other days"),
    presence("is_night", Group.TIMING, f"posted between 0:00 and 6:00 {_THAN}"),
    presence("is_morning", Group.TIMING, f"posted between 6:00 and 12:00 {_THAN}"),
    presence("is_afternoon", Group.TIMING, "posted between 12:00 and 18:00 local time, compared with other hours", is_hypothesis=False),
    presence("is_evening", Group.TIMING, f"posted between 18:00 and 24:00 {_THAN}"),
    in_hindsight(
        amount(
            "gap_hours_log",
            Group.TIMING,
            ("time since the account's last post", "twice as long since the account's last post"),
            "log (1 + hours)",
            math.log(2),
        )
    ),
)

Floats = npt.NDArray[np.float64]


def timing_features(order: Order, zones: Sequence[ZoneInfo | None]) -> pd.DataFrame:
    """One row per post; `zones` as `zones_of` gives them, None meaning UTC. An unknown moment is missing throughout."""
    hour, weekday = _local(order.moments, zones)
    known = ~np.isnan(hour)

    def contrast(holds: npt.NDArray[np.bool_]) -> Floats:
        return np.where(known, holds.astype(np.float64), np.nan)

    columns = {"posted_hour": hour, "posted_weekday": weekday, "is_weekend": contrast(weekday >= SATURDAY)}
    columns |= {f"is_{name}": contrast((hour >= low) & (hour < high)) for name, low, high in PARTS}
    return pd.DataFrame(columns | {"gap_hours_log": np.log1p(gap_hours(order))}, dtype="float64")


def zones_of(names: Sequence[object]) -> list[ZoneInfo | None]:
    """The time zone of each name; None where it is missing or no such zone exists."""
    known: dict[object, ZoneInfo | None] = {name: _zone(name) for name in set(names) if isinstance(name, str)}
    return [known.get(name) if isinstance(name, Hashable) else None for name in names]


def _zone(name: object) -> ZoneInfo | None:
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        # A path, a folder of zones, or no zone at all.
        return None


def _local(posted: "pd.Series[pd.Timestamp]", zones: Sequence[ZoneInfo | None]) -> tuple[Floats, Floats]:
    """Hour (with minutes as a fraction) and weekday on the local clock; a clock change is the zone's business."""
    hour, weekday = np.full(len(posted), np.nan), np.full(len(posted), np.nan)
    keys = np.array([zone.key if zone else "" for zone in zones], dtype=object)
    for key in sorted(set(keys)):
        mine = np.flatnonzero((keys == key) & posted.notna().to_numpy())
        local = posted.iloc[mine].dt.tz_convert(ZoneInfo(key) if key else "UTC").dt
        hour[mine] = local.hour.to_numpy() + local.minute.to_numpy() / 60
        weekday[mine] = local.day_of_week.to_numpy()
    return hour, weekday


def gap_hours(order: Order) -> Floats:
    """Hours since the account's last earlier moment of posting; missing for its first. Only what lies before is looked at."""
    gaps = np.full(len(order.moments), np.nan)
    for timeline in order.timelines:
        for before, together in pairwise(timeline):
            gaps[together] = (order.moments[together[0]] - order.moments[before[0]]) / pd.Timedelta(hours=1)
    return gaps
