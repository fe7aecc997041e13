"""Partial pooling: a tenant's own estimate pulled toward those of the accounts it tracks, the more the fewer its own posts.

Random effects (spread between accounts by adjusted restricted likelihood, Morris & Tang 2011; error of the mean by Hartung & Knapp 2001)
and an empirical-Bayes interval that allows for not knowing how far accounts differ (Morris 1983). The verdict rests on the account's own
posts; only figures are pulled.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from domain.effects.designs import compare
from domain.effects.inference import LEVEL, POWER, Figures
from domain.effects.panel import Floats, Panel
from domain.effects.regression import Bounds
from domain.effects.verdicts import Shrinkage

# Fewer accounts do not tell how far accounts differ.
LEAST_OTHERS = 5
# Either half of an account needs this much variation of a feature (four posts of a balanced choice) to have an estimate.
LEAST_WEIGHT = 1.0
# Spreads that are tried.
STEPS = 251


@dataclass(frozen=True, slots=True)
class Others:
    """The mean over accounts of one feature's difference, its error, and the spread between accounts."""

    mean: float
    se: float
    between_sd: float
    accounts: int


def others_of(panel: Panel, positions: Sequence[int], seed: int, *, is_timing_asked: bool) -> dict[int, Others]:
    """Per feature that enough accounts vary in; nothing where accounts are too few."""
    if panel.accounts < LEAST_OTHERS:
        return {}
    comparison = compare(panel, seed, is_timing_asked=is_timing_asked)
    basis = comparison.controls
    outcome, features = (values - basis @ (basis.T @ values) for values in (comparison.outcome, comparison.features))
    by_feature = {position: _by_account(features[:, position], outcome, comparison.bounds) for position in positions}
    usable = {position: accounts for position, accounts in by_feature.items() if len(accounts) >= LEAST_OTHERS}
    if not usable:
        return {}
    noise = float(np.mean(np.concatenate([accounts[:, 2] for accounts in usable.values()])))
    return {position: random_effects(accounts[:, 0], noise / accounts[:, 1]) for position, accounts in usable.items()}


def _by_account(column: Floats, outcome: Floats, bounds: Bounds) -> Floats:
    """Per account that varies in both halves of its posts (rows): its estimate, weight, and noise, which is how far its halves disagree.

    What an account has of its own is in both halves, so their difference shows luck alone, however luck lasts.
    """
    rows = []
    for start, end in bounds:
        middle = (start + end) // 2
        parts = [(column[first:last], outcome[first:last]) for first, last in ((start, middle), (middle, end))]
        weights = [float(mine @ mine) for mine, _ in parts]
        if min(weights) >= LEAST_WEIGHT:
            sums = [float(mine @ theirs) for mine, theirs in parts]
            apart = sums[0] / weights[0] - sums[1] / weights[1]
            rows.append((sum(sums) / sum(weights), sum(weights), apart**2 / (1 / weights[0] + 1 / weights[1])))
    return np.array(rows).reshape(-1, 3)


def random_effects(estimates: Floats, variances: Floats) -> Others:
    """The mean over accounts, its error (Hartung & Knapp, never below the plain one), and the spread between accounts.

    The spread maximises the restricted likelihood times the variance, so it is never 0: accounts that seem alike may only be few.
    """
    between = np.median(variances) * np.logspace(-3, 2, STEPS)[:, None]
    weight = 1 / (variances + between)
    mean = (weight @ estimates / weight.sum(axis=1))[:, None]
    apart = weight * (estimates - mean) ** 2
    likelihood = np.sum(np.log(weight) - apart, axis=1) / 2 - np.log(weight.sum(axis=1)) / 2 + np.log(between[:, 0])
    best = int(np.argmax(likelihood))
    observed = max(float(apart[best].sum()) / (len(estimates) - 1), 1.0)
    se = float(np.sqrt(observed / weight[best].sum()))
    return Others(float(mean[best, 0]), se, float(np.sqrt(between[best, 0])), len(estimates))


def pooled(figures: Figures, others: Others) -> tuple[Figures, Shrinkage]:
    """The figures with estimate, error and interval of the pulled estimate; everything that the gate looks at stays the account's own."""
    own, theirs = figures.se**2, others.between_sd**2 + others.se**2
    pull = own / (own + theirs)
    estimate = figures.estimate + pull * (others.mean - figures.estimate)
    unsure = 2 / max(others.accounts - 3, 1) * pull**2 * (figures.estimate - others.mean) ** 2
    se = float(np.sqrt(own * (1 - pull) + own * pull / others.accounts + unsure))
    reach = float(stats.t.ppf(1 - LEVEL / 2, figures.df))
    changed = replace(
        figures,
        estimate=estimate,
        se=se,
        low=estimate - reach * se,
        high=estimate + reach * se,
        mde=(reach + float(stats.norm.ppf(POWER))) * se,
    )
    return changed, Shrinkage(figures.estimate, figures.se, others.mean, others.se, others.between_sd, 1 - pull)
