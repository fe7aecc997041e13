"""One row per post, as every part of the insight engine reads it. Where rows come from is in `store.insights`."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pandas as pd

# What the columns hold, in the order of the frame. Missing stays missing (None, NaN, NaT).
COLUMNS: Mapping[str, str] = {
    "video_id": "text",
    "account_id": "text",
    "platform": "text: tiktok, youtube, instagram, x",
    "format": "text: short, long, live, or missing",
    "posted_at": "aware UTC",
    "title": "text, as it was seen first",
    "description": "text, as it was seen first",
    "hashtags": "tuple of text, lower case, without #",
    "mentions": "tuple of text",
    "sound_id": "text",
    "category": "text",
    "duration_seconds": "number",
    "selection": "text: census, search, trending, manual",
    "time_zone": "IANA name of the account's time zone; missing: UTC is used and said",
    "followers": "number, the account's newest",
    "followers_first": "number, the first that is known of the account",
    "is_own": "bool: on a channel of the tenant's own",
    "is_promoted": "bool or missing: views were bought or promoted",
    "views": "number, newest known",
    "likes": "number",
    "comments": "number",
    "shares": "number",
    "outcome": "reach: log views as if fully grown (scores)",
    "outcome_se": "its standard error",
    "engagement": "log of (likes + comments + shares) / views at the same snapshot; missing where a part or the views are",
    "retention": "log of the mean share of the video that was watched (owner reports); missing for most",
}

_NUMBERS = (
    "duration_seconds", "followers", "followers_first", "views", "likes", "comments", "shares", "outcome", "outcome_se", "engagement",
    "retention",
)  # fmt: skip
# Of several rows of one video the last in this order counts: the one with most views; ties by what else it says, never by where it stood.
TELLING = ("views", "outcome", "engagement", "likes", "comments", "shares", "account_id", "posted_at", "title")
# No platform that is read here is older; an earlier moment is a clock that was wrong.
FIRST_MOMENT = datetime(2005, 1, 1, tzinfo=UTC)


def known_moment(posted_at: datetime | None, *, as_of: datetime) -> datetime | None:
    """When a post went out, or None where that is unknown or cannot be: after `as_of`, or before there were such posts."""
    return posted_at if posted_at is not None and FIRST_MOMENT <= posted_at <= as_of else None


def one_row_each(posts: pd.DataFrame, by: Sequence[str] = ("video_id",)) -> pd.DataFrame:
    """One row per video, the one with most views. Ordered by `by`; columns that the frame lacks decide nothing."""
    order = [*by, *(name for name in TELLING if name in posts.columns)]
    return posts.sort_values(order, kind="stable", na_position="first").drop_duplicates(list(by), keep="last")


def posts_frame(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """The frame of rows that hold any of the columns; a column that no row has is missing throughout. Ordered by video id."""
    frame = pd.DataFrame.from_records([{name: row.get(name) for name in COLUMNS} for row in rows], columns=list(COLUMNS))
    frame["posted_at"] = pd.to_datetime(frame["posted_at"], utc=True)
    for name in _NUMBERS:
        frame[name] = pd.to_numeric(frame[name]).astype("float64")
    for name in ("hashtags", "mentions"):
        frame[name] = [tuple(value) if isinstance(value, list | tuple) else () for value in frame[name]]
    return frame.sort_values("video_id", kind="stable", ignore_index=True)
