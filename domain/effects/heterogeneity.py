"""For whom: the effect among parts of the posts that were declared beforehand, each with its interval, and whether the parts differ.

One fit per division, all parts side by side, within accounts, net of the other features and of each part's own level. Errors are
jackknifed by account (CR3, Bell & McCaffrey 2002), by stretch of time where accounts are too few.
No best part is searched for: every part is reported.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from domain.effects.designs import Comparison, compare
from domain.effects.gate import benjamini_hochberg
from domain.effects.panel import Floats, Ints, Panel, build_panel
from domain.effects.regression import orthonormal
from domain.effects.terms import LAGS, is_clustered
from domain.effects.verdicts import Hypothesis, Outcome, Part

LEVEL = 0.05
BLOCKS = 20
# A part with less than this has no figure; nor one that fewer than so many clusters carry.
LEAST_POSTS = 20
LEAST_SIDE = 5
LEAST_CLUSTERS = 4.0
LEAST_LEFT = 1e-6
UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class Division:
    """All parts of one division; `difference_p`: of no difference between them, None with fewer than two figures."""

    by: str
    parts: tuple[Part, ...]
    difference_p: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Divided:
    """A panel with a code per post and division; codes are positions in `levels`, -1 where a post has no label."""

    comparison: Comparison
    codes: Mapping[str, Ints]
    levels: Mapping[str, tuple[str, ...]]
    plain: Floats


def divided(
    frame: pd.DataFrame,
    hypotheses: Sequence[Hypothesis],
    labels: Mapping[str, "pd.Series[str]"],
    seed: int,
    *,
    outcome: Outcome = Outcome.REACH,
    is_timing_asked: bool = False,
) -> Divided | None:
    """Made once for all effects of a frame (columns as for `estimate_effects`; labels: a label per row). None without comparable posts."""
    levels = {by: tuple(sorted({str(label) for label in values.dropna()})) for by, values in labels.items()}
    code = {by: {level: number for number, level in enumerate(levels[by])} for by in labels}
    named = {f"division {by}": [code[by].get(str(label), UNKNOWN) for label in values] for by, values in labels.items()}
    marks = [Hypothesis(name, name, is_presence=False) for name in named]
    panel = build_panel(frame.assign(**named), [*hypotheses, *marks], outcome)
    if panel.free_posts < LEAST_POSTS:
        return None
    count = len(hypotheses)
    codes = {by: panel.features[:, count + number].astype(np.int64) for number, by in enumerate(labels)}
    comparison = compare(replace(panel, features=panel.features[:, :count]), seed, is_timing_asked=is_timing_asked)
    plain = np.column_stack([comparison.controls, *(comparison.earlier(*span).columns for span in LAGS)])
    return Divided(comparison, codes, levels, orthonormal(plain))


def divisions_of(posts: Divided, position: int) -> tuple[Division, ...]:
    """Every division of one effect, by the position of its hypothesis; `q` is over all parts of all of them."""
    features = posts.comparison.features
    others = np.delete(features, position, axis=1)
    basis = np.column_stack([posts.plain, orthonormal(others - posts.plain @ (posts.plain.T @ others))])
    found = [_division(posts, basis, position, by) for by in posts.codes]
    p = [part.p for division in found for part in division.parts if part.p is not None]
    q = iter(benjamini_hochberg(p) if p else [])
    return tuple(
        replace(division, parts=tuple(part if part.p is None else replace(part, q=next(q)) for part in division.parts))
        for division in found
    )


def parts_of(posts: Divided, position: int) -> tuple[Part, ...]:
    return tuple(part for division in divisions_of(posts, position) for part in division.parts)


def _division(posts: Divided, basis: Floats, position: int, by: str) -> Division:
    panel, codes, levels = posts.comparison.panel, posts.codes[by], posts.levels[by]
    raw = panel.features[:, position]
    able = [level for level in range(len(levels)) if _has_both(raw[codes == level])]
    blank = [_blank(by, level, panel, codes == number) for number, level in enumerate(levels)]
    if not able:
        return Division(by, tuple(blank), None)
    is_part = np.column_stack([codes == level for level in able]).astype(np.float64)
    # The rest is a column too: what happens there must not be counted elsewhere.
    rest = (1 - is_part.sum(axis=1))[:, None]
    columns = panel.within(np.column_stack([is_part, rest]) * raw[:, None])
    basis = np.column_stack([basis, orthonormal(_net(panel.within(is_part), basis))])
    net = _net(columns[:, : len(able) + int(rest.any())], basis)
    sums = _Jackknife.of(net, _net(posts.comparison.outcome[:, None], basis)[:, 0], _clusters(posts.comparison))
    kept = [column for column in range(len(able)) if sums.is_carried(column, float(np.sum((raw - raw.mean()) ** 2)))]
    for column in kept:
        blank[able[column]] = _part(blank[able[column]], sums, column)
    return Division(by, tuple(blank), sums.difference_p(kept))


def _net(columns: Floats, basis: Floats) -> Floats:
    return np.asarray(columns - basis @ (basis.T @ columns), dtype=np.float64)


def _has_both(choice: Floats) -> bool:
    if len(choice) < LEAST_POSTS:
        return False
    usual = float(np.median(choice))
    return int(np.sum(choice != usual)) >= LEAST_SIDE


def _blank(by: str, level: str, panel: Panel, mine: "np.typing.NDArray[np.bool_]") -> Part:
    return Part(by, level, None, None, None, int(mine.sum()), len(np.unique(panel.account[mine])))


def _clusters(comparison: Comparison) -> Ints:
    panel = comparison.panel
    if is_clustered(comparison):
        return panel.account
    rank = np.argsort(np.argsort(panel.days, kind="stable"), kind="stable")
    return np.asarray(rank * BLOCKS // panel.n, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class _Jackknife:
    """Joint estimates, their covariance, and how many clusters carry each."""

    estimates: Floats
    covariance: Floats
    carried_by: Floats
    left: Floats
    clusters: int

    @classmethod
    def of(cls, net: Floats, outcome: Floats, cluster: Ints) -> "_Jackknife":
        count, columns = int(cluster.max()) + 1, net.shape[1]
        pairs = (net[:, :, None] * net[:, None, :]).reshape(len(net), -1)
        inner = np.stack([np.bincount(cluster, weights=pair, minlength=count) for pair in pairs.T], axis=1).reshape(count, columns, columns)
        along = np.stack([np.bincount(cluster, weights=column * outcome, minlength=count) for column in net.T], axis=1)
        whole = inner.sum(axis=0)
        tiny = 1e-9 * np.trace(whole) / columns * np.eye(columns)
        estimates = np.linalg.solve(whole + tiny, along.sum(axis=0))
        without = np.linalg.solve(whole - inner + tiny, (along.sum(axis=0) - along)[:, :, None])[:, :, 0]
        off = without - estimates
        own = np.diagonal(inner, axis1=1, axis2=2)
        carried = own.sum(axis=0) ** 2 / np.maximum(np.sum(own**2, axis=0), 1e-300)
        return cls(estimates, (count - 1) / count * off.T @ off, carried, np.diag(whole), count)

    def is_carried(self, column: int, raw: float) -> bool:
        return bool(self.carried_by[column] >= LEAST_CLUSTERS and self.left[column] > LEAST_LEFT * raw)

    def difference_p(self, kept: list[int]) -> float | None:
        """Wald test of equal effects, with the degrees of freedom of the part that the fewest clusters carry."""
        if len(kept) < 2:
            return None
        contrast = np.zeros((len(kept) - 1, len(self.estimates)))
        contrast[:, kept[0]] = -1.0
        contrast[np.arange(len(kept) - 1), kept[1:]] = 1.0
        apart, spread = contrast @ self.estimates, contrast @ self.covariance @ contrast.T
        statistic = float(apart @ np.linalg.pinv(spread) @ apart)
        restrictions = len(kept) - 1
        df = max(float(self.carried_by[kept].min()) - restrictions, 1.0)
        # Hotelling's correction for a covariance that was estimated from few clusters.
        return float(stats.f.sf(statistic / restrictions * df / (df + restrictions - 1), restrictions, df))


def _part(blank: Part, sums: _Jackknife, column: int) -> Part:
    estimate, se = float(sums.estimates[column]), float(np.sqrt(max(sums.covariance[column, column], 1e-300)))
    df = max(float(sums.carried_by[column]) - 1, 1.0)
    reach = float(stats.t.ppf(1 - LEVEL / 2, df)) * se
    return replace(blank, estimate=estimate, low=estimate - reach, high=estimate + reach, p=float(2 * stats.t.sf(abs(estimate) / se, df)))
