"""Where the level of a series changed, net of its straight trend: PELT, its penalty set so that a series without changes shows none.

The penalty is drawn from series of the same length that persist as this one seems to and have no change (parametric bootstrap), treated
the same way; in 95 % of them even the best changes are not worth it. Killick, Fearnhead & Eckley 2012 (PELT), through ruptures.
"""

from dataclasses import dataclass

import numpy as np

from domain.deep.contrasts import Codes, Floats

LEAST_POINTS = 60
# No level of fewer points.
LEAST_SEGMENT = 8
DRAWS = 1500
# Of the draws, so many that look as persistent as the series set the penalty.
ALIKE = 300
# A little under 5 %, for the series that persist most.
FALSE_SHARE = 0.035
# Outliers count for no more than so many robust standard deviations.
CLIPPED = 3.0
MAD_TO_SD = 1.4826
MOST_PERSISTENT = 0.75
PASSES = 3


@dataclass(frozen=True, slots=True)
class Change:
    """The level after point `at` - 1 differs by `step` (95 % interval given the place); points count from 0."""

    at: int
    step: float
    low: float
    high: float


def change_points(values: Floats, rng: np.random.Generator) -> tuple[Change, ...]:
    """Changes of level in equally spaced values without gaps; none where there are fewer than 60 or all are alike."""
    if len(values) < LEAST_POINTS or np.ptp(values) < 1e-9:
        return ()
    line = _line(len(values))
    series = _clipped(values)
    worth, spread, persistence = (float(each[0]) for each in _best(series[None, :], line))
    penalty = _critical(len(series), persistence, line, rng)
    if spread < 1e-12 or worth <= penalty:
        return ()
    penalty *= spread**2
    found: list[int] = []
    for _ in range(PASSES):
        again = _pelt(_without_trend(series, line, found), penalty)
        if again == found:
            break
        found = again
    return _changes(series, line, found)


def _pelt(series: Floats, penalty: float) -> list[int]:
    import ruptures

    search = ruptures.KernelCPD(kernel="linear", min_size=LEAST_SEGMENT)
    return [int(each) for each in search.fit(series.reshape(-1, 1)).predict(pen=penalty)[:-1]]


def _line(points: int) -> Floats:
    """Orthonormal level and straight line."""
    return np.asarray(np.linalg.qr(np.column_stack([np.ones(points), np.arange(points) / points]))[0], dtype=np.float64)


def _segments(points: int) -> tuple[Codes, Codes]:
    """First and second change of every way to cut a series in three, or in two (the second change is the end then)."""
    places = np.arange(LEAST_SEGMENT, points - LEAST_SEGMENT + 1)
    few = places[:: max(1, len(places) // 40)]
    first, second = np.meshgrid(few, few, indexing="ij")
    are_apart = second - first >= LEAST_SEGMENT
    return np.r_[places, first[are_apart]], np.r_[np.full(len(places), points), second[are_apart]]


def _best(series: Floats, line: Floats) -> tuple[Floats, Floats, Floats]:
    """Per row: what its best one or two changes are worth each, in squared spreads; the spread and lag-1 persistence without them."""
    left = series - (series @ line) @ line.T
    points = left.shape[1]
    first, second = _segments(points)
    sums = np.hstack([np.zeros((len(left), 1)), np.cumsum(left, axis=1)])
    rest = np.maximum(points - second, 1)
    between = (
        sums[:, first] ** 2 / first + (sums[:, second] - sums[:, first]) ** 2 / (second - first) + sums[:, second] ** 2 / rest * (rest > 1)
    )
    worth = between / np.where(second == points, 1, 2)
    at = np.argmax(worth, axis=1)
    place = np.arange(points)
    part = (place >= first[at][:, None]).astype(int) + (place >= second[at][:, None])
    after = left.copy()
    for each in range(3):
        inside = part == each
        after -= inside * (left * inside).sum(axis=1, keepdims=True) / np.maximum(inside.sum(axis=1, keepdims=True), 1)
    power = np.maximum((after**2).sum(axis=1), 1e-300)
    return worth.max(axis=1) / (power / points), np.sqrt(power / points), (after[:, 1:] * after[:, :-1]).sum(axis=1) / power


def _critical(points: int, persistence: float, line: Floats, rng: np.random.Generator) -> float:
    """What changes must be worth to be there in 5 % of series that have none and look as persistent.

    Taking the best changes off hides persistence; among draws of every persistence, those that look alike bear it all the same. Strong
    persistence, which is the harder to tell from a change, is drawn more often than weak.
    """
    persistences = MOST_PERSISTENT * np.sqrt(rng.random(DRAWS))
    drawn = rng.standard_normal((points, DRAWS))
    for at in range(1, points):
        drawn[at] = persistences * drawn[at - 1] + np.sqrt(1 - persistences**2) * drawn[at]
    worth, _, seen = _best(drawn.T, line)
    alike = np.argsort(np.abs(seen - persistence), kind="stable")[:ALIKE]
    return float(np.quantile(worth[alike], 1 - FALSE_SHARE))


def _clipped(values: Floats) -> Floats:
    """Values with outliers moved in toward a running median, so that one hit is no change of level."""
    half = LEAST_SEGMENT
    level = np.array([np.median(values[max(0, at - half) : at + half + 1]) for at in range(len(values))])
    left = values - level
    spread = MAD_TO_SD * float(np.median(np.abs(left - np.median(left))))
    return np.asarray(level + np.clip(left, -CLIPPED * spread, CLIPPED * spread)) if spread > 0 else values


def _without_trend(series: Floats, line: Floats, found: list[int]) -> Floats:
    """Net of the straight line that fits beside the changes found so far."""
    design = _design(line, found)
    coefficients = np.linalg.lstsq(design, series, rcond=None)[0]
    return np.asarray(series - line[:, 1] * coefficients[1], dtype=np.float64)


def _design(line: Floats, found: list[int]) -> Floats:
    after = np.arange(len(line))[:, None] >= np.array(found, dtype=int)
    return np.hstack([line, after]).astype(np.float64)


def _changes(series: Floats, line: Floats, found: list[int]) -> tuple[Change, ...]:
    if not found:
        return ()
    design = _design(line, found)
    inverse = np.linalg.pinv(design.T @ design)
    steps = inverse @ design.T @ series
    left = series - design @ steps
    persistence = float(np.clip((left[1:] @ left[:-1]) / max(float(left @ left), 1e-300), 0.0, MOST_PERSISTENT))
    inflated = float(left.std()) * np.sqrt((1 + persistence) / (1 - persistence))
    errors = 1.96 * inflated * np.sqrt(np.diag(inverse))
    return tuple(
        Change(at, float(steps[2 + k]), float(steps[2 + k] - errors[2 + k]), float(steps[2 + k] + errors[2 + k]))
        for k, at in enumerate(found)
    )
