"""What a feature of titles is worth, over many randomised tests: differences in log click rate between arms of the same test.

Model: y = log((clicks + 1/2) / (impressions + 1)) = level of the test + features · b + what else differs between arms (variance tau2)
+ chance of clicks. Arms weigh 1 / (chance + tau2) (moments: DerSimonian & Laird 1986); the slopes of single tests may differ, too (by
the same method). Errors treat the test as one unit, whatever goes on inside (Hartung & Knapp 2001), with t(effective tests - 1). Tests
that fail the sample-ratio check are left out and counted.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import stats

from domain.experiments.arms import ASKED, ArmTable
from domain.experiments.plan import Metric
from domain.experiments.power import ncp_needed
from domain.experiments.random_effects import between_variance
from domain.experiments.ratio import THRESHOLD, ratio_p
from domain.features.feature import Feature, FeatureKind

LEAST_TESTS = 10
# Below this an error is the last bits of constant figures.
NO_SPREAD = 1e-9
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PooledFeature:
    """Log points for `feature`'s step with a 95 % interval. `tests` and `arms`: in which it differs; `slope_sd`: between tests."""

    feature: str
    contrast: str
    tests: int
    arms: int
    treated: int | None
    estimate: float | None = None
    se: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    mde: float | None = None
    slope_sd: float | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Pool:
    """One pooling. `excluded` of `tests` failed the ratio check; `arm_sd` is what arms of a test differ by beyond chance and features."""

    tests: int
    arms: int
    excluded: int
    arm_sd: float
    features: tuple[PooledFeature, ...]
    metric: Metric = Metric.CLICK_RATE


@dataclass(frozen=True, slots=True, eq=False)
class _Arms:
    """Arms that are compared: differences from the mean of their group with these weights."""

    group: Ints
    test: Ints
    y: Floats
    x: Floats
    chance: Floats


def pool_features(table: ArmTable) -> Pool:
    """Every title feature that is asked about, all in one model. Order of rows does not matter."""
    p = ratio_p(table.test, table.impressions) if len(table.test) else np.empty(0)
    failed = p < THRESHOLD
    arms = _comparable(table, failed)
    tau2 = _between_arms(arms)
    features = _features(arms, tau2)
    return Pool(len(p), len(table.test), int(failed.sum()), math.sqrt(tau2), features)


def _comparable(table: ArmTable, failed: npt.NDArray[np.bool_]) -> _Arms:
    is_good = (table.impressions > 0) & np.isfinite(table.features).all(axis=1)
    is_good &= ~failed[table.test] if len(table.test) else is_good
    sizes = np.bincount(table.group[is_good], minlength=int(table.group.max(initial=-1)) + 1)
    kept = is_good.copy()
    kept[is_good] = sizes[table.group[is_good]] > 1
    # In the order of their values, so that sums are the same in any order of rows.
    order = np.lexsort((*table.features[kept].T, table.clicks[kept], table.impressions[kept], table.test[kept], table.group[kept]))
    group = np.unique(table.group[kept][order], return_inverse=True)[1].astype("int64")
    clicks, seen = table.clicks[kept][order] + 0.5, table.impressions[kept][order] + 1
    scaled = table.features[kept][order] / np.array([feature.step for feature in ASKED])
    return _Arms(group, table.test[kept][order], np.log(clicks / seen), scaled, 1 / clicks - 1 / seen)


def _centred(values: Floats, weights: Floats, group: Ints) -> Floats:
    """Values less their group's weighted mean."""
    total = np.bincount(group, weights)
    return values - (np.bincount(group, weights * values) / total)[group]


def _fit(arms: _Arms, weights: Floats) -> tuple[Floats, Floats, Floats, list[int]]:
    """Weighted least squares within groups: features and residuals (centred), coefficients, and which features vary at all."""
    x = np.column_stack([_centred(column, weights, arms.group) for column in arms.x.T]) if len(arms.y) else arms.x
    y = _centred(arms.y, weights, arms.group)
    used = [at for at in range(x.shape[1]) if float(weights @ x[:, at] ** 2) > 1e-9]
    root = np.sqrt(weights)
    found: Floats = np.linalg.lstsq(x[:, used] * root[:, None], y * root, rcond=1e-10)[0].astype("float64")
    return x, y - x[:, used] @ found, found, used


