"""Units treated from one period on, beside a weighted mean of units that never were. Placebos and errors are in `placebos`.

Synthetic difference-in-differences (Arkhangelsky, Athey, Hirshberg, Imbens & Wager 2021), synthetic control (Abadie, Diamond & Hainmueller
2010) and difference-in-differences are one formula with other weights.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pandas as pd

from domain.effects.changes.weights import Solver, simplex_weights
from domain.effects.panel import Floats
from domain.errors import FieldProblem, Unacceptable

LEAST_DONORS = 2
LEAST_BEFORE = 2
# In standard deviations of a donor's first difference: nearly none, and where Frank-Wolfe stops.
NO_PENALTY = 1e-6
TOLERANCE = 1e-5


class Method(StrEnum):
    """Which units and periods count how much."""

    DID = "difference-in-differences"
    SYNTHETIC_CONTROL = "synthetic control"
    SYNTHETIC_DID = "synthetic difference-in-differences"


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A panel without holes, units x periods; the units of `is_treated` are treated from the period at position `before` on.

    Raises:
        Unacceptable: a cell is missing, no unit is treated, or there are fewer than two donors, two periods before or one after.
    """

    outcomes: Floats
    is_treated: npt.NDArray[np.bool_]
    before: int

    def __post_init__(self) -> None:
        claims = {
            "outcomes": (bool(np.isfinite(self.outcomes).all()), "The panel has holes: every unit needs every period."),
            "is_treated": (bool(self.is_treated.any()), "No unit is treated."),
            "donors": (int((~self.is_treated).sum()) >= LEAST_DONORS, "Fewer than two units were never treated."),
            "before": (LEAST_BEFORE <= self.before < self.outcomes.shape[1], "It takes two periods before and one after."),
        }
        problems = [FieldProblem(name, detail) for name, (holds, detail) in claims.items() if not holds]
        if problems:
            raise Unacceptable("The panel cannot be compared.", tuple(problems))

    @property
    def donors(self) -> Floats:
        return self.outcomes[~self.is_treated]

    @property
    def target(self) -> Floats:
        """The treated units' mean per period."""
        return np.asarray(self.outcomes[self.is_treated].mean(axis=0), dtype=np.float64)

    @property
    def noise(self) -> float:
        """Standard deviation of the donors' first differences before the change."""
        steps = np.diff(self.donors[:, : self.before], axis=1)
        return float(np.std(steps, ddof=1)) if steps.size > 1 else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class SyntheticFit:
    """`estimate`: mean difference after the change, net of the weighted difference before it (synthetic control: of nothing).

    `gap`: treated minus synthetic per period, net of the same; `pre_rmse`: its root mean square before the change.
    """

    method: Method
    estimate: float
    unit_weights: Floats
    gap: Floats
    pre_rmse: float


def block_of(rows: pd.DataFrame, *, unit: str, period: str, outcome: str, treated: str) -> Block:
    """The panel of rows, one per unit and period; `treated` is 1 where the unit is treated in that period.

    Raises:
        Unacceptable: as `Block`, and where units are treated from different periods on, or stop being treated.
    """
    outcomes = rows.pivot_table(index=unit, columns=period, values=outcome, aggfunc="mean", sort=True)
    status = rows.pivot_table(index=unit, columns=period, values=treated, aggfunc="max", sort=True).to_numpy(np.float64) > 0
    is_treated = np.asarray(status.any(axis=1), dtype=np.bool_)
    before = int(np.argmax(status.any(axis=0)))
    if is_treated.any() and not (status[is_treated, before:].all() and not status[:, :before].any()):
        problem = FieldProblem(treated, "Units are treated from different periods on: that is a staggered design.")
        raise Unacceptable("The panel cannot be compared.", (problem,))
    return Block(outcomes.to_numpy(np.float64), is_treated, before)


def fit_synthetic(
    block: Block, method: Method = Method.SYNTHETIC_DID, *, solver: Solver = Solver.FRANK_WOLFE, noise: float | None = None
) -> SyntheticFit:
    """The estimate with its weights. `noise`: what the penalties are measured by, the block's own if not given."""
    units, periods = _weights(block, method, solver, block.noise if noise is None else noise)
    gap = block.target - units @ block.donors
    gap = gap - periods @ gap[: block.before]
    pre = gap[: block.before]
    # Where an intercept is fitted, a constant distance is no misfit.
    misfit = pre if method is Method.SYNTHETIC_CONTROL else pre - pre.mean()
    return SyntheticFit(method, float(gap[block.before :].mean()), units, gap, float(np.sqrt(np.mean(misfit**2))))


def _weights(block: Block, method: Method, solver: Solver, noise: float) -> tuple[Floats, Floats]:
    donors, before = block.donors, block.before
    if method is Method.DID:
        return np.full(len(donors), 1 / len(donors)), np.full(before, 1 / before)
    early, target = donors[:, :before].T, block.target[:before]
    tolerance = TOLERANCE * noise
    if method is Method.SYNTHETIC_CONTROL:
        return simplex_weights(early, target, NO_PENALTY * noise, solver, tolerance=tolerance), np.zeros(before)
    cells = float(block.is_treated.sum() * (donors.shape[1] - before))
    units = simplex_weights(_centred(early), target - target.mean(), cells**0.25 * noise, solver, tolerance=tolerance)
    late = donors[:, before:].mean(axis=1)
    periods = simplex_weights(_centred(donors[:, :before]), late - late.mean(), NO_PENALTY * noise, solver, tolerance=tolerance)
    return units, periods


def _centred(columns: Floats) -> Floats:
    return np.asarray(columns - columns.mean(axis=0), dtype=np.float64)
