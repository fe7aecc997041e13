"""Whether the two arms can be compared at all: chances of treatment, and what follows from them. Chances are estimated in `stacking`."""

from dataclasses import dataclass

import numpy as np

from domain.effects.panel import Floats, Ints
from domain.effects.verdicts import Gate

# Where fewer than one in fifty is of the other arm, a unit has nobody to be compared with (Crump et al. 2009 cut at one in ten).
RAREST = 0.02
MOST_ALONE = 0.10
# From here on hardly anybody is left to speak of, and no figure is given.
NOBODY = 0.90
LEAST_EFFECTIVE_UNITS = 30.0


@dataclass(frozen=True, slots=True)
class Overlap:
    """`alone`: share of units without counterparts. Effective units: what the weights leave of each arm (Kish).

    `imbalance`: the largest standardised difference of a covariate between the weighted arms.
    """

    alone: float
    treated_effective: float
    control_effective: float
    lowest_chance: float
    highest_chance: float
    imbalance: float

    @property
    def has_nobody(self) -> bool:
        return self.alone >= NOBODY

    @property
    def gates(self) -> tuple[Gate, Gate]:
        effective = min(self.treated_effective, self.control_effective)
        return (
            Gate("overlap", self.alone <= MOST_ALONE, self.alone, MOST_ALONE, "share of units that have no counterparts in the other arm"),
            Gate(
                "effective_units",
                effective >= LEAST_EFFECTIVE_UNITS,
                effective,
                LEAST_EFFECTIVE_UNITS,
                "what weighing leaves of the smaller arm",
            ),
        )


def is_alone(chances: Floats) -> Floats:
    """1 for units without counterparts, else 0."""
    return np.asarray((chances < RAREST) | (chances > 1 - RAREST), dtype=np.float64)


def overlap_of(x: Floats, treated: Ints, chances: Floats) -> Overlap:
    """`x`: standardised covariates (units x columns); `chances`: each unit's chance of treatment, from other folds."""
    bounded = np.clip(chances, RAREST, 1 - RAREST)
    weights = np.where(treated == 1, 1 / bounded, 1 / (1 - bounded))
    arms = [np.where(treated == arm, weights, 0.0) for arm in (0, 1)]
    means = [arm @ x / arm.sum() for arm in arms]
    return Overlap(
        alone=float(is_alone(chances).mean()),
        treated_effective=float(arms[1].sum() ** 2 / np.sum(arms[1] ** 2)),
        control_effective=float(arms[0].sum() ** 2 / np.sum(arms[0] ** 2)),
        lowest_chance=float(chances.min()),
        highest_chance=float(chances.max()),
        imbalance=float(np.max(np.abs(means[1] - means[0]), initial=0.0)),
    )
