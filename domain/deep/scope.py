"""The posts that a deep analysis stands on, in order, with their local time; and what was left out, by reason. No figures here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from domain.features.table import FeatureTable
from domain.posts import one_row_each

# A post whose reach is less sure than this is too young; the same bound as in effects.
OUTCOME_SE_LIMIT = 0.5
UTC_ASSUMED = "UTC (assumed)"
# No account counts for more posts than so many times the typical account has.
MOST_WEIGHT = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """`posts`: `domain.posts.COLUMNS` with `hour`, `weekday` (0 = Monday), `zone` (local), `weight` and the features' columns.

    Ordered by account and time; `outcome` is missing where it is too unsure. `left_out`: posts by reason.
    """

    posts: pd.DataFrame
    features: FeatureTable
    left_out: Mapping[str, int]

    @property
    def accounts(self) -> int:
        return int(self.posts["account_id"].nunique())


def scope_of(posts: pd.DataFrame, features: FeatureTable, *, account_id: str | None, now: datetime) -> Scope:
    """The posts of one account, or of all. Where some accounts have a census, posts that were picked otherwise are left out."""
    found = posts if account_id is None else posts[posts["account_id"] == account_id]
    found = one_row_each(found)
    has_census = bool((found["selection"] == "census").any())
    unusable = {
        "its views were bought or promoted": found["is_promoted"].isin([True]),
        "picked by search, trend or hand, beside a census": (found["selection"] != "census") & has_census,
        "its publish time is unknown": found["posted_at"].isna(),
        "its publish time lies in the future": found["posted_at"] > now,
    }
    left_out, gone = {}, pd.Series(data=False, index=found.index)
    for reason, is_so in unusable.items():
        left_out[reason] = int((is_so & ~gone).sum())
        gone |= is_so
    kept = found[~gone].sort_values(["account_id", "posted_at", "video_id"], kind="stable", ignore_index=True)
    return Scope(_with_local_time(_with_outcomes(kept), features), features, {name: n for name, n in left_out.items() if n})


def _with_outcomes(posts: pd.DataFrame) -> pd.DataFrame:
    """Missing where it is no finite number, or too unsure; accounts weighed so that the largest do not decide alone."""
    finite = {name: posts[name].where(np.isfinite(posts[name])) for name in ("outcome", "engagement")}
    finite["outcome"] = finite["outcome"].mask(posts["outcome_se"] > OUTCOME_SE_LIMIT)
    sizes = posts.groupby("account_id")["video_id"].transform("size").astype("float64")
    typical = float(posts["account_id"].value_counts().median()) if len(posts) else 1.0
    return posts.assign(**finite, weight=np.minimum(1.0, MOST_WEIGHT * typical / sizes))


def _with_local_time(posts: pd.DataFrame, features: FeatureTable) -> pd.DataFrame:
    hours, weekdays = np.zeros(len(posts), dtype=int), np.zeros(len(posts), dtype=int)
    zones = posts["time_zone"].map(_known_zone, na_action=None).astype("object")
    for zone in sorted(set(zones)):
        rows = np.flatnonzero(zones == zone)
        local = posts["posted_at"].iloc[rows].dt.tz_convert("UTC" if zone == UTC_ASSUMED else zone)
        hours[rows], weekdays[rows] = local.dt.hour, local.dt.day_of_week
    measured, words = (_beside(posts, each) for each in (features.frame, features.words))
    words = words[[name for name in ("topic", "language") if name in words.columns]]
    local_time = posts.assign(hour=hours, weekday=weekdays, zone=zones)
    taken = set(local_time.columns)
    more = [each[[name for name in each.columns if name not in taken]] for each in (measured, words)]
    return pd.concat([local_time, *more], axis=1)


def _beside(posts: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """The table's rows of these posts; a post that it does not know has missing values."""
    once = table[~table.index.duplicated(keep="last")]
    return once.reindex(posts["video_id"]).set_axis(posts.index)


def _known_zone(name: object) -> str:
    """The zone's name, or that UTC is assumed where it is missing or names none."""
    if not isinstance(name, str) or not name:
        return UTC_ASSUMED
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return UTC_ASSUMED
    return name
