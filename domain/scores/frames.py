"""Snapshots as arrays: who may be compared with whom, how old each post was, and why a post cannot be scored.

Nothing is estimated here; that is `fitting` (curves) and `baselines` (peers).
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from domain.scores.regimes import breaks_of, regime_names

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

COLUMNS = ("video_id", "account_id", "platform", "format", "posted_at", "posted_error_seconds", "observed_at", "views")
# May be absent. Missing is unknown, and unknown counts as not promoted.
PROMOTED = "is_promoted"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = pd.Timedelta(days=1)
SECONDS_PER_DAY = 86400.0
# Below a minute a difference of clocks is larger than the age.
YOUNGEST_DAYS = 1 / 1440


class Reason(StrEnum):
    """Why a post has no score or no forecast."""

    NO_POSTED_AT = "no_posted_at"
    NO_VIEWS = "no_views"
    NOT_AFTER_POSTING = "observed_before_posting"
    REGIME_BREAK = "view_definition_break"
    NO_CURVE = "no_maturity_curve"
    TOO_RECENT = "too_recent"
    TOO_FEW_PEERS = "too_few_peers"
    TOO_FEW_COURSES = "too_few_posts_seen_that_far"


@dataclass(frozen=True, slots=True)
class Cell:
    """Posts that mature alike and whose views mean the same."""

    platform: str
    format: str | None
    regime: str


@dataclass(frozen=True, slots=True)
class Snapshots:
    """Usable observations, sorted by video and age; `video` points into `Videos`."""

    video: Ints
    age: Floats
    views: Floats

    @property
    def log_views(self) -> Floats:
        # Half a view keeps a zero comparable and moves nothing else.
        return np.log(self.views + 0.5)


@dataclass(frozen=True, slots=True)
class Videos:
    """One entry per video, sorted by id. `last` points at the latest usable snapshot (-1: none, then `reason` says why)."""

    ids: NDArray[np.object_]
    accounts: NDArray[np.object_]
    account: Ints
    cell: Ints
    cells: tuple[Cell, ...]
    group: Ints
    posted: Floats
    error_days: Floats
    observed: Floats
    views: Floats
    last: Ints
    reason: NDArray[np.object_]
    # Views were bought: the post is judged, but nobody is held against it.
    is_promoted: Flags
    snapshots: Snapshots


def read(snapshots: pd.DataFrame, *, now: datetime) -> Videos:
    """What was known at `now`."""
    known = snapshots if PROMOTED in snapshots else snapshots.assign(**{PROMOTED: None})
    frame = known.loc[known["observed_at"] <= now, [*COLUMNS, PROMOTED]]
    video, ids = pd.factorize(frame["video_id"].to_numpy(object), sort=True)
    observed = _days(frame["observed_at"])
    views = frame["views"].to_numpy(float, na_value=np.nan)
    # Views break ties, so that the order of the rows never matters.
    order = np.lexsort((views, observed, video))
    video, observed, views = video[order].astype(np.int64), observed[order], views[order]
    facts = frame.iloc[order[np.flatnonzero(np.diff(video, append=-1))]]
    return _videos(ids, facts, video, observed, views)


def _videos(ids: NDArray[np.object_], facts: pd.DataFrame, video: Ints, observed: Floats, views: Floats) -> Videos:
    """Rows are sorted by video and moment; `facts` is the newest row of each video."""
    posted, error = _days(facts["posted_at"]), facts["posted_error_seconds"].to_numpy(float, na_value=0.0) / SECONDS_PER_DAY
    kind, kinds = _kinds(facts)
    regime = _regimes(kind, kinds, posted - error)
    counted, age = np.isfinite(views), observed - posted[video]
    aged = age >= YOUNGEST_DAYS
    # A post whose own moment may lie on either side of a break belongs to neither; views counted after the break are another figure.
    is_sure = _regimes(kind, kinds, posted + error) == regime
    usable = np.flatnonzero(counted & aged & is_sure[video] & (_regimes(kind[video], kinds, observed) == regime[video]))
    usable = usable[_is_last_of_its_moment(video[usable], observed[usable])]
    last = _newest(video[usable], len(ids))
    newest = np.flatnonzero(counted)[_newest(video[counted], len(ids))] if counted.any() else np.zeros(len(ids), dtype=np.int64)
    has_views = np.bincount(video, counted, minlength=len(ids)) > 0
    account, accounts = pd.factorize(facts["account_id"].to_numpy(object), sort=True)
    cell, cells = _cells(kind, kinds, regime)
    return Videos(
        ids=np.asarray(ids, dtype=object),
        accounts=np.array([str(name) for name in accounts], dtype=object),
        account=account.astype(np.int64),
        cell=cell,
        cells=cells,
        group=account * (len(cells) + 1) + cell,
        posted=posted,
        error_days=error,
        observed=np.where(has_views, observed[newest], np.nan),
        views=np.where(has_views, views[newest], np.nan),
        last=last,
        reason=_reasons(video, posted, counted, aged, last),
        is_promoted=facts[PROMOTED].astype("boolean").fillna(value=False).to_numpy(bool),
        snapshots=Snapshots(video[usable], age[usable], views[usable]),
    )


def _is_last_of_its_moment(video: Ints, observed: Floats) -> Flags:
    """Of counts that were told twice one is heard, the one with most views."""
    return np.append((video[1:] != video[:-1]) | (observed[1:] != observed[:-1]), np.ones(min(len(video), 1), dtype=bool))


def _newest(video: Ints, count: int) -> Ints:
    """The last position of each video among sorted rows; -1 where it has none."""
    last = np.full(count, -1, dtype=np.int64)
    last[video] = np.arange(len(video))
    return last


def _days(moments: pd.Series) -> Floats:
    days = (pd.to_datetime(moments, utc=True) - EPOCH) / DAY
    return np.asarray(days.to_numpy(np.float64, na_value=np.nan), dtype=np.float64)


def _kinds(facts: pd.DataFrame) -> tuple[Ints, list[tuple[str, str | None]]]:
    platform, platforms = pd.factorize(facts["platform"].to_numpy(object), sort=True)
    formats, names = pd.factorize(facts["format"].to_numpy(object), sort=True)
    wide = len(names) + 1
    found, kind = np.unique(platform.astype(np.int64) * wide + formats + 1, return_inverse=True)
    return kind.astype(np.int64), [(str(platforms[k // wide]), None if k % wide == 0 else str(names[k % wide - 1])) for k in found.tolist()]


def _regimes(kind: Ints, kinds: list[tuple[str, str | None]], moments: Floats) -> Ints:
    """How many breaks of its kind each moment has passed. An unknown moment has passed all of them; it is refused elsewhere."""
    passed = np.zeros(len(kind), dtype=np.int64)
    for index, (platform, video_format) in enumerate(kinds):
        starts = [(b.at - EPOCH).total_seconds() / SECONDS_PER_DAY for b in breaks_of(platform, video_format)]
        chosen = kind == index
        passed[chosen] = np.searchsorted(np.array(starts), moments[chosen], side="right")
    return passed


def _cells(kind: Ints, kinds: list[tuple[str, str | None]], regime: Ints) -> tuple[Ints, tuple[Cell, ...]]:
    names = [regime_names(platform, video_format) for platform, video_format in kinds]
    wide = max((len(each) for each in names), default=1)
    found, cell = np.unique(kind * wide + regime, return_inverse=True)
    return cell.astype(np.int64), tuple(Cell(kinds[k // wide][0], kinds[k // wide][1], names[k // wide][k % wide]) for k in found.tolist())


def _reasons(video: Ints, posted: Floats, counted: Flags, aged: Flags, last: Ints) -> NDArray[np.object_]:
    """The first thing that is missing, from the most basic on; None where a usable snapshot exists."""
    reason: NDArray[np.object_] = np.full(len(posted), None, dtype=object)
    reason[last < 0] = Reason.REGIME_BREAK
    reason[np.bincount(video, counted & aged, minlength=len(posted)) == 0] = Reason.NOT_AFTER_POSTING
    reason[np.bincount(video, counted, minlength=len(posted)) == 0] = Reason.NO_VIEWS
    reason[np.isnan(posted)] = Reason.NO_POSTED_AT
    return reason
