"""A change of one account, beside accounts that hardly ever did it: synthetic difference-in-differences. Gates are in `judging`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from domain.effects.changes import judging
from domain.effects.changes.detecting import Adoption
from domain.effects.changes.placebos import InSpace, placebos_in_space
from domain.effects.changes.series import Posts, Series
from domain.effects.changes.several import ANTICIPATION, WINDOW_WEEKS
from domain.effects.changes.synthetic import Block, Method, SyntheticFit, fit_synthetic
from domain.effects.changes.telling import Row, described, gap_rows
from domain.effects.changes.weights import Solver
from domain.effects.gate import RELEVANT
from domain.effects.inference import LEVEL, POWER
from domain.effects.panel import Floats, Ints
from domain.effects.verdicts import Check, Effect, Gate, Outcome

WINDOW_BEFORE_WEEKS = 52
MOST_DONORS = 40
LEAST_FILLED = 0.80
LEAST_DONORS = 8
LEAST_BASE = 6
WEIGHTIEST = 3
MOST_P = 0.10
ESTIMAND = (
    "Mean difference in {outcome} {contrast} ({date}), over up to {weeks} weeks since, in this account, from how it would have done "
    "without the change: as the mix of other accounts did that had moved like it before."
)
ASSUMPTIONS = (
    "Without the change, the account would have moved on like the mix of accounts that had moved like it before.",
    "Nothing else that moves this account's views changed at the same time.",
    "The accounts compared with were not touched by the change.",
)
@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """The account and its donors: at the real date, and at two at which nothing happened (None where too little is known).

    `dip`: the periods left out before the change as if they came after; `earlier`: the last third of those before them as if they did.
    """

    real: Block
    dip: Block | None
    earlier: Block | None
    event_times: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """One fit among the placebos in space. `df` is the number of those less one."""

    fit: SyntheticFit
    space: InSpace
    df: int

    @property
    def p(self) -> float:
        return float(2 * stats.t.sf(abs(self.fit.estimate) / self.space.se, self.df))

    @property
    def reach(self) -> float:
        return float(stats.t.ppf(1 - LEVEL / 2, self.df) * self.space.se)

    @property
    def is_worth_a_look(self) -> bool:
        return self.p <= MOST_P or self.reach < RELEVANT

    @property
    def mde(self) -> float:
        return self.reach + float(stats.t.ppf(POWER, self.df) * self.space.se)

    @property
    def gap_reach(self) -> Floats:
        """Per period, what the placebos' distances reach 95 times in 100."""
        return np.asarray(stats.t.ppf(1 - LEVEL / 2, self.df) * self.space.gap_se, dtype=np.float64)


def compared(block: Block | None, method: Method = Method.SYNTHETIC_DID) -> Compared | None:
    """None where nothing varies, or too few donors are left."""
    if block is None:
        return None
    fit = fit_synthetic(block, method, solver=Solver.EXACT)
    space = placebos_in_space(block, fit, solver=Solver.EXACT)
    # An error in the last digits is a constant outcome.
    return None if space is None or space.se <= 1e-9 else Compared(fit, space, len(block.donors) - 1)


def one(posts: Posts, series: Series, adoption: Adoption, *, outcome: Outcome, together: Sequence[str]) -> tuple[judging.ChangeCandidate, list[Row]]:
    """The candidate, and the rows of its event study. `together`: what else the account changed at the time."""
    unit = int(np.flatnonzero(series.first_rows == adoption.first_row)[0])
    donors = _donors(posts, series, unit)
    mine = series.only(np.isin(np.arange(len(series.adopted)), [unit, *donors]))
    blank = _blank(posts, mine, adoption, outcome)
    blocks = _blocks(posts, series, unit, donors)
    found = compared(blocks.real) if blocks else None
    if blocks is None or found is None:
        return judging.ChangeCandidate(replace(blank, reason=_why_not(len(donors), blocks))), []
    # Where nothing shows, no earlier date needs to be asked whether it shows the same.
    dip, earlier = (compared(each) if found.is_worth_a_look else None for each in (blocks.dip, blocks.earlier))
    effect = replace(
        blank, estimate=found.fit.estimate, se=found.space.se, low=found.fit.estimate - found.reach, high=found.fit.estimate + found.reach,
        p=found.p, mde=found.mde, permutation_p=found.space.p,
        placebo=dip.fit.estimate if dip else None, placebo_p=dip.p if dip else None, check=_check(blocks.real) if found.is_worth_a_look else None,
    )  # fmt: skip
    own = int(np.sum(mine.adopted[mine.unit] >= 0))
    gates = _gates(posts, blocks, found, (dip, earlier), (own, together))
    return judging.ChangeCandidate(effect, gates), gap_rows(blocks.event_times, found.fit.gap, found.gap_reach, posts.weeks)


def _donors(posts: Posts, series: Series, unit: int) -> list[int]:
    """Accounts of the same platform and format that hardly ever did it and posted in most of this account's periods, the fullest first."""
    known = np.isfinite(series.outcomes[:, _columns(posts, series, unit)])
    filled = known.mean(axis=1) if known.shape[1] else np.zeros(len(known))
    fit = np.flatnonzero((series.adopted < 0) & (series.strata == series.strata[unit]) & (filled >= LEAST_FILLED))
    return [int(each) for each in fit[np.argsort(-filled[fit], kind="stable")][:MOST_DONORS]]


