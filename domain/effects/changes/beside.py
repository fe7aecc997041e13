"""One account beside its donors: which accounts and periods are compared, and what placebos say of it. What it permits is in `one`."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from domain.effects.changes.adopters import ANTICIPATION, WINDOW_WEEKS
from domain.effects.changes.placebos import InSpace, placebos_in_space
from domain.effects.changes.series import Posts, Series
from domain.effects.changes.synthetic import Block, Method, SyntheticFit, fit_synthetic
from domain.effects.changes.weights import Solver
from domain.effects.gate import RELEVANT
from domain.effects.inference import LEVEL, POWER
from domain.effects.panel import Floats, Ints

WINDOW_BEFORE_WEEKS = 52
MOST_DONORS = 40
LEAST_FILLED = 0.80
LEAST_DONORS = 8
LEAST_BASE = 6
WEIGHTIEST = 3
MOST_P = 0.10


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """The account and its donors: at the real date, and at two at which nothing happened (None where too little is known).

    `dip`: the periods left out before the change as if they came after; `earlier`: the last third of those before them as if they did.
    `event_times`: of the columns of `real`.
    """

    real: Block
    dip: Block | None
    earlier: Block | None
    event_times: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """One fit among its placebos in space. `df`: the number of those less one."""

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
        """Where nothing shows, nobody needs to ask whether an earlier date shows the same."""
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
    # A spread in the last digits is a constant outcome.
    return None if space is None or space.se <= 1e-9 else Compared(fit, space, len(block.donors) - 1)


def donors_of(posts: Posts, series: Series, unit: int) -> list[int]:
    """Accounts of the same platform and format that hardly ever did it and posted in most of this account's periods, the fullest first."""
    known = np.isfinite(series.outcomes[:, _columns(posts, series, unit)])
    filled = known.mean(axis=1) if known.shape[1] else np.zeros(len(known))
    fit = np.flatnonzero((series.adopted < 0) & (series.strata == series.strata[unit]) & (filled >= LEAST_FILLED))
    return [int(each) for each in fit[np.argsort(-filled[fit], kind="stable")][:MOST_DONORS]]


def _columns(posts: Posts, series: Series, unit: int) -> Ints:
    times = np.arange(series.outcomes.shape[1]) - series.adopted[unit]
    is_near = (times >= -ANTICIPATION - WINDOW_BEFORE_WEEKS // posts.weeks) & (times < WINDOW_WEEKS // posts.weeks)
    return np.flatnonzero(np.isfinite(series.outcomes[unit]) & is_near)


def blocks_of(posts: Posts, series: Series, unit: int, donors: list[int]) -> Blocks | None:
    """None where donors, or the periods before or after, are too few."""
    columns = _columns(posts, series, unit)
    times = columns - series.adopted[unit]
    base, dip = int(np.sum(times < -ANTICIPATION)), int(np.sum((times >= -ANTICIPATION) & (times < 0)))
    if len(donors) < LEAST_DONORS or base < LEAST_BASE or not (times >= 0).any():
        return None
    cells = series.outcomes[[unit, *donors]][:, columns]
    # Cells are net of what all share in a period, so an account's mean is what a missing one adds nothing to.
    cells = np.where(np.isfinite(cells), cells, np.nanmean(cells, axis=1)[:, None])
    is_treated = np.arange(len(cells)) == 0
    is_left_out = (times >= -ANTICIPATION) & (times < 0)
    return Blocks(
        real=Block(cells[:, ~is_left_out], is_treated, base),
        dip=Block(cells[:, : base + dip], is_treated, base) if dip else None,
        earlier=Block(cells[:, :base], is_treated, base - base // 3),
        event_times=times[~is_left_out],
    )


def same_sign_share(block: Block, fit: SyntheticFit) -> float:
    """Share of the weightiest donors that can be left out without changing the sign."""
    heaviest = np.argsort(-fit.unit_weights, kind="stable")[:WEIGHTIEST]
    donors = np.flatnonzero(~block.is_treated)
    signs = []
    for each in heaviest:
        kept = np.arange(len(block.outcomes)) != donors[each]
        without = Block(block.outcomes[kept], block.is_treated[kept], block.before)
        signs.append(np.sign(fit_synthetic(without, fit.method, solver=Solver.EXACT).estimate))
    return float(np.mean(np.array(signs) == np.sign(fit.estimate)))
