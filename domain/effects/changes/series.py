"""Accounts x periods: the mean outcome of an account's posts in each stretch of time. What is compared with what is elsewhere."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from domain.effects.changes.detecting import switches, with_switches
from domain.effects.panel import EPOCH, MOST_OUTCOME_SE, Floats, Ints
from domain.effects.verdicts import OUTCOMES, Outcome
from domain.features.feature import Feature, Group
from domain.observations import Selection
from domain.posts import one_row_each

# Weeks to a period: the fewest with which most of an account's periods hold a post.
WEEKS = (1, 2, 4)
LEAST_FILLED = 0.70
ROUNDS = 30

Bools = npt.NDArray[np.bool_]
Names = npt.NDArray[np.str_]


@dataclass(frozen=True, slots=True, eq=False)
class Posts:
    """Posts ordered by account (on a platform) and time; `outcome` is NaN where it is unknown or too unsure.

    `weeks` is the length of a period, `period` each post's, counted from the first. `units`: account and platform; `kinds`: platform and
    format.
    """

    frame: pd.DataFrame
    units: Names
    platforms: Names
    kinds: Names
    is_main_format: Bools
    outcome: Floats
    period: Ints
    weeks: int
    is_census: bool


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One feature's units: those that changed, and those that hardly ever did it.

    `outcomes`: units x periods, means net of each stratum's own periods, NaN where nothing was posted. `adopted`: position of the
    first period of the change, -1 for none. `rows`: positions in `Posts` of the posts counted; `unit`: whose they are; `is_after`:
    whether they came after their unit's change. `first_rows`: the first post of each change, -1 for none.
    """

    feature: Feature
    outcomes: Floats
    adopted: Ints
    strata: Ints
    first_rows: Ints
    # Per unit, the posts of which the feature is known; the date was found among these.
    asked_rows: tuple[Ints, ...]
    rows: Ints
    unit: Ints
    is_after: Bools

    def only(self, is_kept: Bools) -> "Series":
        """The same without some of its units."""
        number = np.cumsum(is_kept) - 1
        rows = is_kept[self.unit]
        return Series(
            self.feature, self.outcomes[is_kept], self.adopted[is_kept], self.strata[is_kept], self.first_rows[is_kept],
            tuple(self.asked_rows[each] for each in np.flatnonzero(is_kept)), self.rows[rows], number[self.unit[rows]], self.is_after[rows],
        )  # fmt: skip


def posts_of(frame: pd.DataFrame, outcome: Outcome) -> Posts:
    """All posts whose time is known, promoted ones left out; where any account has a census, only those of a census."""
    posts = frame[frame["posted_at"].notna() & ~frame["is_promoted"].eq(True)]
    is_census = bool((posts["selection"] == Selection.CENSUS).any())
    if is_census:
        posts = posts[posts["selection"] == Selection.CENSUS]
    unit = posts["account_id"].astype(str) + "|" + posts["platform"].astype(str)
    posts = posts.assign(account_unit=unit, video_key=posts["video_id"].astype(str), posted_at=pd.to_datetime(posts["posted_at"], utc=True))
    posts = one_row_each(posts, ("video_key",)).sort_values(["account_unit", "posted_at", "video_key"], kind="stable")
    posts = with_switches(posts.reset_index(drop=True))
    values = pd.to_numeric(posts[OUTCOMES[outcome]]).to_numpy(np.float64, copy=True)
    if outcome is Outcome.REACH:
        values[pd.to_numeric(posts["outcome_se"]).to_numpy(np.float64) > MOST_OUTCOME_SE] = np.nan
    days = np.asarray((posts["posted_at"] - EPOCH) / pd.Timedelta(days=1), dtype=np.float64)
    weeks = _weeks(posts["account_unit"], days, np.isfinite(values))
    period = np.floor(days / (7 * weeks)).astype(np.int64)
    platform = posts["platform"].astype(str)
    form = posts["format"].astype(object).where(posts["format"].notna(), "").astype(str)
    return Posts(
        frame=posts,
        units=posts["account_unit"].to_numpy(str),
        platforms=platform.to_numpy(str),
        kinds=(platform + "|" + form).to_numpy(str),
        is_main_format=_main_format(posts, form),
        outcome=values,
        period=period - period.min() if len(period) else period,
        weeks=weeks,
        is_census=is_census,
    )


