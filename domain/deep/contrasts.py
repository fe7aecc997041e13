"""Differences within accounts: posts of a kind against the other posts of the same account at the time, with interval.

A description of posts that were made, never an effect: nothing is held equal but the account, its level then and, where asked, the format.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

Floats: TypeAlias = npt.NDArray[np.float64]
Codes: TypeAlias = npt.NDArray[np.int64]

LEVEL = 0.05
LEAST_POSTS = 5
LEAST_DF = 2.0
# Log points; less than rounding leaves of posts that are all alike.
FLAT = 1e-9
# From so many accounts on, accounts are the clusters; below, stretches of neighbouring posts are.
ENOUGH_ACCOUNTS = 12
LEAST_STRETCH = 5
# An account's level is taken anew for each run of so many stretches.
STRETCHES_PER_LEVEL = 5
# A slope over time is judged on few long stretches: luck that wanders looks like a trend to short ones.
STRETCHES_OF_TREND = 10
COLUMNS_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Contrast:
    """Log points against the other posts (or per unit). Without figures where `reason` says why.

    `low`, `high`: 95 % interval of its own; `wide_low`, `wide_high`: widened for the whole family (Sidak); `stands_out`: that leaves out 0.
    """

    name: str
    n: int
    accounts: int
    median: float | None = None
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    stands_out: bool = False
    wide_low: float | None = None
    wide_high: float | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Posts with a known outcome, ordered by their levels. `strata`: rows that share a level; `clusters`: rows that share their luck."""

    outcome: Floats
    weight: Floats
    rows: Codes
    strata: Codes
    clusters: Codes
    accounts: Codes

    @classmethod
    def of(cls, posts: pd.DataFrame, outcome: str, *, by_format: bool, is_trend: bool = False) -> "Comparison":
        """Of a frame ordered by account and time with the columns account_id, weight, format and the outcome."""
        rows = np.flatnonzero(posts[outcome].notna().to_numpy())
        kept = posts.iloc[rows]
        account = pd.factorize(kept["account_id"])[0].astype(np.int64)
        group = _pairs(account, pd.factorize(kept["format"])[0]) if by_format else account
        most = int(np.bincount(account).max()) if len(rows) else 1
        stretch = max(LEAST_STRETCH, most // STRETCHES_OF_TREND if is_trend else round(most ** (1 / 3)))
        are_clusters = account.max(initial=-1) + 1 >= ENOUGH_ACCOUNTS
        clusters = account if are_clusters else runs(account, stretch)
        strata = group if is_trend else runs(group, stretch * STRETCHES_PER_LEVEL)
        order = np.argsort(strata, kind="stable")
        values, weight = (kept[name].to_numpy(np.float64)[order] for name in (outcome, "weight"))
        return cls(values, weight, rows[order], strata[order], clusters[order], account[order])

    @property
    def n(self) -> int:
        return len(self.outcome)

    @property
    def errors(self) -> str:
        """How the intervals allow for luck that posts share."""
        return "by account" if (self.clusters == self.accounts).all() else "by stretches of neighbouring posts of an account"

    def residuals(self, columns: Floats) -> Floats:
        """Rows net of their level: the weighted mean of their stratum taken off. Any number of columns."""
        _, starts, codes = np.unique(self.strata, return_index=True, return_inverse=True)
        shape = (-1, *(1,) * (columns.ndim - 1))
        sums = np.add.reduceat(columns * self.weight.reshape(shape), starts, axis=0)
        return np.asarray(columns - (sums / np.add.reduceat(self.weight, starts).reshape(shape))[codes], dtype=np.float64)

    def presence(self, kinds: Mapping[str, Floats | npt.NDArray[np.bool_]], *, among: int = 0) -> tuple[Contrast, ...]:
        """One contrast per kind of posts (over the frame's rows). All of them are one family, or part of one of `among` kinds.

        1 or true: of the kind; 0: not; NaN: not known, and so on neither side.
        """
        columns = {name: np.asarray(column, dtype=np.float64)[self.rows] for name, column in kinds.items()}
        alike: dict[bytes, list[str]] = {}
        for name, column in columns.items():
            alike.setdefault(np.isnan(column).tobytes(), []).append(name)
        found: dict[str, Contrast] = {}
        for names in alike.values():
            known = ~np.isnan(columns[names[0]])
            part = {name: columns[name][known] for name in names}
            judged = self._among(known)._contrasts(part, is_presence=True, among=max(among, len(columns)))
            found |= {each.name: each for each in judged}
        return tuple(found[name] for name in columns)

    def _among(self, kept: npt.NDArray[np.bool_]) -> "Comparison":
        if kept.all():
            return self
        rows, strata, clusters, accounts = (values[kept] for values in (self.rows, self.strata, self.clusters, self.accounts))
        return Comparison(self.outcome[kept], self.weight[kept], rows, strata, clusters, accounts)

    def amount(self, name: str, values: Floats) -> Contrast:
        """The slope on an amount (over the frame's rows, none missing)."""
        return self._contrasts({name: values[self.rows]}, is_presence=False)[0]

    def _contrasts(self, columns: Mapping[str, npt.NDArray[np.generic]], *, is_presence: bool, among: int = 0) -> tuple[Contrast, ...]:
        if not self.n:
            return tuple(Contrast(name, 0, 0, reason="no post of which it and its outcome are known") for name in columns)
        net = self.residuals(self.outcome)
        widened = 1 - (1 - LEVEL) ** (1 / max(1, len(columns), among))
        names, found = list(columns), []
        for first in range(0, len(names), COLUMNS_AT_ONCE):
            part = names[first : first + COLUMNS_AT_ONCE]
            values = np.column_stack([columns[name] for name in part]).astype(np.float64)
            figures = _fit(self, self.residuals(values), net)
            for position, name in enumerate(part):
                inside = values[:, position] != 0 if is_presence else np.ones(self.n, dtype=bool)
                counted = self._counted(name, inside, net, is_presence=is_presence)
                found.append(_judged(counted, self.n - counted.n if is_presence else self.n, figures[:, position], widened))
        return tuple(found)

    def _counted(self, name: str, inside: npt.NDArray[np.bool_], net: Floats, *, is_presence: bool) -> Contrast:
        """How many posts and accounts it is about, and what the middle one of such posts did."""
        n, accounts = int(inside.sum()), len(np.unique(self.accounts[inside]))
        median = float(np.median(net[inside])) if n and is_presence else None
        is_flat = n >= LEAST_POSTS and float(np.abs(net).max()) < FLAT
        return Contrast(name, n, accounts, median, reason="all posts did the same" if is_flat else None)


def _fit(comparison: Comparison, net: Floats, outcome: Floats) -> Floats:
    """Per column: estimate, standard error, degrees of freedom.

    Clustered sandwich with each cluster's score over the root of 1 - its share of the variation, and one over the sum of the squared
    shares as degrees of freedom: CR2 of one regressor where clusters are nearly independent of each other (Bell & McCaffrey 2002).
    """
    weight = comparison.weight[:, None]
    variation = (weight * net**2).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        estimates = (weight * net * outcome[:, None]).sum(axis=0) / variation
        left = outcome[:, None] - net * estimates
        order = np.argsort(comparison.clusters, kind="stable")
        starts = np.unique(comparison.clusters[order], return_index=True)[1]
        scores = np.add.reduceat((weight * net * left)[order], starts, axis=0)
        shares = np.add.reduceat((weight * net**2)[order], starts, axis=0) / variation
        free = max(1, comparison.n - len(np.unique(comparison.strata)) - 1)
        scale = comparison.n / free
        errors = np.sqrt(scale * (scores**2 / np.maximum(1 - shares, 1e-9)).sum(axis=0)) / variation
        df = np.minimum(len(starts) - 1, 1 / (shares**2).sum(axis=0))
    return np.vstack([estimates, errors, df])


def _judged(counted: Contrast, others: int, figures: Floats, widened: float) -> Contrast:
    """With its interval at 95 % and whether the widened one leaves out 0; or with the reason why not."""
    estimate, error, df = (float(value) for value in figures)
    if counted.reason or (reason := _too_little(counted.n, others, estimate, error, df)):
        return counted if counted.reason else replace(counted, reason=reason)
    reach = float(stats.t.ppf(1 - LEVEL / 2, df)) * error
    wide = float(stats.t.ppf(1 - widened / 2, df)) * error
    return replace(
        counted, estimate=estimate, low=estimate - reach, high=estimate + reach, stands_out=abs(estimate) > wide,
        wide_low=estimate - wide, wide_high=estimate + wide,
    )  # fmt: skip


def _too_little(n: int, others: int, estimate: float, error: float, df: float) -> str | None:
    if n < LEAST_POSTS:
        return f"fewer than {LEAST_POSTS} posts"
    if others < LEAST_POSTS:
        return f"fewer than {LEAST_POSTS} other posts to compare with"
    if not (math.isfinite(estimate) and math.isfinite(error) and error > 0):
        return "no account has both such posts and others at the time"
    return "nearly all of it lies in one stretch of time or account" if df < LEAST_DF else None


def shown(values: pd.Series) -> Floats:
    """Presence of a feature: 1, 0, or NaN where it was not measured."""
    found = values.to_numpy(np.float64)
    return np.where(np.isnan(found), np.nan, found > 0)


def both(first: Floats, second: Floats | npt.NDArray[np.bool_]) -> Floats:
    """Whether both are there: not where either is known to be absent, unknown where that hangs on what was not measured (Kleene)."""
    return np.where((first == 0) | (second == 0), 0.0, first * second)


def runs(groups: Codes, length: int) -> Codes:
    """Each group's rows, in their order, cut into runs of about so many, at least one; a code per row."""
    if not len(groups):
        return groups
    order = np.argsort(groups, kind="stable")
    _, starts, sizes = np.unique(groups[order], return_index=True, return_counts=True)
    rank = np.empty(len(groups), dtype=np.int64)
    rank[order] = np.arange(len(groups)) - np.repeat(starts, sizes)
    size = np.bincount(groups, minlength=int(groups.max()) + 1)
    return _pairs(groups, rank * np.maximum(1, size // length)[groups] // size[groups])


def _pairs(first: Codes, second: npt.NDArray[np.signedinteger]) -> Codes:
    return np.unique(np.column_stack([first, second]), axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)
