"""A scoring model fitted to the posts of a tenant, and how it did on posts that came later than those it was fitted to.

Ridge regression (Hoerl and Kennard 1970) of what each post reached over its account's usual level (the median of up to 20 posts before it).
Judged by rolling origin: five times, fitted to what lay before, with a gap of a week, and asked about what came next. In-sample figures
are never shown. The baseline says "as usual", which is 0 for every post.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from domain.planning.levels import levels_before
from domain.planning.scoring import Model, ModelKind, Weight

Floats: TypeAlias = npt.NDArray[np.float64]
Codes: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]

LEAST_POSTS = 80
FOLDS = 5
# The first fit sees this share of the posts.
FIRST_SHARE = 0.5
LEAST_FITTED = 30
GAP_DAYS = 7.0
PENALTIES = (0.01, 0.1, 1.0, 10.0, 100.0)
DRAWS = 499
# From so many accounts on, accounts are drawn anew; below, runs of neighbouring posts are.
ENOUGH_ACCOUNTS, RUN = 12, 10


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Validation:
    """Out of time only. `r2`: the share of squared misses of the baseline that the model takes away; negative where it adds to them."""

    n: int
    folds: int
    r2: Interval
    spearman: Interval

    @property
    def is_useful(self) -> bool:
        return self.r2.low > 0

    @property
    def sentence(self) -> str:
        shown = f"{self.r2.value:.0%} (95 % interval {self.r2.low:.0%} to {self.r2.high:.0%}) of the misses of the account's usual level"
        if self.is_useful:
            return f"On {self.n:,} later posts the model takes away {shown}."
        return f"Not useful: on {self.n:,} later posts it does not beat the account's usual level; it takes away {shown}."


@dataclass(frozen=True, slots=True)
class Fitted:
    """A model with its out-of-time validation, or the reason why none could be fitted."""

    model: Model | None = None
    validation: Validation | None = None
    n: int = 0
    penalty: float | None = None
    data_from: str | None = None
    data_to: str | None = None
    reason: str | None = None
    posts_needed: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Posts in the order of time: features, what is asked about, days, accounts."""

    x: Floats
    y: Floats
    days: Floats
    accounts: Codes

    def part(self, rows: Flags) -> "_Rows":
        return _Rows(self.x[rows], self.y[rows], self.days[rows], self.accounts[rows])


def fit(posts: pd.DataFrame, names: Sequence[str], *, seed: int) -> Fitted:
    """Posts: columns video_id, account_id, posted_at, outcome and the features. Those that lack one of them are left out."""
    table = _usable(posts, names)
    if len(table) < LEAST_POSTS:
        lacking = LEAST_POSTS - len(table)
        return Fitted(n=len(table), reason=f"{len(table)} usable posts; about {lacking} more are needed", posts_needed=lacking)
    rows = _rows(table, names)
    if float(np.std(rows.y)) == 0.0:
        return Fitted(n=len(table), reason="all posts did the same")
    penalty = _penalty(rows)
    validation = _validated(rows, np.random.default_rng(seed))
    if validation is None:
        return Fitted(n=len(table), reason="the posts lie too close together in time to be asked about later ones")
    window = (table["posted_at"].iloc[0].isoformat(), table["posted_at"].iloc[-1].isoformat())
    return Fitted(_model(rows, names, penalty), validation, len(table), penalty, *window)


