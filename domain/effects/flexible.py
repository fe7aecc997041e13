"""A second look at effects that survived screening: partially linear double machine learning within accounts, cross-fitted by account.

Chernozhukov et al. 2018, with the fixed effects taken out of every column first, so that curves and products of controls are fitted within
accounts too (Clarke & Polselli 2024 for panels). The closed form of `inference` sees straight lines only; where it and this part ways,
something bent confounds. Which columns are looked at is in `terms`, fitting in `series`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from domain.effects.designs import Comparison, compare
from domain.effects.panel import Floats, Panel
from domain.effects.rest import without_rest
from domain.effects.serial import long_run
from domain.effects.series import Design
from domain.effects.stacking import FOLDS, folds_of
from domain.effects.terms import Columns, columns_of, is_clustered
from domain.effects.verdicts import Check, Effect, Gate, Hypothesis

METHOD = "partially-linear-double-ml/1"
WORDS = "double machine learning within accounts, {folds} parts by {by}; curves of amounts, hours and time, and products, held equal{trees}"
LEVEL = 0.05
# Below this many clusters the interval comes from the multiplier bootstrap.
ENOUGH_CLUSTERS = 40
BOOTSTRAPS = 1999
WEBB = np.sqrt(np.array([0.5, 1.0, 1.5]))
MOST_APART = 2.0
# Posts on both sides of a block that its fit does not see, as a share of a block: neighbours share their luck.
GAP = 0.2
LEAST_POSTS = 50
# Stretches of time that are left out one by one for the error of a single account.
BLOCKS = 20
LEAST_LEFT = 1e-6


def flexible_checks(panel: Panel, hypotheses: Sequence[Hypothesis], positions: Sequence[int], seed: int) -> dict[int, Check]:
    """A check per position of `hypotheses` (which are the panel's features, in order) whose choice varies net of everything else.

    Cost is that of one pass over the posts, and a few small solves per position; linear in posts.
    """
    if not positions or panel.n < LEAST_POSTS or panel.n <= 2 * panel.absorbed():
        return {}
    comparison = compare(panel, seed)
    columns = columns_of(comparison, hypotheses)
    design = _design(comparison, columns, np.random.default_rng([seed, 21]))
    sums = design.sums()
    found = {}
    for position in positions:
        controls = columns.controls_of(position)
        left = np.column_stack([design.residuals(sums, target, controls) for target in (0, 1 + position)])
        net, has_trees = without_rest(panel, left, position, design.fold, seed)
        if float(net[:, 1] @ net[:, 1]) > LEAST_LEFT * float(
            np.sum((panel.features[:, position] - panel.features[:, position].mean()) ** 2)
        ):
            found[position] = _check(comparison, net, has_trees, np.random.default_rng([seed, 22, position]))
    return found


def agrees(effect: Effect, check: Check) -> Gate:
    """Whether a second method says the same: same sign, and no farther apart than two joint standard errors."""
    estimate, se = effect.estimate or 0.0, effect.se or 0.0
    apart = abs(estimate - check.estimate) / max(math.hypot(se, check.se), 1e-300)
    passed = estimate * check.estimate > 0 and apart <= MOST_APART
    return Gate("double_ml", passed, apart, MOST_APART, f"{check.method}: {check.estimate:.3g}; in joint standard errors from the estimate")


def _design(comparison: Comparison, columns: Columns, rng: np.random.Generator) -> Design:
    panel = comparison.panel
    if is_clustered(comparison):
        fold = folds_of(panel.account, np.zeros(panel.n, dtype=np.int64), rng)
        return Design(columns.values, columns.is_shrunk, fold)
    # Over time: neighbouring posts go together, and so do the same days of all accounts.
    rank = np.argsort(np.argsort(panel.days, kind="stable"), kind="stable")
    fold = np.minimum(rank * FOLDS // panel.n, FOLDS - 1).astype(np.int64)
    gap = max(1, int(GAP * panel.n / FOLDS))
    starts = [int(rank[fold == number].min()) for number in range(FOLDS)] + [panel.n]
    is_near = np.stack(
        [
            (fold != number) & (rank >= starts[number] - gap) & (rank < starts[number + 1] + gap)
            for number in range(FOLDS)
        ]
    )  # fmt: skip
    return Design(columns.values, columns.is_shrunk, fold, is_near)


@dataclass(frozen=True, slots=True)
class _Sums:
    """Per cluster: the products of choice and outcome, and the squares of the choice, both net of all else."""

    products: Floats
    squares: Floats

    @property
    def estimate(self) -> float:
        return float(self.products.sum() / self.squares.sum())

    @property
    def scores(self) -> Floats:
        return np.asarray(self.products - self.estimate * self.squares, dtype=np.float64)

    @property
    def se(self) -> float:
        """Jackknife by cluster: what the estimate is without each of them."""
        without = (self.products.sum() - self.products) / np.maximum(self.squares.sum() - self.squares, 1e-300)
        count = len(self.products)
        return float(np.sqrt((count - 1) / count * np.sum((without - self.estimate) ** 2)))


def _check(comparison: Comparison, net: Floats, has_trees: bool, rng: np.random.Generator) -> Check:
    panel = comparison.panel
    rank = np.argsort(np.argsort(panel.days, kind="stable"), kind="stable")
    part = panel.account if is_clustered(comparison) else rank * BLOCKS // panel.n
    sums = _Sums(*(np.bincount(part, weights=net[:, column] * net[:, 1]).astype(np.float64) for column in (0, 1)))
    count = len(sums.squares)
    if is_clustered(comparison):
        se, by = max(sums.se, 1e-12), "account"
        reach = multiplier_reach(sums.scores, sums.squares, rng) if count < ENOUGH_CLUSTERS else _t(count - 1)
    else:
        # Of two errors that each lean on something else the larger one counts.
        se, by, reach = max(serial_se(net, sums.estimate, panel), sums.se, 1e-12), "time", _t(count - 1)
    words = WORDS.format(folds=FOLDS, by=by, trees="; boosted trees on what is left" if has_trees else "")
    return Check(f"{METHOD}: {words}", sums.estimate, se, sums.estimate - reach * se, sums.estimate + reach * se)


def _t(df: int) -> float:
    return float(stats.t.ppf(1 - LEVEL / 2, df))


def multiplier_reach(scores: Floats, squares: Floats, rng: np.random.Generator) -> float:
    """How many standard errors make a 95 % interval: multiplier bootstrap of the studentised estimate, a weight per cluster (Webb 2023).

    Never less than Student's t of clusters - 1.
    """
    weights = rng.choice(np.concatenate([-WEBB, WEBB]), size=(BOOTSTRAPS, len(scores)))
    drawn = weights * scores
    moved = drawn.sum(axis=1) / squares.sum()
    spread = np.sqrt(np.sum((drawn - moved[:, None] * squares) ** 2, axis=1)) / squares.sum()
    statistic = np.abs(moved) / np.maximum(spread, 1e-300)
    return max(float(np.quantile(statistic, 1 - LEVEL)), _t(len(scores) - 1))


def serial_se(net: Floats, estimate: float, panel: Panel) -> float:
    """Neighbouring posts of an account may share their luck."""
    scores = net[:, 1] * (net[:, 0] - estimate * net[:, 1])
    variance = float(long_run(scores[:, None], panel.bounds, lambda posts: int(1.3 * np.sqrt(posts)))[0])
    free = panel.n / max(panel.n - panel.absorbed(), 1)
    return float(np.sqrt(variance * free)) / float(net[:, 1] @ net[:, 1])
