"""What outliers share: features that are more, or less, common among them than among the account's other posts. A description, no cause.

Shares are of posts whose feature is known. The p-value compares within accounts (Cochran-Mantel-Haenszel; Fisher's exact test for one
account), so that an account with many outliers and a habit of its own makes no pattern. Amounts are compared as more than the account's
own median.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special, stats

from domain.effects.gate import benjamini_hochberg
from domain.features.feature import Feature, FeatureKind, Known
from domain.planning.evidence import Z95

Flags: TypeAlias = npt.NDArray[np.bool_]
Codes: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]

LEAST_OUTLIERS = 10
# A feature that fewer posts show, or lack, is no pattern.
LEAST_POSTS = 5
LEVEL = 0.05
# Neighbours looked at, and the p from which on no correction could matter.
LAGS, WORTH_CORRECTING = 10, 0.2


@dataclass(frozen=True, slots=True)
class Pattern:
    """One feature among `outliers` and `others`. Intervals hold 95 %: Wilson for shares, Newcombe for the difference, Katz for lift."""

    feature: str
    subject: str
    group: str
    outliers: int
    others: int
    outliers_with: int
    others_with: int
    accounts: int
    share: float
    share_low: float
    share_high: float
    others_share: float
    difference: float
    difference_low: float
    difference_high: float
    lift: float | None
    lift_low: float | None
    lift_high: float | None
    p: float
    q: float | None = None

    @property
    def stands_out(self) -> bool:
        return self.q is not None and self.q <= LEVEL

    @property
    def sentence(self) -> str:
        """What was seen; it says nothing of why."""
        often = "more" if self.difference > 0 else "less"
        clear = f"{often} often than elsewhere" if self.stands_out else "not clearly another share than elsewhere"
        return (
            f"{self.subject[0].upper()}{self.subject[1:]}: {self.share:.0%} of {self.outliers:,} outliers, {self.others_share:.0%} of"
            f" {self.others:,} other posts ({clear};"
            f" difference {100 * self.difference_low:+.0f} to {100 * self.difference_high:+.0f} points)."
        )


def lacking(outliers: int) -> str | None:
    """Why there are no patterns; None where there are enough outliers."""
    if outliers >= LEAST_OUTLIERS:
        return None
    return f"{outliers} outliers are known; what they share can be told from {LEAST_OUTLIERS} on, about {LEAST_OUTLIERS - outliers} more"


def patterns_of(posts: pd.DataFrame, features: Sequence[Feature], is_outlier: Mapping[str, bool]) -> tuple[Pattern, ...]:
    """Of posts with the columns video_id, account_id and the features, in the order of account and time.

    Posts without a score are left out. `q` is still to come.
    """
    known_flags = [is_outlier.get(video) for video in posts["video_id"]]
    if lacking(sum(map(bool, known_flags))):
        return ()
    scored = posts[[flag is not None for flag in known_flags]]
    flags = np.array([flag for flag in known_flags if flag is not None], dtype=bool)
    accounts = pd.factorize(scored["account_id"], sort=True)[0].astype(np.int64)
    asked = [each for each in features if each.known is Known.BEFORE and each.name in scored.columns]
    values = scored[[each.name for each in asked]].to_numpy(np.float64)
    shown, known = values > _usual(values, accounts, asked), ~np.isnan(values)
    columns = zip(asked, shown.T, known.T, strict=True)
    found = (_pattern(each, column[rows], flags[rows], accounts[rows]) for each, column, rows in columns)
    return tuple(each for each in found if each is not None)


def _usual(values: Floats, accounts: Codes, features: Sequence[Feature]) -> Floats:
    """What is more than usual: more than none of a presence, more than the account's median of an amount."""
    usual = np.zeros_like(values)
    amounts = np.array([each.kind is FeatureKind.AMOUNT for each in features], dtype=bool)
    medians = pd.DataFrame(values[:, amounts]).groupby(accounts).median().to_numpy(np.float64)
    usual[:, amounts] = medians[accounts]
    return usual


