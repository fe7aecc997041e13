"""What curves and products leave and boosted trees still find: sharp steps, three things at once. Only where there is anything to find."""

import numpy as np

from domain.effects.panel import Floats, Ints, Panel
from domain.effects.terms import place_in_time
from domain.effects.threads import one_thread

# Trees are used where they foresee this share of what is left in accounts that they have not seen.
LEAST_SHARE = 0.01
MOST_ROWS = 8_000
LEAST_ROWS = 400


@one_thread()
def without_rest(panel: Panel, left: Floats, position: int, fold: Ints, seed: int) -> tuple[Floats, bool]:
    """Outcome and choice (posts x 2) net of what trees foresee, and whether they foresee anything. One part is tried before all are."""
    if panel.n < LEAST_ROWS:
        return left, False
    inputs = _inputs(panel, position)
    tried = [_foreseen(panel, inputs, left[:, column], fold, 0, seed) for column in (0, 1)]
    mine = fold == 0
    if all(_share(left[mine, column], tried[column][mine]) < LEAST_SHARE for column in (0, 1)):
        return left, False
    net = left.copy()
    for column in (0, 1):
        foreseen = sum(
            np.where(fold == part, _foreseen(panel, inputs, left[:, column], fold, part, seed), 0.0) for part in range(fold.max() + 1)
        )
        net[:, column] -= panel.within(np.asarray(foreseen)[:, None])[:, 0]
    return net, True


def _share(left: Floats, foreseen: Floats) -> float:
    return 1 - float(np.sum((left - foreseen) ** 2)) / max(float(np.sum(left**2)), 1e-300)


def _inputs(panel: Panel, position: int) -> Floats:
    """The other features, the time, and the account's own means (Mundlak): what is usual for it."""
    others = np.delete(panel.features, position, axis=1)
    size = np.bincount(panel.account)
    means = (
        np.column_stack([np.bincount(panel.account, weights=column) / size for column in others.T]) if others.shape[1] else np.zeros((0, 0))
    )
    usual = [means[panel.account]] if others.shape[1] else []
    return np.column_stack([others, panel.calendar, place_in_time(panel), *usual])


def _foreseen(panel: Panel, inputs: Floats, left: Floats, fold: Ints, part: int, seed: int) -> Floats:
    from sklearn.ensemble import HistGradientBoostingRegressor

    rows = np.flatnonzero(fold != part)
    if len(rows) > MOST_ROWS:
        rows = np.sort(np.random.default_rng([seed, 23, part]).choice(rows, MOST_ROWS, replace=False))
    model = HistGradientBoostingRegressor(
        max_iter=60, learning_rate=0.1, max_leaf_nodes=12, min_samples_leaf=20, early_stopping=False, random_state=seed
    ).fit(inputs[rows], left[rows])
    return np.asarray(panel.within(model.predict(inputs)[:, None])[:, 0], dtype=np.float64)
