"""The posts of one outcome as arrays, and what is compared with what: same account, same format, its own growth line, same weeks.

Which columns are asked about is given (`families` decides what shares a panel); estimating is in `regression` and `timeline`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from domain.effects.verdicts import OUTCOMES, Hypothesis, Outcome
from domain.observations import Selection
from domain.posts import one_row_each

COLUMNS = ("video_id", "account_id", "platform", "format", "posted_at", "selection")
# A post whose outcome is not known within a factor of e^(2 * 0.5) is too young to compare.
MOST_OUTCOME_SE = 0.5
LEAST_POSTS_PER_GROUP = 3
LEAST_POSTS_FOR_GROWTH = 10
# Fewer groups do not tell whether growth differs; and the quantile of p = 0.10, one-sided.
LEAST_GROUPS = 20
SLIGHT = 1.28
POSTS_PER_PERIOD = 50
MOST_PERIODS = 60

EPOCH = pd.Timestamp("2000-01-01", tz="UTC")

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """Comparable posts, ordered by account and time. `account` and `group` (account x format) are codes from 0."""

    outcome: Floats
    features: Floats
    account: Ints
    group: Ints
    days: Floats
    calendar: Floats
    periods: Floats
    is_census: bool
    # Whether accounts' growth differs so much that each needs a line of its own.
    has_lines: bool = True

    @property
    def n(self) -> int:
        return len(self.outcome)

    @property
    def accounts(self) -> int:
        return int(self.account[-1]) + 1 if self.n else 0

    def within(self, values: Floats) -> Floats:
        """What is left of each column after every group's own level and its own straight growth line."""
        size = np.bincount(self.group)
        centred = values - (self._sums(values) / size[:, None])[self.group]
        time = self.days - (np.bincount(self.group, weights=self.days) / size)[self.group]
        spread = np.bincount(self.group, weights=time**2)
        # With few posts a line would eat what there is to compare.
        has_line = self.lined & (spread > 0)
        slope = self._sums(centred * time[:, None]) / np.where(has_line, spread, np.inf)[:, None]
        return np.asarray(centred - slope[self.group] * time[:, None], dtype=np.float64)

    def _sums(self, values: Floats) -> Floats:
        """Per group, the sum of each column."""
        members = sparse.csr_matrix((np.ones(self.n), (self.group, np.arange(self.n))))
        return np.asarray(members @ values, dtype=np.float64)

    @property
    def free_posts(self) -> int:
        """Posts left when every level, line and control, and one feature with its two spans of earlier posts, has taken one."""
        return self.n - self.absorbed() - int(self.calendar.shape[1] + self.periods.shape[1]) - 5

    @property
    def bounds(self) -> tuple[tuple[int, int], ...]:
        """First row and end row of each account."""
        starts = np.flatnonzero(np.diff(self.account, prepend=-1))
        return tuple(pairwise([*(int(start) for start in starts), self.n]))

    def taken(self) -> list[Floats]:
        """Per account an orthonormal basis of the levels and growth lines that `within` takes out of its posts."""
        lined, bases = self.lined, []
        for start, end in self.bounds:
            groups = np.unique(self.group[start:end])
            level = (self.group[start:end, None] == groups).astype(np.float64)
            line = level * (self.days[start:end, None] - self.days[start:end].mean())
            columns = np.column_stack([level, line[:, lined[groups] & (np.ptp(line, axis=0) > 0)]])
            bases.append(np.asarray(np.linalg.qr(columns / np.linalg.norm(columns, axis=0))[0], dtype=np.float64))
        return bases

    def absorbed(self) -> int:
        """How many levels and growth lines `within` took out."""
        size = np.bincount(self.group)
        return int(len(size) + np.sum(self.lined))

    @property
    def lined(self) -> npt.NDArray[np.bool_]:
        """Per group, whether a growth line is taken out of it."""
        return np.asarray((np.bincount(self.group) >= LEAST_POSTS_FOR_GROWTH) & self.has_lines)

    def previous(self, values: Floats, first: int, last: int) -> Floats:
        """Mean of each column over the account's posts from `first` to `last` back; 0 (an average post) where there is none."""
        total, count = np.zeros_like(values), np.zeros((self.n, 1))
        for back in range(first, last + 1):
            same = (self.account[back:] == self.account[:-back])[:, None]
            total[back:] += np.where(same, values[:-back], 0.0)
            count[back:] += same
        return total / np.maximum(count, 1)


