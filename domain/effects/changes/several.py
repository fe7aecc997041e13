"""A change that several accounts made at different times: the effect, its gates and its event study. Figures are in `adopters`."""

from dataclasses import replace
from zlib import crc32

import numpy as np

from domain.effects.changes import judging
from domain.effects.changes.adopters import ANTICIPATION, WINDOW_WEEKS, Adopted, adopted_figures, eligible, window_of
from domain.effects.changes.bands import Bounded
from domain.effects.changes.detecting import wording
from domain.effects.changes.series import Posts, Series
from domain.effects.changes.telling import Row, described, event_rows
from domain.effects.gate import MOST_PERMUTATION_P
from domain.effects.verdicts import Check, Design, Effect, Gate, Outcome

# Over fewer adopters single periods are too uneven for a joint test; the trend and the last three periods are means of many.
LEAST_FOR_JOINT = 15
ESTIMAND = (
    "Mean difference in {outcome} {contrast}, over the first {weeks} weeks since, in the accounts that made this change, from how they "
    "would have done without it: net of their own level before, and of how accounts of the same platform that had not made it did in the "
    "same weeks."
)
ASSUMPTIONS = (
    "Without the change, the accounts that made it would have moved like those that had not made it yet (parallel trends).",
    "Nobody's views moved in anticipation of the change, apart from the three periods before it, which are left out.",
    "Nothing else that moves views changed in those accounts at the same time.",
)


def several(posts: Posts, series: Series, *, outcome: Outcome, together: float, seed: int) -> tuple[judging.ChangeCandidate, list[Row]]:
    """The candidate, and the rows of its event study. `together`: share of the adopters that changed something else at the time."""
    series = eligible(posts, series)
    blank = _blank(posts, series, outcome)
    rng = np.random.default_rng([seed, crc32(f"{outcome}/{series.feature.name}".encode())])
    found = adopted_figures(series, window_of(posts), rng)
    if found is None:
        return judging.ChangeCandidate(blank), []
    seen, dip = found.bounded, found.dip
    effect = replace(
        blank, estimate=seen.estimate, se=seen.se, low=seen.low, high=seen.high, p=seen.p, mde=seen.mde, overlap=seen.units,
        permutation_p=found.permutation_p, placebo=dip.estimate if dip else None, placebo_p=dip.p if dip else None,
        check=_check(found.never),
    )  # fmt: skip
    return judging.ChangeCandidate(effect, _gates(posts, series, found, together)), event_rows(found.bands, posts.weeks)


def _check(never: Bounded | None) -> Check | None:
    return Check("never-treated comparison", never.estimate, never.se, never.low, never.high) if never else None


def _blank(posts: Posts, series: Series, outcome: Outcome) -> Effect:
    adopters = int(np.sum(series.adopted >= 0))
    contrast = wording(series.feature)
    reason = "the outcome does not vary, or is known of too few accounts at those times"
    if adopters == len(series.adopted):
        reason = "no account to compare with"
    return replace(
        described(posts, series, outcome, None),
        estimand=ESTIMAND.format(outcome=outcome.value, contrast=contrast, weeks=WINDOW_WEEKS),
        design=Design.STAGGERED,
        assumptions=ASSUMPTIONS,
        overlap=adopters,
        reason=reason,
    )


def _gates(posts: Posts, series: Series, found: Adopted, together: float) -> tuple[Gate, ...]:
    estimate = max(abs(found.bounded.estimate), judging.TINY)
    dip = (found.dip.p, found.dip.estimate) if found.dip else None
    never = int(np.sum(series.adopted < 0))
    return (
        judging.census(is_census=posts.is_census),
        judging.least("accounts", len(series.adopted), judging.LEAST_ACCOUNTS, "accounts that changed or are compared with"),
        judging.least("adopters", found.bounded.units, judging.LEAST_ADOPTERS, "accounts that made the change, known before and after"),
        judging.least("comparison", never, judging.LEAST_COMPARED, "accounts that never made it"),
        judging.most("only_change", together, judging.MOST_TOGETHER, "share of the accounts that changed something else within four weeks"),
        _pre_trend(found, posts.weeks, estimate),
        judging.quiet("placebo", dip, estimate, "the last three periods before the change"),
        _permutation(found),
        judging.least("leave_one_out", found.same_sign_share, 1.0, "share of the accounts without each of which the sign is the same"),
        judging.mde(found.bounded.mde, estimate),
    )


def _permutation(found: Adopted) -> Gate:
    is_few = found.bounded.units < judging.FEW_ADOPTERS
    threshold = judging.MOST_PERMUTATION_P_OF_FEW if is_few else MOST_PERMUTATION_P
    detail = "the same dates in accounts that did not change do as well"
    return judging.permutation("permutation", found.permutation_p, detail, threshold=threshold)


def _pre_trend(found: Adopted, weeks: int, estimate: float) -> Gate:
    """A trend goes on: from the middle of the time before to the middle of the time since it covers so many of its halves."""
    far = 2 + 2 * ANTICIPATION * weeks / WINDOW_WEEKS
    trend = found.trend
    joint = found.bands.before_p if found.bands and found.bounded.units >= LEAST_FOR_JOINT else None
    tests = [p for p in (trend.p if trend else None, joint) if p is not None]
    seen = (min(len(tests) * min(tests), 1.0), far * trend.estimate) if trend else None
    return judging.quiet("pre_trend", seen, estimate, "how the accounts moved apart before the change, carried on to the time since")
