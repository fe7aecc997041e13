"""A smooth surface with its own uncertainty: a Gaussian process with a linear and a squared-exponential part.

With many rows it stands on landmarks (Nystrom, with the variance of deterministic training conditionals; Quinonero-Candela &
Rasmussen 2005), so that cost is linear in rows.
"""

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from domain.effects.panel import Floats

LANDMARKS = 500
# Strengths are chosen on so many rows at most: three numbers need no more.
ROWS_TO_CHOOSE = 250
SCALES = (0.5, 1.0, 2.0, 4.0)
LINEAR_PARTS = (0.0, 1.0)
NOISES = 10.0 ** np.arange(-3.0, 1.6, 0.5)
FARTHEST = 4.0
JITTER = 1e-6


@dataclass(frozen=True, slots=True)
class Shape:
    """Length scale (in root-mean-square distances), the linear part's variance, and noise; all relative to `variance`."""

    scale: float
    linear: float
    noise: float
    variance: float

    def between(self, a: Floats, b: Floats) -> Floats:
        columns = a.shape[1]
        inner = a @ b.T
        apart = np.maximum(np.sum(a**2, axis=1)[:, None] + np.sum(b**2, axis=1) - 2 * inner, 0.0)
        return np.asarray(np.exp(-apart / (2 * self.scale**2 * columns)) + self.linear * inner / columns, dtype=np.float64)

    def of_each(self, a: Floats) -> Floats:
        return np.asarray(1 + self.linear * np.sum(a**2, axis=1) / a.shape[1], dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Smooth:
    """A fitted process. `spread` is the standard error of the mean, not of a new outcome."""

    level: float
    shape: Shape
    landmarks: Floats
    weights: Floats
    prior: Floats
    posterior: Floats

    def predict(self, x: Floats) -> Floats:
        return np.asarray(self.level + self.shape.between(_near(x), self.landmarks) @ self.weights, dtype=np.float64)

    def spread(self, x: Floats) -> Floats:
        x = _near(x)
        across = self.shape.between(x, self.landmarks).T
        known = np.sum(linalg.solve_triangular(self.prior, across, lower=True) ** 2, axis=0)
        doubt = np.sum(linalg.solve_triangular(self.posterior, across, lower=True) ** 2, axis=0)
        variance = np.maximum(self.shape.of_each(x) - known, 0.0) + self.shape.noise * doubt
        return np.asarray(np.sqrt(self.shape.variance * variance), dtype=np.float64)


def smooth(x: Floats, y: Floats, seed: int) -> Smooth:
    """Fit with the shape that makes the outcome most likely."""
    rng = np.random.default_rng([seed, 5])
    x, level = _near(x), float(y.mean())
    some = rng.choice(len(y), min(len(y), ROWS_TO_CHOOSE), replace=False)
    shape = _shape(x[some], y[some] - level)
    marks = x if len(y) <= LANDMARKS else x[rng.choice(len(y), LANDMARKS, replace=False)]
    among = shape.between(marks, marks) + JITTER * len(marks) * np.eye(len(marks)) * 1e-2
    across = shape.between(x, marks)
    inner = shape.noise * among + across.T @ across
    posterior = linalg.cholesky(inner + JITTER * np.trace(inner) / len(marks) * np.eye(len(marks)), lower=True)
    weights = linalg.cho_solve((posterior, True), across.T @ (y - level))
    off = y - level - across @ weights
    # The scale of noise is known better from all rows than from those the shape was chosen on.
    variance = max(float(np.mean(off**2)) / shape.noise, shape.variance)
    return Smooth(
        level, Shape(shape.scale, shape.linear, shape.noise, variance), marks, weights, linalg.cholesky(among, lower=True), posterior
    )


def _near(x: Floats) -> Floats:
    """Outliers of a covariate would be strangers to everybody."""
    return np.asarray(np.clip(x, -FARTHEST, FARTHEST), dtype=np.float64)


def _shape(x: Floats, r: Floats) -> Shape:
    found: list[tuple[float, Shape]] = []
    for scale in SCALES:
        for linear in LINEAR_PARTS:
            values, vectors = np.linalg.eigh(Shape(scale, linear, 1.0, 1.0).between(x, x))
            along = (vectors.T @ r) ** 2
            for noise in NOISES:
                total = np.maximum(values, 0.0) + noise
                variance = max(float(np.mean(along / total)), 1e-300)
                likelihood = -0.5 * (len(r) * np.log(variance) + float(np.sum(np.log(total))))
                found.append((likelihood, Shape(scale, linear, float(noise), variance)))
    return max(found, key=lambda each: each[0])[1]
