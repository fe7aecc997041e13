"""Ridge predictions of rows that were not fitted to. How strongly slopes are pulled to 0 is chosen within the rows that are fitted to."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from domain.effects.panel import Floats, Ints

# As shares of each column's own size; the last one foretells nothing at all.
STRENGTHS = (0.001, 0.01, 0.1, 1.0, 10.0, math.inf)
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Folds:
    """Rows by segment: of one fold, and fitted to for the same folds. `inner`, `along`: each segment's sums of products.

    `mine` (folds x segments): the segments of a fold; `fitted` (the same shape): those that its predictions are fitted to.
    """

    outcome: Floats
    values: Floats
    fold: Ints
    inner: Floats
    along: Floats
    mine: Flags
    fitted: Flags

    @classmethod
    def of(cls, outcome: Floats, values: Floats, fold: Ints, training: Flags) -> "Folds":
        """`training` (folds x rows): which rows each fold's predictions are fitted to."""
        kinds, segment = np.unique(np.column_stack([fold, training.T.astype(np.int64)]), axis=0, return_inverse=True)
        rows = [np.flatnonzero(segment.reshape(-1) == each) for each in range(len(kinds))]
        inner = np.stack([values[each].T @ values[each] for each in rows])
        along = np.stack([values[each].T @ outcome[each] for each in rows])
        mine = kinds[:, 0] == np.arange(len(training))[:, None]
        return cls(outcome, values, fold, inner, along, mine, kinds[:, 1:].T.astype(bool))

    def left(self, columns: Ints) -> Floats:
        """The outcome less what these columns foretell of it."""
        left = self.outcome.copy()
        if not len(columns):
            return left
        inner, along = self.inner[:, columns[:, None], columns], self.along[:, columns]
        for each in range(len(self.mine)):
            rows = self.fold == each
            errors = [self._error(inner, along, each, strength) for strength in STRENGTHS]
            strength = STRENGTHS[int(np.argmin(errors))]
            left[rows] -= self.values[np.ix_(rows, columns)] @ _slopes(inner, along, self.fitted[each], strength)
        return left

    def _error(self, inner: Floats, along: Floats, held_out: int, strength: float) -> float:
        """Of the other folds, each foretold by the rest of what may be fitted to; but for the outcome's own variation."""
        found = 0.0
        for each in range(len(self.mine)):
            judged = self.mine[each] & self.fitted[held_out]
            if each != held_out and judged.any():
                slopes = _slopes(inner, along, self.fitted[each] & self.fitted[held_out], strength)
                found += float(slopes @ inner[judged].sum(axis=0) @ slopes - 2 * slopes @ along[judged].sum(axis=0))
        return found


def _slopes(inner: Floats, along: Floats, segments: Flags, strength: float) -> Floats:
    whole, total = inner[segments].sum(axis=0), along[segments].sum(axis=0)
    if math.isinf(strength) or not segments.any():
        return np.zeros_like(total)
    ridge = (strength + 1e-9) * np.diag(np.diag(whole)) + 1e-12 * np.eye(len(total))
    return np.asarray(np.linalg.solve(whole + ridge, total))