def _pattern(feature: Feature, shown: Flags, flags: Flags, accounts: Codes) -> Pattern | None:
    n1, n0 = int(flags.sum()), int((~flags).sum())
    a, b = int((shown & flags).sum()), int((shown & ~flags).sum())
    if n1 < LEAST_OUTLIERS or n0 < LEAST_POSTS or not LEAST_POSTS <= a + b <= n1 + n0 - LEAST_POSTS:
        return None
    low, high = wilson(a, n1)
    other_low, other_high = wilson(b, n0)
    share, rest = a / n1, b / n0
    down, up = math.hypot(share - low, other_high - rest), math.hypot(high - share, rest - other_low)
    subject = feature.words if feature.kind is FeatureKind.PRESENCE else f"{feature.words} above the account's median"
    return Pattern(
        feature.name, subject, feature.group.value, n1, n0, a, b, len(np.unique(accounts[shown & flags])), share, low, high, rest,
        share - rest, share - rest - down, share - rest + up, *_lift(a, n1, b, n0), p_in_runs(shown, flags, accounts),
    )  # fmt: skip


def wilson(count: int, n: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927)."""
    share, z2 = count / n, Z95**2
    middle, reach = share + z2 / (2 * n), Z95 * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return max(0.0, (middle - reach) / (1 + z2 / n)), min(1.0, (middle + reach) / (1 + z2 / n))


def _lift(a: int, n1: int, b: int, n0: int) -> tuple[float | None, float | None, float | None]:
    """How many times as common, with its interval on the log scale (Katz 1978); unknown where a group has none."""
    if not a or not b:
        return (0.0 if b else None), None, None
    lift, reach = (a / n1) / (b / n0), Z95 * math.sqrt(1 / a - 1 / n1 + 1 / b - 1 / n0)
    return lift, lift * math.exp(-reach), lift * math.exp(reach)


def p_in_runs(shown: Flags, flags: Flags, accounts: Codes) -> float:
    """As `p_within`, its normal score divided by what neighbours that are alike in both leave of the evidence (Bartlett 1935).

    Posts in the order of account and time. Outliers and habits come in runs: counted post by post, runs that meet by luck are a pattern.
    """
    p = p_within(shown, flags, accounts)
    if p >= WORTH_CORRECTING:
        return p
    # Accounts without a post of this table have a code, too.
    size = np.maximum(np.bincount(accounts), 1)
    x, y = (each - (np.bincount(accounts, weights=each) / size)[accounts] for each in (shown.astype(np.float64), flags.astype(np.float64)))
    inflation = 1.0
    for back in range(1, min(LAGS, len(x) - 1) + 1):
        same = accounts[back:] == accounts[:-back]
        alike = [float((each[back:] * each[:-back])[same].sum() / (each @ each)) for each in (x, y)]
        inflation += 2 * alike[0] * alike[1]
    return float(2 * stats.norm.sf(stats.norm.isf(p / 2) / math.sqrt(max(inflation, 1.0))))


def p_within(shown: Flags, flags: Flags, accounts: Codes) -> float:
    """Two-sided, within accounts."""
    strata = int(accounts.max()) + 1
    both, outliers, with_it, total = (
        np.bincount(accounts[mask], minlength=strata).astype(np.float64)
        for mask in (shown & flags, flags, shown, np.ones(len(flags), dtype=bool))
    )
    if np.count_nonzero(total) == 1:
        return _exact(int(both.sum()), int(outliers.sum()), int(with_it.sum()), int(total.sum()))
    kept = total > 1
    both, outliers, with_it, total = (each[kept] for each in (both, outliers, with_it, total))
    expected = (outliers * with_it / total).sum()
    variance = (outliers * (total - outliers) * with_it * (total - with_it) / (total**2 * (total - 1))).sum()
    if variance <= 0:
        return 1.0
    return float(2 * stats.norm.sf(max(0.0, abs(both.sum() - expected) - 0.5) / math.sqrt(variance)))


def _exact(both: int, outliers: int, with_it: int, total: int) -> float:
    """Fisher's exact test, two-sided: every table with these margins that is no likelier than what was seen."""
    tables = np.arange(max(0, outliers + with_it - total), min(outliers, with_it) + 1)
    cells = np.array([tables, outliers - tables, with_it - tables, total - outliers - with_it + tables])
    logs = -special.gammaln(cells + 1.0).sum(axis=0)
    chances = np.exp(logs - logs.max())
    seen = chances[both - tables[0]]
    return float(min(1.0, chances[chances <= seen * (1 + 1e-7)].sum() / chances.sum()))


def judged(found: Sequence[Pattern]) -> tuple[Pattern, ...]:
    """With q over all of them together (Benjamini and Hochberg 1995)."""
    q = benjamini_hochberg([each.p for each in found])
    return tuple(replace(each, q=value) for each, value in zip(found, q, strict=True))
