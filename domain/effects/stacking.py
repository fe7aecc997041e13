"""Cross-fitted predictions of several learners and the convex weights that serve best. The learners are in `learners` and `kernels`.

Short stacking (Ahrens, Hansen, Schaffer & Wiemann 2024): the weights are fitted on predictions for rows that the learners had not seen.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from domain.effects.convex import shares
from domain.effects.kernels import Smooth, smooth
from domain.effects.learners import TINY, Learner, boosted, exponential, products, straight
from domain.effects.panel import Floats, Ints
from domain.effects.threads import one_thread

Bools = npt.NDArray[np.bool_]

FOLDS = 5
STEPS, TOGETHER = boosted(4, 200), boosted(8, 250)
# Each arm by itself; then what it borrows from the other arm, and both arms as one.
OWN: Mapping[str, Learner] = {
    "ridge": straight,
    "products": products,
    "exponential": exponential(1.0),
    "exponential, stiff": exponential(10.0),
    "smooth": smooth,
    "boosted": STEPS,
}
LEARNERS = (*OWN, "borrowed, ridge", "borrowed, boosted", "both arms, boosted")
# Strengths of the logistic ridge (inverse penalties per row).
STIFFNESS = (0.01, 0.1, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Stacked:
    """Cross-fitted means per row, their standard errors, and the learners' weights."""

    mean: Floats
    spread: Floats
    weights: Mapping[str, float]


def folds_of(clusters: Ints, arms: Ints, rng: np.random.Generator) -> Ints:
    """A fold per row. Clusters stay whole; single rows are dealt out arm by arm, so that each fold has its share of both."""
    count = int(clusters.max()) + 1
    size = np.bincount(clusters)
    order = rng.permutation(count)
    if size.max() == 1:
        arm_of = np.empty(count, dtype=np.int64)
        arm_of[clusters] = arms
        order = order[np.argsort(arm_of[order], kind="stable")]
    else:
        order = order[np.argsort(-size[order], kind="stable")]
    fold = np.empty(count, dtype=np.int64)
    rounds = np.arange(count) // FOLDS
    fold[order] = np.where(rounds % 2 == 0, np.arange(count) % FOLDS, FOLDS - 1 - np.arange(count) % FOLDS)
    return fold[clusters]


@one_thread()
def stacked_means(x: Floats, y: Floats, treated: Ints, fold: Ints, seed: int) -> tuple[Stacked, Stacked]:
    """The mean outcome without and with treatment for every row, each from rows of other folds."""
    level, scale = float(y.mean()), float(y.std())
    outcome = (y - level) / scale
    guesses = np.zeros((2, len(y), len(LEARNERS)))
    doubt = np.zeros((2, len(y)))
    for number in range(FOLDS):
        apply = fold == number
        for arm, found in enumerate(_fold(x, outcome, np.where(apply, -1, treated), seed + number)):
            guesses[arm][apply], doubt[arm][apply] = found[0][apply], found[1][apply]
    return tuple(_weighed(guesses[arm], doubt[arm], outcome, treated == arm, (level, scale, x.shape[1])) for arm in (0, 1))  # type: ignore[return-value]


def _fold(x: Floats, y: Floats, arm_of: Ints, seed: int) -> list[tuple[Floats, Floats]]:
    """Per arm: every learner's guess for every row, and the smooth surface's doubt. Rows of arm -1 are not looked at."""
    rows = [arm_of == arm for arm in (0, 1)]
    surfaces = [{name: learner(x[mine], y[mine], seed) for name, learner in OWN.items()} for mine in rows]
    seen = arm_of >= 0
    both = TOGETHER(np.column_stack([x, arm_of])[seen], y[seen], seed)
    found = []
    for arm, mine in enumerate(rows):
        own = [surface.predict(x) for surface in surfaces[arm].values()]
        other = surfaces[1 - arm]["boosted"].predict(x)
        with_other = np.column_stack([x, other])
        borrowed = straight(with_other[mine], y[mine], seed).predict(with_other)
        shifted = other + STEPS(x[mine], y[mine] - other[mine], seed).predict(x)
        joint = both.predict(np.column_stack([x, np.full(len(x), arm)]))
        low, high = y[mine].min(), y[mine].max()
        # No mean is farther out than the outcomes that were seen, and as far again.
        guesses = np.clip(np.column_stack([*own, borrowed, shifted, joint]), 2 * low - high, 2 * high - low)
        doubts = [surface.spread(x) for surface in surfaces[arm].values() if isinstance(surface, Smooth)]
        found.append((guesses, doubts[0]))
    return found


def _weighed(guesses: Floats, doubt: Floats, y: Floats, is_mine: Bools, scaled: tuple[float, float, int]) -> Stacked:
    level, scale, columns = scaled
    weights = convex_weights(guesses[is_mine], y[is_mine])
    mean = guesses @ weights
    smooth_error, error = (float(np.mean((y - each)[is_mine] ** 2)) for each in (guesses[:, LEARNERS.index("smooth")], mean))
    # The smooth surface knows where doubt is larger; how large it is follows from how well the stack foresees, and is bounded by what a
    # straight surface of as many columns would be in doubt. Learners that disagree are one more doubt.
    doubted = doubt**2 * error / max(smooth_error, TINY)
    most = error * min(1.0, columns / int(is_mine.sum()))
    variance = doubted * min(1.0, most / max(float(doubted.mean()), TINY)) + (guesses - mean[:, None]) ** 2 @ weights
    return Stacked(level + scale * mean, scale * np.sqrt(variance), dict(zip(LEARNERS, weights.tolist(), strict=True)))


def convex_weights(guesses: Floats, y: Floats) -> Floats:
    """Weights of least squared error, none below 0, with sum 1."""
    size = float(np.sqrt(np.mean(y**2)))
    # An outcome that is 0 throughout has no size to measure by, and needs none.
    unit = size if size > 0 else 1.0
    return shares(guesses / unit, y / unit, 1e3 * np.sqrt(len(y)))


@one_thread()
def stacked_chances(x: Floats, treated: Ints, fold: Ints, seed: int) -> Floats:
    """The chance of treatment for every row, from other folds: logistic ridge and boosted trees, weighed by squared error."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression

    guesses = np.zeros((len(treated), len(STIFFNESS) + 1))
    for number in range(FOLDS):
        learn, apply = fold != number, fold == number
        models = [LogisticRegression(C=stiffness, max_iter=500) for stiffness in STIFFNESS]
        trees = HistGradientBoostingClassifier(
            max_iter=60, learning_rate=0.08, max_leaf_nodes=8, min_samples_leaf=20, early_stopping=False, random_state=seed + number
        )
        for column, model in enumerate([*models, trees]):
            guesses[apply, column] = model.fit(x[learn], treated[learn]).predict_proba(x[apply])[:, 1]
    return np.asarray(guesses @ convex_weights(guesses, treated.astype(np.float64)), dtype=np.float64)