def build_panel(
    frame: pd.DataFrame, hypotheses: Sequence[Hypothesis], outcome: Outcome = Outcome.REACH, *, is_format_asked: bool = False
) -> Panel:
    """Rows that can be compared. Where any account has a census, only census rows count: the rest was selected on its outcome.

    `is_format_asked`: posts of an account are compared across its formats, because the format is what is asked about.
    """
    names = [hypothesis.feature for hypothesis in hypotheses]
    posts = usable(frame, outcome).dropna(subset=names)
    account, platform, video = (posts[name].astype(str) for name in ("account_id", "platform", "video_id"))
    form = posts["format"].astype(object).where(posts["format"].notna() & (not is_format_asked), "").astype(str)
    posts = posts.assign(account_key=account, platform_key=platform, video_key=video, group_key=account + "|" + platform + "|" + form)
    posts = one_row_each(posts, ("account_key", "platform_key", "video_key"))
    posts = posts.sort_values(["account_key", "posted_at", "video_key"], kind="stable")
    posts = posts[posts.groupby("group_key")["measured"].transform("size") >= LEAST_POSTS_PER_GROUP]
    posted = pd.to_datetime(posts["posted_at"], utc=True)
    days = np.asarray((posted - EPOCH) / pd.Timedelta(days=1), dtype=np.float64)
    outcomes, group = posts["measured"].to_numpy(np.float64), _codes(posts["group_key"])
    return Panel(
        outcome=outcomes,
        features=posts[names].to_numpy(np.float64) / np.array([hypothesis.step for hypothesis in hypotheses]),
        account=_codes(posts["account_key"]),
        group=group,
        days=days,
        calendar=_calendar(posted),
        periods=_periods(days, _codes(posts["platform_key"])),
        is_census=bool((posts["selection"] == Selection.CENSUS).any()),
        has_lines=_growth_differs(outcomes, group),
    )


def usable(frame: pd.DataFrame, outcome: Outcome) -> pd.DataFrame:
    """Rows whose outcome (column `measured`) and date are known and that nobody paid to be seen; a census alone where there is one."""
    measured = pd.to_numeric(frame[OUTCOMES[outcome]]).astype("float64")
    posts = frame.assign(measured=measured.where(np.isfinite(measured)))
    if outcome is Outcome.REACH:
        se = pd.to_numeric(posts["outcome_se"])
        posts = posts[se.isna() | (se <= MOST_OUTCOME_SE)]
    if "is_promoted" in posts:
        posts = posts[~posts["is_promoted"].eq(True)]
    posts = posts.dropna(subset=["measured", "posted_at"])
    is_census = posts["selection"] == Selection.CENSUS
    return posts[is_census] if is_census.any() else posts


def _growth_differs(outcome: Floats, group: Ints) -> bool:
    """Whether accounts differ in growth, at a slight sign (p < 0.10); few accounts always may.

    By thirds of each group's posts: lines of their own show in how far the last is from the first, and not in how far the middle is from
    both, while luck shows in both alike, however long it lasts within a third.
    """
    order, ends = np.argsort(group, kind="stable"), np.cumsum(np.bincount(group))
    parts = [part for part in np.split(order, ends[:-1]) if len(part) >= LEAST_POSTS_FOR_GROWTH]
    if len(parts) < LEAST_GROUPS:
        return True
    thirds = np.array([[outcome[third].mean() for third in np.array_split(part, 3)] for part in parts])
    rise, bend = thirds[:, 2] - thirds[:, 0], thirds[:, 2] - 2 * thirds[:, 1] + thirds[:, 0]
    excess = (rise - rise.mean()) ** 2 - (bend - bend.mean()) ** 2 / 3
    return bool(excess.mean() > SLIGHT * excess.std() / np.sqrt(len(parts)))


def _codes(keys: "pd.Series[str]") -> Ints:
    return np.unique(keys.to_numpy(str), return_inverse=True)[1].astype(np.int64)


def _calendar(posted: "pd.Series[pd.Timestamp]") -> Floats:
    """Week-end and hour of the day: creators who ask questions on Sunday evenings would otherwise compare evenings."""
    hour = 2 * np.pi * (posted.dt.hour + posted.dt.minute / 60).to_numpy(np.float64) / 24
    return np.column_stack([(posted.dt.day_of_week >= 5).to_numpy(np.float64), np.sin(hour), np.cos(hour)])


def _periods(days: Floats, platform: Ints) -> Floats:
    """Dummies of about a week per platform, but at least 50 posts each, so that they do not eat everything."""
    columns = []
    for code in range(int(platform.max(initial=-1)) + 1):
        mine = platform == code
        weeks = int(np.ceil((days[mine].max() - days[mine].min()) / 7))
        wanted = min(weeks, int(mine.sum()) // POSTS_PER_PERIOD, MOST_PERIODS)
        if wanted > 1:
            edges = np.quantile(days[mine], np.linspace(0, 1, wanted + 1)[1:-1])
            columns += [mine & (np.searchsorted(edges, days, side="right") == period) for period in range(1, wanted)]
    return np.column_stack(columns).astype(np.float64) if columns else np.zeros((len(days), 0))