def _between_arms(arms: _Arms) -> float:
    """Variance of arms beyond the chance of their clicks, by moments; 0 where chance alone is enough."""
    weights = 1 / arms.chance
    _, rest, _, used = _fit(arms, weights)
    totals = np.bincount(arms.group, weights)
    free = len(arms.y) - len(totals) - len(used)
    scale = float(weights.sum() - (np.bincount(arms.group, weights**2) / totals).sum())
    return max(0.0, (float(weights @ rest**2) - free) / scale) if free > 0 and scale > 0 else 0.0


def _features(arms: _Arms, tau2: float) -> tuple[PooledFeature, ...]:
    weights = 1 / (arms.chance + tau2)
    x, rest, found, used = _fit(arms, weights)
    return tuple(
        _feature(arms, feature, x, weights, (rest, float(found[used.index(at)]))) if at in used else _absent(arms, feature, at)
        for at, feature in enumerate(ASKED)
    )


def _absent(arms: _Arms, feature: Feature, at: int) -> PooledFeature:
    treated = int((arms.x[:, at] > 0).sum()) if feature.kind is FeatureKind.PRESENCE else None
    return PooledFeature(feature.name, feature.contrast, 0, len(arms.y), treated, reason="no test has arms that differ in it")


def _feature(arms: _Arms, feature: Feature, x: Floats, weights: Floats, fitted: tuple[Floats, float]) -> PooledFeature:
    """Slopes of single tests around the common one, weighed with random effects."""
    at, (rest, common) = ASKED.index(feature), fitted
    own = _net_of_others(x, at, weights)
    size: Floats = np.bincount(arms.test, weights * own**2).astype("float64")
    # Where only the other features differ nothing is learned about this one.
    differs = (np.bincount(arms.test, weights * x[:, at] ** 2) > 1e-9) & (size > 1e-9)
    size, score = size[differs], np.bincount(arms.test, weights * own * rest)[differs]
    varied = differs[arms.test]
    treated = int((arms.x[varied, at] > 0).sum()) if feature.kind is FeatureKind.PRESENCE else None
    base = PooledFeature(feature.name, feature.contrast, len(size), int(varied.sum()), treated)
    if len(size) < LEAST_TESTS:
        return replace(base, reason=f"{LEAST_TESTS} tests whose arms differ in it by itself are needed; there are {len(size)}")
    return _pooled(base, common + score / size, size)


def _net_of_others(x: Floats, at: int, weights: Floats) -> Floats:
    others = np.delete(x, at, axis=1)
    root = np.sqrt(weights)
    found = np.linalg.lstsq(others * root[:, None], x[:, at] * root, rcond=1e-10)[0]
    net: Floats = x[:, at] - others @ found
    return net


def _pooled(base: PooledFeature, slopes: Floats, size: Floats) -> PooledFeature:
    between = between_variance(slopes, size)
    weights = 1 / (1 / size + between)
    estimate = float(weights @ slopes / weights.sum())
    effective = float(weights.sum() ** 2 / (weights**2).sum())
    df = max(effective - 1, 1.0)
    # The size of a t(df) test over clusters of unequal weight.
    variance = float(weights**2 @ (slopes - estimate) ** 2) / weights.sum() ** 2 * effective / df
    se = math.sqrt(variance)
    if se < NO_SPREAD:
        return replace(base, reason="the click rates of the arms do not differ at all")
    reach = float(stats.t.ppf(0.975, df)) * se
    return PooledFeature(
        base.feature, base.contrast, base.tests, base.arms, base.treated, estimate, se, estimate - reach, estimate + reach,
        float(2 * stats.t.sf(abs(estimate) / se, df)), ncp_needed(round(df), 0.05, 0.8) * se, math.sqrt(between),
    )  # fmt: skip
