"""Format and length. Effects compare posts of one account and format, so the format itself is described and not asked about there."""

import math

import numpy as np
import pandas as pd

from domain.features.feature import Group, amount, presence

# (name, from seconds, below seconds, words)
BANDS = (
    ("lasts_under_15_seconds", 0.0, 15.0, "under 15 seconds"),
    ("lasts_15_to_60_seconds", 15.0, 60.0, "15 to 60 seconds"),
    ("lasts_1_to_8_minutes", 60.0, 480.0, "1 to 8 minutes"),
    ("lasts_8_to_20_minutes", 480.0, 1200.0, "8 to 20 minutes"),
    ("lasts_20_minutes_or_more", 1200.0, math.inf, "20 minutes or more"),
)
FORMATS = ("short", "long", "live")
FEATURES = (
    amount("duration_log", Group.FORMAT, ("length of the video", "a video twice as long"), "log seconds", math.log(2)),
    *(presence(f"is_{name}", Group.FORMAT, f"a {name} video, compared with other formats", is_hypothesis=False) for name in FORMATS),
    *(presence(name, Group.FORMAT, f"a video of {words}, compared with other lengths", is_hypothesis=False) for name, _, _, words in BANDS),
)


def format_features(posts: pd.DataFrame) -> pd.DataFrame:
    """One row per post. A length of zero or less is none; an unknown format is in no contrast."""
    length = pd.to_numeric(posts["duration_seconds"]).astype("float64").reset_index(drop=True)
    length = length.where((length > 0) & np.isfinite(length))
    form = posts["format"].reset_index(drop=True)
    columns: dict[str, pd.Series[float]] = {"duration_log": pd.Series(np.log(length.to_numpy()))}
    columns |= {f"is_{name}": (form == name).astype("float64").where(form.isin(FORMATS)) for name in FORMATS}
    columns |= {name: ((length >= low) & (length < high)).astype("float64").where(length.notna()) for name, low, high, _ in BANDS}
    return pd.DataFrame(columns, dtype="float64")


def duration_bands(posts: pd.DataFrame) -> list[str | None]:
    """In words: the band that the length falls into."""
    lengths = pd.to_numeric(posts["duration_seconds"]).astype("float64")
    return [next((words for _, low, high, words in BANDS if low <= length < high and length > 0), None) for length in lengths]