def _usable(posts: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    ordered = posts[posts["outcome"].notna() & posts["posted_at"].notna()].sort_values(["posted_at", "video_id"], kind="stable")
    level = ordered.groupby("account_id")["outcome"].transform(lambda values: levels_before(values.to_numpy(np.float64)))
    table = ordered.assign(over=ordered["outcome"] - level)
    return table[table[["over", *names]].notna().all(axis=1)].reset_index(drop=True)


def _rows(table: pd.DataFrame, names: Sequence[str]) -> _Rows:
    days = (table["posted_at"] - table["posted_at"].iloc[0]) / pd.Timedelta(days=1)
    accounts = pd.factorize(table["account_id"], sort=True)[0].astype(np.int64)
    return _Rows(table[list(names)].to_numpy(np.float64), table["over"].to_numpy(np.float64), days.to_numpy(np.float64), accounts)


def _ridge(rows: _Rows, penalty: float) -> tuple[Floats, Floats, Floats, float]:
    """Weights per standard deviation, centres, scales (1 for what is constant), intercept."""
    centre, scale = rows.x.mean(axis=0), rows.x.std(axis=0)
    scale = np.where(scale > 1e-12, scale, 1.0)
    z, middle = (rows.x - centre) / scale, float(rows.y.mean())
    gram = z.T @ z / len(z) + penalty * np.eye(z.shape[1])
    return np.linalg.solve(gram, z.T @ (rows.y - middle) / len(z)), centre, scale, middle


def _predicted(fitted: tuple[Floats, Floats, Floats, float], x: Floats) -> Floats:
    weights, centre, scale, middle = fitted
    return np.asarray((x - centre) / scale @ weights + middle, dtype=np.float64)


def _penalty(rows: _Rows) -> float:
    """The one that foretells the later part of these posts best from the earlier; the stronger of equals."""
    start = rows.days[int(len(rows.y) * 0.75)]
    early, late = rows.part(rows.days < start - GAP_DAYS), rows.part(rows.days >= start)
    if len(early.y) < LEAST_FITTED or not len(late.y):
        return PENALTIES[-1]
    misses = {each: float(np.sum((late.y - _predicted(_ridge(early, each), late.x)) ** 2)) for each in PENALTIES}
    return min(reversed(PENALTIES), key=lambda each: misses[each])


def _folds(rows: _Rows) -> Iterator[tuple[_Rows, Flags]]:
    """What lay before, a week apart, and which posts came next."""
    edges = np.linspace(FIRST_SHARE, 1.0, FOLDS + 1)
    starts = [rows.days[min(int(edge * len(rows.y)), len(rows.y) - 1)] for edge in edges[:-1]] + [math.inf]
    for start, stop in pairwise(starts):
        before, later = rows.days < start - GAP_DAYS, (rows.days >= start) & (rows.days < stop)
        if before.sum() >= LEAST_FITTED and later.any():
            yield rows.part(before), later


def _validated(rows: _Rows, chance: np.random.Generator) -> Validation | None:
    predicted, folds = np.full(len(rows.y), np.nan), 0
    for before, later in _folds(rows):
        # The penalty too is chosen by what lay before.
        predicted[later] = _predicted(_ridge(before, _penalty(before)), rows.x[later])
        folds += 1
    asked = np.isfinite(predicted)
    if not folds or float(np.std(rows.y[asked])) == 0.0:
        return None
    y, guess = rows.y[asked], predicted[asked]
    groups = _groups(rows.accounts[asked])
    draws = np.array([_figures(y[drawn], guess[drawn]) for drawn in _drawn(groups, chance)])
    low, high = np.nanpercentile(draws, [2.5, 97.5], axis=0)
    found = _figures(y, guess)
    r2, spearman = (Interval(found[place], float(low[place]), float(high[place])) for place in range(2))
    return Validation(len(y), folds, r2, spearman)


def _figures(y: Floats, guess: Floats) -> tuple[float, float]:
    """R2 against "as usual", and Spearman's rank correlation (0 for a constant guess, which ranks nothing)."""
    r2 = 1 - float(((y - guess) ** 2).sum() / max(float((y**2).sum()), 1e-12))
    a, b = stats.rankdata(y), stats.rankdata(guess)
    spread = float(a.std() * b.std())
    return r2, float(((a - a.mean()) * (b - b.mean())).mean() / spread) if spread > 0 else 0.0


def _groups(accounts: Codes) -> list[npt.NDArray[np.int64]]:
    """Rows that share their luck: an account's, or a run of neighbouring posts."""
    if len(np.unique(accounts)) >= ENOUGH_ACCOUNTS:
        return [np.flatnonzero(accounts == each) for each in np.unique(accounts)]
    return [np.arange(first, min(first + RUN, len(accounts))) for first in range(0, len(accounts), RUN)]


def _drawn(groups: Sequence[npt.NDArray[np.int64]], chance: np.random.Generator) -> Iterator[npt.NDArray[np.int64]]:
    for _ in range(DRAWS):
        yield np.concatenate([groups[each] for each in chance.integers(0, len(groups), len(groups))])


def _model(rows: _Rows, names: Sequence[str], penalty: float) -> Model:
    weights, centre, scale, middle = _ridge(rows, penalty)
    made = (Weight(name, float(w), float(s), float(c)) for name, w, s, c in zip(names, weights, scale, centre, strict=True))
    return Model(ModelKind.FITTED, tuple(sorted(made, key=lambda each: each.feature)), middle)
