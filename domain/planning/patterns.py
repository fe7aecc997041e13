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
from scipy import stats

from domain.features.feature import Feature, FeatureKind, Known
from domain.planning.evidence import Z95, subject_of

Flags: TypeAlias = npt.NDArray[np.bool_]
Codes: TypeAlias = npt.NDArray[np.int64]

LEAST_OUTLIERS = 10
# A feature that fewer posts show, or lack, is no pattern.
LEAST_POSTS = 5
LEVEL = 0.05


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
    """Of posts with the columns video_id, account_id and the features. Posts without a score are left out. `q` is still to come."""
    scored = posts[posts["video_id"].isin(list(is_outlier))]
    flags = np.array([is_outlier[video] for video in scored["video_id"]], dtype=bool)
    if lacking(int(flags.sum())):
        return ()
    accounts = pd.factorize(scored["account_id"], sort=True)[0].astype(np.int64)
    found = []
    for feature in features:
        if feature.known is Known.BEFORE and feature.name in scored.columns:
            values = scored[feature.name].astype("float64")
            known = values.notna().to_numpy()
            shown = _shown(values, scored["account_id"], feature)
            made = _pattern(feature, shown[known], flags[known], accounts[known])
            found += [made] if made else []
    return tuple(found)


def _shown(values: "pd.Series[float]", accounts: "pd.Series[str]", feature: Feature) -> Flags:
    if feature.kind is FeatureKind.PRESENCE:
        return (values > 0).to_numpy()
    return (values > values.groupby(accounts).transform("median")).to_numpy()


def _pattern(feature: Feature, shown: Flags, flags: Flags, accounts: Codes) -> Pattern | None:
    n1, n0 = int(flags.sum()), int((~flags).sum())
    a, b = int((shown & flags).sum()), int((shown & ~flags).sum())
    if n1 < LEAST_OUTLIERS or n0 < LEAST_POSTS or not LEAST_POSTS <= a + b <= n1 + n0 - LEAST_POSTS:
        return None
    low, high = wilson(a, n1)
    other_low, other_high = wilson(b, n0)
    share, rest = a / n1, b / n0
    down, up = math.hypot(share - low, other_high - rest), math.hypot(high - share, rest - other_low)
    subject = subject_of(feature.contrast) if feature.kind is FeatureKind.PRESENCE else f"{feature.name}: more than the account's median"
    return Pattern(
        feature.name, subject, feature.group.value, n1, n0, a, b, len(np.unique(accounts[shown & flags])), share, low, high, rest,
        share - rest, share - rest - down, share - rest + up, *_lift(a, n1, b, n0), _p(shown, flags, accounts),
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


def _p(shown: Flags, flags: Flags, accounts: Codes) -> float:
    strata = int(accounts.max()) + 1
    both, outliers, with_it, total = (
        np.bincount(accounts[mask], minlength=strata).astype(np.float64)
        for mask in (shown & flags, flags, shown, np.ones(len(flags), dtype=bool))
    )
    if np.count_nonzero(total) == 1:
        table = [[both.sum(), outliers.sum() - both.sum()], [with_it.sum() - both.sum(), (~shown & ~flags).sum()]]
        return float(stats.fisher_exact(np.array(table, dtype=int)).pvalue)
    kept = total > 1
    both, outliers, with_it, total = (each[kept] for each in (both, outliers, with_it, total))
    expected = (outliers * with_it / total).sum()
    variance = (outliers * (total - outliers) * with_it * (total - with_it) / (total**2 * (total - 1))).sum()
    if variance <= 0:
        return 1.0
    return float(2 * stats.norm.sf(max(0.0, abs(both.sum() - expected) - 0.5) / math.sqrt(variance)))


def judged(found: Sequence[Pattern]) -> tuple[Pattern, ...]:
    """With q over all of them together (Benjamini and Hochberg 1995)."""
    if not found:
        return ()
    order = sorted(range(len(found)), key=lambda place: found[place].p)
    q, least = [1.0] * len(found), 1.0
    for rank in range(len(order), 0, -1):
        least = min(least, found[order[rank - 1]].p * len(found) / rank)
        q[order[rank - 1]] = least
    return tuple(replace(each, q=value) for each, value in zip(found, q, strict=True))
