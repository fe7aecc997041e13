"""The publication gate: every condition with its number and threshold, and the verdict that follows. No estimating here."""

import math
from collections.abc import Mapping, Sequence
from statistics import NormalDist

import numpy as np

from domain.effects.inference import LEVEL, POWER, RUNS_OVER_DF, Figures
from domain.effects.panel import Floats, Panel
from domain.effects.verdicts import Design, Gate, Hypothesis, Verdict

LEAST_ACCOUNTS = 20
LEAST_VARIED = 12
LEAST_EFFECTIVE = 8.0
LEAST_REMAINING = 0.05
# Of releases in which nothing does anything, fewer than one in twenty may claim: less than 0.05 leaves room for errors in p.
MOST_Q = 0.04
# Over time p is exact where choices are exchangeable, and the gate on runs stops what is left of empty releases.
MOST_Q_OVER_TIME = 0.045
MOST_PERMUTATION_P = 0.05
MOST_PERMUTATION_P_OVER_TIME = 0.02
# Posts over time: one account's own gate.
LEAST_POSTS_OVER_TIME = 60
LEAST_PERIODS = 3
# Separate runs of a choice are to one account what accounts are to many.
LEAST_RUNS = 24
# A placebo counts as failed when it is there (p) and not small beside the claim: with many posts every trifle is significant.
LEAST_PLACEBO_P = 0.02
MOST_PLACEBO_SHARE = 0.25
LEAST_ROBUSTNESS = 0.07
# A design that could only have seen a doubling exaggerates whatever it finds.
MOST_MDE = math.log(2)
# Differences below 15 % are not worth a decision; a claim is refuted when larger ones are ruled out.
RELEVANT = math.log(1.15)
ASSOCIATION_GATES = frozenset({"q", "permutation", "halves"})
# What a difference has to be ruled out with, before it is called refuted.
REFUTING_GATES = frozenset({"census", "accounts", "overlap", "effective_clusters", "posts", "periods"})
# Counts of one account's gate that grow with its posts.
PER_POST = frozenset({"runs", "periods"})
MOVED = (
    "what the choices show when moved to other posts of their account, as a share of the estimate: what is the account's, not the choice's"
)
PERMUTATION = {
    True: "the choice moved along each account's history does as well",
    False: "the same runs of choices in another order do as well",
}


def benjamini_hochberg(p: Sequence[float]) -> list[float]:
    """The share of false claims to expect when this p and all smaller ones are claimed, in the order given."""
    order = np.argsort(p, kind="stable")
    raised = np.asarray(p)[order] * len(p) / np.arange(1, len(p) + 1)
    q = np.empty(len(p))
    q[order] = np.minimum(np.minimum.accumulate(raised[::-1])[::-1], 1.0)
    return [float(value) for value in q]


def accounts_that_vary(panel: Panel, column: Floats, hypothesis: Hypothesis) -> int:
    """Accounts that show both sides: two posts with and two without, or amounts that differ by about a step."""
    size = np.bincount(panel.account)
    total = np.bincount(panel.account, weights=column)
    if hypothesis.is_presence:
        return int(np.sum(np.minimum(total, size - total) >= 2))
    spread = np.bincount(panel.account, weights=(column - (total / size)[panel.account]) ** 2) / size
    return int(np.sum(np.sqrt(spread) >= 0.5))


def gates_of(panel: Panel, figures: Figures, q: float, varied: int, design: Design) -> tuple[Gate, ...]:
    """Each condition of publication, by design. All must hold for `causal-supported`. `varied`: accounts that show both sides."""
    is_clustered = design is Design.WITHIN_ACCOUNT
    own = _among_accounts(panel, figures, varied) if is_clustered else _over_time(panel, figures)
    placebo_share = abs(figures.placebo) / max(abs(figures.estimate), 1e-12)
    strength = max(LEAST_ROBUSTNESS, figures.strongest_observed)
    most_permutation = MOST_PERMUTATION_P if is_clustered else MOST_PERMUTATION_P_OVER_TIME
    return (
        Gate("census", panel.is_census, float(panel.is_census), 1.0, "every post of the window is known, not only those that did well"),
        *own,
        _least("remaining_variation", figures.remaining, LEAST_REMAINING, "variation of the choice that nothing else explains"),
        _most("q", q, MOST_Q if is_clustered else MOST_Q_OVER_TIME, "Benjamini-Hochberg over all hypotheses of this release"),
        _most("permutation", figures.permutation_p, most_permutation, PERMUTATION[is_clustered]),
        _most("moved", abs(figures.moved) / max(abs(figures.estimate), 1e-12), MOST_PLACEBO_SHARE, MOVED),
        Gate(
            "placebo",
            figures.placebo_p >= LEAST_PLACEBO_P or placebo_share <= MOST_PLACEBO_SHARE,
            placebo_share,
            MOST_PLACEBO_SHARE,
            f"earlier posts, which the choice cannot have changed; p {figures.placebo_p:.3f}, as a share of the estimate",
        ),
        _least("leave_one_out" if is_clustered else "halves", figures.same_sign_share, 1.0, "share of parts that agree on the sign"),
        _least("robustness", figures.robustness_value, strength, "what a hidden factor must explain, against the strongest observed one"),
        _most(
            "mde",
            figures.mde,
            MOST_MDE,
            "the difference that this many posts show four times in five",
        ),
    )