def _weeks(unit: "pd.Series[str]", days: Floats, is_known: Bools) -> int:
    """The shortest period with which accounts post in most of theirs, between their first post and their last."""
    for weeks in WEEKS[:-1]:
        periods = pd.Series(np.floor(days / (7 * weeks)))[is_known].groupby(unit[is_known].to_numpy())
        spans = periods.max() - periods.min() + 1
        if len(spans) and float((periods.nunique() / spans).median()) >= LEAST_FILLED:
            return weeks
    return WEEKS[-1]


def series_of(posts: Posts, feature: Feature) -> Series | None:
    """The units of one feature, in the format that each uses most (all formats where the format itself is asked about).

    None where no account changed.
    """
    rows, names, strata_names = _asked_rows(posts, feature)
    keys, unit = np.unique(names, return_inverse=True)
    found = switches(unit, posts.frame[feature.name].to_numpy(np.float64)[rows], len(keys))
    if not (found.first >= 0).any():
        return None
    kept = found.is_never | (found.first >= 0)
    first_rows = np.where(found.first >= 0, rows[found.first], -1)
    strata = np.unique(strata_names, return_inverse=True)[1]
    adopted = np.where(found.first >= 0, posts.period[first_rows], -1)
    is_after = (first_rows[unit] >= 0) & (rows >= first_rows[unit])
    # The rest of the period in which a change fell would be neither before nor after.
    is_counted = kept[unit] & ~((posts.period[rows] == adopted[unit]) & ~is_after) & np.isfinite(posts.outcome[rows])
    number = np.cumsum(kept) - 1
    own = np.zeros(len(keys), dtype=np.int64)
    own[unit] = strata
    asked_rows = np.split(rows, np.cumsum(np.bincount(unit, minlength=len(keys)))[:-1])
    kept_rows = tuple(asked_rows[each] for each in np.flatnonzero(kept))
    rows, unit, is_after = rows[is_counted], number[unit[is_counted]], is_after[is_counted]
    cells = _cells(posts, rows, unit, int(kept.sum()))
    adopted, own = adopted[kept], own[kept]
    return Series(feature, _net(cells, adopted, own), adopted, own, first_rows[kept], kept_rows, rows, unit, is_after)


def _asked_rows(posts: Posts, feature: Feature) -> tuple[Ints, Names, Names]:
    """Positions of the posts in which the feature is known, with their unit and stratum."""
    is_asked = posts.frame[feature.name].notna().to_numpy()
    is_format = feature.group is Group.FORMAT
    rows = np.flatnonzero(is_asked if is_format else is_asked & posts.is_main_format)
    return rows, posts.units[rows], (posts.platforms if is_format else posts.kinds)[rows]


def _main_format(frame: pd.DataFrame, form: "pd.Series[str]") -> Bools:
    """Posts in the format that their account uses most (of equals, the first by name)."""
    counts = form.groupby([frame["account_unit"], form]).transform("size")
    most = counts.groupby(frame["account_unit"]).transform("max")
    main = form.where(counts == most).groupby(frame["account_unit"]).transform("min")
    return np.asarray(form == main, dtype=np.bool_)


def _cells(posts: Posts, rows: Ints, unit: Ints, units: int) -> Floats:
    periods = int(posts.period.max(initial=0)) + 1
    place = unit * periods + posts.period[rows]
    count = np.bincount(place, minlength=units * periods)
    total = np.bincount(place, weights=posts.outcome[rows], minlength=units * periods)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan).reshape(units, periods)


def _net(cells: Floats, adopted: Ints, strata: Ints) -> Floats:
    """Cells less their stratum's period effects (two-way additive, fitted on what had not changed yet): holes then shift no mean."""
    left = cells.copy()
    is_open = np.isfinite(cells) & ((adopted < 0)[:, None] | (np.arange(cells.shape[1])[None, :] < adopted[:, None]))
    for stratum in np.unique(strata):
        mine = strata == stratum
        counted = is_open[mine].astype(np.float64)
        values = np.where(is_open[mine], cells[mine], 0.0)
        by_unit, by_period = np.maximum(counted.sum(axis=1), 1), np.maximum(counted.sum(axis=0), 1)
        period = np.zeros(cells.shape[1])
        for _ in range(ROUNDS):
            level = (values.sum(axis=1) - counted @ period) / by_unit
            period = (values.sum(axis=0) - level @ counted) / by_period
        left[mine] = cells[mine] - period
    return np.asarray(left, dtype=np.float64)
