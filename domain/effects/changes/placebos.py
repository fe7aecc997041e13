"""What the same comparison finds where nothing happened: donors as if treated, and earlier dates. Estimating is in `synthetic`."""

from dataclasses import dataclass

import numpy as np

from domain.effects.changes.synthetic import LEAST_DONORS, Block, SyntheticFit, fit_synthetic
from domain.effects.changes.weights import Solver
from domain.effects.panel import Floats


@dataclass(frozen=True, slots=True, eq=False)
class InSpace:
    """One placebo per donor, alone as if treated, with the other donors as its comparison.

    Units differ in how much they wander, so estimates are compared in units of their own misfit before the change. `se`: the spread of
    the placebos on the treated unit's scale (`gap_se`: per period); `p`: the share of units, itself included, whose estimate is at least
    as large on that scale.
    """

    estimates: Floats
    pre_rmse: Floats
    se: float
    p: float
    gap_se: Floats


def placebos_in_space(block: Block, fit: SyntheticFit, *, solver: Solver = Solver.EXACT) -> InSpace | None:
    """Each donor as if it alone were treated; nothing where that would leave it too few donors. For one treated unit."""
    donors = block.donors
    if len(donors) <= LEAST_DONORS:
        return None
    noise, count = block.noise, len(donors)
    fits = [
        fit_synthetic(Block(donors, np.arange(count) == each, block.before), fit.method, solver=solver, noise=noise)
        for each in range(count)
    ]
    estimates, misfits = (np.array([getattr(each, name) for each in fits]) for name in ("estimate", "pre_rmse"))
    # Half of the usual misfit at least: a unit that happens to be fitted to the last digit is no surer for that.
    floor = 0.5 * float(np.median(misfits))
    scale, own = np.maximum(misfits, floor), max(fit.pre_rmse, floor)
    if own <= 0:
        return None
    moved = estimates / np.where(scale > 0, scale, own)
    spread = float(np.sqrt(np.mean(moved**2)))
    larger = np.sum(np.abs(moved) >= abs(fit.estimate / own) * (1 - 1e-9))
    gaps = np.array([each.gap for each in fits]) / np.where(scale > 0, scale, own)[:, None]
    gap_se = own * np.sqrt(np.mean(gaps**2, axis=0))
    return InSpace(estimates, misfits, spread * own, float((1 + larger) / (1 + len(donors))), gap_se)


def earlier(block: Block, back: int) -> Block | None:
    """The same units as if the change had come so many periods earlier; what came after the real change is not looked at."""
    before = block.before - back
    if back < 1 or before < 2:
        return None
    return Block(block.outcomes[:, : block.before], block.is_treated, before)