def _among_accounts(panel: Panel, figures: Figures, varied: int) -> tuple[Gate, ...]:
    return (
        _least("accounts", panel.accounts, LEAST_ACCOUNTS, "accounts compared with themselves"),
        _least("effective_clusters", figures.df, LEAST_EFFECTIVE, "no few accounts decide the error"),
        _least("overlap", varied, LEAST_VARIED, "accounts that show both sides of the choice"),
    )


def _over_time(panel: Panel, figures: Figures) -> tuple[Gate, ...]:
    return (
        _least("posts", panel.n, LEAST_POSTS_OVER_TIME, "posts compared over time"),
        _least("runs", figures.df + RUNS_OVER_DF, LEAST_RUNS, "runs of the choice, with and without: so often was it made anew"),
        _least("periods", figures.periods or 0, LEAST_PERIODS, "separate stretches of time that show both sides of the choice"),
    )


def _least(name: str, value: float, threshold: float, detail: str) -> Gate:
    return Gate(name, value >= threshold, float(value), float(threshold), detail)


def _most(name: str, value: float, threshold: float, detail: str) -> Gate:
    return Gate(name, value <= threshold, float(value), float(threshold), detail)


def verdict_of(figures: Figures, gates: tuple[Gate, ...]) -> Verdict:
    """The strongest word that the gates allow."""
    passed: Mapping[str, bool] = {gate.name: gate.passed for gate in gates}
    if all(passed.values()):
        return Verdict.CAUSAL_SUPPORTED
    if all(passed[name] for name in ASSOCIATION_GATES if name in passed):
        return Verdict.ASSOCIATIONAL
    is_small = figures.low > -RELEVANT and figures.high < RELEVANT
    if is_small and all(passed[name] for name in REFUTING_GATES if name in passed):
        return Verdict.REFUTED
    return Verdict.INCONCLUSIVE


def posts_needed(n: int, figures: Figures, hypotheses: int, gates: Sequence[Gate] = ()) -> int:
    """About how many more posts like these would settle it: enough to see the estimate itself, or the smallest relevant difference.

    Never fewer than the counts that `gates` ask of one account's own posts.
    """
    # All hypotheses share one level, so each gets its part of it; normal quantiles do for a round number.
    reach = _normal(1 - LEVEL / (2 * max(hypotheses, 1))) + _normal(POWER)
    wanted = max(abs(figures.estimate), RELEVANT)
    more = n * ((reach * figures.se / wanted) ** 2 - 1)
    return round_up(max(more, counts_lack(n, gates), n * 0.1, 1.0))


def counts_lack(n: int, gates: Sequence[Gate]) -> float:
    """Posts that one account lacks for its gate, if runs of a choice and stretches of time come as often as in its `n` so far."""
    # Of what never came yet nobody knows how often it comes.
    known = [(gate.name, gate.value, gate.threshold) for gate in gates if gate.value]
    own = [least - value for name, value, least in known if name == "posts"]
    return max([*own, *(n * (least / value - 1) for name, value, least in known if name in PER_POST)], default=0.0)


def planned(panel: Panel, column: Floats, hypotheses: int) -> tuple[float | None, int | None]:
    """Of a question without an answer: the least difference that these posts could show, and about how many more posts it takes.

    As if luck were independent from post to post; a choice that does not vary yet is taken to be made half of the time.
    """
    missing = max(LEAST_POSTS_OVER_TIME - panel.n, 0)
    free = panel.n - panel.absorbed() if panel.n else 0
    if free < 2:
        return None, missing or None
    spread = float(np.sqrt(np.sum(panel.within(panel.outcome[:, None]) ** 2) / free))
    variation = float(np.var(column))
    has_variation = variation > 0
    share = variation if has_variation else 0.25
    reach = _normal(1 - LEVEL / (2 * hypotheses)) + _normal(POWER)
    needed = (reach * spread / RELEVANT) ** 2 / share - (panel.n if has_variation else 0)
    mde = (_normal(1 - LEVEL / 2) + _normal(POWER)) * spread / math.sqrt(panel.n * share) if has_variation and spread > 0 else None
    return mde, round_up(max(needed, missing, panel.n * 0.1, 1.0))


def round_up(number: float) -> int:
    """Two leading digits: more would pretend to know."""
    scale = 10 ** max(math.floor(math.log10(number)) - 1, 0)
    return int(math.ceil(number / scale) * scale)


def _normal(level: float) -> float:
    return NormalDist().inv_cdf(level)