def _columns(posts: Posts, series: Series, unit: int) -> Ints:
    times = np.arange(series.outcomes.shape[1]) - series.adopted[unit]
    is_near = (times >= -ANTICIPATION - WINDOW_BEFORE_WEEKS // posts.weeks) & (times < WINDOW_WEEKS // posts.weeks)
    return np.flatnonzero(np.isfinite(series.outcomes[unit]) & is_near)


def _blocks(posts: Posts, series: Series, unit: int, donors: list[int]) -> Blocks | None:
    columns = _columns(posts, series, unit)
    times = columns - series.adopted[unit]
    base, dip = int(np.sum(times < -ANTICIPATION)), int(np.sum((times >= -ANTICIPATION) & (times < 0)))
    if len(donors) < LEAST_DONORS or base < LEAST_BASE or not (times >= 0).any():
        return None
    cells = series.outcomes[np.ix_([unit, *donors], columns)]
    # Cells are net of what all share in a period, so an account's mean is what a missing one adds nothing to.
    cells = np.where(np.isfinite(cells), cells, np.nanmean(cells, axis=1)[:, None])
    is_treated = np.arange(len(cells)) == 0
    is_left_out = (times >= -ANTICIPATION) & (times < 0)
    cut = base - base // 3
    return Blocks(
        real=Block(cells[:, ~is_left_out], is_treated, base),
        dip=Block(cells[:, : base + dip], is_treated, base) if dip else None,
        earlier=Block(cells[:, :base], is_treated, cut) if cut >= LEAST_BASE // 2 else None,
        event_times=times[~is_left_out],
    )


def _why_not(donors: int, blocks: Blocks | None) -> str:
    if donors < LEAST_DONORS:
        return "no accounts of the same kind to compare with, so that what else happened at the time cannot be told from the change"
    return "too little is known of the time before or after the change" if blocks is None else "the views do not vary"


def _gates(
    posts: Posts, blocks: Blocks, found: Compared, pretended: tuple[Compared | None, Compared | None], own: tuple[int, Sequence[str]]
) -> tuple[Gate, ...]:
    block, estimate, (count, together) = blocks.real, max(abs(found.fit.estimate), 1e-12), own
    dip, earlier = (None if each is None else (each.p, abs(each.fit.estimate) / estimate) for each in pretended)
    misfit = found.fit.pre_rmse / max(float(np.median(found.space.pre_rmse)), 1e-12)
    also = f"nothing else changed within four weeks{': ' + ', '.join(together) if together else ''}"
    return (
        Gate("census", posts.is_census, float(posts.is_census), 1.0, "every post of the window is known, not only those that did well"),
        judging.least("donors", len(block.donors), judging.LEAST_DONORS, "accounts of the same platform and format that did not change"),
        judging.least("periods_before", block.before, judging.LEAST_PERIODS_BEFORE, "periods before the change"),
        judging.least("periods_after", block.outcomes.shape[1] - block.before, judging.LEAST_PERIODS_AFTER, "periods since the change"),
        judging.least("posts", count, judging.LEAST_POSTS, "posts of this account"),
        judging.most("only_change", len(together), 0.0, also),
        judging.most("pre_fit", misfit, judging.MOST_MISFIT, "misfit before the change, against what other accounts have"),
        judging.quiet("placebo", *(dip or (None, 0.0)), "the last three periods before the change"),
        judging.quiet("placebo_in_time", *(earlier or (None, 0.0)), "the change moved to an earlier date"),
        judging.permutation_gate("placebo_in_space", found.space.p, "accounts that did not change show as much"),
        judging.least("leave_one_out", _same_sign(block, found.fit), 1.0, "share of the weightiest accounts without each of which the sign is the same"),
        judging.mde_gate(found.mde, estimate),
    )  # fmt: skip


def _same_sign(block: Block, fit: SyntheticFit) -> float:
    heaviest = np.argsort(-fit.unit_weights, kind="stable")[:WEIGHTIEST]
    rows = np.concatenate([np.flatnonzero(block.is_treated), np.flatnonzero(~block.is_treated)])
    without = [np.delete(rows, 1 + int(each)) for each in heaviest]
    fits = [fit_synthetic(Block(block.outcomes[kept], block.is_treated[kept], block.before), fit.method, solver=Solver.EXACT) for kept in without]
    return float(np.mean([np.sign(each.estimate) == np.sign(fit.estimate) for each in fits]))


def _check(block: Block) -> Check | None:
    """The same beside the plain mean of all donors."""
    found = compared(block, Method.DID)
    if found is None:
        return None
    return Check(Method.DID.value, found.fit.estimate, found.space.se, found.fit.estimate - found.reach, found.fit.estimate + found.reach)


def _blank(posts: Posts, series: Series, adoption: Adoption, outcome: Outcome) -> Effect:
    date = adoption.at.date().isoformat()
    effect = described(posts, series, outcome, adoption.account_id)
    estimand = ESTIMAND.format(outcome=outcome.value, contrast=effect.contrast, date=date, weeks=WINDOW_WEEKS)
    return replace(effect, contrast=f"{effect.contrast} ({date})", estimand=estimand, assumptions=ASSUMPTIONS, overlap=1)
