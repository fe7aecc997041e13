"""Finding the date from which an account does something that it hardly ever did. The outcome is never looked at here.

The rule, fixed beforehand: at most a tenth of an account's posts before the date have it and at least six in ten from then on, with eight
posts or more on both sides, to the end of what is known. An account that only tried it for a while, or fell back, has changed nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from domain.effects.panel import Floats, Ints
from domain.features.feature import Feature, FeatureKind, Group, Known, subject_of

MOST_BEFORE = 0.10
LEAST_AFTER = 0.60
LEAST_POSTS = 8
DAILY_DAYS, OFTEN_DAYS = 1.5, 4.0
SECONDS_PER_DAY = 86_400


def _switch(name: str, contrast: str, group: Group) -> Feature:
    return Feature(name, FeatureKind.PRESENCE, "share of posts", 1.0, contrast, group)


# Read off the posts themselves: which format, and how soon after the one before.
FORMATS: Mapping[str, Feature] = {
    "short": _switch("mostly_shorts", "post mostly shorts", Group.FORMAT),
    "long": _switch("mostly_long", "post mostly long videos", Group.FORMAT),
    "live": _switch("mostly_live", "post mostly live streams", Group.FORMAT),
}
CADENCES: Mapping[float, Feature] = {
    DAILY_DAYS: _switch("posts_daily", "post about daily", Group.TIMING),
    OFTEN_DAYS: _switch("posts_twice_a_week", "post twice a week or more often", Group.TIMING),
}


@dataclass(frozen=True, slots=True)
class Adoption:
    """One account's change. `at`: the moment of its first post of the new kind; `first_row`: that post's row."""

    unit: str
    account_id: str
    platform: str
    feature: str
    contrast: str
    at: pd.Timestamp
    first_row: int
    posts_before: int
    posts_after: int
    share_before: float
    share_after: float


def asked(features: Sequence[Feature]) -> tuple[Feature, ...]:
    """The features that can be taken up: controlled, known before publication, there or not there; and format and cadence.

    What looks back at the account's own posts turns up by itself as they grow in number: nobody begins it on a day.
    """
    chosen = [
        each for each in features if each.is_hypothesis and each.is_controllable and each.known is Known.BEFORE and not each.looks_back
    ]
    named = [each for each in chosen if each.kind is FeatureKind.PRESENCE]
    taken = {each.name for each in named}
    return (*named, *(each for each in (*FORMATS.values(), *CADENCES.values()) if each.name not in taken))


def wording(feature: Feature) -> str:
    """What the account began to do."""
    own = {each.name for each in (*FORMATS.values(), *CADENCES.values())}
    if feature.name in own:
        return f"since the account began to {feature.contrast}"
    return f"since the account began to {_doing(subject_of(feature.contrast))}"


def _doing(subject: str) -> str:
    when, name = subject.removeprefix("posted "), subject.removesuffix(" named in the post")
    if when != subject:
        return f"post most videos {when}"
    if name != subject:
        return f"name {name} in most posts"
    return f"post mostly videos {subject}" if subject.startswith("about ") else f"use {subject} in most posts"


def with_switches(posts: pd.DataFrame) -> pd.DataFrame:
    """Posts ordered by account and time, with a column per format and cadence (NaN where the format, or the post before, is unknown)."""
    form = posts["format"].astype(object)
    columns = {each.name: np.where(form.notna(), form == name, np.nan).astype(np.float64) for name, each in FORMATS.items()}
    gap = posts.groupby("account_unit", sort=False)["posted_at"].diff().dt.total_seconds() / SECONDS_PER_DAY
    columns |= {each.name: np.where(gap.notna(), gap <= days, np.nan).astype(np.float64) for days, each in CADENCES.items()}
    return posts.assign(**{name: column for name, column in columns.items() if name not in posts})


@dataclass(frozen=True, slots=True, eq=False)
class Switches:
    """Per unit: the row of its first post of the new kind (-1: no change), and whether it hardly ever did it throughout."""

    first: Ints
    is_never: npt.NDArray[np.bool_]


def switches(unit: Ints, has: Floats, units: int) -> Switches:
    """Rows ordered by unit and time; `has` is 0 or 1. Of several dates that fit the one with the greatest difference, then the earliest."""
    size = np.bincount(unit, minlength=units)
    start = np.cumsum(size) - size
    total = np.bincount(unit, weights=has, minlength=units)
    before = np.arange(len(unit)) - start[unit]
    after = size[unit] - before
    had = np.cumsum(has) - has - np.concatenate([[0.0], np.cumsum(total)])[unit]
    share_before = had / np.maximum(before, 1)
    share_after = (total[unit] - had) / after
    fits = (has > 0) & (before >= LEAST_POSTS) & (after >= LEAST_POSTS) & (share_before <= MOST_BEFORE) & (share_after >= LEAST_AFTER)
    rows = np.flatnonzero(fits)
    order = rows[np.lexsort((rows, -(share_after - share_before)[rows], unit[rows]))]
    first = np.full(units, -1, dtype=np.int64)
    found, where = np.unique(unit[order], return_index=True)
    first[found] = order[where]
    # Exactly as few as an adopter before its date, and seen for as long as one on both sides.
    is_never = (size >= 2 * LEAST_POSTS) & (total <= MOST_BEFORE * size)
    return Switches(first, is_never & (first < 0))
