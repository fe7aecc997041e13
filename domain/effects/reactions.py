"""Whether a choice followed earlier posts' luck, one account over time: reactions, and the placebo that no reaction explains."""

import numpy as np
from scipy import stats

from domain.effects.inference import LAGS
from domain.effects.panel import Floats, Panel
from domain.effects.regression import orthonormal
from domain.effects.timeline import Timeline

TINY = 1e-12
# Shares of a feature's variation below this are a copy of something else.
NOTHING_LEFT = 1e-6


def _own_past(panel: Panel, plain: Timeline, position: int) -> Floats:
    """What the choice was one, two and three posts ago."""
    column = plain.features[:, [position]]
    return np.column_stack([panel.previous(column, back, back) for back in (1, 2, 3)])


def _without_effect(plain: Timeline, position: int) -> Floats:
    column = plain.features[:, position]
    return np.asarray(plain.outcome - column * (column @ plain.outcome) / max(float(column @ column), TINY), dtype=np.float64)


def reaction(panel: Panel, plain: Timeline, position: int) -> float:
    """The smaller p of the last outcome, and of the two before it, as what the choice follows beyond its own past."""
    luck, past = _without_effect(plain, position)[:, None], _own_past(panel, plain, position)
    spans = [panel.previous(luck, *span)[:, 0] for span in LAGS[:2]]
    return min(_partial(plain, span, plain.features[:, position], past)[1] for span in spans)


def earlier(panel: Panel, plain: Timeline, position: int) -> tuple[tuple[float, float], tuple[float, float]]:
    """The placebo and its p, without and beyond an adjustment for the last three posts."""
    luck, past = _without_effect(plain, position)[:, None], _own_past(panel, plain, position)
    last, before, recent, older = (panel.previous(luck, *span) for span in LAGS)
    column = plain.features[:, position]
    return _partial(plain, recent[:, 0], column, past), _partial(plain, older[:, 0], column, np.column_stack([past, last, before]))


def _partial(plain: Timeline, outcome: Floats, column: Floats, controls: Floats) -> tuple[float, float]:
    """Coefficient and p of a column beside controls; the column's own past makes what is left of it fresh from post to post."""
    basis = orthonormal(plain.net(controls))
    outcome, left = (plain.net(values) - basis @ (basis.T @ plain.net(values)) for values in (outcome, column))
    weight, size = float(left @ left), float(outcome @ outcome)
    free = len(column) - plain.basis.shape[1] - basis.shape[1] - 1
    if weight <= NOTHING_LEFT * max(float(column @ column), TINY) or size <= TINY or free < 1:
        return 0.0, 1.0
    estimate = float(left @ outcome) / weight
    error = np.sqrt(max(size - weight * estimate**2, TINY * size) / weight / free)
    return estimate, float(2 * stats.t.sf(abs(estimate) / error, free))
