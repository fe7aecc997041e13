"""A change of one account, beside accounts that hardly ever did it: the effect, its gates and its event study. Figures are in `beside`."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from domain.effects.changes import judging
from domain.effects.changes.adopters import WINDOW_WEEKS
from domain.effects.changes.beside import LEAST_DONORS, Blocks, Compared, blocks_of, compared, donors_of, same_sign_share
from domain.effects.changes.detecting import Adoption
from domain.effects.changes.series import Posts, Series
from domain.effects.changes.synthetic import Block, Method
from domain.effects.changes.telling import Row, described, gap_rows
from domain.effects.verdicts import Check, Effect, Gate, Outcome

ESTIMAND = (
    "Mean difference in {outcome} {contrast}, over up to {weeks} weeks since, in this account, from how it would have done without the "
    "change: as the mix of other accounts did that had moved like it before."
)
ASSUMPTIONS = (
    "Without the change, the account would have moved on like the mix of accounts that had moved like it before.",
    "Nothing else that moves this account's views changed at the same time.",
    "The accounts compared with were not touched by the change.",
)


def one(
    posts: Posts, series: Series, adoption: Adoption, *, outcome: Outcome, together: Sequence[str]
) -> tuple[judging.ChangeCandidate, list[Row]]:
    """The candidate, and the rows of its event study. `together`: what else the account changed at the time."""
    unit = int(np.flatnonzero(series.first_rows == adoption.first_row)[0])
    donors = donors_of(posts, series, unit)
    mine = series.only(np.isin(np.arange(len(series.adopted)), [unit, *donors]))
    blank = _blank(posts, mine, adoption, outcome)
    blocks = blocks_of(posts, series, unit, donors)
    found = compared(blocks.real) if blocks else None
    if blocks is None or found is None:
        return judging.ChangeCandidate(replace(blank, reason=_why_not(len(donors), blocks))), []
    dip, earlier = (compared(each) if found.is_worth_a_look else None for each in (blocks.dip, blocks.earlier))
    effect = replace(
        blank, estimate=found.fit.estimate, se=found.space.se, low=found.fit.estimate - found.reach, high=found.fit.estimate + found.reach,
        p=found.p, mde=found.mde, permutation_p=found.space.p, placebo=dip.fit.estimate if dip else None, placebo_p=dip.p if dip else None,
        check=_check(blocks.real) if found.is_worth_a_look else None,
    )  # fmt: skip
    own = int(np.sum(mine.adopted[mine.unit] >= 0))
    gates = (*_counts(posts, blocks.real, own, together), *_placebos(blocks.real, found, dip, earlier))
    return judging.ChangeCandidate(effect, gates), gap_rows(blocks.event_times.tolist(), found.fit.gap, found.gap_reach, posts.weeks)


def _why_not(donors: int, blocks: Blocks | None) -> str:
    if donors < LEAST_DONORS:
        return "no accounts of the same kind to compare with, so that what else happened at the time cannot be told from the change"
    return "too little is known of the time before or after the change" if blocks is None else "the outcome does not vary"


def _counts(posts: Posts, block: Block, own: int, together: Sequence[str]) -> tuple[Gate, ...]:
    after = block.outcomes.shape[1] - block.before
    also = f"nothing else changed within four weeks{': ' + ', '.join(together) if together else ''}"
    return (
        judging.census(is_census=posts.is_census),
        judging.least("donors", len(block.donors), judging.LEAST_DONORS, "accounts of the same platform and format that did not change"),
        judging.least("periods_before", block.before, judging.LEAST_PERIODS_BEFORE, "periods before the change"),
        judging.least("periods_after", after, judging.LEAST_PERIODS_AFTER, "periods since the change"),
        judging.least("posts", own, judging.LEAST_POSTS, "posts of this account"),
        judging.most("only_change", len(together), 0.0, also),
    )


def _placebos(block: Block, found: Compared, dip: Compared | None, earlier: Compared | None) -> tuple[Gate, ...]:
    estimate = max(abs(found.fit.estimate), judging.TINY)
    before, moved = (None if each is None else (each.p, each.fit.estimate) for each in (dip, earlier))
    misfit = found.fit.pre_rmse / max(float(np.median(found.space.pre_rmse)), judging.TINY)
    sign = same_sign_share(block, found.fit)
    return (
        judging.most("pre_fit", misfit, judging.MOST_MISFIT, "misfit before the change, against what other accounts have"),
        judging.quiet("placebo", before, estimate, "the last three periods before the change"),
        judging.quiet("placebo_in_time", moved, estimate, "the change moved to an earlier date"),
        judging.permutation("placebo_in_space", found.space.p, "accounts that did not change show as much"),
        judging.least("leave_one_out", sign, 1.0, "share of the weightiest accounts without each of which the sign is the same"),
        judging.mde(found.mde, estimate),
    )


def _check(block: Block) -> Check | None:
    """The same beside the plain mean of all donors."""
    found = compared(block, Method.DID)
    if found is None:
        return None
    return Check(Method.DID.value, found.fit.estimate, found.space.se, found.fit.estimate - found.reach, found.fit.estimate + found.reach)


def _blank(posts: Posts, series: Series, adoption: Adoption, outcome: Outcome) -> Effect:
    effect = described(posts, series, outcome, adoption.account_id)
    contrast = f"{effect.contrast} ({adoption.at.date().isoformat()})"
    estimand = ESTIMAND.format(outcome=outcome.value, contrast=contrast, weeks=WINDOW_WEEKS)
    return replace(effect, contrast=contrast, estimand=estimand, assumptions=ASSUMPTIONS, overlap=1)
